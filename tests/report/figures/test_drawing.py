import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.report.figures.axes import Tick
from levelset.report.figures.drawing import End, Frame, Picture, label, spread


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


def test_a_label_is_as_high_as_its_lines():
    assert label("", 10).height == 0
    assert label("a rather long name", 10).height == 34


def test_frames_know_the_room_that_their_labels_need():
    ticks = (Tick(0.0, "0", ""), Tick(1.0, "1,000", ""))
    frame = Frame("", (), y_ticks=ticks)
    assert frame.left == 5
    end = End(("first line", "second"), "--a", "--a", 0.0, 0.0)
    assert Picture((frame,), "x", "y", "open", 300, ends=(end,)).right == 10


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (7, 3)])
def test_frames_stand_in_even_rows(count, columns):
    assert Picture((Frame("", ()),) * count, "x", "y", "boxed", ratio=1.0).columns == columns
