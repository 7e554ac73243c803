"""A recipe for each feature that a recipe can ask for, and the tables they learn from."""

import numpy as np
import pytest

from levelset.engine import Head, Recipe
from levelset.seeds import stream
from tests.reference.tables import make_table

ROWS, FEATURES, CLASSES, EPOCHS = 45, 4, 3, 4
X, Y = make_table(ROWS, FEATURES, CLASSES)
VALIDATION = make_table(30, FEATURES, CLASSES, seed=1)
SAMPLE_WEIGHT = np.random.default_rng(4).uniform(0, 3, ROWS) * (np.arange(ROWS) % 5 > 0)

BASE: dict = {
    "hidden": (13, 5),  # the last layer, 5 -> 3, is stored by output on every instruction set
    "activation": "tanh",
    "learning_rate": 0.05,
    "l2": 0.02,
    "batch_size": 10,
    "epochs": EPOCHS,
}
SGD: dict = {"optimizer": "sgd", "momentum": 0.8}
BATCH: dict = {"normalization": "batch"}
LAYER: dict = {"normalization": "layer"}
SAM: dict = {"sam_radius": 0.3}
FEATURE_FIELDS: dict[str, dict] = {
    "activations by layer": {"activation": ("gelu", "softplus")},
    "activations that die and saturate": {"activation": ("relu", "sigmoid")},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.7},
    "sgd with decay": SGD | {"weight_decay": 0.7},
    "nesterov with decay": SGD | {"weight_decay": 0.7, "nesterov": True},
    "warm-up": {"warmup_epochs": 1.3},
    "drops": {"schedule": "step", "drop_epochs": 2, "drop_factor": 0.3},
    "warm-up and drops": {"schedule": "step", "drop_epochs": 1, "warmup_epochs": 0.7},
    "cosine": {"schedule": "cosine"},
    "warm-up and cosine": {"schedule": "cosine", "warmup_epochs": 2.0} | SGD,
    "one cycle": {"schedule": "one_cycle"},
    "warm-up and one cycle": {"schedule": "one_cycle", "warmup_epochs": 0.5} | SGD,
    "rates by layer": {"learning_rate_factors": (0.0, 0.3, 2.5)},
    "rates by layer with decay": SGD
    | {"learning_rate_factors": (0.3, 0.0, 1.5), "weight_decay": 0.7},
    "clipping": {"gradient_clip": 0.2},
    "clipping with sgd": SGD | {"gradient_clip": 0.2},
    "clipping with decay": {"gradient_clip": 0.2, "optimizer": "adamw", "weight_decay": 0.7},
    "input dropout": {"input_dropout": 0.4},
    "input noise": {"input_noise": 0.5},
    "input noise, then dropout": {"input_dropout": 0.4, "input_noise": 0.5},
    "weight noise": {"weight_noise": 0.2},
    "weight noise with sgd": SGD | {"weight_noise": 0.2},
    "label smoothing": {"label_smoothing": 0.2},
    "balanced classes": {"class_weight": "balanced"},
    "moving average": {"averaging": "ema", "average_decay": 0.8},
    "average of epochs": {"averaging": "swa", "average_start": 0.3},
    "batch normalization": BATCH,
    "batch normalization with sgd": BATCH | SGD,
    "batch normalization of wide layers": BATCH | {"hidden": (40, 17)},
    "batch normalization and one row left over": BATCH | {"batch_size": 11},
    "batch normalization, first layer frozen": BATCH | {"learning_rate_factors": (0, 1, 0.5)},
    "batch normalization, moving average": BATCH | {"averaging": "ema", "average_decay": 0.8},
    "batch normalization, average of epochs": BATCH | {"averaging": "swa", "average_start": 0.3},
    "layer normalization": LAYER,
    "layer normalization of wide layers": LAYER | {"hidden": (40, 17)},
    "residual": {"hidden": (9, 9, 9), "residual": True},
    "residual around the first layer": {"hidden": (FEATURES, 9), "residual": True},
    "residual, dropout": {"hidden": (9, 9), "residual": True, "dropout": 0.3},
    "residual, dropout, batch normalization": BATCH
    | {"hidden": (FEATURES, 9, 9), "residual": True, "dropout": 0.3},
    "residual, dropout, layer normalization": LAYER
    | {"hidden": (FEATURES, 9, 9), "residual": True, "dropout": 0.3},
    "sam": SAM,
    "sam with sgd": SAM | SGD,
    "sam, weight noise": SAM | {"weight_noise": 0.2},
    "sam, clipping, frozen layers": SAM
    | {"gradient_clip": 0.2, "learning_rate_factors": (0.0, 1.0, 0.5)},
    "sam, batch normalization": SAM | BATCH,
    "sam, layer normalization, dropout": SAM | LAYER | {"dropout": 0.3},
    "sam, residual": SAM | {"hidden": (9, 9), "residual": True},
    "sam, input noise, residual around the first layer": SAM
    | {"hidden": (FEATURES,), "residual": True, "input_noise": 0.5},
    "mixup at 0.2": {"mixup": 0.2},
    "mixup at 1": {"mixup": 1.0},
    "mixup at 3": {"mixup": 3.0},
    "mixup, label smoothing": {"mixup": 0.5, "label_smoothing": 0.2},
    "mixup, balanced classes": {"mixup": 0.5, "class_weight": "balanced"},
    "mixup, batch normalization": BATCH | {"mixup": 0.5},
    "mixup, sam": SAM | {"mixup": 0.5},
}
EVERYTHING: dict = {
    "hidden": (13, 13, 5),
    "activation": ("silu", "selu", "tanh"),
    "normalization": "batch",
    "residual": True,
    "optimizer": "adamw",
    "weight_decay": 0.3,
    "schedule": "one_cycle",
    "warmup_epochs": 0.5,
    "learning_rate_factors": (0.5, 1.0, 2.0, 1.0),
    "gradient_clip": 0.5,
    "sam_radius": 0.1,
    "mixup": 0.4,
    "dropout": 0.2,
    "input_dropout": 0.2,
    "input_noise": 0.3,
    "weight_noise": 0.05,
    "label_smoothing": 0.1,
    "class_weight": "balanced",
    "averaging": "ema",
    "average_decay": 0.9,
}


def make_targets(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    """A target for every loss, all complete: they follow the same features as `make_table`'s."""
    x, species = make_table(rows, FEATURES, CLASSES, seed=seed)
    generator = stream(seed, "targets", rows)
    scores = x @ stream(0, "rule").normal(size=(FEATURES, 4))
    scores += 0.5 * generator.normal(size=scores.shape)
    return {
        "species": species,
        "sick": (scores[:, 0] > 0).astype(int),
        "colors": (scores[:, :3] > 0.3).astype(int),
        "mass": scores[:, 3],
        "sizes": scores[:, 1:],
    }


def with_missing(targets: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Three in ten answers are missing; of "rare" all but three, so that most batches have none."""
    generator = stream(0, "missing")
    known = {name: np.array(target, np.float64) for name, target in targets.items()}
    for target in known.values():
        target[generator.random(len(target)) < 0.3] = np.nan
    rare = np.full(len(targets["mass"]), np.nan)
    rare[:3] = targets["mass"][:3]
    return known | {"rare": rare}


TARGETS, TARGETS_HELD_OUT = make_targets(ROWS), make_targets(30, seed=1)
SOME_TARGETS, SOME_TARGETS_HELD_OUT = with_missing(TARGETS), with_missing(TARGETS_HELD_OUT)

SPECIES, SICK = Head(target="species"), Head(target="sick", loss="sigmoid")
COLORS = Head(target="colors", loss="sigmoid", weight=0.5)
MASS = Head(target="mass", loss="squared_error", weight=0.2)
SIZES = Head(target="sizes", loss="squared_error", weight=0.3)
RARE = Head(target="rare", loss="squared_error", weight=2.0)
THREE: dict = {"heads": (SPECIES, COLORS, MASS)}
HEAD_FIELDS: dict[str, dict] = {
    "one named target": {"heads": (SPECIES,)},
    "one named target of some weight": {"heads": (MASS,)},
    "one target, balanced classes": {"heads": (SPECIES,), "class_weight": "balanced"},
    "binary": {"heads": (SICK,)},
    "a yes-or-no target as two classes": {"heads": (Head(target="sick"), COLORS)},
    "numbers": {"heads": (MASS, SIZES)},
    "three": THREE,
    "three, label smoothing": THREE | {"label_smoothing": 0.2},
    "three, batch normalization": THREE | BATCH,
    "three, mixup": THREE | {"mixup": 0.5},
    "three, mixup, label smoothing": THREE | {"mixup": 0.5, "label_smoothing": 0.2},
    "three, sam": THREE | SAM,
    "one that most batches lack": {"heads": (SICK, RARE)},
    "one that most batches lack, mixup": {"heads": (RARE, SPECIES), "mixup": 0.5} | BATCH,
    "five": {"heads": (SIZES, COLORS, SPECIES, RARE, MASS)},
    "five with everything": EVERYTHING
    | {"heads": (SIZES, COLORS, SPECIES, RARE, MASS), "class_weight": None},
}
PLAIN_HEADS: dict[str, tuple[str, str]] = {
    "binary": ("sigmoid", "sick"),
    "multilabel": ("sigmoid", "colors"),
    "one number": ("squared_error", "mass"),
    "three numbers": ("squared_error", "sizes"),
}
"""Name -> (the recipe's `heads`, the target that is given as a plain array)."""

every_feature = pytest.mark.parametrize("feature", [*FEATURE_FIELDS, "everything"])


def make_recipe(feature: str | None = None, **fields: object) -> Recipe:
    own = FEATURE_FIELDS | HEAD_FIELDS | {"everything": EVERYTHING}
    return Recipe(**(BASE | (own[feature] if feature else {}) | fields))
