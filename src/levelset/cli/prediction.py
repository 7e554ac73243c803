"""How long the training ahead will take, said on standard error before it begins."""

import sys
from collections.abc import Iterable

import numpy as np

from levelset.data import Dataset
from levelset.errors import LevelsetError
from levelset.studies import BudgetName, Study, predicted_seconds


def announce(
    studies: Iterable[Study], dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int
) -> None:
    """Print how long some studies will train, all together.

    What a study trains after it has seen its first results is not known yet, and not part of it.
    A study that the table cannot answer counts nothing; whoever runs it says why.

    Args:
        studies: What will be run.
        dataset: The table.
        rows: Row numbers that they may use, shape (n,).
        budget: How much work they may do.
        seed: Of every split and network.
    """
    seconds = [_seconds(study, dataset, rows, budget, seed) for study in studies]
    if any(seconds):
        print(
            f"About {duration(sum(seconds))} of training; measuring the networks comes on top.",
            file=sys.stderr,
            flush=True,
        )


def _seconds(
    study: Study, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int
) -> float:
    try:
        if study.reason_left_out(dataset, rows):
            return 0.0
        return predicted_seconds(study.design(dataset, rows, budget, seed))
    except LevelsetError:
        return 0.0


def duration(seconds: float) -> str:
    """Say a duration as coarsely as it is known.

    Args:
        seconds: How long, above 0.

    Example:
        >>> duration(0.2), duration(6.3), duration(47.0), duration(940.0), duration(8000.0)
        ('1 s', '6 s', '50 s', '16 min', '2.2 h')
    """
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 95:
        return f"{round(seconds, -1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
