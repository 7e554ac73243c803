"""Surfaces over a plane: colored bands of height, contour lines, and a color bar."""

import math

import numpy as np
from jaxtyping import Bool, Float64

from levelset.report.figures.axes import Scale, marked
from levelset.report.figures.contours import Contours
from levelset.report.figures.drawing import BarStep, Drawing, Frame, Picture
from levelset.report.figures.marks import Shape, thinned
from levelset.report.figures.palette import HEIGHTS
from levelset.report.numbers import short
from levelset.studies.charts import SurfaceChart, SurfacePanel, Table

_GRID = 80  # positions along an axis


def draw_surfaces(chart: SurfaceChart) -> Drawing:
    """Draw each surface in the same bands of height.

    Args:
        chart: What to draw.
    """
    heights = np.concatenate([panel.z.ravel() for panel in chart.panels]).astype(np.float64)
    known = heights[np.isfinite(heights) & ((heights > 0) if chart.z_log else True)]
    levels = height_levels(known, chart.z_log)
    x_scale = _spanning([panel.x for panel in chart.panels])
    y_scale = _spanning([panel.y for panel in chart.panels])
    steps = _steps(levels, chart.z_label)
    frames = tuple(
        Frame(
            title=panel.title,
            shapes=_bands(panel, (x_scale, y_scale), levels, steps, chart.z_log),
            x_ticks=marked(x_scale, x_scale.ticks(4)),
            y_ticks=marked(y_scale, y_scale.ticks(4)),
        )
        for panel in chart.panels
    )
    return Drawing(
        template="panels.html.j2",
        picture=Picture(
            frames,
            chart.x_label,
            chart.y_label,
            "boxed",
            ratio=1.0,
            bar=steps,
            bar_name=chart.z_label,
        ),
        notes=_notes(chart, heights.size - known.size),
        numbers=_numbers(chart),
    )


def height_levels(heights: Float64[np.ndarray, " p"], log: bool) -> Float64[np.ndarray, " k"]:
    """Choose round heights that divide a surface into at most as many bands as there are colors.

    Args:
        heights: What is covered, all finite, and positive if `log`; may be empty.
        log: Whether bands are even in the logarithm.

    Returns:
        Ascending, two or more; the first is at or below all heights and the last above.

    Example:
        >>> height_levels(np.array([0.0, 0.75]), log=False)
        array([0. , 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    """
    if not heights.size:
        return np.array([1.0, 10.0]) if log else np.array([0.0, 1.0])
    low, high = float(heights.min()), float(heights.max())
    if log and high / low >= 10:
        return _log_levels(low, high)
    span = high - low if high > low else max(abs(high), 1e-12)
    for digit in range(math.floor(math.log10(span)) - 1, 400):
        for factor in (1.0, 2.0, 5.0):
            step = factor * 10.0**digit
            first, last = math.floor(low / step), math.floor(high / step) + 1
            if log and first <= 0:  # even steps from 0 have no logarithm
                return _log_levels(low, high)
            if last - first <= len(HEIGHTS):
                return np.arange(first, last + 1) * step
    raise AssertionError("a step as large as the heights leaves one band")


def _log_levels(low: float, high: float) -> Float64[np.ndarray, " k"]:
    """Choose round steps, down to whole powers of ten where finer ones would be too many."""
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high)) + 1
    for factors in ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        places = np.array([f * 10.0**p for p in range(first, last + 1) for f in factors])
        start = int(np.searchsorted(places, low, side="right")) - 1
        end = int(np.searchsorted(places, high, side="right"))
        if end - start <= len(HEIGHTS):
            return places[start : end + 1]
    stride = math.ceil((last - first) / len(HEIGHTS))
    return 10.0 ** np.arange(first, last + stride, stride, dtype=np.float64)


def _steps(levels: Float64[np.ndarray, " k"], name: str) -> tuple[BarStep, ...]:
    """Color the bands, spread over the whole scale; the last step only ends the bar."""
    bands = len(levels) - 1
    texts = [short(float(f"{level:.6g}")) for level in levels]
    place = (len(HEIGHTS) - 1) / max(bands - 1, 1)
    steps = [
        BarStep(
            f"--height-{1 + round(n * place)}", texts[n], f"{name}: {texts[n]} to {texts[n + 1]}"
        )
        for n in range(bands)
    ]
    return (*steps, BarStep("", texts[-1], ""))


def _bands(
    panel: SurfacePanel,
    scales: tuple[Scale, Scale],
    levels: Float64[np.ndarray, " k"],
    steps: tuple[BarStep, ...],
    log: bool,
) -> tuple[Shape, ...]:
    """Fill each band and draw the contour line at its lower end."""
    down, across = thinned(panel.y.size, _GRID), thinned(panel.x.size, _GRID)
    z = panel.z[np.ix_(down, across)].astype(np.float64)
    missing: Bool[np.ndarray, "j k"] = ~np.isfinite(z) | ((z <= 0) if log else False)
    heights = np.where(missing, levels[0], z)
    contours = Contours(
        scales[0].fractions(panel.x[across]),
        scales[1].fractions(panel.y[down]),
        np.log(heights) if log else heights,
        missing,
    )
    edges = np.log(levels) if log else levels
    areas = [
        Shape(path, "area", step.color, tip=step.range)
        for step, low, high in zip(steps[:-1], edges[:-1], edges[1:], strict=True)
        if (path := contours.area(float(low), float(high)))
    ]
    return (*areas, Shape("".join(contours.line(float(edge)) for edge in edges), "hair"))


def _spanning(grids: list[Float64[np.ndarray, " k"]]) -> Scale:
    return Scale(float(min(grid[0] for grid in grids)), float(max(grid[-1] for grid in grids)))


def _notes(chart: SurfaceChart, absent: int) -> tuple[str, ...]:
    notes = ["Lines join points of equal height; the panels share one scale."]
    if len(chart.panels) == 1:
        notes = ["Lines join points of equal height."]
    if absent:
        notes.append("Points without a value are left white.")
    return tuple(notes)


def _numbers(chart: SurfaceChart) -> Table:
    """List the lowest and the highest point of each panel."""
    rows = []
    for panel in chart.panels:
        if not np.isfinite(panel.z).any():
            rows.append((panel.title, *[math.nan] * 4))
            continue
        down, across = np.unravel_index(np.nanargmin(panel.z), panel.z.shape)
        rows.append(
            (
                panel.title,
                float(panel.z[down, across]),
                float(panel.x[across]),
                float(panel.y[down]),
                float(np.nanmax(panel.z)),
            )
        )
    return Table(
        title=chart.title,
        caption=f"Lowest and highest point of each panel: {chart.z_label}.",
        columns=("", "lowest", f"its place: {chart.x_label}", chart.y_label, "highest"),
        rows=tuple(rows),
    )
