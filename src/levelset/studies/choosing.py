"""Choosing among the arms of a comparison, and judging the choice without flattering it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64


def one_standard_error(loss: Float64[np.ndarray, "r a"], simplest_first: Sequence[int]) -> int:
    """Choose the simplest arm whose mean loss is within one standard error of the lowest.

    mean_a <= mean_* + s_* / √r, where * is the arm of lowest mean

    Args:
        loss: Of each replicate and arm, shape (r, a), r >= 2.
        simplest_first: Numbers of the arms that may be chosen, from the simplest on.

    Returns:
        The number of the arm.

    Example:
        >>> loss = np.array([[3.0, 1.1, 1.0], [3.0, 1.1, 1.2], [3.0, 1.2, 1.1]])
        >>> one_standard_error(loss, simplest_first=[0, 1, 2])
        1

    Source: Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees" (1984),
    section 3.4.3. Departure: the error is that of the splits' mean, as if they shared no rows.
    """
    mean = loss.mean(axis=0)
    best = min(simplest_first, key=lambda arm: mean[arm])
    error = float(loss[:, best].std(ddof=1)) / np.sqrt(len(loss))
    return next(arm for arm in simplest_first if mean[arm] <= mean[best] + error)


def honest_choice(loss: Float64[np.ndarray, "r a"]) -> Int64[np.ndarray, " r"]:
    """Choose an arm for each replicate by the mean loss of the other replicates.

    A comparison at the best of several arms flatters it by the luck of the draw; judged on a
    replicate that had no say in the choice, it does not.

    Args:
        loss: Of each replicate and arm, shape (r, a), r >= 2.

    Returns:
        The number of the arm chosen for each replicate, shape (r,).

    Example:
        >>> honest_choice(np.array([[0.0, 1.0], [2.0, 1.0], [2.0, 1.5]])).tolist()
        [1, 0, 0]
    """
    others = loss.sum(axis=0) - loss
    return others.argmin(axis=1)
