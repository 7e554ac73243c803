import math

import numpy as np

from levelset.report import draw
from levelset.report.figures.palette import assign
from levelset.report.figures.scatters import draw_scatter
from levelset.studies.charts import Cloud, ScatterChart
from tests.report.reading import read


def cloud(name="a", points=5, **settings):
    x = np.arange(1.0, points + 1)
    return Cloud(name, settings.get("x", x), x**2, name, settings.get("labels", ()))


def drawn(*clouds, **settings):
    chart = ScatterChart("t", "c", "Sharpness", "Gap", clouds, **settings)
    return draw_scatter(chart, assign([[c.color_key for c in clouds]]))


def test_every_point_has_a_symbol_that_tells_its_name_and_numbers():
    marks = drawn(cloud(points=2, labels=("seed 0", "seed 1"))).picture.frames[0].marks[0]
    assert [spot.tip for spot in marks.spots] == ["seed 0: 1, 1", "seed 1: 2, 4"]


def test_points_stand_where_their_numbers_say():
    marks = drawn(cloud(points=3)).picture.frames[0].marks[0]
    lefts, tops = ([float(getattr(s, side)) for s in marks.spots] for side in ("left", "top"))
    assert lefts[1] == 50
    assert tops[0] > tops[1] > tops[2]


def test_groups_differ_in_color_and_symbol_and_are_named():
    drawing = drawn(cloud("a"), cloud("b"))
    one, two = drawing.picture.frames[0].marks
    assert one.color != two.color
    assert one.symbol != two.symbol
    assert drawing.legend_shown == "always"
    assert drawn(cloud()).legend_shown == "never"


def test_points_that_cannot_stand_are_counted():
    drawing = drawn(cloud(x=np.array([np.nan, 0.0, 1.0, 2.0, 3.0])), x_log=True)
    assert len(drawing.picture.frames[0].marks[0].spots) == 3
    (note,) = drawing.notes
    assert note.endswith("not finite, or not above zero on a logarithmic axis: 2.")


def test_few_points_are_listed_and_many_summarized():
    few, many = drawn(cloud()).numbers, drawn(cloud(points=99)).numbers
    assert few is not None
    assert many is not None
    assert len(few.rows) == 5
    assert many.rows == (("a", 50.0, 2500.0, 99),)


def test_a_group_without_a_value_has_no_median():
    drawing = drawn(cloud(points=99), cloud("b", points=99, x=np.full(99, np.nan)))
    assert drawing.numbers is not None
    assert math.isnan(float(drawing.numbers.rows[1][1]))


def test_names_on_points_are_escaped():
    reader = read(draw(ScatterChart("t", "c", "x", "y", (cloud(labels=("<b>",) * 5),))))
    assert "b" not in [tag for tag, _ in reader.tags]
    assert "<b>: 1, 1" in [attrs.get("data-tip") for _, attrs in reader.tags]
