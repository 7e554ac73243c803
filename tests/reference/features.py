"""A member for each feature of a recipe, trained by the engine and by the theory."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Network, Recipe
from tests.reference import training
from tests.reference.instruction_sets import VECTOR_BYTES
from tests.reference.tables import make_table

ROWS, FEATURES, CLASSES, SEED, EPOCHS = 45, 4, 3, 11, 4
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
}
EVERYTHING: dict = {
    "activation": ("silu", "selu"),
    "optimizer": "adamw",
    "weight_decay": 0.3,
    "schedule": "one_cycle",
    "warmup_epochs": 0.5,
    "learning_rate_factors": (0.5, 1.0, 2.0),
    "gradient_clip": 0.5,
    "dropout": 0.2,
    "input_dropout": 0.2,
    "input_noise": 0.3,
    "weight_noise": 0.05,
    "label_smoothing": 0.1,
    "class_weight": "balanced",
    "averaging": "ema",
    "average_decay": 0.9,
}
every_feature = pytest.mark.parametrize("feature", [*FEATURE_FIELDS, "everything"])


def make_recipe(feature: str | None = None, **fields: object) -> Recipe:
    own = FEATURE_FIELDS | {"everything": EVERYTHING}
    return Recipe(**(BASE | (own[feature] if feature else {}) | fields))


@dataclass
class Trained:
    """A member trained in float64, and its network before and after."""

    recipe: Recipe
    instruction_set: str | None = None
    x: np.ndarray = field(default_factory=lambda: X)
    y: np.ndarray = field(default_factory=lambda: Y)
    sample_weight: np.ndarray | None = None
    validation: tuple[np.ndarray, np.ndarray] | None = None

    def __post_init__(self) -> None:
        self.fleet = Fleet(
            [Member(self.recipe, seed=SEED)],
            self.x,
            self.y,
            classes=CLASSES,
            sample_weight=self.sample_weight,
            validation=self.validation,
            dtype="float64",
            instruction_set=self.instruction_set,
        )
        self.before = self.fleet.networks[0]
        self.fleet.run()
        self.after, self.record = self.fleet.networks[0], self.fleet.record

    def by_theory(self) -> training.History:
        vector_bytes = VECTOR_BYTES[self.fleet.instruction_set]
        task = training.Task(self.recipe, self.x, self.y, SEED, self.sample_weight, vector_bytes)
        start = [*self.before.weights], [*self.before.biases]
        return training.train(task, *start, int(self.record.epochs_run[0]))


def parameters(network: Network) -> list[np.ndarray]:
    return [*network.weights, *network.biases]


def as_bytes(network: Network) -> list[bytes]:
    return [array.tobytes() for array in parameters(network)]


def assert_same_parameters(network: Network, expected: list[np.ndarray], rtol: float) -> None:
    for mine, theirs in zip(parameters(network), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


def assert_same_record(trained: Trained, history: training.History) -> None:
    for number, epoch in enumerate(history.epochs):
        for name, expected in vars(epoch).items():
            given = getattr(trained.record, name)[0, number]
            np.testing.assert_allclose(given, expected, rtol=1e-6, err_msg=name)
