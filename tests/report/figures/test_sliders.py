import pytest

from levelset.report import draw
from levelset.report.figures.palette import assign
from levelset.report.figures.regions import class_key
from levelset.report.figures.sliders import draw_slider
from levelset.studies.charts import PlaneSlider, PlaneSliderRow
from tests.report.figures.test_regions import NAMES, panel
from tests.report.reading import read

STEPS = ("before training", "epoch 1", "epoch 9")


def chart(rows=2, panels=3):
    made = tuple(
        PlaneSliderRow(f"row {n}", tuple(panel(f"{n} {at}") for at in range(panels)))
        for n in range(rows)
    )
    return PlaneSlider("t", "c", "x", "y", made, STEPS, NAMES)


def drawn(slider):
    return draw_slider(slider, assign([[class_key(name) for name in NAMES]]))


def test_a_step_shows_every_row_side_by_side():
    steps = drawn(chart()).picture.steps
    assert [step.name for step in steps] == list(STEPS)
    assert [frame.title for frame in steps[1].frames] == ["row 0", "row 1"]


def test_every_row_must_have_a_panel_for_every_step():
    with pytest.raises(ValueError, match="got 2 panels for 3 steps in 'row 0'"):
        drawn(chart(panels=2))


def test_all_steps_are_on_the_page_and_the_slider_waits_for_the_script():
    reader = read(draw(chart()))
    steps = [attrs for _, attrs in reader.tags if attrs.get("class", "").startswith("step")]
    assert [step["data-name"] for step in steps if "data-name" in step] == list(STEPS)
    controls = next(attrs for _, attrs in reader.tags if attrs.get("class") == "controls")
    assert "hidden" in controls
    slider = next(attrs for tag, attrs in reader.tags if tag == "input")
    assert (slider["type"], slider["max"], slider["value"]) == ("range", "2", "2")
    assert "label" in [tag for tag, _ in reader.tags]


def test_numbers_are_told_for_every_row_and_step():
    numbers = drawn(chart()).numbers
    assert numbers is not None
    assert len(numbers.rows) == 6
    assert numbers.rows[0][0] == "row 0, before training"
