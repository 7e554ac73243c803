"""Losses compared by their ratio: what differs between splits of a table is mostly their size."""

import numpy as np
from jaxtyping import Float64


def log2_of(values: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """Give log₂ of numbers >= 0, of which 0 counts as the smallest normal number.

    Paired differences of these are the logarithms of ratios (`Comparison.is_log_ratio`).

    Example:
        >>> log2_of(np.array([0.0, 0.5, 8.0])).tolist()
        [-1022.0, -1.0, 3.0]
    """
    return np.log2(np.maximum(values, np.finfo(np.float64).tiny))
