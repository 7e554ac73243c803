"""A member trained by the engine, and the same training by the theory."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from levelset.engine import Fleet, Member, Network, Recipe, Record
from tests.reference import training
from tests.reference.batches import Task
from tests.reference.features import CLASSES, X, Y
from tests.reference.networks import parameters_of, running_of
from tests.reference.targets import Answers

SEED = 11


@dataclass
class Trained:
    """A member trained alone, and its network before and after."""

    recipe: Recipe
    instruction_set: str | None = None
    x: np.ndarray = field(default_factory=lambda: X)
    y: Answers = field(default_factory=lambda: Y)
    sample_weight: np.ndarray | None = None
    validation: tuple[np.ndarray, Answers] | None = None
    classes: int | dict[str, int] = CLASSES
    dtype: str = "float64"

    def __post_init__(self) -> None:
        if isinstance(self.y, Mapping):
            counts = {"species": CLASSES, "sick": 2}
            self.classes = {name: counts[name] for name in counts if name in self.y}
        self.fleet = Fleet(
            [Member(self.recipe, seed=SEED)],
            self.x,
            self.y,
            classes=self.classes,
            sample_weight=self.sample_weight,
            validation=self.validation,
            dtype=self.dtype,
            instruction_set=self.instruction_set,
        )
        self.before = self.fleet.networks[0]
        self.fleet.run()
        self.after, self.record = self.fleet.networks[0], self.fleet.record

    def by_theory(self) -> training.History:
        numbers = np.dtype(self.dtype).itemsize
        task = Task(self.recipe, self.x, self.y, SEED, self.classes, self.sample_weight, numbers)
        return train_from(self.before, task, int(self.record.epochs_run[0]))

    def network(self, seen: training.Seen) -> Network:
        """What the theory arrived at, as a network of the engine."""
        parameters, running = seen.parameters, seen.running or ()
        return replace(
            self.after,
            **vars(parameters),
            running_means=tuple(statistics.mean for statistics in running),
            running_variances=tuple(statistics.variance for statistics in running),
        )


def train_from(start: Network, task: Task, epochs: int) -> training.History:
    """The theory's training, once for all instruction sets that start from the same numbers."""
    fields = (task.recipe, task.x, task.y, task.seed, task.sample_weight, task.number_bytes)
    key = pickle.dumps((fields, task.classes, epochs, arrays(start)))
    if key not in _HISTORIES:
        _HISTORIES[key] = training.train(task, parameters_of(start), running_of(start), epochs)
    return _HISTORIES[key]


_HISTORIES: dict[bytes, training.History] = {}


def task_of(
    member: Member,
    x: np.ndarray,
    y: Answers,
    classes: int | dict[str, int],
    sample_weight: np.ndarray | None,
) -> Task:
    """What a member of a fleet learns: the rows it sees, one after another."""
    rows = member.row_numbers()
    if rows is None:
        rows = np.arange(len(x))
    own = {name: target[rows] for name, target in y.items()} if isinstance(y, dict) else y[rows]
    weights = None if sample_weight is None else sample_weight[rows]
    return Task(member.recipe, x[rows], own, member.seed, classes, weights)


def parameters(network: Network) -> list[np.ndarray]:
    """What is learned, in the order of `Parameters.arrays`."""
    return [*network.weights, *network.biases, *network.scales, *network.shifts]


def arrays(network: Network) -> list[np.ndarray]:
    """All that prediction needs: what is learned, and running statistics."""
    return [*parameters(network), *network.running_means, *network.running_variances]


def as_bytes(network: Network) -> list[bytes]:
    return [array.tobytes() for array in arrays(network)]


def assert_same_arrays(mine: list[np.ndarray], theirs: list[np.ndarray], rtol: float) -> None:
    for given, expected in zip(mine, theirs, strict=True):
        atol = rtol * np.abs(expected).max()
        np.testing.assert_allclose(given, expected, rtol=rtol, atol=atol)


def assert_same_record(record: Record, member: int, history: training.History) -> None:
    """The record's entries are theory's, to the digits that float32 keeps."""
    for number, epoch in enumerate(history.epochs):
        for name, expected in vars(epoch).items():
            given = getattr(record, name)[member, number]
            own = given[: len(expected)] if np.ndim(expected) else given
            np.testing.assert_allclose(own, expected, rtol=1e-6, atol=1e-12, err_msg=name)


def assert_theory_agrees(trained: Trained) -> None:
    """The record of every epoch, and the network after the last."""
    history = trained.by_theory()
    expected = trained.network(history.seen[-1])
    assert_same_arrays(arrays(trained.after), arrays(expected), rtol=1e-10)
    assert_same_record(trained.record, 0, history)
