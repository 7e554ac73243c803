"""Level sets in a plane: where the most probable class changes, and the rows that decided it."""

from collections.abc import Sequence

from levelset.report.figures.drawing import Drawing, LegendEntry, Picture
from levelset.report.figures.palette import Style
from levelset.report.figures.regions import class_key, leading_shares, plane_frame, spanning
from levelset.report.numbers import short, whole
from levelset.studies.charts import Panel, PlaneChart, Table

ROWS = 300  # drawn in a panel


def draw_planes(chart: PlaneChart, styles: dict[str, Style]) -> Drawing:
    """Draw the regions of the classes, the curves between them, and the training rows.

    Args:
        chart: What to draw.
        styles: How each class looks, keyed by `class_key`.
    """
    looks = [styles[class_key(name)] for name in chart.classes]
    scales = spanning(chart.panels)
    frames = tuple(plane_frame(panel, panel.title, looks, scales, ROWS) for panel in chart.panels)
    return Drawing(
        template="panels.html.j2",
        picture=Picture(frames, chart.x_label, chart.y_label, "boxed", ratio=1.0),
        legend=class_legend(chart.classes, looks),
        legend_shown="always",
        notes=plane_notes(chart.panels, ROWS),
        numbers=shares_table(
            chart.title, chart.classes, [(panel.title, panel) for panel in chart.panels]
        ),
    )


def class_legend(classes: Sequence[str], looks: Sequence[Style]) -> tuple[LegendEntry, ...]:
    """Name the classes beside their symbols.

    Args:
        classes: Their names.
        looks: How they look, in the same order.
    """
    return tuple(
        LegendEntry(name, look, "marker") for name, look in zip(classes, looks, strict=True)
    )


def plane_notes(panels: Sequence[Panel], rows: int) -> tuple[str, ...]:
    """Say what the curves are, and how many rows are drawn.

    Args:
        panels: Of the chart.
        rows: How many are drawn in a panel at most.
    """
    notes = ["Solid curves are where the two most probable classes are equally probable."]
    most = max(panel.points.shape[0] for panel in panels)
    if most > rows:
        notes.append(f"Of {whole(most)} rows, {rows} are drawn.")
    return tuple(notes)


def shares_table(title: str, classes: Sequence[str], panels: Sequence[tuple[str, Panel]]) -> Table:
    """List which share of each plane each class holds.

    Args:
        title: Of the chart.
        classes: Names of the columns.
        panels: Each with the name of its row.
    """
    return Table(
        title=title,
        caption="Share of the plane in which each class is the most probable.",
        columns=("", *classes),
        rows=tuple(
            (name, *(short(round(float(share), 3)) for share in leading_shares(panel)))
            for name, panel in panels
        ),
    )
