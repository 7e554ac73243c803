"""Averages of one parameter's path, as the sums they are."""

from collections.abc import Sequence


def exponential_average(path: Sequence[float], decay: float) -> float:
    """Σ d^(n−s) θ_s / Σ d^(n−s)."""
    total, weights = 0.0, 0.0
    for s, parameter in enumerate(path, start=1):
        weight = decay ** (len(path) - s)
        total += weight * parameter
        weights += weight
    return total / weights


def uniform_average(path: Sequence[float]) -> float:
    total = 0.0
    for parameter in path:
        total += parameter
    return total / len(path)
