"""Labels made wrong on purpose: a known share of noise, and the null control."""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int

from levelset.data.dataset import Dataset, Provenance, digest_of
from levelset.data.wording import counted
from levelset.errors import DataError
from levelset.seeds import stream


def label_noise(
    dataset: Dataset, share: float, seed: int, rows: Int[np.ndarray, " b"] | None = None
) -> Dataset:
    """Replace a share of the labels by another class, each of the others alike.

    Exactly round(share · b) of the rows change, drawn at random. With s that number over b, the
    class probabilities of these rows, if known, become those of `noisy_probabilities`.

    Args:
        dataset: The table.
        share: From 0 to 1.
        seed: Of the rows that change and of their new classes; the same features and rows with the
            same seed change alike.
        rows: (b,) rows that may change, each once: for example those to train on, so that the
            others tell the truth. By default all.

    Returns:
        The table with the labels replaced; its digest, source and notes say so.

    Raises:
        DataError: If `share` is no share, or a row is given twice or does not exist.

    Example:
        >>> from levelset.data import load
        >>> iris = load("iris")
        >>> int((label_noise(iris, 0.2, seed=0).targets != iris.targets).sum())
        30

    Source: symmetric noise, as in Natarajan, Dhillon, Ravikumar and Tewari, "Learning with noisy
    labels" (NIPS 2013), for two classes, and Nakkiran et al., "Deep double descent" (ICLR 2020),
    where each label changes with the probability `share`; here an exact number does.
    """
    if not 0 <= share <= 1:
        raise DataError(f"The share of label noise must be from 0 to 1, got {share}.")
    eligible = np.arange(dataset.rows) if rows is None else np.asarray(rows)
    _check_rows(dataset, eligible)
    generator = stream(seed, "label noise")
    changed = generator.permutation(np.sort(eligible))[: round(share * len(eligible))]
    classes = len(dataset.classes)
    steps = generator.integers(1, classes, size=len(changed))
    targets = dataset.targets.copy()
    targets[changed] = (targets[changed] + steps) % classes
    probabilities = dataset.class_probabilities
    if probabilities is not None and len(eligible):
        probabilities = probabilities.copy()
        probabilities[eligible] = noisy_probabilities(
            probabilities[eligible], len(changed) / len(eligible)
        )
    among = "" if rows is None else f" among {counted(len(eligible), 'row')}"
    return _relabeled(
        dataset,
        targets,
        probabilities,
        f"{share:g} label noise{among}, seed {seed}",
        f"Replaced the labels of {counted(len(changed), 'row')}{among} by another class, at "
        f"random (label noise {share:g}, seed {seed}).",
    )


def noisy_probabilities(
    probabilities: Float64[np.ndarray, "n c"], share: float
) -> Float64[np.ndarray, "n c"]:
    """Say how probable the classes are once labels are noisy.

    p̃(c | x) = (1 − s) p(c | x) + s (1 − p(c | x))/(C − 1)

    Args:
        probabilities: p(c | x).
        share: s, of labels that another of the C classes replaces.

    Returns:
        p̃(c | x).

    Example:
        >>> noisy_probabilities(np.array([[1.0, 0.0, 0.0]]), 0.2)
        array([[0.8, 0.1, 0.1]])
    """
    others = probabilities.shape[1] - 1
    return (1 - share) * probabilities + share * (1 - probabilities) / others


def permuted_labels(dataset: Dataset, seed: int) -> Dataset:
    """Shuffle the labels over the rows: a null control, in which nothing can be learned.

    The classes keep their counts, and p(c | x) is the share n꜀/n whatever x.

    Args:
        dataset: The table.
        seed: Of the order.

    Returns:
        The table with its labels in another order; its digest, source and notes say so.

    Example:
        >>> from levelset.data import load
        >>> permuted_labels(load("iris"), seed=0).class_counts
        (50, 50, 50)

    Source: Ojala and Garriga, "Permutation tests for studying classifier performance", Journal of
    Machine Learning Research 11 (2010), test 1.
    """
    targets = stream(seed, "permuted labels").permutation(dataset.targets)
    shares = np.array(dataset.class_counts) / dataset.rows
    return _relabeled(
        dataset,
        targets,
        np.tile(shares, (dataset.rows, 1)),
        f"permuted labels, seed {seed}",
        f"Shuffled the labels over the rows (seed {seed}): nothing is left to learn.",
    )


def _relabeled(
    dataset: Dataset,
    targets: Int[np.ndarray, " n"],
    probabilities: Float64[np.ndarray, "n c"] | None,
    what: str,
    note: str,
) -> Dataset:
    old = dataset.provenance
    return dataclasses.replace(
        dataset,
        targets=targets,
        class_probabilities=probabilities,
        provenance=Provenance(
            f"{old.source}, {what}",
            digest_of(old.digest.encode(), targets.tobytes()),
            old.rows_read,
            old.rows_dropped,
        ),
        notes=(*dataset.notes, note),
    )


def _check_rows(dataset: Dataset, rows: Int[np.ndarray, " b"]) -> None:
    outside = rows[(rows < 0) | (rows >= dataset.rows)]
    if len(outside) or len(np.unique(rows)) < len(rows):
        fault = f"{outside[0]}" if len(outside) else "a row twice"
        raise DataError(
            f"`rows` must be rows of {dataset.name}, from 0 to {dataset.rows - 1}, each once, got "
            f"{fault}."
        )
