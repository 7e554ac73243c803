import numpy as np
import pytest

from levelset.report.curves import draw_curves
from levelset.report.palette import assign
from levelset.studies.charts import Curve, CurveChart

X = np.arange(1.0, 31.0)


def curve(name="a", replicates=4, values=None):
    noise = np.random.Generator(np.random.Philox(1)).random((replicates, X.size))
    return Curve(name, X, 1 / X + 0.1 * noise if values is None else values, name)


def drawn(*curves, **settings):
    chart = CurveChart("t", settings.pop("caption", "c"), "Epoch", "Loss", curves, **settings)
    return draw_curves(chart, assign([[c.color_key for c in curves]]))


def lines(drawing):
    return [trace for trace in drawing.traces if trace["mode"] != "none"]


def bands(drawing):
    return [trace for trace in drawing.traces if trace["mode"] == "none"]


@pytest.mark.parametrize("count", [1, 2, 6, 12])
def test_every_curve_has_a_line_and_a_band_and_a_name(count):
    drawing = drawn(*(curve(f"c{n}") for n in range(count)))
    assert len(lines(drawing)) == len(bands(drawing)) == len(drawing.legend) == count
    texts = [note["text"] for note in drawing.layout["annotations"]]
    assert [f"c{n}" for n in range(count)] == [text for text in texts if text.startswith("c")]
    assert drawing.legend_shown == "never"


def test_bands_lie_under_lines():
    modes = [trace["mode"] == "none" for trace in drawn(curve("a"), curve("b")).traces]
    assert modes == sorted(modes, reverse=True)


def test_names_at_line_ends_do_not_overlap():
    same = np.ones((3, X.size))
    drawing = drawn(*(curve(f"c{n}", values=same) for n in range(8)))
    notes = [note for note in drawing.layout["annotations"] if note.get("showarrow")]
    places = sorted((1 - note["y"]) * 320 + note["ay"] for note in notes)
    assert min(np.diff(places)) >= 17 - 1e-6


def test_one_replicate_has_no_band_and_the_caption_says_so():
    drawing = drawn(curve(replicates=1))
    assert not bands(drawing)
    assert "One replicate" in drawing.notes[0]


def test_a_gap_is_a_gap():
    values = np.ones((3, X.size))
    values[:, 10:15] = np.nan
    drawing = drawn(curve(values=values))
    line = lines(drawing)[0]
    assert line["y"][9:16] == [1.0, None, None, None, None, None, 1.0]
    assert line["connectgaps"] is False
    assert bands(drawing)[0]["x"].count(None) == 1
    assert any("gap" in note for note in drawing.notes)


def test_a_lonely_value_is_marked():
    values = np.full((3, X.size), np.nan)
    values[:, 4] = 1.0
    line = lines(drawn(curve(values=values)))[0]
    assert line["mode"] == "lines+markers"
    assert line["marker"]["size"][4] > 0


def test_a_line_that_stops_early_is_marked_where_it_stops():
    values = np.ones((3, X.size))
    values[:, 20:] = np.nan
    sizes = lines(drawn(curve(values=values)))[0]["marker"]["size"]
    assert [n for n, size in enumerate(sizes) if size] == [19]


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
    assert lines(drawing)[0]["x"][0] is None
    assert drawing.layout["xaxis"]["range"][0] > -1


def test_the_number_of_replicates_is_said_once():
    assert "n = 4" in drawn(curve(), caption="All fall.").notes[0]
    assert "n = 4" not in drawn(curve(), caption="All fall (n = 4).").notes[0]


def test_two_replicates_do_not_flatten_the_lines():
    values = np.vstack([1 / X, 1 / X])
    values[0, 0] = 0.5
    low, high = drawn(curve(values=values)).layout["yaxis"]["range"]
    assert high - low < 2.5


def test_long_names_go_to_the_legend():
    many = [curve(f"a very long name of remedy number {n}, with particulars") for n in range(12)]
    assert drawn(*many).legend_shown == "always"
    assert drawn(many[0], many[1]).legend_shown == "narrow"


def test_names_are_escaped_for_plotly():
    drawing = drawn(curve("<b>&</b>"))
    assert lines(drawing)[0]["name"] == "&lt;b&gt;&amp;&lt;/b&gt;"
    assert any(n["text"] == "&lt;b&gt;&amp;&lt;/b&gt;" for n in drawing.layout["annotations"])


def test_a_caption_that_names_the_band_is_not_repeated():
    said = "Means over replicates, with 95 % intervals."
    assert drawn(curve(), caption=said).notes == ()
    assert "geometric" in drawn(curve(), caption=said, y_log=True).notes[0]
