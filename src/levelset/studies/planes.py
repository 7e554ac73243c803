"""A plane through the input space, for looking at level sets."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from levelset.engine import Network
from levelset.studies.charts import Panel, PlaneChart
from levelset.studies.study import Results

_GRID = 160


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of input space and its coordinates.

    Attributes:
        origin: The input at coordinates (0, 0), shape (d,).
        axes: Two orthonormal directions, shape (2, d).
        labels: Names of the two coordinates, with units.
        description: One sentence that says which plane it is.
    """

    origin: np.ndarray
    axes: np.ndarray
    labels: tuple[str, str]
    description: str

    def coordinates(self, x: np.ndarray) -> np.ndarray:
        """Project rows onto the plane: (n, d) -> (n, 2)."""
        return (x.astype(np.float64) - self.origin) @ self.axes.T

    def panel(self, title: str, network: Network, x: np.ndarray, labels: np.ndarray) -> Panel:
        """Evaluate a network over the part of the plane where rows lie.

        Args:
            title: What sets the panel apart.
            network: Whose class probabilities are wanted.
            x: Rows to draw, shape (n, d).
            labels: Their class numbers, shape (n,).

        Returns:
            Probabilities on a grid, and the rows' projections.
        """
        points = self.coordinates(x)
        low, high = points.min(axis=0), points.max(axis=0)
        margin = 0.08 * np.maximum(high - low, 1e-6)
        horizontal, vertical = (
            np.linspace(low[k] - margin[k], high[k] + margin[k], _GRID) for k in (0, 1)
        )
        grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1).reshape(-1, 2)
        probabilities = network.predict_proba(self.origin + grid @ self.axes)
        return Panel(
            title=title,
            x=horizontal,
            y=vertical,
            probabilities=probabilities.reshape(_GRID, _GRID, -1),
            points=points,
            labels=labels,
        )


def principal_plane(x: np.ndarray, names: tuple[str, ...]) -> Plane:
    """Give the plane of the two directions along which the rows vary most, through their mean.

    With two features it is the plane of the features themselves.

    Args:
        x: Encoded rows, shape (n, d).
        names: Their features.

    Returns:
        The plane; with one feature, its second axis is of no effect.

    Source: Jolliffe, "Principal Component Analysis" (2nd ed., 2002), section 1.1.
    """
    wide = x.astype(np.float64)
    if wide.shape[1] == 2:
        units = tuple(f"{name} (standard deviations)" for name in names)
        description = "The plane is that of the two features."
        return Plane(np.zeros(2), np.eye(2), (units[0], units[1]), description)
    mean = wide.mean(axis=0)
    _, strengths, directions = np.linalg.svd(wide - mean, full_matrices=False)
    axes = np.zeros((2, wide.shape[1]))
    axes[: min(2, len(directions))] = directions[:2]
    # The sign of a singular vector is arbitrary: make the largest entry positive.
    axes *= np.where(axes[np.arange(2), np.abs(axes).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    power = strengths**2 / max(float((strengths**2).sum()), 1e-300)
    labels = tuple(
        f"PC {k + 1} ({share:.0%} of variance)" for k, share in enumerate((*power, 0.0)[:2])
    )
    description = (
        "The plane is that of the first two principal components (PC) through the mean row; rows "
        "are drawn at their projections, so one may lie across a line that does not misclassify it."
    )
    return Plane(mean, axes, (labels[0], labels[1]), description)


def plane_chart(title: str, results: Results, arms: Mapping[str, int]) -> PlaneChart:
    """Draw the level sets of some arms of the first replicate, side by side.

    Args:
        title: What the chart is of.
        results: Of the study.
        arms: Number of each arm to draw, by the name of its panel.

    Returns:
        One panel per arm, in the plane of the replicate's training rows.
    """
    rows = results.design.splits[0].training
    x = results.encodings[0].transform(results.dataset, rows)
    labels = results.dataset.targets[rows]
    plane = principal_plane(x, results.encodings[0].names)
    return PlaneChart(
        title=title,
        caption=(
            "Fills show the likeliest class, points the training rows of the first replicate. "
            f"{plane.description}"
        ),
        x_label=plane.labels[0],
        y_label=plane.labels[1],
        panels=tuple(
            plane.panel(name, results.networks[0][arm], x, labels) for name, arm in arms.items()
        ),
        classes=results.dataset.classes,
    )
