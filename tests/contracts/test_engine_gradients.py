"""The engine's gradient is the theory's, whatever the shape of the network."""

import pytest

from levelset.engine import Network, Recipe
from levelset.theory import ACTIVATIONS
from tests.reference.features import CLASSES as CLASSES_OF_SPECIES
from tests.reference.features import HEAD_FIELDS, SOME_TARGETS, TARGETS, X, make_recipe
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import gradient_error, make_network
from tests.reference.tables import make_table
from tests.reference.targets import head_widths

ROWS, FEATURES = 37, 5
HIDDEN = [
    (),
    (1,),
    (3,),
    (16,),
    (17,),
    (64,),
    (65,),
    (100,),
    (257,),
    (17, 3),
    (65, 100),
    (64, 16, 1),
    (3, 257, 17, 65),
    (1, 1, 1, 1),
]
CLASSES = [2, 3, 17, 26]

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
every_hidden = pytest.mark.parametrize("hidden", HIDDEN, ids=str)


def network_error(recipe: Recipe, classes: int, **rest: str) -> float:
    network: Network = make_network(recipe, FEATURES, classes, **rest)
    x, y = make_table(ROWS, FEATURES, classes, dtype=str(network.dtype))
    return gradient_error(network, x, y)


@every_instruction_set
@every_activation
@every_hidden
class TestEveryNetwork:
    def test_gradient_in_float64(
        self, hidden: tuple[int, ...], activation: str, instruction_set: str
    ) -> None:
        recipe = Recipe(hidden=hidden, activation=activation, l2=0.01)
        for classes in CLASSES:
            assert network_error(recipe, classes, instruction_set=instruction_set) < 1e-12

    def test_gradient_in_float32(
        self, hidden: tuple[int, ...], activation: str, instruction_set: str
    ) -> None:
        recipe = Recipe(hidden=hidden, activation=activation, l2=0.01)
        rest = {"instruction_set": instruction_set, "dtype": "float32"}
        for classes in CLASSES:
            error = network_error(recipe, classes, **rest)
            # σ' is a (1 − a): near a = 1 the difference keeps few of float32's digits.
            assert error < 1e-4


@every_instruction_set
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "silu"])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("residual", [False, True])
def test_normalizations_and_residuals(
    residual: bool, normalization: str, activation: str, instruction_set: str
) -> None:
    fields = {"normalization": normalization, "residual": residual, "activation": activation}
    for hidden in HIDDEN:
        for own in (hidden, (FEATURES, *hidden, *hidden[-1:])):
            recipe = Recipe(hidden=own, l2=0.01, **fields)
            assert network_error(recipe, 3, instruction_set=instruction_set) < 1e-9


@every_instruction_set
@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_normalizations_in_float32(normalization: str, instruction_set: str) -> None:
    recipe = Recipe(hidden=(20, 20), activation="silu", normalization=normalization, residual=True)
    assert network_error(recipe, 3, instruction_set=instruction_set, dtype="float32") < 1e-4


@every_instruction_set
@pytest.mark.parametrize("name", HEAD_FIELDS)
@pytest.mark.parametrize("targets", [TARGETS | {"rare": TARGETS["mass"]}, SOME_TARGETS])
def test_heads(targets: dict, name: str, instruction_set: str) -> None:
    recipe = make_recipe(name)
    columns = head_widths(recipe, targets, {"species": CLASSES_OF_SPECIES, "sick": 2})
    network = make_network(recipe, X.shape[1], sum(columns), instruction_set, head_columns=columns)
    assert gradient_error(network, X, targets) < 1e-12


@every_instruction_set
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("rows", [*range(1, 28), 127, 128, 129, 300])  # every height of a tile
def test_any_number_of_rows(rows: int, normalization: str, instruction_set: str) -> None:
    recipe = Recipe(hidden=(9, 4), normalization=normalization)
    network = make_network(recipe, 3, 3, instruction_set)
    assert gradient_error(network, *make_table(rows, 3, 3)) < (
        1e-12 if normalization == "none" else 1e-10
    )


@every_instruction_set
@pytest.mark.parametrize("features", [1, 2, 16, 33, 1000])
def test_any_number_of_features(features: int, instruction_set: str) -> None:
    network = make_network(Recipe(hidden=(9, 4)), features, 3, instruction_set)
    assert gradient_error(network, *make_table(40, features, 3)) < 1e-12
