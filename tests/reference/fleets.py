"""Fleets of every kind of member, and what it means that two of them ended alike."""

import io

import numpy as np

from levelset.engine import Fleet, Head, Member, Recipe
from levelset.engine.record import EPOCH_FIELDS, HEAD_FIELDS, LAYER_FIELDS, Record
from tests.reference.recipes import draw_targets
from tests.reference.tables import make_table
from tests.reference.trained import as_bytes

ROWS, FEATURES, CLASSES, EPOCHS = 90, 5, 3, 10

X, KIND = make_table(ROWS, FEATURES, CLASSES)
Y = draw_targets(ROWS, CLASSES, seed=0) | {"y": KIND}
X_HELD_OUT, KIND_HELD_OUT = make_table(40, FEATURES, CLASSES, seed=1)
VALIDATION = X_HELD_OUT, draw_targets(40, CLASSES, seed=1) | {"y": KIND_HELD_OUT}
QUESTION = make_table(150, FEATURES, CLASSES, seed=2)[0]

EVERYTHING: dict = {
    "hidden": (18, 18, 7),
    "activation": ("leaky_relu", "gelu", "tanh"),
    "normalization": "batch",
    "residual": True,
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "l2": 1e-3,
    "schedule": "cosine",
    "warmup_epochs": 0.5,
    "learning_rate_factors": (0.5, 1.0, 2.0, 1.0),
    "gradient_clip": 0.5,
    "sam_radius": 0.05,
    "mixup": 0.4,
    "dropout": 0.2,
    "input_dropout": 0.1,
    "input_noise": 0.2,
    "weight_noise": 0.05,
    "label_smoothing": 0.1,
    "class_weight": "balanced",
    "averaging": "ema",
    "average_decay": 0.9,
}

KINDS = Head(target="kind", weight=0.7)
FLAGS = Head(target="flags", loss="sigmoid")
SIZE = Head(target="size", loss="squared_error", weight=0.2)
VARIETY: list[dict] = [
    {"hidden": (64, 64)},
    {"hidden": (), "optimizer": "sgd", "learning_rate": 0.1},
    {"hidden": (1,), "activation": "tanh"},
    {"hidden": (17, 3), "activation": "sigmoid", "dropout": 0.4},
    {"hidden": (65, 2, 33), "l2": 1e-2, "batch_size": 7},
    {"hidden": (16,), "activation": "identity", "optimizer": "sgd", "momentum": 0.0},
    {"hidden": (100,), "optimizer": "sgd", "nesterov": True, "dropout": 0.5},
    {"hidden": (5, 5, 5, 5), "activation": "tanh", "batch_size": 1},
    {"hidden": (31,), "initializer": "lecun_uniform", "gain": 2.0, "batch_size": 500},
    {"hidden": (9,), "epochs": 4},
    {"hidden": (40,), "learning_rate": 0.3, "patience": 2, "min_delta": 0.01},
    {"hidden": (24,), "learning_rate": 0.1, "patience": 1, "batch_size": 90},
    {"hidden": (8,), "optimizer": "sgd", "learning_rate": 1e6},
    {"hidden": (33, 6), "activation": ("gelu", "softplus"), "initializer": "orthogonal"},
    {"hidden": (20,), "activation": "selu", "optimizer": "adamw", "weight_decay": 0.3},
    {"hidden": (12, 7), "activation": "elu", "schedule": "one_cycle", "warmup_epochs": 1.5},
    {"hidden": (12,), "schedule": "step", "drop_epochs": 3, "averaging": "swa"},
    {"hidden": (9, 4), "activation": "silu", "input_noise": 0.3, "input_dropout": 0.2},
    {"hidden": (40, 3), "weight_noise": 0.1, "averaging": "ema", "average_decay": 0.95},
    {"hidden": (5,), "class_weight": "balanced", "label_smoothing": 0.1, "monitor": "accuracy"},
    {"hidden": (5, 6), "learning_rate_factors": (0.0, 1.0, 0.3), "gradient_clip": 0.1},
    {"hidden": (33, 6), "normalization": "batch", "batch_size": 89},
    {"hidden": (20, 1), "normalization": "batch", "averaging": "swa", "dropout": 0.3},
    {"hidden": (17, 3), "normalization": "layer", "activation": "sigmoid"},
    {"hidden": (5, 9, 9), "residual": True, "dropout": 0.2, "normalization": "layer"},
    {"hidden": (12,), "sam_radius": 0.1, "weight_noise": 0.05, "gradient_clip": 0.3},
    {"hidden": (12,), "mixup": 0.2, "label_smoothing": 0.1, "batch_size": 17},
    {"hidden": (8,), "heads": "squared_error"},
    {"hidden": (8,), "heads": (FLAGS,), "mixup": 1.0},
    {"hidden": (16, 16), "heads": (KINDS, FLAGS, SIZE), "normalization": "batch"},
    EVERYTHING,
    EVERYTHING | {"heads": (SIZE, KINDS, FLAGS), "class_weight": None},
]


def varied_members() -> list[Member]:
    """One of each recipe on all rows, and one on rows drawn with repeats; one that goes on."""
    generator = np.random.default_rng(3)
    members = []
    for number, fields in enumerate(VARIETY):
        recipe = Recipe(**({"epochs": EPOCHS, "learning_rate": 0.02} | fields))
        members.append(Member(recipe, seed=number))
        rows = generator.integers(0, ROWS, size=int(generator.integers(1, 2 * ROWS)))
        members.append(Member(recipe, seed=2**64 - 1 - number, rows=rows))
    counts, recipe = generator.multinomial(ROWS, np.full(ROWS, 1 / ROWS)), members[-1].recipe
    start = Fleet([Member(recipe, seed=5)], X, Y).networks[0]
    return [*members, Member(recipe, seed=1, counts=counts, initial=start)]


def make_fleet(members: list[Member], dtype: str = "float32", **rest: object) -> Fleet:
    return Fleet(members, X, Y, validation=VALIDATION, dtype=dtype, **rest)


def outcomes(fleet: Fleet, question: np.ndarray = QUESTION) -> list[dict[str, bytes]]:
    """Everything that is known of each member, as bytes."""
    record, answers = fleet.record, fleet.outputs(question)
    known = []
    for number, (member, network) in enumerate(zip(fleet.members, fleet.networks, strict=True)):
        recipe = member.recipe
        parts = {name: getattr(record, name)[number] for name in COUNTS}
        parts |= {name: part[number] for name, part in _own_record(record, recipe).items()}
        parts |= {f"the fleet's {name}": part for name, part in answers[number].items()}
        parts |= {f"the network's {name}": part for name, part in network.outputs(question).items()}
        parts["stop_reason"] = np.array(record.stop_reason[number])
        known.append({name: np.asarray(part).tobytes() for name, part in parts.items()})
        known[-1] |= {f"array {place}": part for place, part in enumerate(as_bytes(network))}
    return known


COUNTS = ("epochs_run", "best_epoch", "diverged_epoch")


def _own_record(record: Record, recipe: Recipe) -> dict[str, np.ndarray]:
    """The part of the record that a recipe's own epochs, layers and heads fill."""
    layers = len(recipe.hidden) + 1
    heads = 0 if isinstance(recipe.heads, str) or len(recipe.heads) < 2 else len(recipe.heads)
    parts = {name: getattr(record, name)[:, : recipe.epochs] for name in EPOCH_FIELDS}
    for names, count in ((LAYER_FIELDS, layers), (HEAD_FIELDS, heads)):
        for name in names:
            parts[name] = getattr(record, name)[:, : recipe.epochs, :count]
    return parts


def assert_same_outcomes(given: list[dict[str, bytes]], expected: list[dict[str, bytes]]) -> None:
    for mine, theirs in zip(given, expected, strict=True):
        assert mine.keys() == theirs.keys()
        assert [name for name in theirs if mine[name] != theirs[name]] == []


def saved_and_loaded(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is left of a fleet's state when the program that held it has ended."""
    file = io.BytesIO()
    np.savez(file, **state)
    file.seek(0)
    with np.load(file, allow_pickle=False) as loaded:
        return dict(loaded)


def state_bytes(fleet: Fleet) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in fleet.state().items()}
