"""Losses compared by their ratio: what differs between splits of a table is mostly their size."""

import numpy as np
from jaxtyping import Float64

LEAST_LOSS = 2.0**-24
"""In nats: the least loss above 0 of one row, whose probability is a float32."""


def log2_of(
    values: Float64[np.ndarray, "*n"], least: float = LEAST_LOSS
) -> Float64[np.ndarray, "*n"]:
    """Give log₂ of numbers >= 0, of which those below a least one count as that.

    Paired differences of these are the logarithms of ratios (`Comparison.is_log_ratio`). A loss of
    0 says that it is too small to be seen; counted as much less than that, a single one would
    outweigh all other replicates.

    Args:
        values: Losses in nats, or other numbers.
        least: In their unit, above 0.

    Example:
        >>> log2_of(np.array([0.0, 0.5, 8.0])).tolist()
        [-24.0, -1.0, 3.0]
    """
    return np.log2(np.maximum(values, least))
