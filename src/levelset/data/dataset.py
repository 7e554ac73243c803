"""The table that every study starts from, with its types and its history."""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int64

from levelset.data.wording import counted


@dataclass(frozen=True)
class Column:
    """One feature of a table.

    Args:
        name: As in the table's header.
        kind: How the values are read: a number, or one of `categories`.
        missing: Rows without a value.
        categories: The levels of a categorical column, by code; empty for a numeric one.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    missing: int
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where a table came from.

    Args:
        source: A path, or the name of what was given.
        digest: SHA-256 in hexadecimal, of the file's bytes or else of the arrays' bytes.
        rows_read: Rows in the source.
        rows_dropped: Rows left out because their target is missing.
    """

    source: str
    digest: str
    rows_read: int
    rows_dropped: int


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A table for classification, with its types stated and its history attached.

    Its arrays are read-only. Printing it shows `summary`.

    Args:
        name: What reports call it.
        columns: The features, in the order of `values`.
        values: (n, d) numbers, or codes into a column's `categories`; NaN is missing.
        targets: (n,) codes into `classes`.
        classes: The names of the classes.
        target_name: The name of the target.
        provenance: Where the table came from.
        notes: A sentence for everything that was done to the table on its way in.
        class_probabilities: (n, c) p(c | x) of each row's target, where it is known: of tables that
            were drawn from a known distribution. None of tables that were read.
    """

    name: str
    columns: tuple[Column, ...]
    values: Float64[np.ndarray, "n d"]
    targets: Int64[np.ndarray, " n"]
    classes: tuple[str, ...]
    target_name: str
    provenance: Provenance
    notes: tuple[str, ...] = ()
    class_probabilities: Float64[np.ndarray, "n c"] | None = None

    def __post_init__(self) -> None:
        self.values.flags.writeable = False
        self.targets.flags.writeable = False
        if self.class_probabilities is not None:
            self.class_probabilities.flags.writeable = False

    @property
    def rows(self) -> int:
        """The number of rows, n."""
        return len(self.targets)

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Rows of each class, in the order of `classes`."""
        return tuple(np.bincount(self.targets, minlength=len(self.classes)).tolist())

    @property
    def missing_values(self) -> int:
        """Missing values in all columns."""
        return sum(column.missing for column in self.columns)

    @property
    def summary(self) -> str:
        """The table in one sentence.

        Example:
            >>> from levelset.data import load
            >>> load("iris").summary.split(", ")[:2]
            ['iris: 150 rows', '4 numeric columns']
        """
        numeric = sum(column.kind == "numeric" for column in self.columns)
        counts = ", ".join(f"{count:,}" for count in self.class_counts[:12])
        return ", ".join(
            [
                f"{self.name}: {counted(self.rows, 'row')}",
                counted(numeric, "numeric column"),
                f"{len(self.columns) - numeric} categorical",
                f"{counted(len(self.classes), 'class', 'classes')} "
                f"({counts}{', …' if len(self.classes) > 12 else ''})",
                counted(self.missing_values, "missing value"),
            ]
        )

    def __repr__(self) -> str:
        return self.summary


def digest_of(*parts: bytes) -> str:
    """Hash bytes, in order.

    Args:
        *parts: The bytes of a file, or of each array.

    Returns:
        SHA-256 in hexadecimal.

    Example:
        >>> digest_of(b"a", b"b") == digest_of(b"ab")
        True
    """
    return hashlib.sha256(b"".join(parts)).hexdigest()
