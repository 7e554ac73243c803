"""Charts and tables as fragments of HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from levelset.report.figures.curves import draw_curves
from levelset.report.figures.drawing import Drawing
from levelset.report.figures.intervals import draw_intervals
from levelset.report.figures.palette import Style, assign
from levelset.report.figures.planes import draw_planes
from levelset.report.figures.regions import class_key
from levelset.report.figures.scatters import draw_scatter
from levelset.report.figures.simplexes import draw_simplexes
from levelset.report.figures.sliders import draw_slider
from levelset.report.figures.surfaces import draw_surfaces
from levelset.report.markup import render, safe_json
from levelset.report.numbers import column
from levelset.studies.charts import (
    Chart,
    CurveChart,
    IntervalChart,
    PlaneChart,
    PlaneSlider,
    ScatterChart,
    SimplexChart,
    SurfaceChart,
    Table,
)


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
    if isinstance(chart, ScatterChart):
        return tuple(cloud.color_key for cloud in chart.clouds)
    if isinstance(chart, SurfaceChart):
        return ()
    return tuple(class_key(name) for name in chart.classes)


def page_styles(charts: Sequence[Chart]) -> dict[str, Style]:
    """Choose how each color key looks, for all the charts of a page.

    Classes have hues of their own: a class and an activation are never in one chart.

    Args:
        charts: In reading order.
    """
    of_classes = (PlaneChart, PlaneSlider, SimplexChart)
    planes = [color_keys(chart) for chart in charts if isinstance(chart, of_classes)]
    others = [color_keys(chart) for chart in charts if not isinstance(chart, of_classes)]
    # Where curves are of classes, they have the classes' hues.
    return assign(others) | assign(planes)


def draw(chart: Chart | Table, styles: Mapping[str, Style] | None = None) -> str:
    """Draw a chart or a table as a fragment of HTML.

    A chart is a picture that needs no script and takes the width, the color scheme and the symbols
    of the page it is put in; the page's script adds what a pointer can ask of it.

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
    return render(
        "figure.html.j2",
        {
            "chart": chart,
            "drawing": drawing,
            "hover": safe_json(drawing.hover) if drawing.hover else "",
            "numbers": draw_table(drawing.numbers, bare=True) if drawing.numbers else "",
        },
    )


def numbers_of(chart: Chart) -> Table | None:
    """Give what a chart shows as a table; None for a chart without numbers.

    Args:
        chart: Any chart.
    """
    return _drawing(chart, page_styles([chart])).numbers


def draw_table(table: Table, bare: bool = False) -> str:
    """Draw a table: numbers at the right, to common decimals within a column.

    Args:
        table: What to draw.
        bare: Whether to leave its title out.
    """
    columns = [[row[at] for row in table.rows] for at in range(len(table.columns))]
    cells = [cells_of(values) for values in columns]
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
    _require_some(chart)
    if isinstance(chart, CurveChart):
        return draw_curves(chart, styles)
    if isinstance(chart, IntervalChart):
        return draw_intervals(chart, styles)
    if isinstance(chart, ScatterChart):
        return draw_scatter(chart, styles)
    if isinstance(chart, SurfaceChart):
        return draw_surfaces(chart)
    if isinstance(chart, SimplexChart):
        return draw_simplexes(chart, styles)
    if isinstance(chart, PlaneSlider):
        return draw_slider(chart, styles)
    return draw_planes(chart, styles)


def cells_of(values: Sequence[str | float | int]) -> list[Cell]:
    """Format one column of a table, its numbers together.

    Args:
        values: From the top.

    Example:
        >>> [cell.text for cell in cells_of([0.5, 0.25, "none"])]
        ['0.500', '0.250', 'none']
    """
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


def _require_some(chart: Chart) -> None:
    """Refuse a chart with nothing in it."""
    for what in ("curves", "points", "clouds", "panels", "rows", "steps"):
        if getattr(chart, what, None) == ():
            raise ValueError(
                f"A chart needs at least one of its {what}, got none in {chart.title!r}; leave the "
                "chart out."
            )
