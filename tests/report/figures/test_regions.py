import numpy as np
import pytest

from levelset.report.figures.palette import assign
from levelset.report.figures.regions import (
    class_key,
    class_margins,
    leading_shares,
    plane_frame,
    spanning,
)
from levelset.seeds import stream
from levelset.studies.charts import Panel
from tests.report.figures.test_contours import area

NAMES = ("a", "b", "c")


def panel(title="p", classes=3, grid=40, rows=30, lead=0.0):
    generator = stream(0, "plane", title)
    x, y = np.linspace(-2, 2, grid), np.linspace(-1, 1, grid + 5)
    across, upward = np.meshgrid(x, y)
    angles = 2 * np.pi * np.arange(classes) / classes
    logits = [np.cos(a) * across + np.sin(a) * upward for a in angles]
    logits[0] = logits[0] + lead
    grown = np.exp(np.stack(logits, axis=-1))
    probabilities = grown / grown.sum(axis=-1, keepdims=True)
    points = generator.normal(size=(rows, 2)) * [0.5, 0.25]
    return Panel(title, x, y, probabilities, points, generator.integers(classes, size=rows))


def framed(shown, names=NAMES, rows=300):
    styles = assign([[class_key(name) for name in names]])
    looks = [styles[class_key(name)] for name in names]
    return plane_frame(shown, shown.title, looks, spanning([shown]), rows)


def areas(frame):
    return [shape for shape in frame.shapes if shape.look == "area"]


def spots(frame):
    return sum(len(marks.spots) for marks in frame.marks)


def test_margins_agree_with_the_slow_twin():
    values = stream(0, "margins").dirichlet(np.ones(4), size=(3, 5))
    margins = class_margins(values)
    for row in range(3):
        for column in range(5):
            for one in range(4):
                rest = max(values[row, column, other] for other in range(4) if other != one)
                expected = values[row, column, one] - rest
                assert margins[one, row, column] == pytest.approx(expected)


def test_a_tie_leads_by_nothing():
    assert class_margins(np.array([[[0.5, 0.5]]])).ravel().tolist() == [0.0, 0.0]


def test_each_class_that_leads_somewhere_has_its_share_of_the_picture():
    shown = panel()
    found = [area(shape.path) for shape in areas(framed(shown))]
    assert found == pytest.approx(leading_shares(shown).tolist(), abs=0.03)
    assert sum(found) == pytest.approx(1.0, abs=0.01)


def test_a_class_that_leads_everywhere_fills_its_panel():
    (only,) = areas(framed(panel(lead=50.0)))
    assert area(only.path) == pytest.approx(1.0)
    assert not [shape for shape in framed(panel(lead=50.0)).shapes if shape.look == "contour"]


def test_two_classes_have_one_border():
    (border,) = [s for s in framed(panel(classes=2), NAMES[:2]).shapes if s.look == "contour"]
    assert border.path.count("M") == 1


def test_many_rows_are_thinned():
    assert spots(framed(panel(rows=1000), rows=100)) == 100


def test_no_rows_at_all_are_fine():
    assert framed(panel(rows=0)).marks == ()


def test_rows_outside_or_without_a_place_are_left_out():
    shown = panel(rows=5)
    shown.points[0] = np.nan
    shown.points[1] = 99.0
    assert spots(framed(shown)) == 3


def test_panels_of_a_chart_share_their_axes():
    one, two = (
        panel(),
        Panel(
            "q",
            np.arange(3.0),
            np.arange(2.0),
            np.ones((2, 3, 2)) / 2,
            np.zeros((0, 2)),
            np.zeros(0, int),
        ),
    )
    x_scale, y_scale = spanning([one, two])
    assert (x_scale.low, x_scale.high) == (-2.0, 2.0)
    assert (y_scale.low, y_scale.high) == (-1.0, 1.0)
