"""What came of networks under each dose of each remedy, judged on rows that chose no dose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from levelset.diagnostics.losses import row_losses
from levelset.studies.choosing import choice_of_others
from levelset.studies.results import Outcome, Results, measured_once
from levelset.theory import resampled_error


@dataclass(frozen=True, eq=False)
class Treated:
    """Measures of all arms: the untreated one is the first, early stopping's are the last.

    Attributes:
        training: Log loss on the training rows in nats.
        validation: Log loss on the validation rows in nats, which choose.
        test: Log loss on the test rows in nats, which judge.
        test_accuracy: Share of the test rows that are classified rightly.
        test_share: Test rows per training row.
    """

    training: Float64[np.ndarray, "r a"]
    validation: Float64[np.ndarray, "r a"]
    test: Float64[np.ndarray, "r a"]
    test_accuracy: Float64[np.ndarray, "r a"]
    test_share: float


@measured_once
def measured(results: Results) -> Treated:
    """Measure every arm of a design whose trials come in pairs, the second of them validated.

    The judged rows of a trial are its validation rows and then its test rows.
    """
    parts = [measures_of(outcome) for outcome in results.outcomes]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    by_replicate = np.stack([np.concatenate(pair, axis=1) for pair in pairs])  # (r, 4, a)
    split = results.design.trials[0].split
    assert split is not None
    return Treated(
        *(by_replicate[:, field] for field in range(4)),
        test_share=len(split.test) / len(split.training),
    )


def measures_of(outcome: Outcome) -> Float64[np.ndarray, "4 m"]:
    """Give training, validation and test loss and test accuracy of a trial's members.

    The judged rows are the validation rows of its split, its test rows, and perhaps others.
    """
    q, labels = outcome.judged
    split = outcome.trial.split
    assert split is not None
    cut = len(split.validation)
    test = slice(cut, cut + len(split.test))
    losses = row_losses(q, labels)
    return np.stack(
        [
            outcome.training_losses(),
            losses[:, :cut].mean(axis=1),
            losses[:, test].mean(axis=1),
            (q[:, test].argmax(axis=-1) == labels[test]).mean(axis=1),
        ]
    )


def chosen_arms(
    validation: Float64[np.ndarray, "r a"], arms: Sequence[int]
) -> Int64[np.ndarray, " r"]:
    """Choose one of some arms in each replicate by its own validation rows.

    Args:
        validation: Validation loss of every arm, shape (r, a).
        arms: Numbers of those that may be chosen.

    Returns:
        The number of the arm of lowest loss, the first of equal ones, shape (r,).

    Example:
        >>> loss = np.array([[0.0, 2.0, 1.0], [0.0, 1.0, 1.0]])
        >>> chosen_arms(loss, [1, 2]).tolist()
        [2, 1]
    """
    numbers = np.array(arms)
    return numbers[validation[:, numbers].argmin(axis=1)]


def best_or_none(validation: Float64[np.ndarray, "r a"], validation_share: float) -> int:
    """Choose the arm of lowest mean loss, or the untreated one if so choosing gains too little.

    Among many arms the lowest looks better than it is. So each replicate is judged at the arm that
    is lowest on the others; their mean gain over arm 0 must exceed its standard error,
    s √(1/r + n₂/n₁) as in `one_standard_error`.

    Args:
        validation: Validation loss of each replicate and arm, shape (r, a), r >= 2; arm 0 is the
            untreated one.
        validation_share: n₂/n₁ > 0, validation rows over training rows.

    Returns:
        The number of the arm.

    Example:
        >>> best_or_none(np.array([[3.0, 1.0, 2.0], [3.0, 1.2, 2.0], [3.0, 1.1, 2.0]]), 1 / 3)
        1
    """
    gain = validation[:, 0] - at(validation, choice_of_others(validation))
    if gain.mean() <= resampled_error(gain, validation_share):
        return 0
    return int(validation.mean(axis=0).argmin())


def at(values: Float64[np.ndarray, "r a"], arms: Int64[np.ndarray, " r"]) -> np.ndarray:
    """Give each replicate's value at its own arm, shape (r,)."""
    return values[np.arange(len(values)), arms]
