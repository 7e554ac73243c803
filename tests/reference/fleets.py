"""Fleets of every kind of member, and what it means that two of them ended alike."""

import numpy as np

from levelset.engine import Fleet, Member, Recipe
from levelset.engine.record import EPOCH_FIELDS, LAYER_FIELDS
from tests.reference.tables import make_table

ROWS, FEATURES, CLASSES, EPOCHS = 90, 5, 3, 10

X, Y = make_table(ROWS, FEATURES, CLASSES)
VALIDATION = make_table(40, FEATURES, CLASSES, seed=1)
QUESTION = make_table(150, FEATURES, CLASSES, seed=2)[0]

EVERYTHING: dict = {
    "hidden": (18, 7),
    "activation": ("leaky_relu", "gelu"),
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "l2": 1e-3,
    "schedule": "cosine",
    "warmup_epochs": 0.5,
    "learning_rate_factors": (0.5, 1.0, 2.0),
    "gradient_clip": 0.5,
    "dropout": 0.2,
    "input_dropout": 0.1,
    "input_noise": 0.2,
    "weight_noise": 0.05,
    "label_smoothing": 0.1,
    "class_weight": "balanced",
    "averaging": "ema",
    "average_decay": 0.9,
}

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
    EVERYTHING,
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


def outcome(fleet: Fleet, number: int, question: np.ndarray = QUESTION) -> dict[str, bytes]:
    """Everything that is known of a member, as bytes; of the record, its own epochs and layers."""
    recipe, record, network = fleet.members[number].recipe, fleet.record, fleet.networks[number]
    layers = len(recipe.hidden) + 1
    parts = {name: getattr(record, name)[number, : recipe.epochs] for name in EPOCH_FIELDS}
    parts |= {
        name: getattr(record, name)[number, : recipe.epochs, :layers] for name in LAYER_FIELDS
    }
    for name in ("epochs_run", "best_epoch", "diverged_epoch"):
        parts[name] = getattr(record, name)[number]
    for layer in range(layers):
        parts[f"weights {layer}"] = network.weights[layer]
        parts[f"biases {layer}"] = network.biases[layer]
    parts["probabilities"] = fleet.predict_proba(question)[number]
    parts["the network's probabilities"] = network.predict_proba(question)
    parts["stop_reason"] = np.array(record.stop_reason[number])
    return {name: np.asarray(part).tobytes() for name, part in parts.items()}


def assert_same_outcomes(fleet: Fleet, expected: list[dict[str, bytes]]) -> None:
    for number, wanted in enumerate(expected):
        given = outcome(fleet, number)
        assert [name for name in wanted if given[name] != wanted[name]] == []
