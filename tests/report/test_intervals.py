import math

import pytest

from levelset.report.intervals import draw_intervals
from levelset.report.palette import assign
from levelset.studies.charts import IntervalChart, Point


def drawn(*points, reference=None):
    chart = IntervalChart("t", "c", "Gain", points, reference)
    return draw_intervals(chart, assign([[point.color_key for point in points]]))


def texts(layout):
    return [note["text"] for note in layout["annotations"]]


def test_each_row_has_a_bar_a_marker_a_name_and_numbers():
    drawing = drawn(Point("one", 0.5, 0.4, 0.6, "a"), Point("two", 0.7, 0.6, 0.8, "b"))
    assert [trace["mode"] for trace in drawing.traces] == ["lines", "markers"] * 2
    assert drawing.traces[2]["x"] == [0.6, 0.8]
    for text in ("one", "0.50 [0.40, 0.60]", "two", "0.70 [0.60, 0.80]"):
        assert text in texts(drawing.layout)


def test_rows_run_from_the_top():
    low, high = drawn(Point("a", 0.5, 0.4, 0.6, "a")).layout["yaxis"]["range"]
    assert low > high


@pytest.mark.parametrize("reference", [0.0, -3.0])
def test_the_reference_is_inside_the_range(reference):
    drawing = drawn(Point("one", 0.5, 0.4, 0.6, "a"), reference=reference)
    low, high = drawing.layout["xaxis"]["range"]
    assert low < reference < high
    assert drawing.layout["shapes"][0]["x0"] == reference
    assert drawing.narrow["shapes"][0]["x0"] == reference


def test_no_reference_no_line():
    assert "shapes" not in drawn(Point("one", 0.5, 0.4, 0.6, "a")).layout


def test_missing_estimates_and_intervals_are_said_in_words():
    nan = math.nan
    drawing = drawn(
        Point("gone", nan, nan, nan, "a"),
        Point("bare", 1.2, nan, nan, "b"),
        Point("whole", 1.0, 0.5, 1.5, "c"),
    )
    assert "— not available" in texts(drawing.layout)
    assert "1.20 (no interval)" in texts(drawing.layout)
    assert len(drawing.traces) == 3  # a marker, and a bar with its marker


def test_rows_are_as_high_as_the_longest_name():
    short = drawn(Point("one", 0.5, 0.4, 0.6, "a"))
    long = drawn(
        Point("a name so long that it takes three lines of the figure", 0.0, -1.0, 1.0, "a")
    )
    assert long.layout["height"] > short.layout["height"]


def test_a_phone_has_names_above_the_rows():
    drawing = drawn(Point("one", 0.5, 0.4, 0.6, "a"))
    assert drawing.narrow["margin"]["l"] < drawing.layout["margin"]["l"]
    assert "one<br><b>0.50 [0.40, 0.60]</b>" in texts(drawing.narrow)


def test_names_are_escaped_for_plotly():
    drawing = drawn(Point("<i>a</i>", 0.5, 0.4, 0.6, "a"))
    for layout in (drawing.layout, drawing.narrow):
        assert not any("<i>" in text for text in texts(layout))
