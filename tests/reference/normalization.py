"""Normalization of a list of numbers and the matrix of its partial derivatives."""

import math
from collections.abc import Sequence

EPSILON = 1e-5


def mean(values: Sequence[float]) -> float:
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def variance(values: Sequence[float], less: int = 0) -> float:
    """Biased, or with less = 1 unbiased."""
    total = 0.0
    for value in values:
        total += (value - mean(values)) ** 2
    return total / (len(values) - less)


def standardized(values: Sequence[float]) -> list[float]:
    deviation = math.sqrt(variance(values) + EPSILON)
    return [(value - mean(values)) / deviation for value in values]


def jacobian(values: Sequence[float]) -> list[list[float]]:
    """∂ẑⱼ/∂zₖ = ([j = k] − 1/n) / s − (zⱼ − μ) (zₖ − μ) / (n s³): quotient rule, term by term."""
    n, center = len(values), mean(values)
    deviation = math.sqrt(variance(values) + EPSILON)
    rows = []
    for j in range(n):
        row = []
        for k in range(n):
            numerator = (1.0 if j == k else 0.0) - 1.0 / n
            slope_of_deviation = (values[k] - center) / (n * deviation)
            row.append(
                numerator / deviation - (values[j] - center) * slope_of_deviation / deviation**2
            )
        rows.append(row)
    return rows


def pulled_back(values: Sequence[float], deltas: Sequence[float]) -> list[float]:
    """∂J/∂zₖ = Σⱼ ∂J/∂ẑⱼ ∂ẑⱼ/∂zₖ."""
    matrix, result = jacobian(values), []
    for k in range(len(values)):
        total = 0.0
        for j in range(len(values)):
            total += deltas[j] * matrix[j][k]
        result.append(total)
    return result


def running(values: Sequence[Sequence[float]], momentum: float) -> tuple[float, float]:
    """Running mean and variance of one unit after some batches, from 0 and 1."""
    center, spread = 0.0, 1.0
    for batch in values:
        center = (1.0 - momentum) * center + momentum * mean(batch)
        spread = (1.0 - momentum) * spread + momentum * variance(batch, less=1)
    return center, spread
