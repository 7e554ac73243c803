import numpy as np
import pytest

from levelset.diagnostics.boundary_distance import boundary_distances
from levelset.diagnostics.network import probabilities_of
from levelset.engine import Network, Recipe
from levelset.errors import RecipeError
from levelset.seeds import stream
from tests.diagnostics.drawn_networks import (
    circle_network,
    linear_network,
    three_blobs,
    trained_network,
)


@pytest.mark.parametrize("features", [1, 2, 5, 30])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_distances_are_those_of_planes_where_the_network_is_linear(
    features: int, classes: int
) -> None:
    generator = stream(0, "distance", features, classes)
    weights, biases = generator.normal(size=(features, classes)), generator.normal(size=classes)
    x = generator.normal(size=(40, features))
    found = boundary_distances(linear_network(weights, biases), x)
    logits, expected = x @ weights + biases, np.full(40, np.inf)
    labels = logits.argmax(axis=1)
    for row in range(40):
        for rival in range(classes):
            if rival != labels[row]:
                gap = logits[row, labels[row]] - logits[row, rival]
                apart = np.linalg.norm(weights[:, labels[row]] - weights[:, rival])
                expected[row] = min(expected[row], gap / apart)
    np.testing.assert_allclose(found.distances, expected, rtol=1e-8)
    np.testing.assert_allclose(found.alignments, 1.0, atol=1e-6)
    assert found.residuals.max() < 1e-10


@pytest.mark.parametrize("features", [2, 3, 8])
def test_distances_to_a_sphere_from_inside_and_outside(features: int) -> None:
    generator = stream(0, "sphere", features)
    directions = generator.normal(size=(50, features))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    radii = generator.uniform(0.2, 5.0, size=50)
    found = boundary_distances(circle_network(2.0, features), radii[:, None] * directions)
    np.testing.assert_allclose(found.distances, np.abs(radii - 2.0), rtol=1e-4, atol=3e-5)
    np.testing.assert_allclose(found.points, 2.0 * directions, atol=1e-3)


def brute_force(network: Network, row: np.ndarray, most: float) -> float:
    """The smallest radius at which any of many directions changes the class."""
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    label = probabilities_of(network, row[None])[0].argmax()
    radii = np.linspace(0, most, 201)[1:]
    points = row + radii[:, None, None] * circle
    changed = probabilities_of(network, points.reshape(-1, 2)).argmax(axis=1) != label
    return float(radii[changed.reshape(200, 720).any(axis=1)].min())


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_no_direction_reaches_the_boundary_sooner(activation: str) -> None:
    x, _ = three_blobs()
    network = trained_network(activation)
    found = boundary_distances(network, x)
    assert found.residuals.max() < 1e-9
    for row in range(0, 120, 8):
        step = found.distances[row] / 100
        assert brute_force(network, x[row], 2 * found.distances[row]) > found.distances[row] - step


def test_points_are_as_far_as_they_say_and_between_two_classes() -> None:
    x, _ = three_blobs()
    network = trained_network()
    found = boundary_distances(network, x)
    np.testing.assert_allclose(np.linalg.norm(found.points - x, axis=1), found.distances)
    p = probabilities_of(network, found.points)
    labels = probabilities_of(network, x).argmax(axis=1)
    rows = np.arange(len(x))
    np.testing.assert_allclose(p[rows, labels], p.max(axis=1), atol=1e-9)
    np.testing.assert_allclose(p[rows, found.rivals], p.max(axis=1), atol=1e-9)
    assert (found.rivals != labels).all()


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_normalized_networks_have_distances(normalization: str) -> None:
    x, _ = three_blobs()
    network = trained_network("relu", normalization=normalization, residual=True)
    found = boundary_distances(network, x[:20], others=x)
    assert found.residuals.max() < 1e-9
    assert np.median(found.alignments) > 0.99


def test_one_sigmoid_column_is_two_classes() -> None:
    network = Network(
        Recipe(hidden=(), heads="sigmoid"), (np.array([[3.0], [4.0]]),), (np.array([-1.0]),)
    )
    found = boundary_distances(network, np.array([[1.0, 1.0], [0.0, 0.0]]))
    np.testing.assert_allclose(found.distances, [6 / 5, 1 / 5])


def test_a_row_with_no_boundary_is_infinitely_far() -> None:
    network = linear_network(np.zeros((2, 2)), np.array([0.0, 1.0]))
    found = boundary_distances(network, np.ones((3, 2)))
    assert np.isinf(found.distances).all()
    assert np.isnan(found.points).all()
    assert (found.rivals == -1).all()


def test_a_row_needs_no_other_rows() -> None:
    network = linear_network(np.eye(2), np.zeros(2))
    found = boundary_distances(network, np.array([[5.0, 1.0]]))
    np.testing.assert_allclose(found.distances, 4 / np.sqrt(2))


def test_no_start_is_refused() -> None:
    with pytest.raises(RecipeError, match="must be >= 1, got 0 and 50"):
        boundary_distances(circle_network(1.0), np.ones((1, 2)), starts=0)
