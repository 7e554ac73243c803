"""Choosing among the arms of a comparison, and judging the choice without flattering it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64

from levelset.errors import DataError
from levelset.studies.results import JudgedRows
from levelset.theory import resampled_error


def one_standard_error(
    loss: Float64[np.ndarray, "r a"], test_share: float, simplest_first: Sequence[int]
) -> int:
    """Choose the simplest arm whose mean loss is within one standard error of the lowest.

    mean_a <= mean_* + s_* √(1/r + n₂/n₁), where * is the arm of lowest mean

    Args:
        loss: Of each replicate and arm, shape (r, a), r >= 2.
        test_share: n₂/n₁ > 0, validation rows over training rows.
        simplest_first: Numbers of the arms that may be chosen, from the simplest on.

    Returns:
        The number of the arm.

    Example:
        >>> loss = np.array([[3.0, 1.1, 1.0], [3.0, 1.1, 1.2], [3.0, 1.2, 1.1]])
        >>> one_standard_error(loss, 1 / 3, simplest_first=[0, 1, 2])
        1

    Source: Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees" (1984),
    section 3.4.3. Departure: their error is that of folds; replicates share rows, and theirs is
    the error of Nadeau and Bengio, `levelset.theory.resampled_error`.
    """
    mean = loss.mean(axis=0)
    best = min(simplest_first, key=lambda arm: mean[arm])
    most = mean[best] + resampled_error(loss[:, best], test_share)
    return next(arm for arm in simplest_first if mean[arm] <= most)


def choice_of_others(loss: Float64[np.ndarray, "r a"]) -> Int64[np.ndarray, " r"]:
    """Choose an arm for each replicate by the mean loss of the other replicates.

    The others judge some of the same rows, so that a little of the luck of the draw remains: for
    choices that both sides of a comparison make alike. `honest_choice` leaves those rows out.

    Args:
        loss: Of each replicate and arm, shape (r, a), r >= 2.

    Returns:
        The number of the arm chosen for each replicate, shape (r,).

    Example:
        >>> choice_of_others(np.array([[0.0, 1.0], [2.0, 1.0], [2.0, 1.5]])).tolist()
        [1, 0, 0]
    """
    return (loss.sum(axis=0) - loss).argmin(axis=1)


def honest_choice(judged: Sequence[JudgedRows], arms: Sequence[int]) -> Int64[np.ndarray, " r"]:
    """Choose an arm for each replicate by rows that do not judge it.

    argmin_a Σ_{s ≠ r} mean loss of arm a in replicate s over the rows that s judges and r does not

    A comparison at the best of several arms flatters it by the luck of the draw; judged on rows
    that had no say in the choice, it does not.

    Args:
        judged: Losses of each replicate's judged rows (r), r >= 2.
        arms: Numbers of the arms that may be chosen.

    Returns:
        The number of the arm chosen for each replicate, shape (r,).

    Raises:
        DataError: If the replicates all judge the same rows, so that none is left to choose by.

    Example:
        >>> first = JudgedRows(np.array([0, 1]), np.array([[0.0, 0.0], [1.0, 1.0]]))
        >>> other = JudgedRows(np.array([1, 2]), np.array([[0.0, 3.0], [9.0, 2.0]]))
        >>> honest_choice([first, other], arms=[0, 1]).tolist()  # by rows 2 and 0
        [1, 0]
    """
    numbers = np.array(arms)
    chosen = []
    for replicate, own in enumerate(judged):
        others = [each for number, each in enumerate(judged) if number != replicate]
        said = [each.loss[:, ~np.isin(each.rows, own.rows)] for each in others]
        means = [loss.mean(axis=1) for loss in said if loss.shape[1]]
        if not means:
            raise DataError(
                "Replicates must judge different rows so that an arm can be chosen, but all judge "
                "the same ones; use more rows."
            )
        chosen.append(numbers[np.sum(means, axis=0)[numbers].argmin()])
    return np.array(chosen)
