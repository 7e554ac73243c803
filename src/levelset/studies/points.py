"""A mean over replicates as a point of an interval chart."""

import numpy as np
from jaxtyping import Float64

from levelset.studies.charts import Point
from levelset.theory import resampled_interval


def resampled_point(
    name: str,
    values: Float64[np.ndarray, " r"],
    test_share: float,
    color_key: str,
    *,
    is_log_ratio: bool = False,
    level: float = 0.95,
) -> Point:
    """Estimate a mean over splits of one table, with the interval that a chart draws.

    Args:
        name: What the reader sees.
        values: One number a replicate, shape (r,); often a paired difference.
        test_share: As in `resampled_interval`.
        color_key: What keeps its color the same throughout a page.
        is_log_ratio: Whether the values are log2 of ratios; the point is then their geometric mean.
        level: Of the interval.

    Example:
        >>> resampled_point("double", np.array([1.0, 1.0]), 1 / 3, "a", is_log_ratio=True).estimate
        2.0
    """
    interval = resampled_interval(values, test_share, level)
    ends = np.array([interval.estimate, interval.low, interval.high])
    estimate, low, high = (np.exp2(ends) if is_log_ratio else ends).tolist()
    return Point(name, estimate, low, high, color_key)
