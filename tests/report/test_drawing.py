import itertools

from hypothesis import given
from hypothesis import strategies as st

from levelset.report.drawing import label, plain, spread


@given(st.lists(st.tuples(st.floats(0, 300), st.sampled_from([17.0, 34.0])), max_size=9))
def test_labels_never_overlap_and_stay_inside(labels):
    middles, heights = [m for m, _ in labels], [h for _, h in labels]
    placed = spread(middles, heights, 320.0)
    edges = sorted((p - h / 2, p + h / 2) for p, h in zip(placed, heights, strict=True))
    for (_, lower), (upper, _) in itertools.pairwise(edges):
        assert lower <= upper + 1e-9
    assert all(top >= -1e-9 and bottom <= 320 + 1e-9 for top, bottom in edges)


@given(st.lists(st.floats(20, 300), max_size=9, unique=True))
def test_labels_keep_their_order(middles):
    placed = spread(middles, [17.0] * len(middles), 320.0)
    order = sorted(range(len(middles)), key=lambda n: middles[n])
    assert [placed[n] for n in order] == sorted(placed)


def test_labels_that_do_not_touch_stay_where_they_are():
    assert spread([20.0, 100.0, 60.0], [17.0] * 3, 320.0) == [20.0, 100.0, 60.0]


def test_long_names_are_cut_into_even_lines():
    assert label("early stopping, patience 10", 26).lines == ("early stopping,", "patience 10")


def test_names_beyond_the_room_end_in_an_ellipsis():
    cut = label("one two three four five", 9, at_most=2)
    assert cut.lines[-1].endswith("…")
    assert len(cut.lines) == 2


def test_an_empty_name_has_no_width():
    assert label("", 10).width == 0


def test_plotly_markup_is_escaped():
    assert plain("<b>A & B</b>") == "&lt;b&gt;A &amp; B&lt;/b&gt;"
    assert "$" not in plain("$x^2$")
