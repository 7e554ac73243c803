"""Level sets in a plane: where the most probable class changes, and the rows that decided it."""

import base64
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, Real

from levelset.report.axes import Scale, axis
from levelset.report.drawing import (
    Drawing,
    Label,
    LegendEntry,
    Trace,
    axis_label,
    base_layout,
    label,
    name_of_x,
    note,
    plain,
)
from levelset.report.numbers import whole
from levelset.report.palette import Style
from levelset.studies.charts import Panel, PlaneChart

_GRID = 100  # positions along an axis; more would only make the page larger
_GRID_BYTES = 350_000  # of all regions of a chart together, as text
_POINTS = 300  # rows drawn in a panel
_GAP = 26  # pixels between panels
_TITLE = 13  # pixels above a panel, beside its title
_BOTTOM = 35  # beside the name of the axis


@dataclass(frozen=True)
class _Place:
    """Where a panel stands, in shares of the plot's width and height."""

    across: tuple[float, float]
    upward: tuple[float, float]
    leftmost: bool
    lowest: bool


def draw_planes(chart: PlaneChart, styles: dict[str, Style]) -> Drawing:
    """Draw the regions of the classes, the curves between them, and the training rows.

    Args:
        chart: What to draw.
        styles: How each class looks, keyed by `class_key`.
    """
    looks = [styles[class_key(name)] for name in chart.classes]
    # Each position takes two bytes in each region, and four characters hold three bytes.
    regions = len(chart.panels) * len(chart.classes)
    positions = min(_GRID, math.isqrt(round(_GRID_BYTES / (regions * 2 * 4 / 3))))
    traces: list[Trace] = []
    filled: list[tuple[int, str]] = []
    for index, panel in enumerate(chart.panels):
        for look, margin in zip(looks, class_margins(panel.probabilities), strict=True):
            if (margin > 0).all():
                filled.append((index, look.soft))
            elif (margin > 0).any():
                traces.append(_region(panel, margin, look, index, positions))
        traces += _rows(panel, chart.classes, looks, index)
    most = max(panel.points.shape[0] for panel in chart.panels)
    notes = ["Solid curves are where the two most probable classes are equally probable."]
    if most > _POINTS:
        notes.append(f"Of {whole(most)} rows, {_POINTS} are drawn.")
    return Drawing(
        traces=traces,
        layout=_layout(chart, narrow=False, filled=filled),
        narrow=_layout(chart, narrow=True, filled=filled),
        legend=tuple(
            LegendEntry(name, look, "marker")
            for name, look in zip(chart.classes, looks, strict=True)
        ),
        legend_shown="always",
        notes=tuple(notes),
    )


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


def _region(
    panel: Panel, margin: Float64[np.ndarray, "j k"], look: Style, index: int, positions: int
) -> Trace:
    """Fill where one class leads; its outline is the level set."""
    rows, columns = (_thinned(length, positions) for length in margin.shape)
    # Sixteen bits place the curve as exactly as text would, in a third of its size.
    largest = float(np.abs(margin).max())
    levels = np.round(margin[np.ix_(rows, columns)] / largest * 32767).astype("<i2")
    return {
        "type": "contour",
        "x": [float(f"{x:.6g}") for x in panel.x[columns]],
        "y": [float(f"{y:.6g}") for y in panel.y[rows]],
        "z": {
            "dtype": "i2",
            "bdata": base64.b64encode(levels.tobytes()).decode("ascii"),
            "shape": f"{rows.size}, {columns.size}",
        },
        # One level, at zero: nothing is filled below it, and the class's color above.
        "zmin": -32767,
        "zmax": 32767,
        "contours": {"start": 0, "end": 0, "size": 65534, "coloring": "fill"},
        "colorscale": [[0, "rgba(0,0,0,0)"], [1, look.soft]],
        "line": {"color": "--ink", "width": 1.5, "smoothing": 0.6},
        "showscale": False,
        "hoverinfo": "skip",
        "xaxis": _axis_name("x", index),
        "yaxis": _axis_name("y", index),
    }


def _rows(panel: Panel, classes: tuple[str, ...], looks: list[Style], index: int) -> list[Trace]:
    """Mark the training rows, or as many as can be told apart, evenly chosen."""
    rows = len(panel.labels)
    chosen = np.linspace(0, rows - 1, min(rows, _POINTS)).round().astype(np.int64)
    points, labels = panel.points[chosen], panel.labels[chosen]
    traces = []
    for label_, (name, look) in enumerate(zip(classes, looks, strict=True)):
        here = points[(labels == label_) & np.isfinite(points).all(axis=1)]
        if not here.size:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": plain(name),
                "x": [float(f"{x:.5g}") for x in here[:, 0]],
                "y": [float(f"{y:.5g}") for y in here[:, 1]],
                "marker": {
                    "color": look.color,
                    "symbol": look.symbol,
                    "size": 6.5,
                    "line": {"color": "--paper", "width": 1},
                },
                "hovertemplate": "%{fullData.name} (%{x}, %{y})<extra></extra>",
                "xaxis": _axis_name("x", index),
                "yaxis": _axis_name("y", index),
            }
        )
    return traces


def _layout(chart: PlaneChart, narrow: bool, filled: list[tuple[int, str]]) -> dict[str, Any]:
    """Lay panels out on a grid."""
    columns = _columns(len(chart.panels), narrow)
    size = (300 // columns) if narrow else (400 if columns == 1 else 640 // columns)
    x_scale = _span([panel.x for panel in chart.panels])
    y_scale = _span([panel.y for panel in chart.panels])
    x_ticks, y_ticks = x_scale.ticks(5 if size > 180 else 3), y_scale.ticks(5 if size > 180 else 4)
    characters = 40 if columns == 1 else round((42 if narrow else 66) / columns)
    titles = [label(panel.title, characters, at_most=2) for panel in chart.panels]
    above = _TITLE + max(title.height for title in titles)
    places, inner = _grid(len(chart.panels), columns, size, above)
    left = Label(tuple(y_ticks.values())).width + 36
    x_name = axis_label(chart.x_label, narrow)
    y_name = label(chart.y_label, inner // 8, at_most=1)
    margin = {"l": left, "r": 12, "t": above, "b": _BOTTOM + x_name.height}
    layout = base_layout(above + inner + margin["b"], margin)
    layout["hovermode"] = "closest"
    layout["annotations"] = [name_of_x(x_name), _name_of_y(y_name, left)]
    layout["shapes"] = [_filled(index, color) for index, color in filled]
    for index, (place, title) in enumerate(zip(places, titles, strict=True)):
        x_name, y_name = _axis_name("x", index), _axis_name("y", index)
        layout[_layout_name("x", index)] = axis(x_scale, x_ticks, grid=False) | {
            "domain": list(place.across),
            "anchor": y_name,
            "showticklabels": place.lowest,
            "mirror": True,
        }
        layout[_layout_name("y", index)] = axis(y_scale, y_ticks, grid=False) | {
            "domain": list(place.upward),
            "anchor": x_name,
            "showticklabels": place.leftmost,
            "mirror": True,
        }
        layout["annotations"].append(_title(title, place))
    return layout


def _columns(panels: int, narrow: bool) -> int:
    """Choose how many panels stand side by side."""
    if narrow:
        return 1 if panels <= 3 else 2
    return {1: 1, 2: 2, 4: 2}.get(panels, 3)


def _grid(panels: int, columns: int, size: int, above: int) -> tuple[list[_Place], int]:
    """Divide a figure into panels; also give the height of all rows together, in pixels."""
    rows = math.ceil(panels / columns)
    inner = rows * size + (rows - 1) * (above + _GAP)
    gap = 0.04
    width = (1 - gap * (columns - 1)) / columns
    places = []
    for index in range(panels):
        row, column = divmod(index, columns)
        left, top = column * (width + gap), 1 - row * (size + above + _GAP) / inner
        places.append(
            _Place(
                across=(left, min(left + width, 1.0)),
                upward=(max(top - size / inner, 0.0), top),
                leftmost=column == 0,
                lowest=index + columns >= panels,
            )
        )
    return places, inner


def _name_of_y(name: Label, left: int) -> dict[str, Any]:
    """Name the y axis along the figure's left edge, once for all panels."""
    return note(
        name.markup,
        xref="paper", yref="paper", x=0, y=0.5, textangle=-90,
        xanchor="left", yanchor="middle", xshift=-left,
    )  # fmt: skip


def _title(title: Label, place: _Place) -> dict[str, Any]:
    """Write a panel's title above its left edge."""
    return note(
        f"<b>{title.markup}</b>",
        xref="paper", yref="paper", x=place.across[0], y=place.upward[1],
        xanchor="left", yanchor="bottom", yshift=4,
    )  # fmt: skip


def _filled(index: int, color: str) -> dict[str, Any]:
    """Fill a panel in which one class leads everywhere."""
    return {
        "type": "rect",
        "xref": f"{_axis_name('x', index)} domain",
        "yref": f"{_axis_name('y', index)} domain",
        "x0": 0, "x1": 1, "y0": 0, "y1": 1,
        "fillcolor": color,
        "line": {"width": 0},
        "layer": "below",
    }  # fmt: skip


def _span(grids: list[Float64[np.ndarray, " k"]]) -> Scale:
    """Cover the grids exactly, so that regions reach the frame."""
    return Scale(float(min(grid[0] for grid in grids)), float(max(grid[-1] for grid in grids)))


def _thinned(length: int, positions: int) -> Int64[np.ndarray, " k"]:
    """Choose the grid positions to keep, the ends among them."""
    return np.unique(np.linspace(0, length - 1, min(length, positions)).round().astype(np.int64))


def _axis_name(letter: str, index: int) -> str:
    """Name an axis as a trace does: x, x2, x3."""
    return letter if index == 0 else f"{letter}{index + 1}"


def _layout_name(letter: str, index: int) -> str:
    """Name an axis as the layout does: xaxis, xaxis2, xaxis3."""
    return f"{letter}axis" if index == 0 else f"{letter}axis{index + 1}"
