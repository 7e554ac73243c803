import numpy as np
import pytest

from levelset.report.figures.curves import draw_curves
from levelset.report.figures.palette import assign
from levelset.studies.charts import Curve, CurveChart
from tests.report.figures.test_marks import walked

X = np.arange(1.0, 31.0)


def curve(name="a", replicates=4, values=None):
    noise = np.random.Generator(np.random.Philox(1)).random((replicates, X.size))
    return Curve(name, X, 1 / X + 0.1 * noise if values is None else values, name)


def drawn(*curves, **settings):
    chart = CurveChart("t", settings.pop("caption", "c"), "Epoch", "Loss", curves, **settings)
    return draw_curves(chart, assign([[c.color_key for c in curves]]))


def frame(drawing):
    return drawing.picture.frames[0]


def shapes(drawing, look):
    return [shape for shape in frame(drawing).shapes if shape.look == look]


def spots(drawing):
    return [spot for marks in frame(drawing).marks for spot in marks.spots]


@pytest.mark.parametrize("count", [1, 2, 6, 12])
def test_every_curve_has_a_line_and_a_band_and_a_name(count):
    drawing = drawn(*(curve(f"c{n}") for n in range(count)))
    names = [f"c{n}" for n in range(count)]
    assert len(shapes(drawing, "line")) == len(shapes(drawing, "area")) == count
    assert [entry.name for entry in drawing.legend] == names
    assert [end.lines for end in drawing.picture.ends] == [(name,) for name in names]
    assert drawing.legend_shown == "narrow"


def test_bands_lie_under_lines():
    looks = [shape.look for shape in frame(drawn(curve("a"), curve("b"))).shapes]
    assert looks == ["grid", "area", "area", "line", "line"]


def test_a_line_stands_where_its_means_are():
    values = np.linspace(0.0, 1.0, X.size) * np.ones((3, 1))
    (line,) = shapes(drawn(curve(values=values)), "line")
    (points,) = walked(line.path)
    ticks = {tick.text: tick.share for tick in frame(drawn(curve(values=values))).y_ticks}
    assert points[0][1] == pytest.approx(2000 * (1 - ticks["0.0"]), abs=1)
    assert points[-1][1] == pytest.approx(2000 * (1 - ticks["1.0"]), abs=1)


def test_names_at_line_ends_do_not_overlap():
    same = np.ones((3, X.size))
    ends = drawn(*(curve(f"c{n}", values=same) for n in range(8))).picture.ends
    assert min(np.diff(sorted(end.middle for end in ends))) >= 17 - 1e-6
    assert len({end.at for end in ends}) == 1


def test_one_replicate_has_no_band_and_the_caption_says_so():
    drawing = drawn(curve(replicates=1))
    assert not shapes(drawing, "area")
    assert "One replicate" in drawing.notes[0]


def test_a_gap_is_a_gap():
    values = np.ones((3, X.size))
    values[:, 10:15] = np.nan
    drawing = drawn(curve(values=values))
    assert shapes(drawing, "line")[0].path.count("M") == 2
    assert shapes(drawing, "area")[0].path.count("M") == 2
    assert any("gap" in note for note in drawing.notes)


def test_a_lonely_value_is_marked():
    values = np.full((3, X.size), np.nan)
    values[:, 4] = 1.0
    assert len(spots(drawn(curve(values=values)))) == 1


def test_a_line_that_stops_early_is_marked_there_and_led_to_its_name():
    values = np.ones((3, X.size))
    values[:, 20:] = np.nan
    drawing = drawn(curve(values=values))
    assert len(spots(drawing)) == 1
    (leader,) = shapes(drawing, "leader wide")
    assert walked(leader.path)[0][-1][0] == 4000
    assert not shapes(drawn(curve()), "leader wide")


def test_few_positions_carry_symbols():
    few = Curve("a", np.arange(3.0), np.ones((2, 3)), "a")
    assert len(spots(drawn(few))) == 3
    assert not spots(drawn(curve()))


def test_along_x_every_line_tells_its_value():
    values = np.ones((3, X.size))
    values[:, 20:] = np.nan
    read = drawn(curve("a"), curve("b", values=values)).hover
    assert read["labels"][0] == "Epoch: 1"
    assert len(read["x"]) == X.size
    assert read["rows"][1]["texts"][0] == "1.00 [1.00, 1.00]"
    assert read["rows"][1]["texts"][-1] == ""


def test_long_curves_tell_fewer_values_than_they_have():
    x = np.arange(1.0, 2001.0)
    long = [Curve(f"c{n}", x, np.ones((2, x.size)), f"c{n}") for n in range(6)]
    read = drawn(*long).hover
    assert len(read["x"]) == 100
    assert read["labels"][-1] == "Epoch: 2000"


def test_a_curve_without_a_value_is_named_as_such():
    drawing = drawn(curve("here"), curve("gone", values=np.full((2, X.size), np.nan)))
    assert "Without a value: gone." in drawing.notes
    assert drawing.numbers is not None
    assert drawing.numbers.rows[1] == ("gone", "—", "—", 0)


def test_nothing_at_all_can_be_drawn():
    for log in (False, True):
        drawing = drawn(curve(values=np.full((2, X.size), np.nan)), y_log=log)
        assert drawing.notes == ("No value can be drawn.",)


def test_a_log_axis_says_that_means_are_geometric():
    assert "geometric" in drawn(curve(), y_log=True).notes[0]


def test_values_that_cannot_stand_on_a_log_axis_are_mentioned():
    values = np.ones((2, X.size))
    values[0, 0] = 0.0
    assert any("logarithmic" in note for note in drawn(curve(values=values), y_log=True).notes)


def test_x_at_or_below_zero_is_left_out_of_a_log_axis():
    chart = Curve("a", np.array([0.0, 1.0, 10.0]), np.ones((2, 3)), "a")
    drawing = drawn(chart, x_log=True)
    assert len(spots(drawing)) == 2
    assert [tick.text for tick in frame(drawing).x_ticks] == ["1", "10"]


def test_the_number_of_replicates_is_said_once():
    assert "n = 4" in drawn(curve(), caption="All fall.").notes[0]
    assert "n = 4" not in drawn(curve(), caption="All fall (n = 4).").notes[0]


def test_two_replicates_do_not_flatten_the_lines():
    values = np.vstack([1 / X, 1 / X])
    values[0, 0] = 0.5
    ticks = [
        float(tick.text.replace("−", "-")) for tick in frame(drawn(curve(values=values))).y_ticks
    ]
    assert ticks[-1] - ticks[0] < 2.5


def test_more_names_than_fit_go_to_the_legend():
    many = [curve(f"a very long name of remedy number {n}, with particulars") for n in range(12)]
    assert drawn(*many).legend_shown == "always"
    assert drawn(*many).picture.ends == ()
    assert drawn(many[0], many[1]).legend_shown == "narrow"


def test_a_caption_that_names_the_band_is_not_repeated():
    said = "Means over replicates, with 95 % intervals."
    assert drawn(curve(), caption=said).notes == ()
    assert "geometric" in drawn(curve(), caption=said, y_log=True).notes[0]
