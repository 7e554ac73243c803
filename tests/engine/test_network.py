import dataclasses

import numpy as np
import pytest

from levelset.engine import Head, Network, Recipe
from levelset.errors import DataError, RecipeError
from levelset.theory import sigmoid, softmax
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import (
    gradient_by_theory,
    gradient_error,
    logits_by_theory,
    make_network,
)
from tests.reference.tables import make_table

both_types = pytest.mark.parametrize("dtype", ["float32", "float64"])

HEADS = (
    Head(target="kind"),
    Head(target="signs", loss="sigmoid", weight=0.5),
    Head(target="size", loss="squared_error", weight=2.0),
)


def make_answers(rows: int) -> dict[str, np.ndarray]:
    """Targets of HEADS: 3 classes, 2 questions, 1 number."""
    generator = np.random.default_rng(0)
    return {
        "kind": np.arange(rows) % 3,
        "signs": generator.integers(0, 2, (rows, 2)),
        "size": generator.normal(size=rows),
    }


def linear(
    weights: list | np.ndarray,
    biases: list | np.ndarray,
    dtype: str = "float64",
    heads: str | tuple[Head, ...] = "softmax",
    **rest: object,
) -> Network:
    """A network without hidden layers, with given numbers."""
    recipe = Recipe(hidden=(), heads=heads)
    return Network(recipe, (np.array(weights, dtype),), (np.array(biases, dtype),), **rest)


@every_instruction_set
class TestPredictions:
    @both_types
    @pytest.mark.parametrize("classes", [2, 3, 7, 16, 17, 26, 40])
    def test_equal_theory(self, classes: int, dtype: str, instruction_set: str) -> None:
        network = make_network(Recipe(hidden=(20,)), 6, classes, instruction_set, dtype)
        x, _ = make_table(50, 6, classes, dtype)
        expected = softmax(logits_by_theory(network, x))
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        np.testing.assert_allclose(network.predict_proba(x), expected, rtol=tolerance, atol=1e-30)
        assert network.predict(x).tolist() == expected.argmax(axis=1).tolist()

    @pytest.mark.parametrize("rows", [1, 2, 127, 128, 129, 500])
    def test_a_row_does_not_depend_on_its_company(self, rows: int, instruction_set: str) -> None:
        network = make_network(Recipe(hidden=(20,)), 6, 3, instruction_set, "float32")
        x, _ = make_table(rows, 6, 3, "float32")
        alone = [network.predict_proba(row[np.newaxis]) for row in x]
        assert network.predict_proba(x).tobytes() == np.concatenate(alone).tobytes()

    @both_types
    @pytest.mark.parametrize("classes", [2, 3, 17, 40])
    def test_rows_sum_to_one(self, classes: int, dtype: str, instruction_set: str) -> None:
        network = make_network(Recipe(hidden=(30, 30)), 6, classes, instruction_set, dtype)
        x, _ = make_table(200, 6, classes, dtype)
        total = network.predict_proba(100 * x).sum(axis=1)
        np.testing.assert_allclose(total, 1, rtol=20 * np.finfo(dtype).eps)


@every_instruction_set
@both_types
@pytest.mark.parametrize("classes", range(2, 41))
def test_logits_up_to_ten_thousand(classes: int, dtype: str, instruction_set: str) -> None:
    # Row k has the logit 1e4 at class k and -1e4 elsewhere; the labels are right, then wrong.
    network = linear(
        2e4 * np.eye(classes), -1e4 * np.ones(classes), dtype, instruction_set=instruction_set
    )
    x, right = np.eye(classes, dtype=dtype), np.arange(classes)
    np.testing.assert_allclose(network.predict_proba(x), np.eye(classes), atol=1e-30)
    value, gradient = network.objective_and_gradient(x, right)
    assert value == 0
    assert np.abs(gradient.weights[0]).max() < 1e-30
    for labels in (np.roll(right, 1), np.roll(right, -1)):
        value, gradient = network.objective_and_gradient(x, labels)
        assert value == pytest.approx(2e4, rel=1e-6)
        assert np.isfinite(gradient.weights[0]).all()
        expected = (np.eye(classes) - np.eye(classes)[labels]) / classes
        np.testing.assert_allclose(gradient.weights[0], expected, atol=1e-6)
        np.testing.assert_allclose(gradient.biases[0], 0, atol=1e-6)


@every_instruction_set
def test_all_logits_alike(instruction_set: str) -> None:
    for logit in (0.0, 1e4, -1e4):
        network = linear(
            np.zeros((1, 5)), np.full(5, logit), "float32", instruction_set=instruction_set
        )
        given = network.predict_proba(np.ones((3, 1)))
        np.testing.assert_allclose(given, 0.2, rtol=1e-6)


class TestOutputs:
    NETWORK = make_network(Recipe(hidden=(5,), heads=HEADS), 4, 6, "", head_columns=(3, 2, 1))
    X, _ = make_table(20, 4, 3)

    def test_are_those_of_each_head(self) -> None:
        logits = logits_by_theory(self.NETWORK, self.X)
        outputs = self.NETWORK.outputs(self.X)
        assert list(outputs) == ["kind", "signs", "size"]
        np.testing.assert_allclose(outputs["kind"], softmax(logits[:, :3]), rtol=1e-12)
        np.testing.assert_allclose(outputs["signs"], sigmoid(logits[:, 3:5]), rtol=1e-12)
        np.testing.assert_allclose(outputs["size"], logits[:, 5:], rtol=1e-12)

    def test_of_one_softmax_head_are_the_class_probabilities(self) -> None:
        network = make_network(Recipe(hidden=(5,)), 4, 3, "")
        assert network.classes == 3
        outputs = network.outputs(self.X)
        assert outputs["y"].tobytes() == network.predict_proba(self.X).tobytes()

    def test_yes_or_no_are_two_classes(self) -> None:
        network = make_network(Recipe(hidden=(5,), heads="sigmoid"), 4, 1, "")
        yes = network.outputs(self.X)["y"]
        assert network.classes == 2
        np.testing.assert_array_equal(network.predict_proba(self.X), np.hstack([1 - yes, yes]))
        np.testing.assert_array_equal(network.predict(self.X), (yes > 0.5).ravel())

    @pytest.mark.parametrize(
        ("network", "given"),
        [
            (NETWORK, '"softmax" of 3, "sigmoid" of 2, "squared_error" of 1'),
            (make_network(Recipe(hidden=(), heads="sigmoid"), 4, 2, ""), '"sigmoid" of 2'),
            (make_network(Recipe(hidden=(), heads="squared_error"), 4, 1, ""), '"squared_err'),
        ],
    )
    def test_that_choose_no_class(self, network: Network, given: str) -> None:
        message = f'need one head, a "softmax" or a "sigmoid" of one column, got {given}'
        for use in (network.predict_proba, network.predict, lambda _: network.classes):
            with pytest.raises(RecipeError, match=message):
                use(self.X)


class TestObjectiveAndGradient:
    def test_penalty_is_in_both(self) -> None:
        x, y = make_table(20, 4, 3)
        free = make_network(Recipe(hidden=(5,)), 4, 3, "")
        penalized = make_network(Recipe(hidden=(5,), l2=0.5), 4, 3, "")
        squares = sum((weight**2).sum() for weight in free.weights)
        without, plain = free.objective_and_gradient(x, y)
        value, gradient = penalized.objective_and_gradient(x, y)
        assert value - without == pytest.approx(0.5 * squares)
        for layer, weight in enumerate(free.weights):
            difference = gradient.weights[layer] - plain.weights[layer]
            np.testing.assert_allclose(difference, weight, rtol=1e-9)
            np.testing.assert_array_equal(gradient.biases[layer], plain.biases[layer])

    @pytest.mark.parametrize("dropout", [0.2, 0.9])
    def test_dropout_is_off(self, dropout: float) -> None:
        network = make_network(Recipe(hidden=(5, 5), dropout=dropout), 4, 3, "")
        assert gradient_error(network, *make_table(20, 4, 3)) < 1e-12

    def test_batch_size_is_that_of_the_rows(self) -> None:
        network = make_network(Recipe(hidden=(5,), batch_size=1), 4, 3, "")
        assert gradient_error(network, *make_table(300, 4, 3)) < 1e-12

    @pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
    def test_shapes(self, normalization: str) -> None:
        network = make_network(Recipe(hidden=(5, 2), normalization=normalization), 4, 3, "")
        x, y = make_table(20, 4, 3)
        _, gradient = network.objective_and_gradient(x, y)
        _, expected = gradient_by_theory(network, x, y)
        for name, kind in gradient._asdict().items():
            wanted = [array.shape for array in getattr(expected, name)]
            assert [array.shape for array in kind] == wanted
            assert [array.shape for array in getattr(network, name)] == wanted

    @every_instruction_set
    @pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
    def test_every_head_has_its_share(self, normalization: str, instruction_set: str) -> None:
        recipe = Recipe(hidden=(6, 6), heads=HEADS, normalization=normalization, residual=True)
        network = make_network(
            recipe, 4, 6, instruction_set=instruction_set, head_columns=(3, 2, 1)
        )
        x, _ = make_table(20, 4, 3)
        assert gradient_error(network, x, make_answers(20)) < 1e-10

    def test_a_target_that_is_missing_counts_for_nothing(self) -> None:
        network = make_network(Recipe(hidden=(5,), heads=HEADS), 4, 6, "", head_columns=(3, 2, 1))
        x, answers = make_table(20, 4, 3)[0], make_answers(20)
        shorter = {name: array[:14].astype(float) for name, array in answers.items()}
        missing = {name: array.astype(float) for name, array in answers.items()}
        for array in missing.values():
            array[14:] = np.nan
        value, gradient = network.objective_and_gradient(x, missing)
        expected_value, expected = network.objective_and_gradient(x[:14], shorter)
        assert value == pytest.approx(expected_value, rel=1e-12)
        np.testing.assert_allclose(gradient.weights[0], expected.weights[0], rtol=1e-9, atol=1e-15)


class TestErrors:
    NETWORK = linear([[1.0, 2.0, 3.0]] * 4, [0.0, 0.0, 0.0])

    def test_other_number_of_features(self) -> None:
        with pytest.raises(DataError, match=r"`X` must have shape \(n, 4\), .* got \(2, 5\)"):
            self.NETWORK.predict_proba(np.zeros((2, 5)))

    def test_unknown_class(self) -> None:
        with pytest.raises(DataError, match=r"class numbers 0 \.\. 2, got values from 0 to 3"):
            self.NETWORK.objective_and_gradient(np.zeros((2, 4)), [0, 3])

    def test_no_layers(self) -> None:
        with pytest.raises(RecipeError, match="one array each for every layer, got 0 and 0"):
            Network(Recipe(hidden=()), (), ())

    def test_a_bias_is_missing(self) -> None:
        with pytest.raises(RecipeError, match="one array each for every layer, got 1 and 0"):
            Network(Recipe(hidden=()), (np.zeros((2, 2)),), ())

    def test_types_differ(self) -> None:
        with pytest.raises(RecipeError, match=r"all be float32 or all be float64, got float32, fl"):
            Network(Recipe(hidden=()), (np.zeros((2, 2), "f4"),), (np.zeros(2),))

    def test_half_precision(self) -> None:
        with pytest.raises(RecipeError, match=r"all be float32 or all be float64, got float16"):
            Network(Recipe(hidden=()), (np.zeros((2, 2), "f2"),), (np.zeros(2, "f2"),))

    @pytest.mark.parametrize(
        "shapes",
        [
            [(4, 9), (7, 3), (9,), (3,)],  # do not follow one another
            [(4, 8), (8, 3), (8,), (3,)],  # not the recipe's width
            [(4, 9), (9, 3), (9,), (2,)],  # a bias too short
            [(4, 3), (3,)],  # a layer too few
        ],
    )
    def test_shapes_do_not_fit_the_recipe(self, shapes: list[tuple[int, ...]]) -> None:
        arrays = [np.zeros(shape) for shape in shapes]
        half = len(arrays) // 2
        message = r'must have the shapes .* for hidden layers \(9,\) with `normalization="none"`'
        with pytest.raises(RecipeError, match=message):
            Network(Recipe(hidden=(9,)), tuple(arrays[:half]), tuple(arrays[half:]))

    def test_target_that_is_not_given(self) -> None:
        network = linear(np.eye(2).tolist(), [0.0, 0.0], heads=(Head(target="kind"),))
        with pytest.raises(RecipeError) as raised:
            network.objective_and_gradient(np.zeros((2, 2)), [0, 1])
        assert str(raised.value) == (
            'The network has a head for the target "kind", which `y` must hold, got one array; '
            'pass `{"kind": ...}`, or give the recipe a Head for a target it holds.'
        )

    @pytest.mark.parametrize("columns", [(), (2, 2), (3, 2), (1, 3), (4, 0), (2, 1, 1)])
    def test_columns_that_heads_do_not_share(self, columns: tuple[int, ...]) -> None:
        heads = (Head(target="a"), Head(target="b", loss="sigmoid"))
        if columns == (2, 2):
            assert linear([[0.0] * 4], [0.0] * 4, heads=heads, head_columns=columns).features == 1
            return
        with pytest.raises(RecipeError) as raised:
            linear([[0.0] * 4], [0.0] * 4, heads=heads, head_columns=columns)
        assert str(raised.value) == (
            "`head_columns` must share the 4 columns of the last layer among 2 heads, at least 2 "
            f"to a softmax head, got {columns or (4,)}."
        )

    @pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
    @pytest.mark.parametrize("name", ["scales", "shifts", "running_means", "running_variances"])
    def test_what_normalizes_is_missing_or_too_much(self, name: str, normalization: str) -> None:
        network = make_network(Recipe(hidden=(9,), normalization=normalization), 4, 3, "")
        wrong = (np.ones(8),) if getattr(network, name) else (np.ones(9),)
        for arrays in (wrong, ()) if getattr(network, name) else (wrong,):
            with pytest.raises(
                RecipeError, match=rf'`{name}` must have the shapes .*"{normalization}"`'
            ):
                dataclasses.replace(network, **{name: arrays})

    def test_variance_below_zero(self) -> None:
        network = make_network(Recipe(hidden=(2,), normalization="batch"), 4, 3, "")
        with pytest.raises(RecipeError, match=r"`running_variances` must be >= 0, got a number"):
            dataclasses.replace(network, running_variances=(np.array([1.0, -1.0]),))
