"""Training takes the steps of PyTorch's optimizers and of the theory, one by one."""

from dataclasses import dataclass

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Network, Recipe, Record
from levelset.theory import ACTIVATIONS
from tests.reference import training
from tests.reference.batches import Task
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import targets_of
from tests.reference.tables import make_table
from tests.reference.torch_training import TorchTraining, heads_loss
from tests.reference.trained import assert_same_arrays, parameters, train_from

ROWS, FEATURES, CLASSES, SEED = 45, 4, 3, 11

OPTIMIZERS = {
    "plain": {"optimizer": "sgd", "momentum": 0.0},
    "momentum": {"optimizer": "sgd", "momentum": 0.8},
    "nesterov": {"optimizer": "sgd", "momentum": 0.8, "nesterov": True},
    "adam": {"optimizer": "adam", "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6},
}
every_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS)


@dataclass(frozen=True)
class Trained:
    before: Network
    after: Network
    record: Record
    x: np.ndarray
    y: np.ndarray


def make_recipe(optimizer: str = "adam", **fields: object) -> Recipe:
    given = {"hidden": (7, 5), "learning_rate": 0.05, "l2": 0.02, "batch_size": ROWS}
    return Recipe(**(given | {"activation": "tanh"} | OPTIMIZERS[optimizer] | fields))


def train(recipe: Recipe, dtype: str = "float64", **rest: str) -> Trained:
    x, y = make_table(ROWS, FEATURES, CLASSES, dtype)
    fleet = Fleet([Member(recipe, seed=SEED)], x, y, dtype=dtype, **rest)
    before = fleet.networks[0]
    fleet.run()
    return Trained(before, fleet.networks[0], fleet.record, x, y)


def train_by_theory(recipe: Recipe, trained: Trained) -> training.History:
    task = Task(recipe, trained.x, trained.y, SEED, CLASSES)
    return train_from(trained.before, task, recipe.epochs)


@every_instruction_set
@every_optimizer
@pytest.mark.parametrize("epochs", [1, 5])
class TestWholeTableAsOneBatch:
    def test_equals_torch(self, epochs: int, optimizer: str, instruction_set: str) -> None:
        recipe = make_recipe(optimizer, epochs=epochs)
        trained = train(recipe, instruction_set=instruction_set)
        loss = heads_loss(targets_of(trained.before, trained.y))
        twin = TorchTraining(recipe, trained.before, trained.x, loss).run()
        assert_same_arrays(parameters(trained.after), twin.parameters, rtol=1e-11)

    def test_equals_theory(self, epochs: int, optimizer: str, instruction_set: str) -> None:
        recipe = make_recipe(optimizer, epochs=epochs)
        trained = train(recipe, instruction_set=instruction_set)
        expected = train_by_theory(recipe, trained).seen[-1].parameters
        assert_same_arrays(parameters(trained.after), [*expected.arrays], rtol=1e-11)


@every_instruction_set
@every_optimizer
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("batch_size", [1, 10, 44])
def test_mini_batches_follow_the_order_and_the_masks(
    batch_size: int, dropout: float, optimizer: str, instruction_set: str
) -> None:
    recipe = make_recipe(
        optimizer, epochs=2, batch_size=batch_size, dropout=dropout, hidden=(13, 9)
    )
    trained = train(recipe, instruction_set=instruction_set)
    expected = train_by_theory(recipe, trained).seen[-1].parameters
    assert_same_arrays(parameters(trained.after), [*expected.arrays], rtol=1e-10)


@every_instruction_set
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (1,), (70,), (3, 40, 6)], ids=str)
@pytest.mark.parametrize("dropout", [0.0, 0.5])
class TestRecord:
    def test_equals_theory(
        self, dropout: float, hidden: tuple[int, ...], activation: str, instruction_set: str
    ) -> None:
        recipe = make_recipe(
            hidden=hidden, activation=activation, dropout=dropout, epochs=2, batch_size=20
        )
        trained = train(recipe, instruction_set=instruction_set)
        for number, epoch in enumerate(train_by_theory(recipe, trained).epochs):
            for name, expected in vars(epoch).items():
                given = getattr(trained.record, name)[0, number]
                np.testing.assert_allclose(given, expected, rtol=1e-6, err_msg=name)


@every_instruction_set
@every_optimizer
def test_float32_follows_theory_to_its_precision(optimizer: str, instruction_set: str) -> None:
    recipe = make_recipe(optimizer, epochs=3, batch_size=10, dropout=0.0)
    trained = train(recipe, "float32", instruction_set=instruction_set)
    double = train(recipe, "float64", instruction_set=instruction_set)
    assert_same_arrays(parameters(trained.after), parameters(double.after), rtol=1e-4)


def test_saturated_units_are_counted_where_there_are_some() -> None:
    recipe = make_recipe(activation="sigmoid", hidden=(17,), gain=30.0, epochs=1)
    trained = train(recipe)
    epochs = train_by_theory(recipe, trained).epochs
    share = trained.record.saturated_share[0, 0, 0]
    assert 0.1 < share < 1.0
    assert share == pytest.approx(epochs[0].saturated_share[0], rel=1e-6)


def test_dead_units_are_counted_where_there_are_some() -> None:
    # One row: a unit that is off for it is off for all rows.
    x, y = make_table(1, FEATURES, 2)
    recipe = Recipe(hidden=(40,), epochs=1)
    fleet = Fleet([Member(recipe)], x, y, classes=2, dtype="float64")
    before = fleet.networks[0]
    fleet.run()
    off = (x @ before.weights[0] + before.biases[0] <= 0).mean()
    assert 0.1 < off < 0.9
    assert fleet.record.dead_share[0, 0, 0] == pytest.approx(off)
