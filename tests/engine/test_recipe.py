import pydantic
import pytest

from levelset.engine import Head, Recipe
from levelset.errors import RecipeError

INFINITE, NOT_A_NUMBER = float("inf"), float("nan")

FAULTS = [
    ({"hidden": 64}, "`hidden` must be a valid tuple, got 64."),
    ({"hidden": (0,)}, "`hidden.0` must be greater than or equal to 1, got 0."),
    ({"hidden": (3, 70_000)}, "`hidden.1` must be less than or equal to 65536, got 70000."),
    (
        {"hidden": (2.5,)},
        "`hidden.0` must be a valid integer, got a number with a fractional part, got 2.5.",
    ),
    (
        {"activation": "swish"},
        "`activation` must be 'identity', 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu', 'selu', "
        "'gelu', 'silu' or 'softplus', got 'swish'.",
    ),
    (
        {"activation": ["relu", "swish"]},
        "`activation.1` must be 'identity', 'sigmoid', 'tanh', 'relu', 'leaky_relu', 'elu', "
        "'selu', 'gelu', 'silu' or 'softplus', got 'swish'.",
    ),
    (
        {"activation": ("relu", "tanh", "relu")},
        "`activation` must be one name, or one for each of the 2 hidden layers, got 3.",
    ),
    (
        {"hidden": (), "activation": ("relu",)},
        "`activation` must be one name, or one for each of the 0 hidden layers, got 1.",
    ),
    (
        {"initializer": "zeros"},
        "`initializer` must be 'glorot_normal', 'glorot_uniform', 'he_normal', 'he_uniform', "
        "'lecun_normal', 'lecun_uniform', 'orthogonal' or 'normal', got 'zeros'.",
    ),
    ({"gain": 0}, "`gain` must be greater than 0, got 0."),
    (
        {"normalization": "group"},
        "`normalization` must be 'none', 'batch' or 'layer', got 'group'.",
    ),
    (
        {"residual": "perhaps"},
        "`residual` must be a valid boolean, unable to interpret input, got 'perhaps'.",
    ),
    (
        {"heads": "mse"},
        "`heads` must be 'softmax', 'sigmoid' or 'squared_error', got 'mse'.",
    ),
    ({"heads": ()}, "`heads` must be a name, or hold at least one Head, got none."),
    (
        {"heads": Head(target="a")},
        "`heads` must be 'softmax', 'sigmoid' or 'squared_error', got Head(target='a', "
        "loss='softmax', weight=1.0).",
    ),
    (
        {"heads": ("softmax",)},
        "`heads.0` must be a valid dictionary or instance of Head, got 'softmax'.",
    ),
    (
        {"heads": [{"target": "a"}, {"loss": "mse"}]},
        "`heads.1`: `target` must be given. `loss` must be 'softmax', 'sigmoid' or "
        "'squared_error', got 'mse'.",
    ),
    (
        {"heads": (Head(target="a"), Head(target="b"), Head(target="a", loss="sigmoid"))},
        "`heads` must have targets that differ, got a, b, a; give one head for each target.",
    ),
    (
        {"label_smoothing": 0.1, "heads": "sigmoid"},
        '`label_smoothing` needs a "softmax" head, got "sigmoid".',
    ),
    (
        {"class_weight": "balanced", "heads": (Head(target="a"), Head(target="b"))},
        '`class_weight` needs one head, a "softmax", got "softmax", "softmax"; weigh rows by '
        "`sample_weight` of the fleet instead.",
    ),
    (
        {"class_weight": "balanced", "heads": "sigmoid"},
        '`class_weight` needs one head, a "softmax", got "sigmoid"; weigh rows by '
        "`sample_weight` of the fleet instead.",
    ),
    (
        {"monitor": "accuracy", "heads": "squared_error"},
        '`monitor="accuracy"` needs a head that classifies, "softmax" or "sigmoid", got '
        '"squared_error".',
    ),
    ({"mixup": -0.1}, "`mixup` must be greater than or equal to 0, got -0.1."),
    ({"mixup": INFINITE}, "`mixup` must be a finite number, got inf."),
    ({"sam_radius": -1}, "`sam_radius` must be greater than or equal to 0, got -1."),
    ({"sam_radius": NOT_A_NUMBER}, "`sam_radius` must be a finite number, got nan."),
    ({"optimizer": "lion"}, "`optimizer` must be 'sgd', 'adam' or 'adamw', got 'lion'."),
    ({"learning_rate": 0.0}, "`learning_rate` must be greater than 0, got 0.0."),
    ({"learning_rate": NOT_A_NUMBER}, "`learning_rate` must be a finite number, got nan."),
    (
        {"learning_rate": "fast"},
        "`learning_rate` must be a valid number, unable to parse string as a number, got 'fast'.",
    ),
    ({"momentum": 1.0}, "`momentum` must be less than 1, got 1.0."),
    ({"momentum": -0.1}, "`momentum` must be greater than or equal to 0, got -0.1."),
    (
        {"nesterov": "maybe"},
        "`nesterov` must be a valid boolean, unable to interpret input, got 'maybe'.",
    ),
    ({"nesterov": True}, '`nesterov` needs `optimizer="sgd"`, got "adam".'),
    (
        {"nesterov": True, "optimizer": "adamw"},
        '`nesterov` needs `optimizer="sgd"`, got "adamw".',
    ),
    (
        {"nesterov": True, "optimizer": "sgd", "momentum": 0},
        "`nesterov` needs a `momentum` above 0, got 0.",
    ),
    ({"beta1": 1.0}, "`beta1` must be less than 1, got 1.0."),
    ({"beta2": -1}, "`beta2` must be greater than or equal to 0, got -1."),
    ({"epsilon": 0}, "`epsilon` must be greater than 0, got 0."),
    (
        {"schedule": "linear"},
        "`schedule` must be 'constant', 'step', 'cosine' or 'one_cycle', got 'linear'.",
    ),
    ({"warmup_epochs": -1}, "`warmup_epochs` must be greater than or equal to 0, got -1."),
    ({"warmup_epochs": INFINITE}, "`warmup_epochs` must be a finite number, got inf."),
    (
        {"warmup_epochs": 2.5, "epochs": 2},
        "`warmup_epochs` must be below `epochs` = 2, got 2.5.",
    ),
    ({"warmup_epochs": 2, "epochs": 2}, "`warmup_epochs` must be below `epochs` = 2, got 2."),
    ({"drop_epochs": 0}, "`drop_epochs` must be greater than or equal to 1, got 0."),
    (
        {"drop_epochs": 1.5},
        "`drop_epochs` must be a valid integer, got a number with a fractional part, got 1.5.",
    ),
    ({"drop_factor": 0}, "`drop_factor` must be greater than 0, got 0."),
    ({"drop_factor": 1.1}, "`drop_factor` must be less than or equal to 1, got 1.1."),
    (
        {"learning_rate_factors": (1, -1, 1)},
        "`learning_rate_factors.1` must be greater than or equal to 0, got -1.",
    ),
    (
        {"learning_rate_factors": (1, 1)},
        "`learning_rate_factors` must hold one number for each of the 3 layers, the output "
        "layer's last, got 2.",
    ),
    ({"learning_rate_factors": 0.5}, "`learning_rate_factors` must be a valid tuple, got 0.5."),
    ({"batch_size": 0}, "`batch_size` must be greater than or equal to 1, got 0."),
    (
        {"batch_size": 2**31},
        "`batch_size` must be less than or equal to 2147483647, got 2147483648.",
    ),
    ({"epochs": 0}, "`epochs` must be greater than or equal to 1, got 0."),
    ({"epochs": 2**31}, "`epochs` must be less than or equal to 2147483647, got 2147483648."),
    ({"l2": -0.1}, "`l2` must be greater than or equal to 0, got -0.1."),
    ({"l2": INFINITE}, "`l2` must be a finite number, got inf."),
    ({"weight_decay": -1}, "`weight_decay` must be greater than or equal to 0, got -1."),
    (
        {"weight_decay": 0.1},
        '`weight_decay` needs `optimizer="adamw"` or "sgd", got "adam"; `l2` penalizes with any '
        "optimizer.",
    ),
    ({"gradient_clip": 0}, "`gradient_clip` must be greater than 0, got 0."),
    ({"gradient_clip": INFINITE}, "`gradient_clip` must be a finite number, got inf."),
    ({"dropout": 1.0}, "`dropout` must be less than 1, got 1.0."),
    ({"input_dropout": 1.0}, "`input_dropout` must be less than 1, got 1.0."),
    ({"input_noise": -0.1}, "`input_noise` must be greater than or equal to 0, got -0.1."),
    ({"weight_noise": -0.1}, "`weight_noise` must be greater than or equal to 0, got -0.1."),
    ({"label_smoothing": 1}, "`label_smoothing` must be less than 1, got 1."),
    ({"class_weight": "equal"}, "`class_weight` must be 'balanced', got 'equal'."),
    ({"averaging": "mean"}, "`averaging` must be 'none', 'ema' or 'swa', got 'mean'."),
    ({"average_decay": 1.0}, "`average_decay` must be less than 1, got 1.0."),
    ({"average_start": 1.0}, "`average_start` must be less than 1, got 1.0."),
    ({"monitor": "f1"}, "`monitor` must be 'loss' or 'accuracy', got 'f1'."),
    ({"patience": 0}, "`patience` must be greater than or equal to 1, got 0."),
    ({"min_delta": -1}, "`min_delta` must be greater than or equal to 0, got -1."),
    (
        {"learning_rat": 1},
        "`learning_rat` is not a field of a recipe; did you mean `learning_rate`?",
    ),
    (
        {"lr": 1},
        f"`lr` is not a field of a recipe; fields: {', '.join(Recipe.model_fields)}.",
    ),
]


@pytest.mark.parametrize(("fields", "message"), FAULTS, ids=[str(fields) for fields, _ in FAULTS])
def test_fault_is_named(fields: dict, message: str) -> None:
    with pytest.raises(RecipeError) as raised:
        Recipe(**fields)
    assert str(raised.value) == message


def test_every_field_has_a_fault_in_this_file() -> None:
    assert set(Recipe.model_fields) <= {name for fields, _ in FAULTS for name in fields}


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(RecipeError) as raised:
        Recipe(l2=-1, dropout=2, hidden=(0, -1))
    assert str(raised.value).count(" must be ") == 4


def test_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="`l2`"):
        Recipe(l2=-1)


MIXED = (
    Head(target="kind"),
    Head(target="sign", loss="sigmoid"),
    Head(target="size", loss="squared_error", weight=0.1),
)


@pytest.mark.parametrize(
    "fields",
    [
        {"label_smoothing": 0.1, "heads": MIXED},
        {"class_weight": "balanced", "heads": (Head(target="kind"),)},
        {"monitor": "accuracy", "heads": MIXED[1:]},
        {"monitor": "accuracy", "heads": "sigmoid"},
        {"heads": [{"target": "y", "loss": "squared_error"}]},
    ],
    ids=str,
)
def test_heads_that_fit_the_other_fields(fields: dict) -> None:
    assert Recipe(**fields).changes().keys() == fields.keys()


class TestChanged:
    def test_keeps_the_other_fields(self) -> None:
        recipe = Recipe(hidden=(3,), l2=0.1).changed(l2=0.2)
        assert recipe == Recipe(hidden=(3,), l2=0.2)

    def test_checks_again(self) -> None:
        with pytest.raises(RecipeError, match="`epochs` must be greater"):
            Recipe().changed(epochs=-1)

    def test_checks_fields_together(self) -> None:
        nesterov = Recipe(optimizer="sgd", nesterov=True)
        with pytest.raises(RecipeError, match="`nesterov` needs"):
            nesterov.changed(optimizer="adam")

    def test_refuses_unknown_fields(self) -> None:
        with pytest.raises(RecipeError, match="did you mean `epochs`"):
            Recipe().changed(epoch=1)


class TestValue:
    def test_is_frozen(self) -> None:
        with pytest.raises(pydantic.ValidationError, match="frozen"):
            Recipe().epochs = 3  # pyright: ignore[reportAttributeAccessIssue]

    def test_equal_recipes_hash_alike(self) -> None:
        assert len({Recipe(hidden=[3, 4]), Recipe(hidden=(3, 4)), Recipe(hidden=(4, 3))}) == 2

    def test_goes_to_a_mapping_and_back(self) -> None:
        recipe = Recipe(hidden=(), optimizer="sgd", nesterov=True, patience=3, heads=MIXED)
        assert Recipe(**recipe.model_dump()) == recipe
        assert Recipe(**recipe.changes()) == recipe

    def test_activations_are_one_for_each_layer(self) -> None:
        assert Recipe(hidden=(3, 4), activation="tanh").activations == ("tanh", "tanh")
        assert Recipe(hidden=(3, 4), activation=["tanh", "elu"]).activations == ("tanh", "elu")
        assert Recipe(hidden=()).activations == ()

    def test_changes_of_the_default_are_none(self) -> None:
        assert Recipe().changes() == {}
