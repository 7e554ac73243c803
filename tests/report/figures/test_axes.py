import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.report.figures.axes import Scale, Tick, covering, marked, stops

FINITE = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(FINITE, min_size=1, max_size=20), st.integers(3, 8))
def test_linear_ticks_are_few_and_inside(values, at_most):
    scale = covering(values)
    ticks = scale.ticks(at_most)
    slack = 1e-6 * (scale.high - scale.low)
    assert len(ticks) <= at_most
    assert all(scale.low - slack <= place <= scale.high + slack for place in ticks)
    assert list(ticks) == sorted(ticks)


@given(st.lists(st.floats(1e-30, 1e12), min_size=1, max_size=20), st.integers(3, 8))
def test_log_ticks_are_few_and_inside(values, at_most):
    scale = covering(values, log=True)
    ticks = scale.ticks(at_most)
    assert len(ticks) <= at_most + 1
    assert all(scale.low * 0.999 <= place <= scale.high * 1.001 for place in ticks)


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_covering_holds_every_value(values):
    scale = covering(values)
    assert scale.low < scale.high
    assert scale.low <= min(values) <= max(values) <= scale.high


@pytest.mark.parametrize("log", [False, True])
def test_covering_nothing_is_still_a_range(log):
    scale = covering([math.nan, math.inf], log)
    assert math.isfinite(scale.low)
    assert scale.low < scale.high


def test_a_log_range_passes_over_zero():
    scale = covering([0.0, -1.0, 0.01, 1.0], log=True)
    assert 0.005 < scale.low < 0.01


def test_no_room_after_the_last_value():
    assert covering([0.0, 10.0], margin=0.1, after=0.0) == Scale(-1.0, 10.0)


@pytest.mark.parametrize(
    ("scale", "texts"),
    [
        (Scale(0.0, 10.0), ["0", "2", "4", "6", "8", "10"]),
        (Scale(-0.03, 0.02), ["−0.03", "−0.02", "−0.01", "0.00", "0.01", "0.02"]),
        (Scale(0.0, 2e-5 * 1.01), ["0", "5 × 10⁻⁶", "10⁻⁵", "1.5 × 10⁻⁵", "2 × 10⁻⁵"]),
        (Scale(1e-3, 10.0, log=True), ["0.001", "0.01", "0.1", "1", "10"]),
        (Scale(1e-7, 1.0, log=True), ["10⁻⁶", "10⁻⁴", "10⁻²", "1"]),
        (Scale(0.09, 1.2, log=True), ["0.1", "0.2", "0.5", "1"]),
        (Scale(2.5, 14.0, log=True), ["3", "5", "7", "10"]),
        (Scale(8.0, 9.0, log=True), ["8.0", "8.2", "8.4", "8.6", "8.8", "9.0"]),
    ],
)
def test_tick_labels(scale, texts):
    assert list(scale.ticks(6).values()) == texts


def test_few_places_get_a_tick_each():
    places = [2.0**n for n in range(1, 10)]
    ticks = stops(places * 3, covering(places, log=True), 6)
    assert list(ticks.values()) == ["2", "4", "8", "16", "32", "64", "128", "256", "512"]


def test_crowded_places_do_not():
    places = [1.0, 2.0, 3.0, 100.0]
    assert stops(places, covering(places), 6) == covering(places).ticks(6)


def test_fraction_runs_from_zero_to_one():
    assert Scale(1e-4, 1.0, log=True).fraction(1e-2) == pytest.approx(0.5)
    assert Scale(-1.0, 1.0).fraction(0.5) == pytest.approx(0.75)


def test_fractions_agree_with_the_slow_twin_and_pass_over_what_cannot_stand():
    scale = Scale(0.01, 100.0, log=True)
    shares = scale.fractions(np.array([0.01, 1.0, 50.0, 0.0, -1.0, np.nan]))
    assert shares[:3] == pytest.approx([scale.fraction(value) for value in (0.01, 1.0, 50.0)])
    assert np.isnan(shares[3:]).all()
    assert Scale(-1.0, 3.0).fractions(np.array([0, 1])).tolist() == [0.25, 0.5]


def test_ticks_of_a_desk_and_of_a_phone_stand_together():
    ticks = marked(Scale(0.0, 4.0), {0.0: "0", 1.0: "1", 2.0: "2"}, {0.0: "0", 2.0: "2.0"})
    assert ticks == (
        Tick(0.0, "0", ""),
        Tick(0.25, "1", "wide"),
        Tick(0.5, "2", "wide"),
        Tick(0.5, "2.0", "narrow"),
    )
