"""Intervals and tests: how sure a repeated experiment makes us.

SciPy is imported inside the functions that need it: its import takes longer than starting the
command line may.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.errors import DataError

_ROUNDING = 1e-13
"""Beside the largest of some values, the least mean that is more than their rounding."""
_RESAMPLED = 1_000_000
"""Numbers drawn together: all resamples at once would need n x replicates of memory."""


@dataclass(frozen=True)
class Interval:
    """An estimate and the interval that holds the true value with a stated confidence.

    Attributes:
        estimate: The point estimate.
        low: Lower end.
        high: Upper end.
        level: Nominal confidence, for example 0.95.
        n: The number of replicates, rows or trials behind it.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: int


def mean_interval(values: Float64[np.ndarray, " r"], level: float = 0.95) -> Interval:
    """Estimate the mean of independent replicates, with Student's t.

    x̄ ± t_{r−1, (1+level)/2} · s √(1/r)

    Args:
        values: One finite number a replicate, shape (r,), r ≥ 2.
        level: Confidence in (0, 1).

    Returns:
        The mean and its interval; of zero width when all values are equal.

    Raises:
        DataError: Fewer than two values, a value that is not finite, or a level outside (0, 1).

    Example:
        >>> interval = mean_interval(np.array([1.0, 2.0, 3.0]))
        >>> interval.estimate, round(interval.low, 3), round(interval.high, 3)
        (2.0, -0.484, 4.484)

    Source: Student, "The probable error of a mean", Biometrika 6 (1908).
    """
    return _student_interval(values, 0.0, level)


def mean_p_value(values: Float64[np.ndarray, " r"]) -> float:
    """Test whether the mean of independent replicates is zero, with Student's t.

    T = x̄ / (s √(1/r)),  p = 2 P(t_{r−1} > |T|)

    Args:
        values: One finite number a replicate, shape (r,), r ≥ 2; often the difference between two
            methods on paired seeds.

    Returns:
        The two-sided p-value. When all values are equal it is 1 if they are zero, else 2^(1−r):
        without any spread the t test has nothing to go by, and the sign test says that.

    Raises:
        DataError: Fewer than two values, or a value that is not finite.

    Example:
        >>> round(mean_p_value(np.array([1.0, 2.0, 3.0])), 3)
        0.074

    Source: Student (1908), as for `mean_interval`.
    """
    return _student_p_value(values, 0.0)


def standard_error_interval(
    estimate: float, standard_error: float, n: int, level: float = 0.95
) -> Interval:
    """Put Student's interval about an estimate whose standard error is known otherwise.

    estimate ± t_{n−1, (1+level)/2} · standard_error

    Args:
        estimate: The point estimate.
        standard_error: Its standard error ≥ 0, as from a bootstrap over n independent replicates.
        n: Replicates, ≥ 2.
        level: Confidence in (0, 1).

    Returns:
        The interval.

    Raises:
        DataError: Fewer than two replicates, or a level outside (0, 1).

    Example:
        >>> interval = standard_error_interval(2.0, 3**-0.5, n=3)
        >>> round(interval.low, 3), round(interval.high, 3)
        (-0.484, 4.484)

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), section 12.2.
    """
    from scipy.special import stdtrit

    _require_level(level)
    if n < 2:
        raise DataError(f"An interval needs at least 2 replicates, got {n}; run more.")
    half = float(stdtrit(n - 1, (1.0 + level) / 2.0)) * standard_error
    return Interval(estimate, estimate - half, estimate + half, level, n)


def resampled_error(values: Float64[np.ndarray, " r"], test_share: float) -> float:
    """Give the standard error of a mean over random splits of one table.

    s √(1/r + n₂/n₁)

    Args:
        values: One finite number a split, shape (r,), r ≥ 2.
        test_share: n₂/n₁ > 0, as in `resampled_interval`.

    Returns:
        The error, in the unit of the values.

    Raises:
        DataError: Fewer than two values, a value that is not finite, or a share that is not
            positive.

    Example:
        >>> round(resampled_error(np.array([1.0, 2.0, 3.0]), test_share=1 / 3), 3)
        0.816

    Source: Nadeau and Bengio (2003), as for `resampled_interval`.
    """
    _require_positive_share(test_share)
    return _mean_and_error(values, test_share)[1]


def resampled_interval(
    differences: Float64[np.ndarray, " r"], test_share: float, level: float = 0.95
) -> Interval:
    """Estimate a mean over random splits of one table, by the corrected resampled t.

    x̄ ± t_{r−1, (1+level)/2} · s √(1/r + n₂/n₁)

    Splits of one table share rows, so their results agree more than independent ones would, and
    s √(1/r) is too small. The second term does not fall with r: more splits of the same table
    cannot replace more rows.

    Args:
        differences: One finite number a split, shape (r,), r ≥ 2; often the difference between
            two methods on that split.
        test_share: n₂/n₁ > 0, validation rows over training rows.
        level: Confidence in (0, 1).

    Returns:
        The mean and its interval; of zero width when all values are equal.

    Raises:
        DataError: Fewer than two values, a value that is not finite, a level outside (0, 1), or a
            share that is not positive.

    Example:
        >>> interval = resampled_interval(np.array([1.0, 2.0, 3.0]), test_share=1 / 3)
        >>> interval.estimate, round(interval.low, 3), round(interval.high, 3)
        (2.0, -1.513, 5.513)

    Source: Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52
    (2003), the corrected resampled t-test.
    """
    _require_positive_share(test_share)
    return _student_interval(differences, test_share, level)


def resampled_p_value(differences: Float64[np.ndarray, " r"], test_share: float) -> float:
    """Test whether a mean over random splits of one table is zero, by the corrected resampled t.

    T = x̄ / (s √(1/r + n₂/n₁)),  p = 2 P(t_{r−1} > |T|)

    Args:
        differences: One finite number a split, shape (r,), r ≥ 2.
        test_share: n₂/n₁ > 0, validation rows over training rows.

    Returns:
        The two-sided p-value. When all differences are equal it is 1 if they are zero, else
        2^(1−r), as in `mean_p_value`.

    Raises:
        DataError: Fewer than two values, a value that is not finite, or a share that is not
            positive.

    Example:
        >>> round(resampled_p_value(np.array([1.0, 2.0, 3.0]), test_share=1 / 3), 3)
        0.134

    Source: Nadeau and Bengio (2003), as for `resampled_interval`.
    """
    _require_positive_share(test_share)
    return _student_p_value(differences, test_share)


def holm(p_values: Float64[np.ndarray, "*n k"]) -> Float64[np.ndarray, "*n k"]:
    """Adjust p-values of k tests, so that one false finding among them stays unlikely.

    p̃₍ⱼ₎ = max_{i ≤ j} min(1, (k − i + 1) p₍ᵢ₎),  p₍₁₎ ≤ … ≤ p₍ₖ₎

    Rejecting where p̃ ≤ α keeps the chance of any false rejection at or below α, whatever the
    dependence between the tests.

    Args:
        p_values: Shape (..., k).

    Returns:
        Adjusted p-values in the order given, shape (..., k).

    Example:
        >>> holm(np.array([0.03, 0.01, 0.5]))
        array([0.06, 0.03, 0.5 ])

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6 (1979).
    """
    order = np.argsort(p_values, axis=-1)
    factors = np.arange(p_values.shape[-1], 0, -1)
    scaled = np.minimum(1.0, factors * np.take_along_axis(p_values, order, axis=-1))
    adjusted = np.empty_like(p_values)
    np.put_along_axis(adjusted, order, np.maximum.accumulate(scaled, axis=-1), axis=-1)
    return adjusted


def bootstrap_interval(
    values: Float64[np.ndarray, " n"],
    generator: np.random.Generator,
    level: float = 0.95,
    replicates: int = 10_000,
) -> Interval:
    """Estimate a mean without assuming a distribution: the BCa bootstrap.

    ends = quantiles of the resampled means at Φ(z₀ + (z₀ + z) / (1 − a (z₀ + z))),
    z = Φ⁻¹((1 ± level)/2),  z₀ = Φ⁻¹(share of resampled means below x̄),
    a = Σᵢ (xᵢ − x̄)³ / (6 (Σᵢ (xᵢ − x̄)²)^{3/2})

    z₀ corrects the bias of the resampled means and a the change of their spread with the mean; at
    z₀ = a = 0 it is the plain percentile interval.

    Args:
        values: Independent finite numbers, shape (n,), n ≥ 2.
        generator: Where the resampling comes from.
        level: Confidence in (0, 1).
        replicates: Number of resampled means, ≥ 100.

    Returns:
        The mean and its interval; of zero width when all values are equal.

    Raises:
        DataError: Fewer than two values, a value that is not finite, a level outside (0, 1), or
            fewer than 100 replicates.

    Example:
        >>> from levelset.seeds import stream
        >>> skewed = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 9.0])
        >>> interval = bootstrap_interval(skewed, stream(0, "bootstrap"))
        >>> interval.high - interval.estimate > interval.estimate - interval.low
        True

    Source: Efron, "Better bootstrap confidence intervals", JASA 82 (1987); Efron and Tibshirani,
    "An Introduction to the Bootstrap" (1993), equations 14.9 to 14.15. Ties count half in z₀.
    """
    from scipy.special import ndtr, ndtri

    _require_level(level)
    if replicates < 100:
        raise DataError(f"`replicates` must be >= 100, got {replicates}; the default is 10000.")
    mean, error = _mean_and_error(values, 0.0)
    if error == 0.0:
        return Interval(mean, mean, mean, level, values.size)
    means = np.concatenate(
        [
            values[generator.integers(values.size, size=(count, values.size))].mean(axis=-1)
            for count in _parts(replicates, most=max(1, _RESAMPLED // values.size))
        ]
    )
    bias = ndtri(((means < mean).mean() + (means <= mean).mean()) / 2.0)
    deviations = values - mean
    acceleration = (deviations**3).sum() / (6.0 * (deviations**2).sum() ** 1.5)
    shifted = bias + ndtri(np.array([1.0 - level, 1.0 + level]) / 2.0)
    low, high = np.quantile(means, ndtr(bias + shifted / (1.0 - acceleration * shifted)))
    return Interval(mean, float(low), float(high), level, values.size)


def wilson_interval(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Estimate a proportion, by the score interval.

    (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n),  p̂ = successes / n,  z = Φ⁻¹((1 + level)/2)

    It keeps its coverage near 0 and 1, and does not leave [0, 1].

    Args:
        successes: From 0 to trials.
        trials: n ≥ 1.
        level: Confidence in (0, 1).

    Returns:
        p̂ and its interval.

    Raises:
        DataError: No trials, successes outside [0, trials], or a level outside (0, 1).

    Example:
        >>> interval = wilson_interval(9, 10)
        >>> interval.estimate, round(interval.low, 3), round(interval.high, 3)
        (0.9, 0.596, 0.982)

    Source: Wilson, JASA 22 (1927); Brown, Cai and DasGupta, Statistical Science 16 (2001),
    equation 4.
    """
    from scipy.special import ndtri

    _require_level(level)
    if trials < 1 or not 0 <= successes <= trials:
        raise DataError(
            f"A proportion needs trials >= 1 and successes from 0 to trials, got {successes} "
            f"successes in {trials} trials; count both over the same rows."
        )
    p, z = successes / trials, float(ndtri((1.0 + level) / 2.0))
    shrink = 1.0 + z**2 / trials
    center = (p + z**2 / (2 * trials)) / shrink
    half = z * math.sqrt(p * (1.0 - p) / trials + z**2 / (4 * trials**2)) / shrink
    # The ends are 0 and 1 exactly at no and all successes; rounding may pass them by one digit.
    return Interval(p, max(0.0, center - half), min(1.0, center + half), level, trials)


def _parts(total: int, most: int) -> list[int]:
    """Cut a number into parts of at most so many."""
    return [min(most, total - start) for start in range(0, total, most)]


def _student_interval(
    values: Float64[np.ndarray, " r"], test_share: float, level: float
) -> Interval:
    mean, error = _mean_and_error(values, test_share)
    return standard_error_interval(mean, error, values.size, level)


def _student_p_value(values: Float64[np.ndarray, " r"], test_share: float) -> float:
    from scipy.special import stdtr

    mean, error = _mean_and_error(values, test_share)
    if error == 0.0:
        return 1.0 if mean == 0.0 else 2.0 ** (1 - values.size)
    return float(2.0 * stdtr(values.size - 1, -abs(mean / error)))


def _mean_and_error(values: Float64[np.ndarray, " r"], test_share: float) -> tuple[float, float]:
    """The mean, and its standard error s √(1/r + n₂/n₁)."""
    if values.size < 2 or not np.isfinite(values).all():
        raise DataError(
            f"An interval needs at least 2 values, all finite, got {values.size} of which "
            f"{int(np.isfinite(values).sum())} are finite; run more replicates, or leave out those "
            f"that diverged and say how many."
        )
    # Relative to the first value, equal values have a spread of exactly zero.
    shifted = values - values[0]
    variance = shifted.var(ddof=1) * (1.0 / values.size + test_share)
    mean = math.fsum(values) / values.size
    # Gains and losses of the same size leave 0, and not what rounding made of them.
    if abs(mean) < _ROUNDING * np.abs(values).max():
        mean = 0.0
    return mean, math.sqrt(variance)


def _require_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise DataError(f"`level` must lie between 0 and 1, got {level}; 0.95 is usual.")


def _require_positive_share(test_share: float) -> None:
    if not test_share > 0.0:
        raise DataError(
            f"`test_share` must be > 0, got {test_share}; pass validation rows / training rows."
        )
