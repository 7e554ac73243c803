"""The jackknife by loops, for one number."""

import math
from collections.abc import Callable, Sequence


def standard_error(values: Sequence[float], statistic: Callable[[Sequence[float]], float]) -> float:
    """√((r − 1)/r Σ (θ̂₍ᵣ₎ − θ̂₍·₎)²)."""
    count = len(values)
    left_out = [statistic([*values[:r], *values[r + 1 :]]) for r in range(count)]
    center = sum(left_out) / count
    total = 0.0
    for one in left_out:
        total += (one - center) ** 2
    return math.sqrt((count - 1) / count * total)
