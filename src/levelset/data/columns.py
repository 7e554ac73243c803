"""What one column of a table is: numbers, categories, or nothing a network can learn from."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, Int64

from levelset.data.classes import in_order
from levelset.data.dataset import Column
from levelset.data.dates import are_dates
from levelset.data.wording import and_more, counted, quoted

if TYPE_CHECKING:
    import pandas

CATEGORIES_KEPT = 100
"""A categorical column with more levels is an identifier, or has its rare levels pooled."""

IDENTIFIER_SHARE = 0.2
"""Distinct values over rows, from which on a column with many levels is an identifier."""

SMALLEST_SEQUENCE = 10
"""Rows from which on values that all differ, or that count the rows, are no coincidence."""

MOSTLY_NUMERIC = 0.9
"""Share of numbers from which on a text among them is a mistake and not a category."""

POOLED = "(other)"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
_NUMBER_WITH_COMMAS = re.compile(r"[+-]?\d+(,\d+)+(\.\d*)?")  # 12,5 or 1,000 or 1,000.5


@dataclass(frozen=True)
class Inferred:
    """A column as it was understood.

    Args:
        column: Its name, kind, missing values and categories.
        values: (n,) numbers or category codes, NaN where missing.
        dropped: Why it is left out; empty if it is kept.
        note: A sentence on what was done to it, or nothing.
        fault: A sentence on why it cannot be used, or nothing.
    """

    column: Column
    values: Float64[np.ndarray, " n"]
    dropped: str = ""
    note: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows of a table that are used, and how to say where they are.

    Args:
        positions: (n,) positions in the source, counted from 0.
        where: The words for a position, for example "line 7".
    """

    positions: Int64[np.ndarray, " n"]
    where: Callable[[int], str]

    def place(self, row: int, column: str) -> str:
        """Say where one cell is.

        Args:
            row: Its index among the rows used.
            column: The name of its column.

        Returns:
            For example "line 7, column `age`".
        """
        return f"{self.where(int(self.positions[row]))}, column {quoted(column)}"


def infer_column(name: str, series: "pandas.Series", rows: Rows) -> Inferred:
    """Decide what a column is.

    Booleans, texts, pandas categories and dates are categorical; numbers, and texts that are all
    numbers, are numeric. A column is dropped if it has no value, is constant, counts the rows, or
    is an identifier: a categorical column with over 100 distinct values that are over a fifth of
    the rows, or with 10 or more values that all differ. Of more than 100 categories, the 100 most
    frequent are kept and the others pooled.

    Dates are a quantity, not categories, and what matters in them only the reader knows. So a
    column of dates is dropped, and said to be one, if it has over 100 distinct dates, or 10 or
    more that are over a fifth of its values. Of fewer dates each comes with rows to learn it from
    (the days of an experiment, the months of a season): they stay categories, and that is noted.

    Args:
        name: The column's name.
        series: Its n cells, of any dtype.
        rows: Where those cells are.

    Returns:
        The column, its values, and what there is to say about them.
    """
    import pandas

    dtype = series.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        declared = tuple(str(category) for category in dtype.categories)
        return _categorical(name, _as_texts(series), declared)
    if pandas.api.types.is_numeric_dtype(dtype) and not pandas.api.types.is_bool_dtype(dtype):
        if dtype.kind == "c":
            fault = f"Column {quoted(name)} must be real, got complex numbers; split it in two."
            return Inferred(Column(name, "numeric", 0), np.zeros(len(series)), fault=fault)
        return _numeric(name, series.to_numpy(dtype=np.float64, na_value=np.nan), rows)
    texts = _as_texts(series)
    odd = _odd_values(texts)
    if odd is None:
        return _categorical(name, texts)
    if odd:
        first = next(row for row, text in enumerate(texts) if text in odd)
        fault = (
            f"{rows.place(first, name)}: the column is numeric, got {quoted(texts[first])}"
            f"{and_more(len(odd) - 1, 'like it')}; write the number "
            "with a decimal point and no separator of thousands, or NA if it is unknown (if "
            "categories are meant, give them all names that are no numbers)."
        )
        return Inferred(Column(name, "numeric", 0), np.zeros(len(texts)), fault=fault)
    return _numeric(name, np.array([float(text or "nan") for text in texts]), rows)


def _as_texts(series: "pandas.Series") -> list[str]:
    """Turn cells into trimmed texts, empty where missing."""
    missing = series.isna()
    if series.dtype.kind == "M":
        series = series.astype(str)  # ten times as fast as cell by cell
    return [
        "" if absent else str(cell).strip() for cell, absent in zip(series, missing, strict=True)
    ]


def _odd_values(texts: list[str]) -> set[str] | None:
    """Find the texts that are no numbers in a column of numbers; None in a column of texts."""
    distinct = {text for text in texts if text}
    odd = {text for text in distinct if not _NUMBER.fullmatch(text)}
    foreign = {text for text in odd if not _NUMBER_WITH_COMMAS.fullmatch(text)}
    present = sum(text != "" for text in texts)
    numeric = sum(text != "" and text not in foreign for text in texts)
    return odd if numeric >= MOSTLY_NUMERIC * max(present, 1) else None


def _numeric(name: str, values: Float64[np.ndarray, " n"], rows: Rows) -> Inferred:
    missing = np.isnan(values)
    column = Column(name, "numeric", int(missing.sum()))
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        fault = (
            f"{rows.place(int(infinite[0]), name)}: the value must be finite, got "
            f"{quoted(values[infinite[0]])}{and_more(infinite.size - 1)}; write the number, or NA "
            "if it is unknown."
        )
        return Inferred(column, values, fault=fault)
    dropped = ""
    if missing.all():
        dropped = "no value"
    elif not missing.any() and np.all(values == values[0]):
        dropped = "constant"
    elif len(values) >= SMALLEST_SEQUENCE and np.all(np.diff(values - rows.positions) == 0):
        dropped = "row number"
    return Inferred(column, values, dropped)


def _categorical(name: str, texts: list[str], declared: tuple[str, ...] = ()) -> Inferred:
    present = [text for text in texts if text]
    counts = dict.fromkeys(declared, 0)
    for text in present:
        counts[text] = counts.get(text, 0) + 1
    counts = {category: count for category, count in counts.items() if count}
    categories = tuple(counts) if declared else in_order(counts)
    dropped = _why_dropped(counts, len(present), len(texts))
    note = ""
    if not dropped and len(counts) > CATEGORIES_KEPT:
        by_frequency = sorted(categories, key=lambda category: -counts[category])
        kept = set(by_frequency[:CATEGORIES_KEPT]) - {POOLED}
        pooled = sum(counts[category] for category in by_frequency[CATEGORIES_KEPT:])
        note = (
            f"Kept the {CATEGORIES_KEPT} most frequent of the {len(counts):,} categories of "
            f"{quoted(name)} and pooled the others as `{POOLED}` ({pooled:,} rows)."
        )
        categories = (*(category for category in categories if category in kept), POOLED)
    elif not dropped and are_dates(counts):
        note = (
            f"Kept {counted(len(counts), 'date')} of {quoted(name)} as categories: dates are not "
            "used as such."
        )
    code_of = {category: code for code, category in enumerate(categories)}
    other = code_of.get(POOLED, 0)
    codes = [code_of.get(text, other) if text else np.nan for text in texts]
    column = Column(name, "categorical", len(texts) - len(present), categories)
    return Inferred(column, np.array(codes, dtype=np.float64), dropped, note)


def _why_dropped(counts: Collection[str], present: int, rows: int) -> str:
    distinct = len(counts)
    if distinct == 0:
        return "no value"
    if distinct == 1 and present == rows:
        return "constant"
    rare = distinct >= SMALLEST_SEQUENCE and distinct > IDENTIFIER_SHARE * present
    if (rare or distinct > CATEGORIES_KEPT) and are_dates(counts):
        return "dates"
    many = distinct > CATEGORIES_KEPT and distinct > IDENTIFIER_SHARE * rows
    all_differ = distinct == present >= SMALLEST_SEQUENCE
    return "identifier" if many or all_differ else ""
