"""A curve over its replicates: the line, the band, and how many replicates they rest on."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Real

from levelset.studies.charts import Band
from levelset.theory.statistics import mean_interval


@dataclass(frozen=True)
class Summary:
    """A curve over its replicates, NaN where there is nothing to say.

    Attributes:
        center: Mean or median at each position, shape (k,).
        low: Lower end of the band, shape (k,).
        high: Upper end of the band, shape (k,).
        count: Replicates with a value there, shape (k,).
    """

    center: Float64[np.ndarray, " k"]
    low: Float64[np.ndarray, " k"]
    high: Float64[np.ndarray, " k"]
    count: Int64[np.ndarray, " k"]


def summarize(replicates: Real[np.ndarray, "r k"], band: Band, log: bool) -> Summary:
    """Take the line and the band at each position, over the replicates that have a value.

    On a logarithmic axis both are those of the logarithms. A mean over two or more replicates has
    Student's interval; one replicate has no band. Nothing is said where fewer than half of the
    replicates have a value: members that stop late are not like the others.

    Args:
        replicates: Shape (r, k); NaN and infinities have no value, nor has <= 0 when `log`.
        band: What the line and the band are.
        log: Whether the axis is logarithmic.

    Returns:
        The summary, in the units of the replicates.

    Example:
        >>> summary = summarize(np.array([[1.0], [3.0]]), "median and quartiles", log=False)
        >>> summary.center[0], summary.low[0], summary.high[0]
        (np.float64(2.0), np.float64(1.5), np.float64(2.5))
    """
    values = np.asarray(replicates, dtype=np.float64)
    known = np.isfinite(values) & ((values > 0) if log else True)
    values = np.log(values, where=known, out=np.full_like(values, np.nan)) if log else values
    center, low, high = np.full((3, values.shape[1]), np.nan)
    for place in range(values.shape[1]):
        here = values[known[:, place], place]
        if 2 * here.size < len(values):
            continue
        if here.size and band == "median and quartiles":
            low[place], center[place], high[place] = np.quantile(here, [0.25, 0.5, 0.75])
        elif here.size:
            center[place] = here.mean()
        if here.size >= 2 and band == "mean and 95 % interval":
            interval = mean_interval(here, 0.95)
            low[place], high[place] = interval.low, interval.high
        if here.size < 2:
            low[place] = high[place] = np.nan
    if log:
        center, low, high = np.exp(center), np.exp(low), np.exp(high)
    count = np.where(np.isfinite(center), known.sum(axis=0), 0)
    return Summary(center, low, high, count)
