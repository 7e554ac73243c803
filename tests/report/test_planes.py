import base64

import numpy as np
import pytest

from levelset.report.palette import assign
from levelset.report.planes import class_key, class_margins, draw_planes
from levelset.seeds import stream
from levelset.studies.charts import Panel, PlaneChart


def panel(title="p", classes=3, grid=40, rows=30, lead=0.0):
    generator = stream(0, "plane", title)
    x, y = np.linspace(-2, 2, grid), np.linspace(-1, 1, grid + 5)
    across, upward = np.meshgrid(x, y)
    angles = 2 * np.pi * np.arange(classes) / classes
    logits = [np.cos(a) * across + np.sin(a) * upward for a in angles]
    logits[0] = logits[0] + lead
    grown = np.exp(np.stack(logits, axis=-1))
    probabilities = grown / grown.sum(axis=-1, keepdims=True)
    points = generator.normal(size=(rows, 2))
    return Panel(title, x, y, probabilities, points, generator.integers(classes, size=rows))


def drawn(*panels, classes=("a", "b", "c")):
    chart = PlaneChart("t", "c", "left to right", "bottom to top", panels, classes)
    return draw_planes(chart, assign([[class_key(name) for name in classes]]))


def regions(drawing):
    return [trace for trace in drawing.traces if trace["type"] == "contour"]


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


def test_each_class_that_leads_somewhere_has_a_region():
    drawing = drawn(panel())
    assert len(regions(drawing)) == 3
    assert not drawing.layout["shapes"]


def test_a_region_is_positive_where_its_class_leads():
    shown = panel(grid=30)
    region = regions(drawn(shown))[1]
    rows, columns = map(int, region["z"]["shape"].split(", "))
    levels = np.frombuffer(base64.b64decode(region["z"]["bdata"]), "<i2").reshape(rows, columns)
    assert (rows, columns) == shown.probabilities.shape[:2]
    leads = shown.probabilities.argmax(axis=-1) == 1
    assert ((levels > 0) == leads).mean() > 0.99


def test_a_class_that_leads_everywhere_fills_its_panel():
    drawing = drawn(panel("one", lead=50.0), panel("two"))
    assert len(regions(drawing)) == 3
    assert len(drawing.layout["shapes"]) == len(drawing.narrow["shapes"]) == 1


def test_many_rows_are_thinned_and_the_caption_says_so():
    drawing = drawn(panel(rows=1000))
    shown = sum(len(trace["x"]) for trace in drawing.traces if trace["type"] == "scatter")
    assert shown == 300
    assert "Of 1000 rows, 300 are drawn." in drawing.notes


def test_no_rows_at_all_are_fine():
    assert all(trace["type"] == "contour" for trace in drawn(panel(rows=0)).traces)


def test_rows_that_are_not_finite_are_left_out():
    shown = panel(rows=5)
    shown.points[0] = np.nan
    scatters = [trace for trace in drawn(shown).traces if trace["type"] == "scatter"]
    assert sum(len(trace["x"]) for trace in scatters) == 4


def test_many_classes_and_panels_stay_small():
    names = tuple(f"class {n}" for n in range(10))
    drawing = drawn(*(panel(f"p{n}", 10, grid=150) for n in range(6)), classes=names)
    total = sum(len(trace["z"]["bdata"]) for trace in regions(drawing))
    assert 200_000 < total < 360_000


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (7, 3)])
def test_panels_stand_on_a_grid(count, columns):
    drawing = drawn(*(panel(f"p{n}", grid=10) for n in range(count)))
    names = ["xaxis", *(f"xaxis{n}" for n in range(2, count + 1))]
    starts = {round(drawing.layout[name]["domain"][0], 6) for name in names}
    assert len(starts) == min(columns, count)
    assert all(0 <= end <= 1 for name in names for end in drawing.layout[name]["domain"])


def test_the_lowest_panel_of_each_column_has_tick_labels():
    layout = drawn(*(panel(f"p{n}", grid=10) for n in range(5))).layout
    named = [layout[f"xaxis{n}" if n > 1 else "xaxis"]["showticklabels"] for n in range(1, 6)]
    assert named == [False, False, True, True, True]


def test_names_are_escaped_for_plotly():
    drawing = drawn(panel("<u>"), classes=("<a>", "b", "c"))
    assert "&lt;a&gt;" in {trace.get("name") for trace in drawing.traces}
    assert "<b>&lt;u&gt;</b>" in {note["text"] for note in drawing.layout["annotations"]}
