import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    Interval,
    bootstrap_interval,
    holm,
    mean_interval,
    resampled_error,
    resampled_interval,
    resampled_p_value,
    standard_error_interval,
    wilson_interval,
)
from levelset.theory.statistics import mean_p_value
from tests.reference import statistics as reference

repeatable = settings(derandomize=True, deadline=None, max_examples=60)
p_values = arrays(np.float64, st.integers(0, 6), elements=st.floats(0.0, 1.0))

VALUES = stream(0, "statistics").normal(0.3, 1.0, size=9)

# Every interval of a mean, with a way to ask it for a level.
MEAN_INTERVALS = {
    "mean": lambda values, level=0.95: mean_interval(values, level),
    "resampled": lambda values, level=0.95: resampled_interval(values, 0.25, level),
    "bootstrap": lambda values, level=0.95: bootstrap_interval(
        values, stream(0, "bootstrap"), level, replicates=500
    ),
}
every_mean_interval = pytest.mark.parametrize(
    "interval_of", MEAN_INTERVALS.values(), ids=MEAN_INTERVALS
)


def ends(interval: Interval) -> tuple[float, float]:
    return interval.low, interval.high


@every_mean_interval
class TestEveryMeanInterval:
    def test_holds_its_estimate(self, interval_of) -> None:
        interval = interval_of(VALUES)
        assert interval.estimate == pytest.approx(VALUES.mean(), rel=1e-14)
        assert interval.low < interval.estimate < interval.high
        assert (interval.level, interval.n) == (0.95, 9)

    def test_widens_with_the_level(self, interval_of) -> None:
        narrow, wide = interval_of(VALUES, 0.8), interval_of(VALUES, 0.99)
        assert wide.low < narrow.low < narrow.high < wide.high

    def test_gains_and_losses_of_the_same_size_leave_nothing(self, interval_of) -> None:
        right = np.array([[26, 25], [14, 15], [25, 23], [12, 14]]) / 27.0
        assert (right[:, 0] - right[:, 1]).sum() != 0.0
        assert interval_of(right[:, 0] - right[:, 1]).estimate == 0.0

    @pytest.mark.parametrize("value", [0.0, 0.1, -1e9 / 7.0])
    def test_of_equal_values_has_no_width(self, interval_of, value: float) -> None:
        interval = interval_of(np.full(7, value))
        assert (interval.estimate, interval.low, interval.high) == (value, value, value)

    @pytest.mark.parametrize("size", [0, 1])
    def test_refuses_fewer_than_two_values(self, interval_of, size: int) -> None:
        with pytest.raises(ValueError, match=rf"at least 2 values, all finite, got {size} of"):
            interval_of(np.ones(size))

    @pytest.mark.parametrize("value", [math.nan, math.inf])
    def test_refuses_values_that_are_not_finite(self, interval_of, value: float) -> None:
        with pytest.raises(DataError, match="got 3 of which 2 are finite"):
            interval_of(np.array([1.0, value, 2.0]))

    @pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
    def test_refuses_a_level_outside_0_1(self, interval_of, level: float) -> None:
        with pytest.raises(DataError, match=f"`level` must lie between 0 and 1, got {level}"):
            interval_of(VALUES, level)


class TestMeanInterval:
    def test_equals_its_slow_twin(self) -> None:
        expected = reference.resampled_interval(VALUES.tolist(), 0.0, 0.9)
        assert ends(mean_interval(VALUES, 0.9)) == pytest.approx(expected, rel=1e-12)

    def test_equals_scipy(self) -> None:
        expected = stats.ttest_1samp(VALUES, 0.0).confidence_interval(0.95)
        assert ends(mean_interval(VALUES)) == pytest.approx(tuple(expected), rel=1e-12)

    def test_by_hand(self) -> None:
        # mean 3, s² = 10/4, standard error √(2.5/5), and the table's t₄ = 2.776
        interval = mean_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
        assert interval.estimate == 3.0
        assert interval.high - 3.0 == pytest.approx(2.776 * math.sqrt(0.5), abs=5e-4)

    def test_covers_the_mean_at_its_level(self) -> None:
        samples = stream(0, "coverage").normal(5.0, 2.0, size=(3000, 4))
        held = [low <= 5.0 <= high for low, high in map(ends, map(mean_interval, samples))]
        assert np.mean(held) == pytest.approx(0.95, abs=0.012)  # three standard errors


class TestResampled:
    def test_interval_equals_its_slow_twin(self) -> None:
        expected = reference.resampled_interval(VALUES.tolist(), 0.25, 0.9)
        assert ends(resampled_interval(VALUES, 0.25, 0.9)) == pytest.approx(expected, rel=1e-12)

    def test_error_equals_its_slow_twin(self) -> None:
        expected = math.sqrt((1.0 / len(VALUES) + 0.25) * reference.variance(VALUES.tolist()))
        assert resampled_error(VALUES, 0.25) == pytest.approx(expected, rel=1e-12)

    def test_p_value_equals_its_slow_twin(self) -> None:
        expected = reference.resampled_p_value(VALUES.tolist(), 0.25)
        assert resampled_p_value(VALUES, 0.25) == pytest.approx(expected, rel=1e-12)

    def test_by_hand(self) -> None:
        # ten splits of s = 1 at n₂/n₁ = 1/9: the error is √(1/10 + 1/9), not √(1/10)
        values = np.tile([1.0, -1.0], 5) * math.sqrt(0.9) + 2.0
        half = resampled_interval(values, 1.0 / 9.0).high - 2.0
        assert half == pytest.approx(2.2622 * math.sqrt(19.0 / 90.0), abs=1e-4)

    @pytest.mark.parametrize("shift", [-0.4, 0.0, 1.0])
    def test_p_value_and_interval_agree(self, shift: float) -> None:
        p_value = resampled_p_value(VALUES + shift, 0.25)
        touching = resampled_interval(VALUES + shift, 0.25, level=1.0 - p_value)
        assert min(abs(touching.low), abs(touching.high)) == pytest.approx(0.0, abs=1e-9)

    @pytest.mark.parametrize("value", [0.0, 0.1, -3.0])
    def test_p_value_of_equal_differences_is_the_sign_tests(self, value: float) -> None:
        expected = 1.0 if value == 0.0 else stats.binomtest(5, 5).pvalue
        assert resampled_p_value(np.full(5, value), 0.25) == expected

    @pytest.mark.parametrize("share", [0.0, -0.1, math.nan])
    def test_refuses_a_share_that_is_not_positive(self, share: float) -> None:
        for function in (resampled_interval, resampled_p_value):
            with pytest.raises(DataError, match="`test_share` must be > 0, got"):
                function(VALUES, share)

    def test_covers_under_the_correlation_it_assumes_where_student_does_not(self) -> None:
        # Nadeau and Bengio take the correlation of splits to be ρ = n₂ / (n₁ + n₂).
        test_share, splits, experiments = 1.0 / 3.0, 15, 2000
        rho = test_share / (1.0 + test_share)
        generator = stream(0, "resampled coverage")
        common = generator.normal(size=(experiments, 1)) * math.sqrt(rho)
        own = generator.normal(size=(experiments, splits)) * math.sqrt(1.0 - rho)

        def coverage(interval_of) -> float:
            intervals = [interval_of(sample) for sample in common + own]
            return float(np.mean([low <= 0.0 <= high for low, high in map(ends, intervals)]))

        assert coverage(MEAN_INTERVALS["mean"]) < 0.7
        corrected = coverage(lambda sample: resampled_interval(sample, test_share))
        assert corrected == pytest.approx(0.95, abs=0.015)  # three standard errors


class TestMeanPValue:
    @pytest.mark.parametrize("shift", [-0.4, 0.0, 1.0, 1e6])
    def test_is_scipys(self, shift: float) -> None:
        expected = stats.ttest_1samp(VALUES + shift, 0.0)[1]
        assert mean_p_value(VALUES + shift) == pytest.approx(expected, rel=1e-9)

    def test_of_pairs_is_scipys_of_two_samples(self) -> None:
        other = stream(1, "statistics").normal(size=9)
        expected = stats.ttest_rel(VALUES, other)[1]
        assert mean_p_value(VALUES - other) == pytest.approx(expected, rel=1e-12)

    def test_agrees_with_the_interval(self) -> None:
        touching = mean_interval(VALUES, level=1.0 - mean_p_value(VALUES))
        assert min(abs(touching.low), abs(touching.high)) == pytest.approx(0.0, abs=1e-9)

    @pytest.mark.parametrize("value", [0.0, 0.1, -3.0])
    def test_of_equal_values_is_the_sign_tests(self, value: float) -> None:
        expected = 1.0 if value == 0.0 else stats.binomtest(5, 5).pvalue
        assert mean_p_value(np.full(5, value)) == expected

    @pytest.mark.parametrize("values", [[1.0], [1.0, math.nan]])
    def test_refuses_too_few_values_and_values_that_are_not_finite(self, values: list) -> None:
        with pytest.raises(DataError, match="at least 2 values, all finite"):
            mean_p_value(np.array(values))


class TestHolm:
    def test_by_hand(self) -> None:
        # 4·0.01; 3·0.01 is less, so 0.04 stays; 2·0.03; 1·0.04 is less, so 0.06 stays
        adjusted = holm(np.array([0.03, 0.01, 0.04, 0.01]))
        assert adjusted == pytest.approx([0.06, 0.04, 0.06, 0.04])

    @repeatable
    @given(p_values)
    def test_equals_its_slow_twin(self, given_values: np.ndarray) -> None:
        np.testing.assert_allclose(
            holm(given_values), reference.holm(given_values.tolist()), rtol=1e-15
        )

    @repeatable
    @given(p_values)
    def test_lies_between_the_p_value_and_bonferroni(self, given_values: np.ndarray) -> None:
        adjusted = holm(given_values)
        assert (adjusted >= given_values).all()
        assert (adjusted <= np.minimum(1.0, given_values.size * given_values)).all()

    def test_carries_leading_axes(self) -> None:
        values = stream(0, "holm").random((2, 3, 4))
        looped = [[holm(row) for row in plane] for plane in values]
        np.testing.assert_array_equal(holm(values), np.array(looped))

    def test_keeps_false_findings_at_the_level(self) -> None:
        adjusted = holm(stream(1, "holm").random((4000, 5)))
        assert (adjusted <= 0.05).any(axis=-1).mean() == pytest.approx(0.05, abs=0.011)


class TestBootstrap:
    skewed = stream(0, "skewed").exponential(size=25)

    def test_equals_its_slow_twin(self) -> None:
        interval = bootstrap_interval(self.skewed, stream(1, "bootstrap"), 0.9, replicates=400)
        generator = stream(1, "bootstrap")
        means = [self.skewed[generator.integers(25, size=25)].mean() for _ in range(400)]
        expected = reference.bootstrap_interval(self.skewed.tolist(), means, 0.9)
        assert ends(interval) == pytest.approx(expected, rel=1e-10)

    def test_slow_twin_equals_scipy_on_its_resamples(self) -> None:
        theirs = stats.bootstrap(
            (self.skewed,), np.mean, n_resamples=1000, method="BCa", rng=stream(3, "bootstrap")
        )
        expected = reference.bootstrap_interval(
            self.skewed.tolist(), theirs.bootstrap_distribution.tolist(), 0.95
        )
        assert tuple(theirs.confidence_interval) == pytest.approx(expected, rel=1e-10)

    def test_reaches_farther_on_the_long_side(self) -> None:
        interval = bootstrap_interval(self.skewed, stream(4, "bootstrap"), replicates=2000)
        assert interval.high - interval.estimate > interval.estimate - interval.low

    def test_counts_ties_half(self) -> None:
        # Half of all pairs drawn from {0, 1} have the mean ½: symmetric data, symmetric interval.
        interval = bootstrap_interval(np.array([0.0, 1.0]), stream(5, "bootstrap"))
        assert ends(interval) == (0.0, 1.0)

    def test_refuses_few_replicates(self) -> None:
        with pytest.raises(DataError, match="`replicates` must be >= 100, got 99; the default"):
            bootstrap_interval(self.skewed, stream(0), replicates=99)

    def test_covers_the_mean_near_its_level(self) -> None:
        generator = stream(6, "bootstrap")
        held = []
        for sample in generator.normal(size=(300, 30)):
            low, high = ends(bootstrap_interval(sample, generator, replicates=200))
            held.append(low <= 0.0 <= high)
        assert np.mean(held) == pytest.approx(0.94, abs=0.04)  # known to be a little low at n = 30


class TestWilson:
    @pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (70, 100)])
    def test_equals_its_slow_twin(self, successes: int, trials: int) -> None:
        interval = wilson_interval(successes, trials, 0.9)
        expected = reference.wilson_interval(successes, trials, 0.9)
        assert ends(interval) == pytest.approx(expected, rel=1e-7, abs=1e-8)
        assert (interval.estimate, interval.n) == (successes / trials, trials)

    def test_equals_scipy(self) -> None:
        expected = stats.binomtest(9, 40).proportion_ci(method="wilson")
        assert ends(wilson_interval(9, 40)) == pytest.approx(tuple(expected), rel=1e-12)

    def test_ends_at_zero_and_one(self) -> None:
        assert wilson_interval(0, 20).low == pytest.approx(0.0, abs=1e-16)
        assert wilson_interval(20, 20).high == pytest.approx(1.0, abs=1e-15)
        assert wilson_interval(0, 20).high == pytest.approx(1.0 - wilson_interval(20, 20).low)

    @pytest.mark.parametrize("probability", [0.05, 0.3, 0.5])
    def test_covers_near_its_level(self, probability: float) -> None:
        trials = 50
        held = [
            low <= probability <= high
            for low, high in (ends(wilson_interval(k, trials)) for k in range(trials + 1))
        ]
        chances = stats.binom.pmf(np.arange(trials + 1), trials, probability)
        assert chances[held].sum() == pytest.approx(0.95, abs=0.02)  # exact, not simulated

    @pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
    def test_refuses_impossible_counts(self, successes: int, trials: int) -> None:
        with pytest.raises(DataError, match=f"got {successes} successes in {trials} trials; count"):
            wilson_interval(successes, trials)

    def test_refuses_a_level_outside_0_1(self) -> None:
        with pytest.raises(DataError, match="`level` must lie between 0 and 1, got 2"):
            wilson_interval(1, 2, 2.0)


class TestStandardError:
    def test_of_a_mean_is_the_interval_of_the_mean(self) -> None:
        error = float(VALUES.std(ddof=1)) / math.sqrt(VALUES.size)
        given = standard_error_interval(float(VALUES.mean()), error, VALUES.size, 0.9)
        assert ends(given) == pytest.approx(ends(mean_interval(VALUES, 0.9)), rel=1e-12)
        assert (given.n, given.level) == (VALUES.size, 0.9)

    def test_refuses_one_replicate_and_a_level_outside_0_1(self) -> None:
        with pytest.raises(DataError, match="at least 2 replicates, got 1; run more"):
            standard_error_interval(0.0, 1.0, 1)
        with pytest.raises(DataError, match="`level` must lie between 0 and 1, got 2"):
            standard_error_interval(0.0, 1.0, 5, 2.0)
