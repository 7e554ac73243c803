from dataclasses import replace

import numpy as np
import pytest

from levelset.diagnostics.curvature import curvature_of
from levelset.diagnostics.landscape import (
    Interpolation,
    interpolate,
    loss_slice,
    loss_surface,
    random_direction,
)
from levelset.diagnostics.network import theory_of
from levelset.diagnostics.rescaling import rescaled
from levelset.engine import Network
from levelset.errors import RecipeError
from tests.diagnostics.drawn_networks import three_blobs, trained_network

X, LABELS = three_blobs()

every_normalization = pytest.mark.parametrize("normalization", ["none", "batch", "layer"])


def moved(network: Network, vector: np.ndarray) -> Network:
    _, parameters, _ = theory_of(network)
    at = parameters.with_vector(vector)
    return replace(
        network, weights=at.weights, biases=at.biases, scales=at.scales, shifts=at.shifts
    )


def loss_by_engine(network: Network) -> float:
    """Mean cross-entropy of the predictions, with running statistics."""
    return float(-np.log(network.predict_proba(X)[np.arange(len(X)), LABELS]).mean())


@every_normalization
def test_a_slice_is_the_loss_of_moved_networks(normalization: str) -> None:
    network = trained_network(normalization=normalization)
    direction, center = random_direction(network), theory_of(network).parameters.vector
    positions = np.array([-0.5, 0.0, 0.7])
    found = loss_slice(network, X, LABELS, positions=positions, direction=direction)
    expected = [loss_by_engine(moved(network, center + t * direction.vector)) for t in positions]
    np.testing.assert_allclose(found.losses, expected, rtol=1e-9)


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_a_slice_bends_as_the_hessian_says(normalization: str) -> None:
    network, step = trained_network("gelu", normalization=normalization, l2=0.01), 1e-3
    direction = random_direction(network)
    positions = np.array([-step, 0.0, step])
    losses = loss_slice(network, X, LABELS, positions=positions, direction=direction).losses
    along = direction.vector
    expected = along @ curvature_of(network, X, LABELS).times(along)
    assert (losses[0] - 2 * losses[1] + losses[2]) / step**2 == pytest.approx(expected, rel=1e-3)


def test_a_surface_holds_the_slices_of_its_directions() -> None:
    network, at = trained_network(), np.linspace(-1, 1, 5)
    directions = random_direction(network, seed=0), random_direction(network, seed=1)
    found = loss_surface(network, X, LABELS, positions=at)
    for direction, losses in zip(directions, (found.losses[2], found.losses[:, 2]), strict=True):
        expected = loss_slice(network, X, LABELS, positions=at, direction=direction).losses
        np.testing.assert_allclose(losses, expected, rtol=1e-12)


def test_directions_are_as_large_as_the_units_they_move() -> None:
    network = trained_network(normalization="batch")
    direction = random_direction(network)
    for weight, drawn in zip(network.weights, direction.weights, strict=True):
        np.testing.assert_allclose(
            np.linalg.norm(drawn, axis=0), np.linalg.norm(weight, axis=0), rtol=1e-12
        )
    assert not any(array.any() for array in direction.arrays[3:])
    again, other = random_direction(network), random_direction(network, seed=1)
    np.testing.assert_array_equal(again.vector, direction.vector)
    assert (other.weights[0] != direction.weights[0]).all()


def test_a_rescaled_network_has_the_same_slice() -> None:
    # Filter normalization is there for this; without biases it is exact.
    network = trained_network("relu")
    flat = replace(network, biases=tuple(np.zeros_like(bias) for bias in network.biases))
    slices = [loss_slice(one, X, LABELS, seed=3).losses for one in (flat, rescaled(flat, 4.0))]
    np.testing.assert_allclose(*slices, rtol=1e-9)


def test_a_convex_objective_has_no_barrier() -> None:
    first = trained_network("identity", hidden=())
    last = replace(first, weights=(-first.weights[0],))
    found = interpolate(first, last, X, LABELS)
    assert found.barrier == 0.0
    assert found.losses[0] == pytest.approx(loss_by_engine(first))
    assert found.losses[-1] == pytest.approx(loss_by_engine(last))


@every_normalization
def test_permuted_units_are_behind_a_barrier(normalization: str) -> None:
    # The same function, and yet not between: averaged units of different kinds compute neither.
    network = trained_network("relu", normalization=normalization)
    order = np.roll(np.arange(12), 5)
    first_only = {
        name: tuple(a[order] if k == 0 else a for k, a in enumerate(getattr(network, name)))
        for name in ("biases", "scales", "shifts", "running_means", "running_variances")
    }
    weights = (network.weights[0][:, order], network.weights[1][order], network.weights[2])
    permuted = replace(network, weights=weights, **first_only)
    found = interpolate(network, permuted, X, LABELS, points=11)
    assert found.losses[0] == pytest.approx(found.losses[-1])
    assert found.barrier > 0.01


def test_the_barrier_is_measured_from_the_chord() -> None:
    found = Interpolation(np.array([0.0, 0.5, 1.0]), np.array([1.0, 2.5, 3.0]))
    assert found.barrier == 0.5
    assert found.excess.tolist() == [0.0, 0.5, 0.0]


def test_interpolation_counts_the_penalty_unless_told() -> None:
    network = trained_network(l2=0.01)
    losses = [
        interpolate(network, network, X, LABELS, points=2, l2=l2).losses[0] for l2 in (None, 0.0)
    ]
    expected = 0.01 * sum((weight**2).sum() for weight in network.weights)
    assert losses[0] - losses[1] == pytest.approx(expected)


def test_what_has_no_line_between_is_refused() -> None:
    network = trained_network()
    with pytest.raises(RecipeError, match="two networks with the same layers"):
        interpolate(network, trained_network("relu"), X, LABELS)
    with pytest.raises(RecipeError, match="`points` must be >= 2"):
        interpolate(network, network, X, LABELS, points=1)
