"""The jackknife: how far a statistic of replicates may be off, by leaving out one at a time."""

import numpy as np
from jaxtyping import Float64

from levelset.errors import DataError


def jackknife_values(
    whole: Float64[np.ndarray, " k"], left_out: Float64[np.ndarray, "r k"]
) -> Float64[np.ndarray, "r k"]:
    """Give statistics of all replicates as the means of one value for each of them.

    v_r = θ̂ + (r − 1) (θ̂₍·₎ − θ̂₍ᵣ₎),  θ̂₍·₎ the mean of all θ̂₍ᵣ₎

    Their mean is θ̂, and their s/√r is the jackknife's standard error of it, so that whatever is
    asked of the mean of independent numbers can be asked of θ̂. Tukey's pseudo-values are these
    less the jackknife's estimate of the bias, which is zero where the estimate has none.

    Args:
        whole: θ̂, k statistics of all r replicates, shape (k,).
        left_out: θ̂₍ᵣ₎, without replicate r, shape (r, k), r ≥ 2. The statistics must be smooth:
            for a median or a mode the standard error is wrong.

    Returns:
        One value for each replicate, shape (r, k).

    Raises:
        DataError: If there are fewer than two replicates.

    Example:
        >>> x = np.array([1.0, 2.0, 6.0])
        >>> without_one = np.array([[4.0], [3.5], [1.5]])  # means of the other two
        >>> jackknife_values(np.array([x.mean()]), without_one)[:, 0]
        array([1., 2., 6.])

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), equations 11.5 and
    11.13; Tukey, Annals of Mathematical Statistics 29 (1958). Departure: centered on θ̂.
    """
    replicates = len(left_out)
    if replicates < 2:
        raise DataError(f"A jackknife needs at least 2 replicates, got {replicates}; run more.")
    return whole + (replicates - 1) * (left_out.mean(axis=0) - left_out)
