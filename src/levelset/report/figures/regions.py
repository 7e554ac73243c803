"""One plane of level sets: where each class leads, the curves between, and the rows it learned."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Real

from levelset.report.figures.axes import Scale, marked
from levelset.report.figures.contours import Contours
from levelset.report.figures.drawing import Frame
from levelset.report.figures.marks import Marks, Shape, spot, thinned
from levelset.report.figures.palette import Style
from levelset.studies.charts import Panel

GRID = 100  # positions along an axis; more would only make the page larger


def class_key(name: str) -> str:
    """Give the color key of a class; a class and a curve of one name are different things."""
    return f"class {name}"


def class_margins(
    probabilities: Real[np.ndarray, "j k c"],
) -> Float64[np.ndarray, "c j k"]:
    """Measure by how much each class leads at each point.

    m_a = p_a − max_{b≠a} p_b, which is zero on the level set p_a = p_b where a and b lead the rest.

    Args:
        probabilities: Shape (j, k, c), c >= 2.

    Returns:
        Margins in [-1, 1], shape (c, j, k).

    Example:
        >>> class_margins(np.array([[[0.5, 0.3, 0.2]]]))[:, 0, 0].round(3)
        array([ 0.2, -0.2, -0.3])
    """
    values = np.moveaxis(np.asarray(probabilities, dtype=np.float64), -1, 0)
    order = np.sort(values, axis=0)
    first, second = order[-1], order[-2]
    return np.where(values == first, values - second, values - first)


def leading_shares(panel: Panel) -> Float64[np.ndarray, " c"]:
    """Give the share of the plane's grid in which each class leads.

    Args:
        panel: What is drawn.

    Returns:
        Shares that sum to 1, shape (c,); a tie counts for the first of the classes.
    """
    classes = panel.probabilities.shape[-1]
    leaders = panel.probabilities.argmax(axis=-1).ravel()
    return np.bincount(leaders, minlength=classes) / leaders.size


def plane_frame(
    panel: Panel, title: str, looks: Sequence[Style], scales: tuple[Scale, Scale], rows: int
) -> Frame:
    """Draw one plane.

    Args:
        panel: What is drawn.
        title: Above it.
        looks: How each class looks, in the order of the probabilities' last axis.
        scales: Ranges of the two axes, common to the planes of a chart.
        rows: How many training rows to mark at most.
    """
    x_scale, y_scale = scales
    return Frame(
        title=title,
        shapes=(*_areas(panel, looks, scales), *_borders(panel, scales)),
        marks=_rows(panel, looks, scales, rows),
        x_ticks=marked(x_scale, x_scale.ticks(4)),
        y_ticks=marked(y_scale, y_scale.ticks(4)),
    )


def spanning(panels: Sequence[Panel]) -> tuple[Scale, Scale]:
    """Cover the grids of panels exactly, so that regions reach the frame.

    Args:
        panels: One or more.

    Returns:
        Ranges of the horizontal and of the vertical axis.
    """
    x, y = (
        Scale(float(min(grid[0] for grid in grids)), float(max(grid[-1] for grid in grids)))
        for grids in ([panel.x for panel in panels], [panel.y for panel in panels])
    )
    return x, y


def _areas(panel: Panel, looks: Sequence[Style], scales: tuple[Scale, Scale]) -> list[Shape]:
    """Fill where each class leads."""
    x, y, margins = _thinned(panel, scales)
    paths = (Contours(x, y, margin).area(0.0, np.inf) for margin in margins)
    return [Shape(path, "area", look.soft) for look, path in zip(looks, paths, strict=True) if path]


def _borders(panel: Panel, scales: tuple[Scale, Scale]) -> list[Shape]:
    """Draw the level sets on which two classes lead together."""
    x, y, margins = _thinned(panel, scales)
    # With two classes both margins vanish on one curve.
    margins = margins[:1] if len(margins) == 2 else margins
    path = "".join(Contours(x, y, margin).line(0.0) for margin in margins)
    return [Shape(path, "contour")] if path else []


def _rows(
    panel: Panel, looks: Sequence[Style], scales: tuple[Scale, Scale], at_most: int
) -> tuple[Marks, ...]:
    """Mark the training rows, or as many as can be told apart, evenly chosen."""
    chosen = thinned(len(panel.labels), at_most)
    points, labels = panel.points[chosen], panel.labels[chosen]
    across, upward = scales[0].fractions(points[:, 0]), scales[1].fractions(points[:, 1])
    inside = (np.abs(across - 0.5) <= 0.5) & (np.abs(upward - 0.5) <= 0.5)
    groups = []
    for label_, look in enumerate(looks):
        here = np.flatnonzero(inside & (labels == label_))
        spots = tuple(spot(float(across[at]), float(upward[at])) for at in here)
        if spots:
            groups.append(Marks(look.symbol, look.color, spots))
    return tuple(groups)


def _thinned(
    panel: Panel, scales: tuple[Scale, Scale]
) -> tuple[Float64[np.ndarray, " k"], Float64[np.ndarray, " j"], Float64[np.ndarray, "c j k"]]:
    """Give the grid as shares of the picture, no finer than `GRID`, and the margins on it."""
    down, across = thinned(panel.y.size, GRID), thinned(panel.x.size, GRID)
    return (
        scales[0].fractions(panel.x[across]),
        scales[1].fractions(panel.y[down]),
        class_margins(panel.probabilities[np.ix_(down, across)]),
    )
