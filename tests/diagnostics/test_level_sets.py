import numpy as np
import pytest

from levelset.diagnostics.level_sets import (
    Curve,
    LevelSet,
    decision_curves,
    probability_curves,
)
from levelset.diagnostics.network import probabilities_of
from levelset.diagnostics.planes import feature_plane, principal_plane
from levelset.engine import Network, Recipe
from levelset.errors import DataError
from tests.diagnostics.drawn_networks import (
    circle_network,
    linear_network,
    three_blobs,
    trained_network,
)

PLANE = feature_plane(("a", "b"))
GRID = np.linspace(-3.0, 3.0, 61)


def test_a_circle_is_found_with_its_length_and_curvature() -> None:
    found = decision_curves(circle_network(2.0), PLANE, GRID, GRID)
    (curve,) = found.curves
    assert curve.closed
    assert curve.classes == (0, 1)
    np.testing.assert_allclose(np.linalg.norm(curve.vertices, axis=1), 2.0, rtol=3e-5)
    smoothness = found.smoothness()
    assert smoothness.length == pytest.approx(4 * np.pi, rel=1e-3)
    assert smoothness.mean_absolute_curvature == pytest.approx(0.5, rel=1e-3)
    assert smoothness.mean_squared_curvature == pytest.approx(0.25, rel=1e-2)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_vertices_lie_on_the_level_set(activation: str) -> None:
    network = trained_network(activation)
    found = decision_curves(network, PLANE, GRID, GRID)
    assert len(found.curves) >= 3
    assert found.residual < 1e-12
    for curve in found.curves:
        p = np.sort(probabilities_of(network, PLANE.inputs(curve.vertices)), axis=1)
        np.testing.assert_allclose(p[:, -1], p[:, -2], atol=1e-10)


def test_straight_lines_of_three_classes_meet_in_one_point() -> None:
    # z_c = w_c · x with three directions 120° apart: p_a = p_b on rays from the origin.
    angles = 2 * np.pi * np.arange(3) / 3 + 0.1
    weights = np.stack([np.cos(angles), np.sin(angles)])
    found = decision_curves(linear_network(weights, np.zeros(3)), PLANE, GRID, GRID)
    assert sorted(curve.classes for curve in found.curves) == [(0, 1), (0, 2), (1, 2)]
    for curve in found.curves:
        ends = np.linalg.norm(curve.vertices[[0, -1]], axis=1)
        assert ends.min() < 1e-9
        assert np.abs(curve.vertices[[0, -1]]).max() == pytest.approx(3.0)
        assert curve.length == pytest.approx(ends.max())
    smoothness = found.smoothness()
    assert smoothness.mean_absolute_curvature == pytest.approx(0, abs=1e-9)


def test_a_class_behind_two_others_has_no_curve() -> None:
    weights = np.array([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]])
    found = decision_curves(linear_network(weights, np.array([0, 0, -9.0])), PLANE, GRID, GRID)
    (curve,) = found.curves
    assert curve.classes == (0, 1)
    np.testing.assert_allclose(curve.vertices[:, 0], 0, atol=1e-12)


def test_no_boundary_in_the_window_is_no_curve() -> None:
    found = decision_curves(circle_network(9.0), PLANE, GRID, GRID)
    assert found.curves == ()
    assert found.residual == 0.0
    smoothness = found.smoothness()
    assert smoothness.length == 0.0
    assert np.isnan(smoothness.mean_absolute_curvature)


def test_a_circle_that_the_window_cuts_is_open() -> None:
    found = decision_curves(circle_network(3.5), PLANE, GRID, GRID)
    assert len(found.curves) == 4
    assert not any(curve.closed for curve in found.curves)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.9])
def test_levels_of_a_probability_are_where_the_logit_says(level: float) -> None:
    # σ(‖x‖² − 4) = τ at ‖x‖² = 4 + log τ / (1 − τ)
    found = probability_curves(circle_network(2.0), PLANE, GRID, GRID, 1, level)
    (curve,) = found.curves
    expected = np.sqrt(4 + np.log(level / (1 - level)))
    np.testing.assert_allclose(np.linalg.norm(curve.vertices, axis=1), expected, rtol=3e-5)
    assert found.residual < 1e-11


@pytest.mark.parametrize("label", [0, 1, 2])
def test_levels_of_a_trained_network_have_their_probability(label: int) -> None:
    network = trained_network()
    found = probability_curves(network, PLANE, GRID, GRID, label, 0.8)
    assert found.curves
    for curve in found.curves:
        p = probabilities_of(network, PLANE.inputs(curve.vertices))[:, label]
        np.testing.assert_allclose(p, 0.8, atol=1e-12)


def test_one_sigmoid_column_is_two_classes() -> None:
    network = Network(
        Recipe(hidden=(), heads="sigmoid"), (np.array([[1.0], [2.0]]),), (np.array([-1.0]),)
    )
    (curve,) = decision_curves(network, PLANE, GRID, GRID).curves
    np.testing.assert_allclose(curve.vertices @ [1.0, 2.0], 1.0, atol=1e-12)


def test_a_sphere_is_a_circle_in_a_plane_through_it() -> None:
    generator = np.random.default_rng(0)
    plane = principal_plane(generator.normal(size=(50, 4)), ("a", "b", "c", "d"))
    found = decision_curves(circle_network(2.0, features=4), plane, GRID, GRID)
    (curve,) = found.curves
    inputs = plane.inputs(curve.vertices)
    np.testing.assert_allclose(np.linalg.norm(inputs, axis=1), 2.0, rtol=3e-5)


def test_a_finer_grid_finds_the_same_curves() -> None:
    network = trained_network("gelu")
    fine = np.linspace(-3.0, 3.0, 181)
    coarse, finer = (decision_curves(network, PLANE, grid, grid) for grid in (GRID, fine))
    assert coarse.smoothness().length == pytest.approx(finer.smoothness().length, rel=1e-3)


@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_curves_that_are_not_refined_are_nearly_as_long_and_as_bent(activation: str) -> None:
    network = trained_network(activation)
    exact, quick = (decision_curves(network, PLANE, GRID, GRID, refined=r) for r in (True, False))
    assert 1e-12 < quick.residual < 0.1
    mine, theirs = quick.smoothness(), exact.smoothness()
    assert mine.length == pytest.approx(theirs.length, rel=0.01)
    assert mine.mean_absolute_curvature == pytest.approx(theirs.mean_absolute_curvature, rel=0.1)


def test_curves_of_a_linear_network_need_no_refining() -> None:
    angles = 2 * np.pi * np.arange(3) / 3 + 0.1
    network = linear_network(np.stack([np.cos(angles), np.sin(angles)]), np.zeros(3))
    found = decision_curves(network, PLANE, GRID, GRID, refined=False)
    assert found.residual < 1e-12
    for curve in found.curves:
        assert np.linalg.norm(curve.vertices[[0, -1]], axis=1).min() < 1e-9  # where three meet


def test_curvature_of_a_polygon_is_that_of_its_corners() -> None:
    # A square turns by 2π over its length 4, however finely it is walked.
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    level_set = LevelSet((Curve(square, (0, 1), 0.0),), spacing=0.05)
    for resolution in (0.1, 0.02):
        smoothness = level_set.smoothness(resolution)
        assert smoothness.length == 4.0
        assert smoothness.mean_absolute_curvature == pytest.approx(2 * np.pi / 4)
        expected = 4 * (np.pi / 2) ** 2 / resolution / 4
        assert smoothness.mean_squared_curvature == pytest.approx(expected)


def test_a_straight_network_is_smoother_than_a_bent_one() -> None:
    x, _ = three_blobs()
    grids = PLANE.window(x, size=80)
    straight = decision_curves(trained_network("identity"), PLANE, *grids).smoothness()
    bent = decision_curves(trained_network("tanh"), PLANE, *grids).smoothness()
    assert straight.mean_absolute_curvature < 1e-6 < bent.mean_absolute_curvature


def test_what_cannot_be_contoured_is_refused() -> None:
    network = circle_network(1.0)
    with pytest.raises(DataError, match="`vertical` must hold at least 2 ascending positions"):
        decision_curves(network, PLANE, GRID, GRID[::-1])
    with pytest.raises(DataError, match=r"`label` must be a class in 0 \.\. 1, got 2"):
        probability_curves(network, PLANE, GRID, GRID, 2, 0.5)
    with pytest.raises(DataError, match=r"`level` must lie between 0 and 1, got 1\.0"):
        probability_curves(network, PLANE, GRID, GRID, 1, 1.0)
