import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.report.figures.marks import (
    HEIGHT,
    WIDTH,
    closed_path,
    open_path,
    percent,
    spot,
    thinned,
)

SHARE = st.floats(-2, 2, allow_nan=False)


def walked(path):
    """The slow twin: follow a path of M, l and z, and give the points of each stretch."""
    stretches = []
    for part in re.findall(r"M[^M]*", path):
        numbers = [int(n) for n in re.findall(r"-?\d+", part.replace("h0", ""))]
        points = [(numbers[0], numbers[1])]
        for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        stretches.append(points)
    return stretches


@given(st.lists(st.tuples(SHARE, SHARE), min_size=2, max_size=20))
def test_a_line_passes_its_points_to_half_a_unit(points):
    across, upward = np.array(points).T
    (found,) = walked(open_path(across, upward))
    wanted = [(round(x * WIDTH), round((1 - y) * HEIGHT)) for x, y in points]
    at = 0
    for place in found:
        while np.abs(np.subtract(wanted[at], place)).max() > 1:
            at += 1  # points that fall together are written once
    assert at >= 0
    assert np.abs(np.subtract(wanted[-1], found[-1])).max() <= 1


def test_a_line_breaks_where_a_value_is_missing():
    nan = np.nan
    path = open_path(np.array([0.0, 0.1, 0.2, 0.3, 0.4]), np.array([0.0, 0.1, nan, 0.3, 0.4]))
    assert [len(stretch) for stretch in walked(path)] == [2, 2]
    assert open_path(np.array([0.0, 0.1]), np.array([0.0, nan])) == ""


def test_what_lies_far_outside_stays_a_small_number():
    path = open_path(np.array([0.0, 1.0]), np.array([0.0, 1e30]))
    assert max(abs(int(n)) for n in re.findall(r"-?\d+", path)) < 20_000


def test_a_closed_path_ends_where_it_began():
    assert closed_path(np.array([0.0, 1.0, 1.0]), np.zeros(3)).endswith("z")


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0"), (1.0, "100"), (0.1, "10"), (1 / 3, "33.33"), (-0.05, "-5")]
)
def test_percentages_are_short(share, text):
    assert percent(share) == text


def test_spots_are_counted_from_the_top():
    assert spot(0.25, 0.75, "tip").top == "25"


@given(st.integers(0, 500), st.integers(1, 100))
def test_thinned_places_are_few_and_hold_the_ends(length, at_most):
    places = thinned(length, at_most).tolist()
    assert len(places) <= at_most
    assert places == sorted(set(places))
    assert all(0 <= place < max(length, 1) for place in places)
    if length > 1 and at_most > 1:
        assert (places[0], places[-1]) == (0, length - 1)
