"""Points over two quantities, in groups."""

from collections.abc import Sequence

import numpy as np

from levelset.report.figures.axes import Scale, covering, marked
from levelset.report.figures.drawing import Drawing, Frame, LegendEntry, Picture
from levelset.report.figures.marks import Marks, Shape, open_path, spot
from levelset.report.figures.palette import Style
from levelset.report.numbers import short, whole
from levelset.studies.charts import Cloud, ScatterChart, Table

_HEIGHT = 340  # pixels
_LISTED = 40  # points; more are summarized


def draw_scatter(chart: ScatterChart, styles: dict[str, Style]) -> Drawing:
    """Draw a symbol for each point, which says its name and its numbers.

    Args:
        chart: What to draw.
        styles: How each color key looks.
    """
    x_scale = _covering([cloud.x for cloud in chart.clouds], chart.x_log)
    y_scale = _covering([cloud.y for cloud in chart.clouds], chart.y_log)
    y_ticks = marked(y_scale, y_scale.ticks(6))
    grid = "".join(open_path(np.array([0.0, 1.0]), np.full(2, tick.share)) for tick in y_ticks)
    drawn = [_marks(cloud, styles[cloud.color_key], x_scale, y_scale) for cloud in chart.clouds]
    frame = Frame(
        title="",
        shapes=(Shape(grid, "grid"),),
        marks=tuple(marks for marks in drawn if marks.spots),
        x_ticks=marked(x_scale, x_scale.ticks(6), x_scale.ticks(4)),
        y_ticks=y_ticks,
    )
    return Drawing(
        template="panels.html.j2",
        picture=Picture((frame,), chart.x_label, chart.y_label, "open", _HEIGHT),
        legend=tuple(
            LegendEntry(cloud.name, styles[cloud.color_key], "marker") for cloud in chart.clouds
        ),
        legend_shown="always" if len(chart.clouds) > 1 else "never",
        notes=_notes(chart, sum(len(marks.spots) for marks in drawn)),
        numbers=_numbers(chart),
    )


def _covering(values: Sequence[np.ndarray], log: bool) -> Scale:
    return covering([float(value) for part in values for value in part], log)


def _marks(cloud: Cloud, style: Style, x_scale: Scale, y_scale: Scale) -> Marks:
    across, upward = x_scale.fractions(cloud.x), y_scale.fractions(cloud.y)
    spots = []
    for at in np.flatnonzero(np.isfinite(across) & np.isfinite(upward)):
        name = cloud.labels[at] if cloud.labels else cloud.name
        tip = f"{name}: {short(_three(cloud.x[at]))}, {short(_three(cloud.y[at]))}"
        spots.append(spot(float(across[at]), float(upward[at]), tip))
    return Marks(style.symbol, style.color, tuple(spots))


def _notes(chart: ScatterChart, drawn: int) -> tuple[str, ...]:
    absent = sum(len(cloud.x) for cloud in chart.clouds) - drawn
    if not absent:
        return ()
    log = ", or not above zero on a logarithmic axis" if chart.x_log or chart.y_log else ""
    return (f"Points left out, because a value is not finite{log}: {whole(absent)}.",)


def _numbers(chart: ScatterChart) -> Table:
    """List the points if they are few, and otherwise the medians of each group."""
    if sum(len(cloud.x) for cloud in chart.clouds) <= _LISTED:
        return Table(
            title=chart.title,
            caption="Every point.",
            columns=("", chart.x_label, chart.y_label),
            rows=tuple(
                (cloud.labels[at] if cloud.labels else cloud.name, float(x), float(y))
                for cloud in chart.clouds
                for at, (x, y) in enumerate(zip(cloud.x, cloud.y, strict=True))
            ),
        )
    return Table(
        title=chart.title,
        caption="Medians of each group.",
        columns=("", chart.x_label, chart.y_label, "n"),
        rows=tuple(
            (cloud.name, _median(cloud.x), _median(cloud.y), len(cloud.x)) for cloud in chart.clouds
        ),
    )


def _median(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _three(value: float) -> float:
    """Keep three significant digits."""
    return float(f"{value:.3g}")
