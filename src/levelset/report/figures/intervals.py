"""Estimates with their intervals, one row each: a forest plot."""

import math
from dataclasses import dataclass

import numpy as np

from levelset.report.figures.axes import Scale, Tick, covering, marked
from levelset.report.figures.drawing import Drawing
from levelset.report.figures.marks import open_path, percent
from levelset.report.figures.palette import Style
from levelset.report.numbers import MISSING, interval_texts
from levelset.studies.charts import IntervalChart, Point, Table

_MIDDLE = np.full(2, 0.5)


@dataclass(frozen=True)
class Row:
    """One estimate.

    Attributes:
        name: What was estimated.
        words: The estimate and its interval in words.
        bar: SVG's `d` of the interval; "" for none.
        left: Percent from the left of the estimate; "" for none.
        color: CSS variable.
    """

    name: str
    words: str
    bar: str
    left: str
    color: str


@dataclass(frozen=True)
class Forest:
    """Rows over a common axis.

    Attributes:
        rows: From the top.
        ticks: Along the lower edge.
        grids: SVG's `d` of the upright lines, on wide figures and on phones.
        reference: SVG's `d` of the dashed line; "" for none.
        x_name: Name and unit of the axis.
    """

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    grids: tuple[str, str]
    reference: str
    x_name: str


def draw_intervals(chart: IntervalChart, styles: dict[str, Style]) -> Drawing:
    """Draw a marker and a bar for each estimate, with its name and its numbers in words.

    Args:
        chart: What to draw.
        styles: How each color key looks.
    """
    values = [value for point in chart.points for value in (point.estimate, point.low, point.high)]
    reference = [] if chart.reference is None else [chart.reference]
    scale = covering([*values, *reference], log=chart.x_log)
    ticks = marked(scale, scale.ticks(6), scale.ticks(4))
    words = _words(chart.points)
    forest = Forest(
        rows=tuple(
            _row(point, text, scale, styles[point.color_key])
            for point, text in zip(chart.points, words, strict=True)
        ),
        ticks=ticks,
        grids=(_grid(ticks, "narrow"), _grid(ticks, "wide")),
        reference="" if chart.reference is None else _upright(scale.fraction(chart.reference)),
        x_name=chart.x_label,
    )
    return Drawing(
        template="forest.html.j2",
        picture=forest,
        numbers=Table(
            title=chart.title,
            caption="Estimates and their intervals.",
            columns=("", chart.x_label),
            rows=tuple(zip((point.name for point in chart.points), words, strict=True)),
        ),
    )


def _row(point: Point, words: str, scale: Scale, style: Style) -> Row:
    known = math.isfinite(point.low) and math.isfinite(point.high)
    ends = scale.fractions(np.array([point.low, point.high])) if known else np.full(2, np.nan)
    at = float(scale.fractions(np.array([point.estimate]))[0])
    left = percent(at) if math.isfinite(at) else ""
    return Row(point.name, words, open_path(ends, _MIDDLE) if left else "", left, style.color)


def _grid(ticks: tuple[Tick, ...], but: str) -> str:
    return "".join(_upright(tick.share) for tick in ticks if tick.shown != but)


def _upright(share: float) -> str:
    return open_path(np.full(2, share), np.array([0.0, 1.0]))


def _words(points: tuple[Point, ...]) -> list[str]:
    """Write the estimates and their intervals, or what is missing of them."""
    texts = interval_texts([(point.estimate, point.low, point.high) for point in points])
    words = []
    for point, text in zip(points, texts, strict=True):
        if not math.isfinite(point.estimate):
            text = f"{MISSING} not available"
        elif not (math.isfinite(point.low) and math.isfinite(point.high)):
            text = f"{text} (no interval)"
        words.append(text)
    return words
