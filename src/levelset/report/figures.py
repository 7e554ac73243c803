"""Charts and tables as fragments of HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from levelset.report.curves import draw_curves
from levelset.report.drawing import Drawing
from levelset.report.intervals import draw_intervals
from levelset.report.markup import render, safe_json
from levelset.report.numbers import column
from levelset.report.palette import Style, assign
from levelset.report.planes import class_key, draw_planes
from levelset.studies.charts import Chart, CurveChart, IntervalChart, PlaneChart, Table


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, and whether it stands at the right as numbers do."""

    text: str
    numeric: bool


def color_keys(chart: Chart) -> tuple[str, ...]:
    """List what a chart gives colors to, in reading order.

    Args:
        chart: Any chart.

    Example:
        >>> from levelset.studies.charts import Point
        >>> color_keys(IntervalChart("", "", "", (Point("ReLU", 0.9, 0.8, 1.0, "relu"),)))
        ('relu',)
    """
    if isinstance(chart, CurveChart):
        return tuple(curve.color_key for curve in chart.curves)
    if isinstance(chart, IntervalChart):
        return tuple(point.color_key for point in chart.points)
    return tuple(class_key(name) for name in chart.classes)


def page_styles(charts: Sequence[Chart]) -> dict[str, Style]:
    """Choose how each color key looks, for all the charts of a page.

    Classes have hues of their own: a class and an activation are never in one chart.

    Args:
        charts: In reading order.
    """
    planes = [color_keys(chart) for chart in charts if isinstance(chart, PlaneChart)]
    others = [color_keys(chart) for chart in charts if not isinstance(chart, PlaneChart)]
    return assign(planes) | assign(others)


def draw(chart: Chart | Table, styles: Mapping[str, Style] | None = None) -> str:
    """Draw a chart or a table as a fragment of HTML.

    The fragment of a chart holds the figure as JSON; the script of `page` draws it, in the colors
    and at the width of the reader.

    Args:
        chart: What to draw; every text in it is escaped.
        styles: How each color key looks; by default chosen from this chart alone.

    Returns:
        A `<figure>`, to be put inside a page that `page` made.

    Raises:
        ValueError: The chart has nothing in it: no curve, point or panel.

    Example:
        >>> print(draw(Table("Sizes", "Two classes.", ("class", "rows"), (("a", 5),)))[:22])
        <figure class="table">
    """
    if isinstance(chart, Table):
        return draw_table(chart)
    drawing = _drawing(chart, dict(page_styles([chart]) if styles is None else styles))
    figure = {"data": drawing.traces, "layout": drawing.layout, "narrow": drawing.narrow}
    return render(
        "figure.html.j2",
        {
            "chart": chart,
            "drawing": drawing,
            "figure": safe_json(figure),
            "numbers": draw_table(drawing.numbers, bare=True) if drawing.numbers else "",
        },
    )


def draw_table(table: Table, bare: bool = False) -> str:
    """Draw a table: numbers at the right, to common decimals within a column.

    Args:
        table: What to draw.
        bare: Whether to leave its title out.
    """
    columns = [[row[at] for row in table.rows] for at in range(len(table.columns))]
    cells = [_cells(values) for values in columns]
    return render(
        "table.html.j2",
        {
            "table": table,
            "bare": bare,
            "numeric": [bool(values) and all(cell.numeric for cell in values) for values in cells],
            "rows": list(zip(*cells, strict=True)),
        },
    )


def _drawing(chart: Chart, styles: dict[str, Style]) -> Drawing:
    if isinstance(chart, CurveChart):
        _require_some("curves", chart.title, chart.curves)
        return draw_curves(chart, styles)
    if isinstance(chart, IntervalChart):
        _require_some("points", chart.title, chart.points)
        return draw_intervals(chart, styles)
    _require_some("panels", chart.title, chart.panels)
    return draw_planes(chart, styles)


def _cells(values: Sequence[str | float | int]) -> list[Cell]:
    """Format one column, its numbers together."""
    places = [at for at, value in enumerate(values) if not isinstance(value, str)]
    texts = [str(value) for value in values]
    numbers = column([value for value in values if not isinstance(value, str)])
    for at, text in zip(places, numbers, strict=True):
        texts[at] = text
    # An interval or a dash in words belongs under the numbers of its column.
    return [
        Cell(text, at in places or text.startswith(("—", "[")) or " [" in text)
        for at, text in enumerate(texts)
    ]


def _require_some(what: str, title: str, items: Sequence[object]) -> None:
    if not items:
        raise ValueError(
            f"A chart needs at least one of its {what}, got none in {title!r}; leave the chart out."
        )
