"""Ranks and their correlation by loops."""

import math
from collections.abc import Sequence


def average_ranks(values: Sequence[float]) -> list[float]:
    """One more than how many are smaller, and half of how many others are equal."""
    ranks = []
    for own in values:
        smaller = sum(1 for other in values if other < own)
        equal = sum(1 for other in values if other == own)
        ranks.append(1 + smaller + (equal - 1) / 2)
    return ranks


def spearman(x: Sequence[float], y: Sequence[float]) -> float:
    """Pearson's correlation of the ranks; 0 where one does not vary."""
    first, second = average_ranks(x), average_ranks(y)
    center = (len(x) + 1) / 2
    both = firsts = seconds = 0.0
    for a, b in zip(first, second, strict=True):
        both += (a - center) * (b - center)
        firsts += (a - center) ** 2
        seconds += (b - center) ** 2
    return both / math.sqrt(firsts * seconds) if firsts * seconds > 0 else 0.0
