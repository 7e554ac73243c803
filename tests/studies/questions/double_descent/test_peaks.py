import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from levelset.seeds import stream
from levelset.studies.questions.double_descent.peaks import honest_peaks, peak_of

curves = arrays(np.float64, st.integers(3, 9), elements=st.integers(-5, 5).map(float))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(curves)
def test_the_peak_is_the_most_marked_of_all_places(curve):
    valley, peak = peak_of(curve)
    marked = []
    for j in range(1, len(curve) - 1):
        lowest = min(curve[:j])
        marked.append(min(curve[j] - lowest, curve[j] - curve[-1]))
    assert 0 <= valley < peak < len(curve) - 1
    assert curve[valley] == min(curve[:peak])
    assert min(curve[peak] - curve[valley], curve[peak] - curve[-1]) == max(marked)


def test_a_replicate_is_judged_where_the_others_have_their_peak():
    curves = np.array(
        [[9.0, 1.0, 5.0, 2.0, 0.0], [9.0, 1.0, 2.0, 5.0, 0.0], [9.0, 1.0, 2.0, 5.0, 0.0]]
    )
    found = honest_peaks(curves)
    assert found.peak.tolist()[0] == 3
    assert found.rise[0] == pytest.approx(1.0)
    assert found.fall[0] == pytest.approx(2.0)


def test_noise_has_no_peak_that_others_confirm():
    noise = stream(0, "peaks").normal(size=(400, 12))
    found = honest_peaks(noise)
    in_hindsight = noise[:, 1:-1].max(axis=1) - noise[:, -1]
    assert in_hindsight.mean() > 1
    assert found.fall.mean() < 0.2
    assert found.rise.mean() < 0.2


def test_noise_neither_rises_and_falls_nor_does_the_contrary():
    found = [honest_peaks(stream(seed, "peaks").normal(size=(6, 12))) for seed in range(400)]
    both = np.array([one.both.mean() for one in found])
    smaller = np.array([np.minimum(one.rise, one.fall).mean() for one in found])
    error = both.std(ddof=1) / np.sqrt(len(both))
    assert abs(both.mean()) < 3 * error
    assert smaller.mean() < -10 * error  # of its own two a replicate has a low one by chance


def test_the_lesser_of_rise_and_fall_is_that_of_the_others():
    curves = np.array([[0.0, 9.0, 0.0], [0.0, 4.0, 3.0], [0.0, 4.0, 3.0], [3.0, 4.0, 0.0]])
    found = honest_peaks(curves)
    assert found.rise.tolist() == [9.0, 4.0, 4.0, 1.0]
    assert found.fall.tolist() == [9.0, 1.0, 1.0, 4.0]
    # The others' falls: 6, 14, 14 and 11 together; their rises: 9, 14, 14 and 17.
    assert found.both.tolist() == [9.0, 1.0, 1.0, 4.0]


@pytest.mark.parametrize("places", [1, 2])
def test_curves_too_short_for_a_peak_neither_rise_nor_fall(places):
    found = honest_peaks(np.arange(5.0)[:, None] * np.arange(1.0, places + 1))
    for values in (found.rise, found.fall, found.both):
        assert values.tolist() == [0.0] * 5


def test_of_a_curve_that_only_falls_nothing_rises():
    found = honest_peaks(np.tile(np.arange(6.0)[::-1], (4, 1)))
    assert (found.rise < 0).all()
