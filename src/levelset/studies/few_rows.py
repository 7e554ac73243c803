"""Learning from few rows: which classes, how many rows of each, and which."""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int, Int64

from levelset.studies.design import VALIDATION_SHARE
from levelset.studies.results import Results
from levelset.theory import resampled_error

LEAST_ROWS = 20
"""Classes with fewer rows take no part."""


def usable_classes(labels: Int[np.ndarray, " n"]) -> tuple[int, ...]:
    """Give the numbers of the classes that have enough rows.

    Example:
        >>> usable_classes(np.repeat([0, 1, 2], [30, 19, 20]))
        (0, 2)
    """
    counts = np.bincount(labels)
    return tuple(np.flatnonzero(counts >= LEAST_ROWS).tolist())


def levels_of(labels: Int[np.ndarray, " n"], levels: Sequence[int]) -> tuple[int | None, ...]:
    """Give the rows per class that the target is learned from; None, the last, is all there are.

    A level takes part if all classes have half as many rows again.

    Args:
        labels: Class numbers of all rows that may be used, shape (n,).
        levels: Rows per class, ascending.

    Example:
        >>> levels_of(np.repeat([0, 1, 2], 50), [5, 10, 20, 50])
        (5, 10, 20, None)
    """
    counts = np.bincount(labels)
    # A stratified split leaves every class its share, but for rounding.
    smallest = math.floor((1 - VALIDATION_SHARE) * int(counts[counts >= LEAST_ROWS].min()))
    return (*(level for level in levels if 1.5 * level <= smallest), None)


def ranked(
    labels: Int[np.ndarray, " n"], generator: np.random.Generator, most: int
) -> Int64[np.ndarray, " b"]:
    """Order rows so that the first k · c are k of each class, for any k that all classes have.

    Args:
        labels: Class numbers, shape (n,).
        generator: Orders the rows of each class.
        most: Rows of each class that are kept.

    Returns:
        Numbers of the rows kept, in that order.
    """
    order = generator.permutation(len(labels))
    shuffled = labels[order]
    rank = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        own = shuffled == label
        rank[own] = np.arange(own.sum())
    places = np.lexsort((shuffled, rank))
    return order[places[rank[places] < most]]


def draws_of(
    level: int | None, rows: int, classes: int, together: int
) -> tuple[np.ndarray | None, ...]:
    """Give the rows of each draw of a level, as row numbers of a ranked table.

    Where so few rows are drawn, which ones they are matters more than how many. The lowest levels
    are therefore drawn several times, no row twice.

    Args:
        level: Rows per class; None for all.
        rows: Of the ranked table.
        classes: c.
        together: Rows per class that several draws may have together.

    Example:
        >>> [len(draw) for draw in draws_of(10, 50, 2, together=20) if draw is not None]
        [20, 20]
    """
    if level is None:
        return (None,)
    size = level * classes
    draws = max(1, min(together // level, rows // size))
    return tuple(np.arange(size) + draw * size for draw in range(draws))


def rows_needed(
    accuracy: float, levels: Int[np.ndarray, " k"], reached: np.ndarray, beyond: str
) -> str:
    """Say how many rows a learning curve needs for an accuracy.

    Args:
        accuracy: Wanted.
        levels: Rows, ascending, shape (k,).
        reached: Accuracy with each, shape (k,); where it falls, the best so far counts.
        beyond: What to say where no level reaches it.

    Returns:
        A number, interpolated between levels on a logarithmic scale, or a bound.

    Example:
        >>> levels, reached = np.array([5, 10, 20]), np.array([0.6, 0.7, 0.8])
        >>> [rows_needed(a, levels, reached, "> 20") for a in (0.5, 0.7, 0.75, 0.9)]
        ['≤ 5', '10', '14', '> 20']
    """
    best = np.maximum.accumulate(reached)
    if accuracy > best[-1]:
        return beyond
    at = int((best >= accuracy).argmax())
    if at == 0:
        return f"≤ {levels[0]}"
    share = (accuracy - best[at - 1]) / (best[at] - best[at - 1])
    log = np.log(levels)
    return f"{math.exp(log[at - 1] + share * (log[at] - log[at - 1])):.0f}"


def too_few_classes(labels: Int[np.ndarray, " n"]) -> str:
    """Say in a sentence that there are not two classes of enough rows; empty if there are.

    Args:
        labels: Class numbers of all rows that may be used.
    """
    found = len(usable_classes(labels))
    if found >= 2:
        return ""
    return (
        f"it needs two classes of at least {LEAST_ROWS} rows each among the {len(labels)} rows "
        f"that it may use, and there are {found}."
    )


def usable_labels(results: Results) -> np.ndarray:
    """Class numbers of all rows that take part, in no order that counts."""
    split = results.design.trials[0].split
    assert split is not None
    return results.design.dataset.targets[np.concatenate([split.training, split.validation])]


def split_error(values: Float64[np.ndarray, " r"], results: Results) -> float:
    """Give the standard error of a mean over replicates; NaN where some have no value.

    Args:
        values: One number a replicate, shape (r,).
        results: Of a study whose replicates share rows.
    """
    if not np.isfinite(values).all():
        return float("nan")
    return resampled_error(values, results.design.validation_share)
