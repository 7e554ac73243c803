"""Level sets that move: a slider over steps, and small multiples where nothing can move."""

from dataclasses import dataclass

from levelset.report.figures.drawing import Drawing, Frame, Picture
from levelset.report.figures.palette import Style
from levelset.report.figures.planes import class_legend, plane_notes, shares_table
from levelset.report.figures.regions import class_key, plane_frame, spanning
from levelset.studies.charts import PlaneSlider

_ROWS = 120  # drawn in a panel


@dataclass(frozen=True)
class Step:
    """One position of the slider.

    Attributes:
        name: What the slider says.
        frames: One per sequence, side by side.
    """

    name: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True)
class Slides:
    """What the slider moves through.

    Attributes:
        steps: In order.
        picture: Frames of the first step; names and shape of the axes.
    """

    steps: tuple[Step, ...]
    picture: Picture


def draw_slider(chart: PlaneSlider, styles: dict[str, Style]) -> Drawing:
    """Draw the planes of every step; the page shows one step at a time where a script can run.

    Args:
        chart: What to draw.
        styles: How each class looks, keyed by `class_key`.

    Raises:
        ValueError: A sequence does not have one panel per step.
    """
    for row in chart.rows:
        if len(row.panels) != len(chart.steps):
            raise ValueError(
                f"A slider needs one panel per step, got {len(row.panels)} panels for "
                f"{len(chart.steps)} steps in {row.title!r}; make them as many."
            )
    looks = [styles[class_key(name)] for name in chart.classes]
    panels = [panel for row in chart.rows for panel in row.panels]
    scales = spanning(panels)
    steps = tuple(
        Step(
            name,
            tuple(
                plane_frame(row.panels[at], row.title, looks, scales, _ROWS) for row in chart.rows
            ),
        )
        for at, name in enumerate(chart.steps)
    )
    picture = Picture(steps[0].frames, chart.x_label, chart.y_label, "boxed", ratio=1.0)
    named = [
        (f"{row.title}, {step}" if row.title else step, panel)
        for row in chart.rows
        for step, panel in zip(chart.steps, row.panels, strict=True)
    ]
    return Drawing(
        template="slider.html.j2",
        picture=Slides(steps, picture),
        legend=class_legend(chart.classes, looks),
        legend_shown="always",
        notes=plane_notes(panels, _ROWS),
        numbers=shares_table(chart.title, chart.classes, named),
    )
