"""The level sets of a study's networks, in a plane through the input space."""

from collections.abc import Mapping

import numpy as np

from levelset.diagnostics.planes import Plane, principal_plane
from levelset.engine import Network
from levelset.studies.charts import Panel, PlaneChart
from levelset.studies.results import Results


def plane_panel(
    plane: Plane,
    title: str,
    network: Network,
    x: np.ndarray,
    labels: np.ndarray,
    size: int = 160,
) -> Panel:
    """Evaluate a network over the part of a plane where rows lie.

    Args:
        plane: Through the input space.
        title: What sets the panel apart.
        network: Whose class probabilities are wanted.
        x: Rows to draw, shape (n, d).
        labels: Their class numbers, shape (n,).
        size: Positions along each axis.

    Returns:
        Probabilities on a grid, and the rows' projections.
    """
    horizontal, vertical = plane.window(x, size)
    grid = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    probabilities = network.predict_proba(plane.inputs(grid.reshape(-1, 2)))
    return Panel(
        title=title,
        x=horizontal,
        y=vertical,
        probabilities=probabilities.reshape(*grid.shape[:2], -1),
        points=plane.coordinates(x),
        labels=labels,
    )


def plane_chart(
    title: str, results: Results, arms: Mapping[str, int], plane: Plane | None = None
) -> PlaneChart:
    """Draw the level sets of some arms of the first replicate, side by side.

    Args:
        title: What the chart is of.
        results: Of the study.
        arms: Number of each arm to draw, by the name of its panel.
        plane: To draw them in; None for that of the principal components.

    Returns:
        One panel per arm, with the replicate's training rows.
    """
    trial = results.design.trials[0]
    assert trial.encoding is not None
    x, labels = trial.training.x, trial.training.labels
    if plane is None:
        plane = principal_plane(x, trial.encoding.names)
    return PlaneChart(
        title=title,
        caption=(
            "Fills show the likeliest class, points the training rows of the first replicate. "
            f"{plane.description}"
        ),
        x_label=plane.labels[0],
        y_label=plane.labels[1],
        panels=tuple(
            plane_panel(plane, name, results.networks[0][arm], x, labels)
            for name, arm in arms.items()
        ),
        classes=results.design.dataset.classes,
    )
