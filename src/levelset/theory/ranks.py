"""Rank correlation: whether two quantities rise together, however they are scaled."""

import numpy as np
from jaxtyping import Float64

from levelset.errors import DataError


def average_ranks(values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Give the rank of each number from 1; equal numbers share the mean of their ranks.

    Args:
        values: Shape (n,).

    Returns:
        Ranks, shape (n,); their sum is n (n + 1)/2.

    Example:
        >>> average_ranks(np.array([3.0, 1.0, 3.0]))
        array([2.5, 1. , 2.5])

    Source: Kendall, "Rank Correlation Methods" (1948), section 3.1 (mid-ranks).
    """
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return (last - (counts - 1) / 2.0)[group]


def spearman(x: Float64[np.ndarray, " n"], y: Float64[np.ndarray, " n"]) -> float:
    """Measure by ranks how far two quantities rise together.

    ρ = Σ (R_i − R̄)(S_i − S̄) / √(Σ (R_i − R̄)² Σ (S_i − S̄)²),  R, S the average ranks of x, y

    Args:
        x: Shape (n,), n ≥ 2, finite.
        y: Shape (n,), finite.

    Returns:
        From −1 to 1; 0 where one of them does not vary, as it then orders nothing.

    Raises:
        DataError: If there are fewer than two pairs, or a number is not finite.

    Example:
        >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0]))
        1.0

    Source: Spearman, "The proof and measurement of association between two things", American
    Journal of Psychology 15 (1904).
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if len(x) < 2 or not finite.all():
        raise DataError(
            f"A rank correlation needs at least 2 pairs of finite numbers, got {len(x)} of which "
            f"{int(finite.sum())} are finite; leave the others out and say how many."
        )
    first, second = (average_ranks(values) - (len(x) + 1) / 2.0 for values in (x, y))
    scale = np.sqrt((first @ first) * (second @ second))
    return float(np.clip(first @ second / scale, -1.0, 1.0)) if scale > 0.0 else 0.0
