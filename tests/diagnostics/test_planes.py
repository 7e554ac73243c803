import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from levelset.diagnostics.planes import discriminant_plane, feature_plane, principal_plane
from levelset.errors import DataError


def cloud(columns, rows=60):
    generator = np.random.default_rng(0)
    scale = np.linspace(3, 0.5, columns)
    return (generator.normal(size=(rows, columns)) * scale + 5).astype(np.float32)


def classes_apart(count, columns=5, rows=60):
    generator = np.random.default_rng(1)
    labels = generator.integers(count, size=rows)
    centers = generator.normal(size=(count, columns)) * 3
    return centers[labels] + generator.normal(size=(rows, columns)), labels


def names(columns):
    return tuple(f"f{k}" for k in range(columns))


@pytest.mark.parametrize("columns", [3, 7])
def test_principal_axes_are_orthonormal_and_point_along_the_greatest_variance(columns):
    x = cloud(columns)
    plane = principal_plane(x, names(columns))
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    expected = PCA(2).fit(x.astype(np.float64)).components_
    np.testing.assert_allclose(np.abs(plane.axes @ expected.T), np.eye(2), atol=1e-9)
    np.testing.assert_allclose(plane.coordinates(x).mean(axis=0), 0, atol=1e-6)


def test_two_features_are_their_own_plane():
    x = cloud(2)
    for plane in (
        principal_plane(x, ("length", "width")),
        discriminant_plane(x, np.arange(60) % 2, ("length", "width")),
    ):
        np.testing.assert_allclose(plane.coordinates(x), x, rtol=1e-6)
        assert plane.labels == ("length (standard deviations)", "width (standard deviations)")


@pytest.mark.parametrize("count", [3, 4])
def test_discriminants_span_the_plane_that_scikit_learn_finds(count):
    x, labels = classes_apart(count)
    plane = discriminant_plane(x, labels, names(5))
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    expected = LinearDiscriminantAnalysis(solver="eigen").fit(x, labels).scalings_[:, :2]
    inside = expected - plane.axes.T @ (plane.axes @ expected)
    assert np.abs(inside).max() < 1e-4 * np.abs(expected).max()
    along = expected[:, 0] / np.linalg.norm(expected[:, 0])
    assert abs(along @ plane.axes[0]) == pytest.approx(1, abs=1e-6)


def test_two_classes_have_one_discriminant_and_the_variance_across_it():
    x, labels = classes_apart(2)
    plane = discriminant_plane(x, labels, names(5))
    expected = LinearDiscriminantAnalysis(solver="eigen").fit(x, labels).coef_[0]
    assert abs(expected @ plane.axes[0]) / np.linalg.norm(expected) == pytest.approx(1, abs=1e-6)
    across = x - np.outer(x @ plane.axes[0], plane.axes[0])
    variance = np.linalg.eigvalsh(np.cov(across, rowvar=False))[-1]
    assert np.var(x @ plane.axes[1], ddof=1) == pytest.approx(variance)


def test_constant_features_do_not_hurt_discriminants():
    x, labels = classes_apart(3)
    x = np.hstack([x, np.ones((len(x), 1)), x[:, :1]])
    plane = discriminant_plane(x, labels, names(7))
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)


def test_a_slice_goes_through_its_row_and_varies_two_features():
    row = np.array([1.0, 2.0, 3.0, 4.0])
    plane = feature_plane(names(4), (3, 1), row)
    np.testing.assert_array_equal(plane.inputs(plane.coordinates(row[None])), row[None])
    moved = plane.inputs(np.array([[9.0, 8.0]]))[0]
    np.testing.assert_array_equal(moved, [1.0, 8.0, 3.0, 9.0])
    assert plane.description.endswith("those of the chosen row.")


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_points_go_to_inputs_and_back(columns):
    plane = principal_plane(cloud(columns), names(columns))
    points = np.array([[0.5, 0.0], [-1.0, 0.0]])
    np.testing.assert_allclose(plane.coordinates(plane.inputs(points)), points, atol=1e-12)


def test_a_window_covers_the_rows():
    x = cloud(3)
    plane = principal_plane(x, names(3))
    horizontal, vertical = plane.window(x, size=50)
    points = plane.coordinates(x)
    assert len(horizontal) == len(vertical) == 50
    for k, grid in enumerate((horizontal, vertical)):
        assert grid[0] < points[:, k].min() < points[:, k].max() < grid[-1]


def test_what_is_no_plane_is_refused():
    with pytest.raises(DataError, match=r"two different numbers in 0 \.\. 2, got"):
        feature_plane(names(3), (1, 1))
    with pytest.raises(DataError, match=r"`row` must have shape \(d,\) = \(3,\), got \(2,\)"):
        feature_plane(names(3), row=np.ones(2))
    with pytest.raises(DataError, match="at least two classes"):
        discriminant_plane(cloud(3), np.zeros(60, dtype=int), names(3))
