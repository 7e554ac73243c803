"""Operations on a gradient written out as one list of numbers."""

import math
from collections.abc import Sequence


def global_norm(gradient: Sequence[float]) -> float:
    total = 0.0
    for number in gradient:
        total += number * number
    return math.sqrt(total)


def clip_by_global_norm(gradient: Sequence[float], largest_norm: float) -> list[float]:
    return [number * min(1.0, largest_norm / global_norm(gradient)) for number in gradient]


def sharpness_aware_perturbation(gradient: Sequence[float], radius: float) -> list[float]:
    return [radius * number / global_norm(gradient) for number in gradient]
