import dataclasses
import math

import pytest

from levelset.report.figures.intervals import draw_intervals
from levelset.report.figures.palette import assign
from levelset.studies.charts import IntervalChart, Point
from tests.report.figures.test_marks import walked


def drawn(*points, reference=None):
    chart = IntervalChart("t", "c", "Gain", points, reference)
    return draw_intervals(chart, assign([[point.color_key for point in points]]))


def test_each_row_has_a_bar_a_marker_a_name_and_numbers():
    rows = drawn(Point("one", 0.5, 0.4, 0.6, "a"), Point("two", 0.7, 0.6, 0.8, "b")).picture.rows
    assert [row.name for row in rows] == ["one", "two"]
    assert [row.words for row in rows] == ["0.50 [0.40, 0.60]", "0.70 [0.60, 0.80]"]
    assert rows[0].color != rows[1].color
    # The first row's interval ends where the second's begins.
    (first,), (second,) = (walked(row.bar) for row in rows)
    assert first[1][0] == second[0][0]
    assert float(rows[0].left) == pytest.approx((first[0][0] + first[1][0]) / 80, abs=0.1)


@pytest.mark.parametrize("reference", [0.0, -3.0])
def test_the_reference_is_inside_the_range(reference):
    forest = drawn(Point("one", 0.5, 0.4, 0.6, "a"), reference=reference).picture
    (ends,) = walked(forest.reference)
    assert 0 < ends[0][0] < 4000
    assert ends[0][0] == ends[1][0]


def test_no_reference_no_line():
    assert drawn(Point("one", 0.5, 0.4, 0.6, "a")).picture.reference == ""


def test_missing_estimates_and_intervals_are_said_in_words():
    nan = math.nan
    gone, bare, whole = drawn(
        Point("gone", nan, nan, nan, "a"),
        Point("bare", 1.2, nan, nan, "b"),
        Point("whole", 1.0, 0.5, 1.5, "c"),
    ).picture.rows
    assert (gone.words, gone.bar, gone.left) == ("— not available", "", "")
    assert (bare.words, bare.bar) == ("1.20 (no interval)", "")
    assert bare.left
    assert whole.bar


def test_grid_lines_stand_at_the_ticks_of_each_width():
    forest = drawn(Point("one", 0.5, 0.01, 0.99, "a")).picture
    for grid, but in zip(forest.grids, ("narrow", "wide"), strict=True):
        places = [round(4000 * tick.share) for tick in forest.ticks if tick.shown != but]
        assert [line[0][0] for line in walked(grid)] == places


def test_numbers_are_a_table_too():
    numbers = drawn(Point("one", 0.5, 0.4, 0.6, "a")).numbers
    assert numbers is not None
    assert numbers.rows == (("one", "0.50 [0.40, 0.60]"),)


def test_on_a_logarithmic_axis_half_is_as_far_from_one_as_double():
    points = (Point("half", 0.5, 0.4, 0.6, "a"), Point("double", 2.0, 1.8, 2.2, "b"))
    chart = IntervalChart("t", "c", "Loss ÷ that of none", points, 1.0, x_log=True)
    forest = draw_intervals(chart, assign([["a", "b"]])).picture
    (line,) = walked(forest.reference)
    middle = line[0][0] / 40
    half, double = (float(row.left) for row in forest.rows)
    assert middle - half == pytest.approx(double - middle, abs=0.1)
    gone = dataclasses.replace(chart, points=(Point("gone", 0.0, 0.0, 0.1, "a"), points[0]))
    assert draw_intervals(gone, assign([["a"]])).picture.rows[0].left == ""
