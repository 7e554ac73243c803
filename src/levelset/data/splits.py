"""Training, validation and test rows, with every class in each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from levelset.data.wording import and_more, counted, quoted
from levelset.errors import DataError


@dataclass(frozen=True, eq=False)
class Split:
    """The rows of a table in three parts; every row is in exactly one.

    Args:
        training: Row indices, ascending.
        validation: Row indices, ascending; may be empty.
        test: Row indices, ascending; may be empty.
    """

    training: Int64[np.ndarray, " b"]
    validation: Int64[np.ndarray, " v"]
    test: Int64[np.ndarray, " t"]


def stratified_split(
    targets: Int64[np.ndarray, " n"],
    generator: np.random.Generator,
    fractions: tuple[float, float, float] = (0.6, 0.2, 0.2),
    classes: Sequence[str] = (),
) -> Split:
    """Split rows at random, each class in the same proportions.

    The n_c rows of class c are shared out by largest remainder: part p gets ⌊f_p n_c⌋ rows, and the
    rows left over go to the parts with the largest f_p n_c − ⌊f_p n_c⌋, the earlier part first. A
    part with f_p > 0 that would get none takes one from the largest part.

    Args:
        targets: (n,) class codes.
        generator: The source of randomness; the same state gives the same split.
        fractions: Shares of training, validation and test rows, summing to 1; 0 leaves the
            validation or the test part empty.
        classes: The classes' names, for the message; the codes if not given.

    Returns:
        The three parts.

    Raises:
        DataError: If the fractions are no shares, or a class has fewer rows than there are parts.

    Example:
        >>> from levelset.seeds import stream
        >>> split = stratified_split(np.array([0, 1] * 10), stream(0, "split"))
        >>> len(split.training), len(split.validation), len(split.test)
        (12, 4, 4)
    """
    _check(targets, fractions, classes)
    parts: tuple[list[np.ndarray], ...] = ([], [], [])
    for code in np.unique(targets):
        rows = generator.permutation(np.flatnonzero(targets == code))
        ends = np.cumsum(_share_out(len(rows), fractions))
        for part, piece in zip(parts, np.split(rows, ends[:-1]), strict=True):
            part.append(piece)
    return Split(*(np.sort(np.concatenate(part)).astype(np.int64) for part in parts))


def _share_out(rows: int, fractions: Sequence[float]) -> np.ndarray:
    exact = rows * np.array(fractions)
    # Without the tolerance, 0.6 * 5 = 3.0000000000000004 and its like would decide remainders.
    counts = np.floor(exact + 1e-9).astype(np.int64)
    by_remainder = np.argsort(-np.round(exact - counts, 9), kind="stable")
    counts[by_remainder[: rows - counts.sum()]] += 1
    for part, fraction in enumerate(fractions):
        if fraction > 0 and counts[part] == 0:
            counts[np.argmax(counts)] -= 1
            counts[part] = 1
    return counts


def _check(
    targets: np.ndarray, fractions: tuple[float, float, float], classes: Sequence[str]
) -> None:
    shares = np.array(fractions, dtype=np.float64)
    if not (np.all(shares >= 0) and shares[0] > 0 and abs(shares.sum() - 1) < 1e-9):
        raise DataError(
            "`fractions` must be shares (training, validation, test) >= 0 that sum to 1, with "
            f"training > 0, got {fractions}."
        )
    if len(targets) == 0:
        raise DataError("A split needs rows, got none.")
    needed = int(np.count_nonzero(shares))
    codes, counts = np.unique(targets, return_counts=True)
    small = [
        f"{quoted(classes[code] if classes else code)} has {counted(int(count), 'row')}"
        for code, count in zip(codes, counts, strict=True)
        if count < needed
    ]
    if small:
        more = and_more(len(small) - 5, "such classes")
        raise DataError(
            f"Every class must have {counted(needed, 'row')} or more, one for each part of the "
            f"split, but class {', '.join(small[:5])}{more}; add rows of it, merge it with another "
            "class, or leave it out."
        )
