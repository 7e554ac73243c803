"""Derivatives by differences: slow, and independent of any formula for the derivative."""

from collections.abc import Callable

import numpy as np


def gradient(
    function: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-5
) -> np.ndarray:
    """∂f/∂xⱼ ≈ (f(x + h eⱼ) − f(x − h eⱼ)) / 2h, one element at a time."""
    result = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[index] += step
        below[index] -= step
        result[index] = (function(above) - function(below)) / (2.0 * step)
    return result
