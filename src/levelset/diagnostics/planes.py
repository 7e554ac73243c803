"""Planes through the input space, for looking at level sets.

    feature_plane       two features vary, the others stay those of a row
    principal_plane     the two directions along which the rows vary most (PCA)
    discriminant_plane  the two directions that tell the classes apart best (LDA)

A plane's axes are orthonormal in the input space, so that lengths in it are lengths there: standard
deviations where the inputs are standardized.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int, Real

from levelset.errors import DataError

_MARGIN = 0.08  # of the rows' extent, on each side of a window
_RIDGE = 1e-6  # of the mean variance within classes: constant or collinear features are allowed

Rows = Real[np.ndarray, "n d"]


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of input space and its coordinates.

    Attributes:
        origin: The input at coordinates (0, 0), shape (d,).
        axes: Two orthonormal directions, shape (2, d); the second is 0 where d = 1.
        labels: Names of the two coordinates, with units.
        description: One sentence that says which plane it is.
    """

    origin: Float64[np.ndarray, " d"]
    axes: Float64[np.ndarray, "2 d"]
    labels: tuple[str, str]
    description: str

    def coordinates(self, x: Rows) -> Float64[np.ndarray, "n 2"]:
        """Project rows onto the plane: (n, d) -> (n, 2)."""
        return (x.astype(np.float64) - self.origin) @ self.axes.T

    def inputs(self, points: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n d"]:
        """Map points of the plane back to inputs: (n, 2) -> (n, d)."""
        return self.origin + points @ self.axes

    def window(
        self, x: Rows, size: int = 160
    ) -> tuple[Float64[np.ndarray, " k"], Float64[np.ndarray, " k"]]:
        """Lay a grid over the part of the plane where rows lie, with a margin.

        Args:
            x: Rows, shape (n, d).
            size: Positions along each axis, k.

        Returns:
            Horizontal and vertical positions, ascending, each (k,).
        """
        points = self.coordinates(x)
        low, high = points.min(axis=0), points.max(axis=0)
        margin = _MARGIN * np.maximum(high - low, 1e-6)
        horizontal, vertical = (
            np.linspace(low[k] - margin[k], high[k] + margin[k], size) for k in (0, 1)
        )
        return horizontal, vertical


def feature_plane(
    names: Sequence[str],
    features: tuple[int, int] = (0, 1),
    row: Real[np.ndarray, " d"] | None = None,
) -> Plane:
    """Give the plane of two features, the others being those of a row.

    Args:
        names: The features, d of them.
        features: Numbers of the two.
        row: The slice's row, shape (d,); None for 0, the mean of standardized features.

    Returns:
        The plane; its coordinates are the values of the two features.

    Raises:
        DataError: If there are no two such features, or the row is not of d.

    Example:
        >>> plane = feature_plane(("a", "b", "c"), (0, 2), np.array([1.0, 5.0, 2.0]))
        >>> plane.inputs(np.array([[7.0, 8.0]]))
        array([[7., 5., 8.]])
    """
    count = len(names)
    if len(set(features)) < 2 or not all(0 <= feature < count for feature in features):
        raise DataError(
            f"`features` must be two different numbers in 0 .. {count - 1}, got {features}."
        )
    if row is not None and row.shape != (count,):
        raise DataError(f"`row` must have shape (d,) = ({count},), got {row.shape}.")
    axes = np.eye(count)[list(features)]
    origin = np.zeros(count) if row is None else row.astype(np.float64)
    origin = np.where(axes.any(axis=0), 0.0, origin)
    labels = tuple(f"{names[feature]} (standard deviations)" for feature in features)
    description = "The plane is that of the two features."
    if count > 2:
        others = "at their means" if row is None else "those of the chosen row"
        description = f"The plane is that of the two features, the others being {others}."
    return Plane(origin, axes, (labels[0], labels[1]), description)


def principal_plane(x: Rows, names: Sequence[str]) -> Plane:
    """Give the plane of the two directions along which the rows vary most, through their mean.

    With two features it is the plane of the features themselves.

    Args:
        x: Encoded rows, shape (n, d).
        names: Their features.

    Returns:
        The plane; with one feature, its second axis is of no effect.

    Example:
        >>> x = np.array([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 4.0, 1.0]])
        >>> principal_plane(x, ("a", "b", "c")).labels
        ('PC 1 (98% of variance)', 'PC 2 (2% of variance)')

    Source: Jolliffe, "Principal Component Analysis" (2nd ed., 2002), section 1.1.
    """
    wide = x.astype(np.float64)
    if wide.shape[1] == 2:
        return feature_plane(names)
    mean = wide.mean(axis=0)
    _, strengths, directions = np.linalg.svd(wide - mean, full_matrices=False)
    axes = np.zeros((2, wide.shape[1]))
    axes[: min(2, len(directions))] = directions[:2]
    power = strengths**2 / max(float((strengths**2).sum()), 1e-300)
    labels = tuple(
        f"PC {k + 1} ({share:.0%} of variance)" for k, share in enumerate((*power, 0.0)[:2])
    )
    description = (
        "The plane is that of the first two principal components (PC) through the mean row; rows "
        "are drawn at their projections, so one may lie across a line that does not misclassify it."
    )
    return Plane(mean, _with_signs(axes), (labels[0], labels[1]), description)


def discriminant_plane(x: Rows, labels: Int[np.ndarray, " n"], names: Sequence[str]) -> Plane:
    """Give the plane of the two directions that tell classes apart best, through the mean row.

    S_b w = λ S_w w,  S_b and S_w the scatter between and within classes; the two largest λ

    Two classes have one such direction: the second is then that of the largest variance across it.
    With two features it is the plane of the features themselves.

    Args:
        x: Encoded rows, shape (n, d).
        labels: Their class numbers, shape (n,).
        names: Their features.

    Returns:
        The plane that the two directions span. Its first axis is the first direction, its second
        the part of the second that is orthogonal to it.

    Raises:
        DataError: If the rows are all of one class.

    Example:
        >>> x = np.array([[0.0, 0, 0], [0, 9, 0], [1, 0, 3], [1, 9, 3], [0, 0, 6], [0, 9, 6]])
        >>> plane = discriminant_plane(x, np.array([0, 0, 1, 1, 2, 2]), ("a", "b", "c"))
        >>> bool(np.allclose(plane.axes[:, 1], 0))  # b says nothing of the class
        True

    Source: Fisher, Annals of Eugenics 7 (1936); Hastie, Tibshirani and Friedman, "The Elements of
    Statistical Learning" (2nd ed., 2009), section 4.3.3.
    """
    wide = x.astype(np.float64)
    if wide.shape[1] <= 2:
        return principal_plane(x, names)
    classes = np.unique(labels)
    if len(classes) < 2:
        raise DataError(
            "`labels` must hold at least two classes to tell apart, got only one; use "
            "`principal_plane`."
        )
    from scipy.linalg import eigh  # here, because importing SciPy slows the command line's start

    centers = np.stack([wide[labels == label].mean(axis=0) for label in classes])
    own = centers[np.searchsorted(classes, labels)]
    mean = wide.mean(axis=0)
    within = (wide - own).T @ (wide - own)
    between = (own - mean).T @ (own - mean)
    ridge = _RIDGE * max(float(np.trace(within)), 1e-300) / wide.shape[1]
    _, vectors = eigh(between, within + ridge * np.eye(wide.shape[1]))
    first, second = vectors[:, -1], vectors[:, -2]
    if len(classes) == 2:
        across = wide - mean - np.outer((wide - mean) @ first, first) / (first @ first)
        second = np.linalg.svd(across, full_matrices=False)[2][0]
    axes = np.linalg.qr(np.stack([first, second], axis=1))[0].T
    second_name = "Across it" if len(classes) == 2 else "Discriminant 2"
    description = (
        "The plane is that of the linear discriminants through the mean row; rows are drawn at "
        "their projections, so one may lie across a line that does not misclassify it."
    )
    return Plane(mean, _with_signs(axes), ("Discriminant 1", second_name), description)


def _with_signs(axes: Float64[np.ndarray, "2 d"]) -> Float64[np.ndarray, "2 d"]:
    """Make the largest entry of each axis positive: the sign of a singular vector is arbitrary."""
    largest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    return axes * np.where(largest < 0, -1.0, 1.0)[:, np.newaxis]
