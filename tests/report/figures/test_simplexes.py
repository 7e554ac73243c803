import numpy as np
import pytest

from levelset.report.figures.palette import assign
from levelset.report.figures.regions import class_key
from levelset.report.figures.simplexes import draw_simplexes, in_triangle
from levelset.seeds import stream
from levelset.studies.charts import SimplexChart, SimplexPanel
from tests.report.figures.test_contours import area

NAMES = ("a", "b", "c")


def drawn(probabilities, labels, names=NAMES):
    chart = SimplexChart("t", "c", (SimplexPanel("p", probabilities, labels),), names)
    return draw_simplexes(chart, assign([[class_key(name) for name in names]]))


def test_places_agree_with_the_slow_twin():
    corners = [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)]
    for row in stream(0, "simplex").dirichlet(np.ones(3), size=9):
        place = [
            sum(p * corner[axis] for p, corner in zip(row, corners, strict=True)) for axis in (0, 1)
        ]
        assert in_triangle(row).tolist() == pytest.approx(place)


def test_certain_rows_stand_in_their_corners():
    drawing = drawn(np.eye(3), np.arange(3))
    places = [(m.spots[0].left, m.spots[0].top) for m in drawing.picture.frames[0].marks]
    assert places == [("0", "100"), ("100", "100"), ("50", "0")]


def test_the_regions_of_the_classes_are_equal_and_fill_the_triangle():
    shapes = drawn(np.eye(3), np.arange(3)).picture.frames[0].shapes
    found = [area(shape.path) for shape in shapes if shape.look == "area"]
    assert found == pytest.approx([1 / 6] * 3, abs=1e-3)


def test_colors_are_of_the_true_class():
    drawing = drawn(np.tile([0.8, 0.1, 0.1], (4, 1)), np.array([0, 0, 1, 1]))
    assert [len(marks.spots) for marks in drawing.picture.frames[0].marks] == [2, 2]


def test_rows_are_thinned_and_the_caption_says_so():
    values = stream(0, "many").dirichlet(np.ones(3), size=1000)
    drawing = drawn(values, np.zeros(1000, dtype=int))
    assert sum(len(marks.spots) for marks in drawing.picture.frames[0].marks) == 300
    assert "Of 1000 rows, 300 are drawn." in drawing.notes


def test_how_sure_and_how_right_is_there_as_numbers():
    drawing = drawn(np.array([[0.6, 0.4, 0.0], [0.2, 0.8, 0.0]]), np.array([0, 2]))
    assert drawing.numbers is not None
    assert drawing.numbers.rows == (("p", pytest.approx(0.7), 0.5, 2),)


def test_other_than_three_classes_are_refused():
    with pytest.raises(ValueError, match="needs 3 classes, got 2 in 't'"):
        drawn(np.eye(3), np.arange(3), ("a", "b"))
