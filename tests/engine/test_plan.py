import numpy as np
import pytest

from levelset.engine import Fleet, Member, Network, Recipe
from levelset.engine.plan import (
    join_parameters,
    layer_widths,
    parameter_count,
    split_parameters,
)
from levelset.theory import ACTIVATIONS, DEFAULT_INITIALIZER, INITIALIZERS
from levelset.theory.initializers import orthogonal
from tests.reference import philox
from tests.reference.instruction_sets import INSTRUCTION_SETS, every_instruction_set
from tests.reference.tables import make_table


def untrained(recipe: Recipe, features: int, seed: int = 0, **rest: str) -> Network:
    x, y = make_table(4, features, 3)
    return Fleet([Member(recipe, seed=seed)], x, y, **rest).networks[0]


def expected_weights(name: str, gain: float, seed: int, layer: int, shape: tuple) -> np.ndarray:
    initializer = INITIALIZERS[name]
    if initializer.distribution == "orthogonal":
        return gain * orthogonal(philox.initial_weights(seed, layer, shape, 1.0, False))
    uniform = initializer.distribution == "uniform"
    scale = initializer.limit if uniform else initializer.standard_deviation
    return philox.initial_weights(seed, layer, shape, scale(*shape, gain), uniform)


@every_instruction_set
@pytest.mark.parametrize("seed", [0, 12345, 2**64 - 1])
@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial_weights_are_those_of_the_stream(
    name: str, seed: int, instruction_set: str
) -> None:
    recipe = Recipe(hidden=(9, 30), initializer=name, gain=1.5)
    network = untrained(recipe, 7, seed, dtype="float64", instruction_set=instruction_set)
    for layer, weight in enumerate(network.weights):
        expected = expected_weights(name, 1.5, seed, layer, weight.shape)
        np.testing.assert_allclose(weight, expected, rtol=1e-12, atol=1e-15)
        assert not network.biases[layer].any()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_default_initializer_is_that_of_the_activation(activation: str) -> None:
    network = untrained(Recipe(hidden=(9,), activation=activation), 7, dtype="float64")
    for layer, name in enumerate((DEFAULT_INITIALIZER[activation], "glorot_uniform")):
        weight = network.weights[layer]
        expected = expected_weights(name, 1.0, 0, layer, weight.shape)
        np.testing.assert_allclose(weight, expected, rtol=1e-12, atol=1e-15)


def test_default_initializers_are_those_of_each_layers_activation() -> None:
    recipe = Recipe(hidden=(9, 8), activation=("selu", "tanh"))
    network = untrained(recipe, 7, dtype="float64")
    names = [DEFAULT_INITIALIZER[name] for name in ("selu", "tanh")]
    assert names[0] != names[1]
    for layer, name in enumerate((*names, "glorot_uniform")):
        weight = network.weights[layer]
        expected = expected_weights(name, 1.0, 0, layer, weight.shape)
        np.testing.assert_allclose(weight, expected, rtol=1e-12, atol=1e-15)


@every_instruction_set
def test_both_types_start_at_the_same_weights(instruction_set: str) -> None:
    single = untrained(Recipe(), 7, instruction_set=instruction_set)
    double = untrained(Recipe(), 7, instruction_set=instruction_set, dtype="float64")
    for mine, theirs in zip(single.weights, double.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs.astype(np.float32))


def test_every_instruction_set_starts_at_the_same_weights_in_float32() -> None:
    # float64 differs in its last digits: one build has fused multiply-add and another has not.
    def weights(instruction_set: str) -> np.ndarray:
        return untrained(Recipe(hidden=(500,)), 64, instruction_set=instruction_set).weights[0]

    for name in INSTRUCTION_SETS[1:]:
        np.testing.assert_allclose(weights(name), weights(INSTRUCTION_SETS[0]), rtol=2e-7)


def test_large_layer_has_the_stated_spread() -> None:
    recipe = Recipe(hidden=(512,), initializer="he_normal")
    weight = untrained(recipe, 512, dtype="float64").weights[0]
    assert weight.std() == pytest.approx(np.sqrt(2 / 512), rel=0.01)
    assert abs(weight.mean()) < 4 * weight.std() / 512
    kurtosis = ((weight / weight.std()) ** 4).mean()
    assert kurtosis == pytest.approx(3.0, abs=0.05)


def test_widths() -> None:
    assert layer_widths(Recipe(hidden=(5, 6)), 4, 3) == (4, 5, 6, 3)
    assert layer_widths(Recipe(hidden=()), 4, 3) == (4, 3)


def test_parameters_are_cut_layer_by_layer() -> None:
    layout = ((2, 3, 2), "none")
    flat = np.arange(parameter_count(*layout), dtype=float)
    parameters = split_parameters(flat, *layout)
    np.testing.assert_array_equal(parameters.weights[0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(parameters.biases[0], [6, 7, 8])
    np.testing.assert_array_equal(parameters.weights[1], [[9, 10], [11, 12], [13, 14]])
    np.testing.assert_array_equal(parameters.biases[1], [15, 16])
    assert not any(parameters[2:])
    assert all(np.shares_memory(part, flat) for kind in parameters for part in kind)


@pytest.mark.parametrize(("normalization", "kinds"), [("layer", 2), ("batch", 4)])
def test_what_normalizes_a_layer_follows_its_bias(normalization: str, kinds: int) -> None:
    layout = ((1, 2, 1), normalization)
    flat = np.arange(parameter_count(*layout))
    assert len(flat) == 2 + 2 + 2 * kinds + 2 + 1
    parameters = split_parameters(flat, *layout)
    given = [kind[0].tolist() for kind in parameters[2 : 2 + kinds]]
    assert given == [[4 + 2 * k, 5 + 2 * k] for k in range(kinds)]
    assert parameters.weights[1].ravel().tolist() == [len(flat) - 3, len(flat) - 2]
    assert parameters.biases[1].tolist() == [len(flat) - 1]
    assert not any(parameters[2 + kinds :])


@pytest.mark.parametrize("normalization", ["none", "layer", "batch"])
@pytest.mark.parametrize("widths", [(3, 2), (2, 3, 2), (4, 1, 5, 3)])
def test_parameters_are_joined_as_they_were_cut(
    widths: tuple[int, ...], normalization: str
) -> None:
    flat = np.arange(parameter_count(widths, normalization), dtype=float)
    joined = join_parameters(split_parameters(flat, widths, normalization))
    np.testing.assert_array_equal(joined, flat)
    assert not np.shares_memory(joined, flat)


@every_instruction_set
def test_what_normalizes_starts_as_nothing_done(instruction_set: str) -> None:
    recipe = Recipe(hidden=(9, 30), normalization="batch")
    network = untrained(recipe, 7, instruction_set=instruction_set)
    plain = untrained(Recipe(hidden=(9, 30)), 7, instruction_set=instruction_set)
    for kind in ("scales", "running_variances"):
        assert [set(array.tolist()) for array in getattr(network, kind)] == [{1.0}] * 2
    for kind in ("shifts", "running_means"):
        assert not any(array.any() for array in getattr(network, kind))
    for mine, theirs in zip(network.weights, plain.weights, strict=True):
        assert mine.tobytes() == theirs.tobytes()
