"""Probabilities of three classes as points in a triangle."""

import math

import numpy as np
from jaxtyping import Float64, Real

from levelset.report.figures.drawing import Drawing, Frame, Picture
from levelset.report.figures.marks import Marks, Shape, closed_path, open_path, spot, thinned
from levelset.report.figures.palette import Style
from levelset.report.figures.planes import class_legend
from levelset.report.figures.regions import class_key
from levelset.report.numbers import whole
from levelset.studies.charts import SimplexChart, SimplexPanel, Table

_ROWS = 300  # drawn in a panel
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 1.0]])  # shares of the width and the height


def draw_simplexes(chart: SimplexChart, styles: dict[str, Style]) -> Drawing:
    """Draw each row in the triangle: near a corner the network is sure of that corner's class.

    Args:
        chart: What to draw.
        styles: How each class looks, keyed by `class_key`.

    Raises:
        ValueError: The classes are not three.
    """
    if len(chart.classes) != 3:
        raise ValueError(
            f"A triangle needs 3 classes, got {len(chart.classes)} in {chart.title!r}; "
            "leave the chart out."
        )
    looks = [styles[class_key(name)] for name in chart.classes]
    frames = tuple(_frame(panel, looks, chart.classes) for panel in chart.panels)
    most = max(len(panel.labels) for panel in chart.panels)
    notes = ["Colors are true classes; thin lines divide what is predicted."]
    if most > _ROWS:
        notes.append(f"Of {whole(most)} rows, {_ROWS} are drawn.")
    return Drawing(
        template="panels.html.j2",
        picture=Picture(frames, "", "", "bare", ratio=2 / math.sqrt(3)),
        legend=class_legend(chart.classes, looks),
        legend_shown="always",
        notes=tuple(notes),
        numbers=_numbers(chart),
    )


def in_triangle(probabilities: Real[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 2"]:
    """Place probabilities in the triangle of their classes.

    (u, v) = Σ_c p_c (u_c, v_c), the corners' mean weighted by the probabilities.

    Args:
        probabilities: Shape (..., 3), each sums to 1.

    Returns:
        Shares of the triangle's width and height, shape (..., 2).

    Example:
        >>> in_triangle(np.array([[0.0, 0.0, 1.0], [0.5, 0.5, 0.0]])).tolist()
        [[0.5, 1.0], [0.5, 0.0]]
    """
    return np.asarray(probabilities, dtype=np.float64) @ _CORNERS


def _frame(panel: SimplexPanel, looks: list[Style], classes: tuple[str, ...]) -> Frame:
    center, middles = np.full(3, 1 / 3), (1 - np.eye(3)) / 2
    borders = "".join(open_path(*in_triangle(np.stack([center, end])).T) for end in middles)
    chosen = thinned(len(panel.labels), _ROWS)
    places, labels = in_triangle(panel.probabilities[chosen]), panel.labels[chosen]
    known = np.isfinite(places).all(axis=1)
    groups = []
    for number, look in enumerate(looks):
        here = places[known & (labels == number)]
        if len(here):
            spots = tuple(spot(float(u), float(v)) for u, v in here)
            groups.append(Marks(look.symbol, look.color, spots))
    return Frame(
        title=panel.title,
        shapes=(
            *(Shape(_region(number), "area", look.soft) for number, look in enumerate(looks)),
            Shape(borders, "hair"),
            Shape(closed_path(*_CORNERS.T), "edge"),
        ),
        marks=tuple(groups),
        corners=classes,
    )


def _region(number: int) -> str:
    """Outline where one class is the most probable."""
    own = np.eye(3)[number]
    others = [np.eye(3)[other] for other in range(3) if other != number]
    points = [own, (own + others[0]) / 2, np.full(3, 1 / 3), (own + others[1]) / 2]
    return closed_path(*in_triangle(np.stack(points)).T)


def _numbers(chart: SimplexChart) -> Table:
    """Say how sure and how right each panel's network is."""
    return Table(
        title=chart.title,
        caption="How sure the network is, and how often it is right.",
        columns=("", "mean of the largest probability", "share of rows right", "n"),
        rows=tuple(
            (
                panel.title,
                float(panel.probabilities.max(axis=1).mean()) if len(panel.labels) else math.nan,
                float((panel.probabilities.argmax(axis=1) == panel.labels).mean())
                if len(panel.labels)
                else math.nan,
                len(panel.labels),
            )
            for panel in chart.panels
        ),
    )
