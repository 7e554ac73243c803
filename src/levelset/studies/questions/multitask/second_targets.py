"""Second targets of a table: numeric columns held out of its features, related to the class or not.

Source: Caruana and de Sa, "Promoting poor features to supervisors: some inputs work better as
outputs", NIPS 9 (1997).
"""

import dataclasses

import numpy as np
from jaxtyping import Float64, Int, Int64

from levelset.data import Dataset
from levelset.theory import kl_divergence

BINS = 4
"""Classes of a second target: quarters of a column's values."""

HELD_SHARE = 0.25
"""Share of the columns that may be held out."""

MOST_HELD = 8
NEARLY_AS_TELLING = 0.5
"""Share of the most telling column's information that a column held out must have."""

LEAST_COLUMNS = 3
"""Columns that a table must have to spare one."""


def candidates(dataset: Dataset, rows: Int[np.ndarray, " b"]) -> tuple[int, ...]:
    """Give the columns that could be targets: numeric, none missing, with a value for each bin.

    Args:
        dataset: The table.
        rows: Row numbers in which the values count, shape (b,).

    Returns:
        Column numbers, ascending.
    """
    return tuple(
        number
        for number, column in enumerate(dataset.columns)
        if column.kind == "numeric"
        and not column.missing
        and len(np.unique(dataset.values[rows, number])) >= BINS
    )


def edges_of(values: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " e"]:
    """Give the quartiles, which part a column's values into bins.

    Args:
        values: Of training rows, shape (n,).
    """
    return np.quantile(values, np.arange(1, BINS) / BINS)


def bins_of(
    values: Float64[np.ndarray, " n"], edges: Float64[np.ndarray, " e"]
) -> Int64[np.ndarray, " n"]:
    """Number the bin of each value; one that equals an edge is above it.

    Example:
        >>> bins_of(np.array([0.5, 1.0, 9.0]), np.array([1.0, 2.0, 3.0])).tolist()
        [0, 1, 3]
    """
    return np.searchsorted(edges, values, side="right").astype(np.int64)


def shared_information(first: Int[np.ndarray, " n"], second: Int[np.ndarray, " n"]) -> float:
    """Measure how much two labels of the same rows tell of each other, in nats.

    I = KL(p(a, b) ‖ p(a) p(b)), of the frequencies

    Args:
        first: Class numbers, shape (n,).
        second: Class numbers, shape (n,).

    Example:
        >>> round(shared_information(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])), 4)
        0.6931

    Source: Cover and Thomas, Elements of Information Theory (2006), equation 2.28.
    """
    joint = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(joint, (first, second), 1.0)
    joint /= len(first)
    apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float(kl_divergence(joint.ravel(), apart.ravel()))


def held_out(dataset: Dataset, rows: Int[np.ndarray, " b"]) -> tuple[int, ...]:
    """Choose the columns whose bins tell most about the class.

    Args:
        dataset: The table.
        rows: Training rows, which alone decide, shape (b,).

    Returns:
        Numbers of up to a quarter of the columns, the most telling first: at least one, and only
        those at least half as telling as it.
    """
    possible = candidates(dataset, rows)
    count = min(len(possible), MOST_HELD, max(1, int(HELD_SHARE * len(dataset.columns))))
    labels = dataset.targets[rows]
    columns = (dataset.values[rows, number] for number in possible)
    told = np.array([shared_information(bins_of(v, edges_of(v)), labels) for v in columns])
    order = np.argsort(-told, kind="stable")[:count]
    return tuple(possible[at] for at in order if told[at] >= NEARLY_AS_TELLING * told.max())


def without(dataset: Dataset, columns: tuple[int, ...]) -> Dataset:
    """Give a table less some of its columns, by their numbers."""
    kept = [number for number in range(len(dataset.columns)) if number not in columns]
    return dataclasses.replace(
        dataset,
        columns=tuple(dataset.columns[number] for number in kept),
        values=np.ascontiguousarray(dataset.values[:, kept]),
    )
