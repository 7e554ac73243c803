import numpy as np
import pytest

from levelset.engine import Fleet, Member, Recipe
from levelset.studies import principal_plane


def cloud(columns, rows=60):
    generator = np.random.default_rng(0)
    scale = np.linspace(3, 0.5, columns)
    return (generator.normal(size=(rows, columns)) * scale + 5).astype(np.float32)


@pytest.mark.parametrize("columns", [3, 7])
def test_the_axes_are_orthonormal_and_point_along_the_greatest_variance(columns):
    x = cloud(columns)
    plane = principal_plane(x, tuple(f"f{k}" for k in range(columns)))
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    covariance = np.cov(x.astype(np.float64), rowvar=False)
    powers = [axis @ covariance @ axis for axis in plane.axes]
    np.testing.assert_allclose(powers, np.linalg.eigvalsh(covariance)[::-1][:2], rtol=1e-9)
    np.testing.assert_allclose(plane.coordinates(x).mean(axis=0), 0, atol=1e-6)


def test_two_features_are_their_own_plane():
    x = cloud(2)
    plane = principal_plane(x, ("length", "width"))
    np.testing.assert_allclose(plane.coordinates(x), x, rtol=1e-6)
    assert plane.labels == ("length (standard deviations)", "width (standard deviations)")


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_the_panel_holds_the_networks_probabilities(columns):
    x = cloud(columns)
    labels = (x[:, 0] > 5).astype(np.int64)
    fleet = Fleet([Member(Recipe(hidden=(4,), epochs=2))], x, labels)
    fleet.run()
    plane = principal_plane(x, tuple(f"f{k}" for k in range(columns)))
    panel = plane.panel("one", fleet.networks[0], x, labels)
    j, k = 31, 101
    point = plane.origin + panel.x[k] * plane.axes[0] + panel.y[j] * plane.axes[1]
    expected = fleet.networks[0].predict_proba(point[None])[0]
    np.testing.assert_allclose(panel.probabilities[j, k], expected, rtol=1e-5)
    assert panel.x.min() < panel.points[:, 0].min()
    assert panel.x.max() > panel.points[:, 0].max()
