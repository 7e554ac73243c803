import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    TEMPERATURE_BOUNDS,
    bin_codes,
    bin_edges,
    fit_temperature,
    one_against_rest,
    prediction_groups,
    reliability,
    tempered,
    top_label,
    wilson_interval,
)
from levelset.theory.calibration import BinningName
from tests.reference import calibration as reference
from tests.reference.unchecked import errors_of

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
probabilities_of_ten = arrays(np.float64, 10, elements=st.floats(0.0, 1.0))
both_binnings = pytest.mark.parametrize("binning", ["equal_width", "equal_count"])

N, C = 300, 3
Q = stream(0, "calibration", "q").dirichlet(np.ones(C), size=N)
LABELS = (Q.cumsum(axis=1) < stream(0, "calibration", "labels").random((N, 1))).sum(axis=1)
SCORES, EVENTS = top_label(Q, LABELS)


@both_binnings
class TestBins:
    @repeatable
    @given(probabilities_of_ten, st.integers(1, 12))
    def test_every_score_is_in_one_bin_that_holds_it(
        self, binning: BinningName, scores: np.ndarray, bins: int
    ) -> None:
        edges = bin_edges(scores, bins, binning)
        codes = bin_codes(scores, edges)
        assert len(edges) <= bins + 1
        assert ((edges[codes] <= scores) & (scores <= edges[codes + 1])).all()
        expected = reference.members_of_bins(scores.tolist(), edges.tolist())
        if len(np.unique(edges)) == len(edges):  # one repeated score makes a bin of no width
            given = [np.flatnonzero(codes == k).tolist() for k in range(len(edges) - 1)]
            assert given == expected

    def test_refuses_what_is_no_probability(self, binning: BinningName) -> None:
        for scores in (np.array([]), np.array([0.5, 1.1]), np.array([np.nan])):
            with pytest.raises(DataError, match="all from 0 to 1, got shape"):
                bin_edges(scores, 5, binning)

    def test_refuses_no_bins(self, binning: BinningName) -> None:
        with pytest.raises(DataError, match=f"`bins` >= 1, got '{binning}' and 0"):
            bin_edges(SCORES, 0, binning)


def test_refuses_a_binning_that_there_is_not() -> None:
    call = "__import__('levelset.theory').theory.bin_edges(np.ones(3), 5, 'even')"
    message = (
        '`binning` must be "equal_width" or "equal_count" and `bins` >= 1, got \'even\' and 5.'
    )
    assert errors_of([call]) == {call: f"DataError: {message}"}


def test_equal_counts_are_equal_where_scores_differ() -> None:
    table = reliability(SCORES, EVENTS, bins=10, binning="equal_count")
    assert table.counts.tolist() == [N // 10] * 10


def test_equal_scores_stay_together() -> None:
    scores = np.array([0.2] * 8 + [0.9] * 2)
    table = reliability(scores, np.array([0, 1] * 5), bins=5, binning="equal_count")
    assert sorted(count for count in table.counts.tolist() if count) == [2, 8]
    alone = reliability(np.full(4, 0.3), np.array([0, 1, 0, 0]), bins=5, binning="equal_count")
    assert (alone.counts.tolist(), alone.observed.tolist()) == ([4], [0.25])


@both_binnings
class TestReliability:
    @pytest.mark.parametrize("bins", [1, 5, 15])
    def test_equals_scikit_learn(self, binning: BinningName, bins: int) -> None:
        strategy = "uniform" if binning == "equal_width" else "quantile"
        scores, events = one_against_rest(Q, LABELS, 1)
        observed, predicted = calibration_curve(events, scores, n_bins=bins, strategy=strategy)
        table = reliability(scores, events, bins=bins, binning=binning)
        filled = table.counts > 0
        np.testing.assert_allclose(table.observed[filled], observed, rtol=1e-13)
        np.testing.assert_allclose(table.predicted[filled], predicted, rtol=1e-13)

    def test_error_equals_its_slow_twin(self, binning: BinningName) -> None:
        table = reliability(SCORES, EVENTS, bins=7, binning=binning)
        expected = reference.calibration_error(
            SCORES.tolist(), EVENTS.tolist(), table.edges.tolist()
        )
        assert table.error == pytest.approx(expected, rel=1e-12)
        assert table.error <= table.worst

    def test_intervals_are_wilson_s(self, binning: BinningName) -> None:
        table = reliability(SCORES, EVENTS, bins=6, binning=binning, level=0.9)
        for k, count in enumerate(table.counts.tolist()):
            if count:
                came = round(count * table.observed[k])
                interval = wilson_interval(came, count, 0.9)
                assert (table.low[k], table.high[k]) == (interval.low, interval.high)
        assert (table.level, table.counts.sum()) == (0.9, N)

    def test_bins_without_rows_are_empty_and_do_not_count(self, binning: BinningName) -> None:
        scores, events = np.array([0.05, 0.95, 0.97]), np.array([0, 1, 1])
        table = reliability(scores, events, bins=10, binning=binning)
        empty = table.counts == 0
        for values in (table.predicted, table.observed, table.low, table.high):
            np.testing.assert_array_equal(np.isnan(values), empty)
        assert math.isfinite(table.error)
        assert math.isfinite(table.worst)

    def test_of_many_calibrated_rows_finds_little_error(self, binning: BinningName) -> None:
        generator = stream(1, "calibrated")
        scores = generator.random(100_000)
        events = (generator.random(100_000) < scores).astype(np.int64)
        table = reliability(scores, events, bins=10, binning=binning)
        assert table.error < 0.01  # a bin of 10,000 rows is off by 0.004 on average
        held = (table.low <= table.predicted) & (table.predicted <= table.high)
        assert held.sum() >= 8

    def test_refuses_events_that_are_not_0_or_1(self, binning: BinningName) -> None:
        with pytest.raises(
            DataError, match=r"`events` must hold numbers from 0 to 1, got .* 1 to 2"
        ):
            reliability(SCORES, EVENTS + 1, binning=binning)


def test_error_by_hand() -> None:
    # Two bins: 0.3 is predicted where half come, 0.9 where all do: (2 · 0.2 + 1 · 0.1) / 3.
    table = reliability(np.array([0.2, 0.4, 0.9]), np.array([0, 1, 1]), bins=2)
    assert (table.error, table.worst) == (pytest.approx(1 / 6), pytest.approx(0.2))


def test_top_label_and_classes_are_what_they_say() -> None:
    q, labels = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]), np.array([2, 0])
    scores, events = top_label(q, labels)
    assert (scores.tolist(), events.tolist()) == ([0.5, 0.6], [0, 1])
    scores, events = one_against_rest(q, labels, 2)
    assert (scores.tolist(), events.tolist()) == ([0.3, 0.1], [1, 0])


def test_labels_must_fit() -> None:
    with pytest.raises(DataError, match=r"`labels` must hold numbers from 0 to 2, got .* 1 to 3"):
        top_label(Q, LABELS + 1)
    with pytest.raises(DataError, match="`labels` must hold numbers from 0 to 2, got no rows"):
        fit_temperature(Q[:0], LABELS[:0])


@both_binnings
def test_prediction_groups_keep_classes_and_bins_apart(binning: BinningName) -> None:
    groups = prediction_groups(Q, 4, binning)
    codes = bin_codes(SCORES, bin_edges(SCORES, 4, binning))
    pairs = set(zip(Q.argmax(axis=1).tolist(), codes.tolist(), groups.tolist(), strict=True))
    assert len({pair[:2] for pair in pairs}) == len({pair[2] for pair in pairs}) == len(pairs)


class TestTemperature:
    def test_equals_its_slow_twin(self) -> None:
        sharp = tempered(Q, 0.4)
        expected = reference.temperature_by_halving(sharp.tolist(), LABELS.tolist())
        assert fit_temperature(sharp, LABELS) == pytest.approx(expected, rel=1e-6)

    def test_log_loss_equals_scikit_learn_and_the_slow_twin(self) -> None:
        for temperature in (0.5, 2.0):
            expected = reference.tempered_log_loss(Q.tolist(), LABELS.tolist(), temperature)
            given = log_loss(LABELS, tempered(Q, temperature), labels=range(C))
            assert given == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("true_temperature", [0.3, 1.0, 3.0])
    def test_recovers_a_temperature(self, true_temperature: float) -> None:
        generator = stream(2, "temperature")
        q = generator.dirichlet(np.ones(C), size=20_000)
        labels = (q.cumsum(axis=1) < generator.random((20_000, 1))).sum(axis=1)
        found = fit_temperature(tempered(q, 1.0 / true_temperature), labels)
        assert found == pytest.approx(true_temperature, rel=0.05)

    @repeatable
    @given(arrays(np.float64, (4, 3), elements=st.floats(-30.0, 30.0)), st.floats(0.1, 10.0))
    def test_does_not_change_the_likeliest_class(
        self, logits: np.ndarray, temperature: float
    ) -> None:
        q = np.exp(logits - logits.max(axis=1, keepdims=True))
        q /= q.sum(axis=1, keepdims=True)
        after = tempered(q, temperature)
        best = np.take_along_axis(after, q.argmax(axis=1)[:, None], axis=1)[:, 0]
        np.testing.assert_allclose(best, after.max(axis=1), rtol=1e-12)

    def test_stops_at_a_bound_where_no_temperature_is_best(self) -> None:
        sure = np.array([[0.9, 0.1]] * 5)
        low, high = TEMPERATURE_BOUNDS
        assert fit_temperature(sure, np.zeros(5, np.int64)) == low
        assert fit_temperature(sure, np.ones(5, np.int64)) == high

    def test_of_probabilities_rounded_to_zero_is_finite(self) -> None:
        q = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        found = fit_temperature(q, np.array([0, 1, 1]))
        assert TEMPERATURE_BOUNDS[0] < found <= TEMPERATURE_BOUNDS[1]
