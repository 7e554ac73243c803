"""Estimates with their intervals, one row each: a forest plot."""

import math
from typing import Any

from levelset.report.axes import axis, covering
from levelset.report.drawing import (
    LINE_HEIGHT,
    Drawing,
    Label,
    Trace,
    axis_label,
    base_layout,
    label,
    name_of_x,
    note,
)
from levelset.report.numbers import MISSING, interval_texts
from levelset.report.palette import Style
from levelset.studies.charts import IntervalChart, Point, Table

_TOP, _BOTTOM = 14, 35
_WIDE_NAME, _NARROW_NAME = 26, 44  # characters in one line


def draw_intervals(chart: IntervalChart, styles: dict[str, Style]) -> Drawing:
    """Draw a marker and a bar for each estimate, with its name and its numbers in words.

    Args:
        chart: What to draw.
        styles: How each color key looks.
    """
    traces: list[Trace] = []
    for row, point in enumerate(chart.points):
        if math.isfinite(point.estimate):
            traces += _row(point, row, styles[point.color_key])
    return Drawing(
        traces=traces,
        layout=_wide(chart),
        narrow=_narrow(chart),
        numbers=Table(
            title=chart.title,
            caption="Estimates and their intervals.",
            columns=("", chart.x_label),
            rows=tuple(zip((p.name for p in chart.points), _words(chart.points), strict=True)),
        ),
    )


def _row(point: Point, row: int, style: Style) -> list[Trace]:
    bar = {
        "type": "scatter",
        "mode": "lines",
        "x": [point.low, point.high],
        "y": [row, row],
        "line": {"color": style.color, "width": 2.5},
        "hoverinfo": "skip",
    }
    marker = {
        "type": "scatter",
        "mode": "markers",
        "x": [point.estimate],
        "y": [row],
        "marker": {"color": style.color, "size": 10, "symbol": "circle"},
        "hoverinfo": "skip",
    }
    known = math.isfinite(point.low) and math.isfinite(point.high)
    return [bar, marker] if known else [marker]


def _wide(chart: IntervalChart) -> dict[str, Any]:
    """Put names to the left of the rows and numbers to the right."""
    names = [label(point.name, _WIDE_NAME) for point in chart.points]
    words = [Label((text,)) for text in _words(chart.points)]
    height = max([34, *(name.height + 14 for name in names)])
    left = max(name.width for name in names) + 20
    right = max(word.width for word in words) + 20
    layout = _layout(chart, height, left, right, narrow=False)
    for row, (name, word) in enumerate(zip(names, words, strict=True)):
        side = {"xref": "paper", "yref": "y", "y": row, "yanchor": "middle"}
        layout["annotations"] += [
            note(name.markup, x=0, xanchor="right", xshift=-14, align="right", **side),
            note(word.markup, x=1, xanchor="left", xshift=14, **side),
        ]
    return layout


def _narrow(chart: IntervalChart) -> dict[str, Any]:
    """Put names and numbers above the rows."""
    names = [label(point.name, _NARROW_NAME, at_most=2) for point in chart.points]
    lines = max(len(name.lines) for name in names) + 1
    layout = _layout(chart, LINE_HEIGHT * lines + 36, left=12, right=12, narrow=True)
    for row, (name, word) in enumerate(zip(names, _words(chart.points), strict=True)):
        text = f"{name.markup}<br><b>{word}</b>"
        layout["annotations"].append(
            note(
                text,
                xref="paper", yref="y", x=0, y=row,
                xanchor="left", yanchor="bottom", xshift=-12, yshift=7,
                bgcolor="--paper", borderpad=2,  # the words stand on grid lines
            )
        )  # fmt: skip
    # Room for the words above the first row; the line under the last needs less.
    layout["yaxis"]["range"] = [len(chart.points) - 0.7, -0.85]
    return layout


def _layout(
    chart: IntervalChart, row_height: int, left: int, right: int, narrow: bool
) -> dict[str, Any]:
    values = [value for point in chart.points for value in (point.estimate, point.low, point.high)]
    if chart.reference is not None:
        values.append(chart.reference)
    scale = covering(values)
    rows = len(chart.points)
    height = rows * row_height
    name = axis_label(chart.x_label, narrow)
    margin = {"l": left, "r": right, "t": _TOP, "b": _BOTTOM + name.height}
    layout = base_layout(_TOP + height + margin["b"], margin)
    layout["xaxis"] = {**axis(scale, scale.ticks(4 if narrow else 6), grid=True), "showline": True}
    layout["yaxis"] = {"range": [rows - 0.5, -0.5], "visible": False, "fixedrange": True}
    layout["hovermode"] = False
    layout["annotations"] = [name_of_x(name)]
    if chart.reference is not None:
        layout["shapes"] = [
            {
                "type": "line",
                "xref": "x", "yref": "paper",
                "x0": chart.reference, "x1": chart.reference, "y0": 0, "y1": 1,
                "line": {"color": "--ink", "width": 1.5, "dash": "dash"},
                "layer": "between",
            }
        ]  # fmt: skip
    return layout


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
