"""Intervals and tests by loops; distributions from scipy.stats and the standard library."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from scipy import stats


def mean(values: Sequence[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def variance(values: Sequence[float]) -> float:
    """s², with r − 1."""
    center, total = mean(values), 0.0
    for value in values:
        total += (value - center) ** 2
    return total / (len(values) - 1)


def resampled_interval(
    values: Sequence[float], test_share: float, level: float
) -> tuple[float, float]:
    error = math.sqrt((1.0 / len(values) + test_share) * variance(values))
    quantile = float(stats.t(len(values) - 1).ppf((1.0 + level) / 2.0))
    return mean(values) - quantile * error, mean(values) + quantile * error


def resampled_p_value(values: Sequence[float], test_share: float) -> float:
    error = math.sqrt((1.0 / len(values) + test_share) * variance(values))
    return float(2.0 * stats.t(len(values) - 1).sf(abs(mean(values)) / error))


def holm(p_values: Sequence[float]) -> list[float]:
    """p̃ of a test: the largest (k − i + 1) p₍ᵢ₎ over it and all with a smaller p, at most 1."""
    k = len(p_values)
    ascending = sorted(p_values)
    adjusted = []
    for p_value in p_values:
        largest = 0.0
        for i, smaller in enumerate(ascending, start=1):
            if smaller <= p_value:
                largest = max(largest, min(1.0, (k - i + 1) * smaller))
        adjusted.append(largest)
    return adjusted


def bootstrap_interval(
    values: Sequence[float], means: Sequence[float], level: float
) -> tuple[float, float]:
    """The BCa ends, given the resampled means; acceleration by the jackknife."""
    normal, center, n = NormalDist(), mean(values), len(values)
    below = 0.0
    for resampled in means:
        below += 1.0 if resampled < center else 0.5 if resampled == center else 0.0
    bias = normal.inv_cdf(below / len(means))
    left_out = [mean([*values[:i], *values[i + 1 :]]) for i in range(n)]
    cubes, squares = 0.0, 0.0
    for value in left_out:
        cubes += (mean(left_out) - value) ** 3
        squares += (mean(left_out) - value) ** 2
    acceleration = cubes / (6.0 * squares**1.5)
    ends = []
    for tail in ((1.0 - level) / 2.0, (1.0 + level) / 2.0):
        shifted = bias + normal.inv_cdf(tail)
        share = normal.cdf(bias + shifted / (1.0 - acceleration * shifted))
        ends.append(float(np.quantile(np.array(means), share)))
    return ends[0], ends[1]


def wilson_interval(successes: int, trials: int, level: float) -> tuple[float, float]:
    """The roots p of (p̂ − p)² = z² p (1 − p) / n, by the quadratic formula."""
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    proportion = successes / trials
    a = 1.0 + z * z / trials
    b = -(2.0 * proportion + z * z / trials)
    c = proportion * proportion
    root = math.sqrt(b * b - 4.0 * a * c)
    return (-b - root) / (2.0 * a), (-b + root) / (2.0 * a)
