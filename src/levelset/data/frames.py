"""A dataset from a DataFrame: the target found, the columns understood, everything noted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int64, Shaped

from levelset.data.classes import class_faults, encode_labels
from levelset.data.columns import Inferred, Rows, infer_column
from levelset.data.dataset import Dataset, Provenance, digest_of
from levelset.data.wording import as_paragraph, counted, listed, quoted, suggested
from levelset.errors import DataError

if TYPE_CHECKING:
    import pandas

TARGET_NAMES = ("target", "class", "label", "y")
"""A column with one of these names is the target if no other is asked for."""

_REASONS = {
    "no value": "without any value",
    "constant": "with one value in every row",
    "row number": "of row numbers",
    "dates": "of dates",
    "identifier": "of identifiers (too many different values)",
}
_ADVICE = {
    "dates": (
        " Dates are not used as such; make columns of what matters in them, for example the year, "
        "the month or the days since an event."
    ),
}


@dataclass(frozen=True)
class Origin:
    """Where a frame came from, for its messages and its provenance.

    Args:
        name: What reports call the dataset.
        source: The path, or the name again.
        where: The words for a row's position counted from 0, for example "line 7".
        digest: Of the file; empty where there is none, and the arrays are hashed instead.
        notes: What was noticed while reading.
    """

    name: str
    source: str
    where: Callable[[int], str]
    digest: str = ""
    notes: tuple[str, ...] = ()


def from_frame(
    frame: "pandas.DataFrame", target: str | None = None, name: str = "table"
) -> Dataset:
    """Make a dataset from a DataFrame.

    Column types are inferred as `infer_column` says; rows without a target are dropped; the index
    is not used.

    Args:
        frame: One row per example, one column per feature, and the target.
        target: The target's column; if None, the one called target, class, label or y.
        name: What reports call the dataset.

    Returns:
        The dataset, with a note for everything that was dropped or pooled.

    Raises:
        DataError: With every fault of the table at once.

    Example:
        >>> import pandas
        >>> frame = pandas.DataFrame({"x": [0.5, 1.5, 2.0], "y": ["a", "b", "a"]})
        >>> from_frame(frame)
        table: 3 rows, 1 numeric column, 0 categorical, 2 classes (2, 1), 0 missing values
    """
    where = "row {} (counted from 0)".format
    return dataset_from_frame(frame, target, Origin(name, source=name, where=where))


def dataset_from_frame(frame: "pandas.DataFrame", target: str | None, origin: Origin) -> Dataset:
    """Make a dataset from a DataFrame of known origin.

    Args:
        frame: One row per example, one column per feature, and the target.
        target: The target's column, or None to find it by name.
        origin: Where the frame came from.

    Returns:
        The dataset.

    Raises:
        DataError: With every fault of the table at once.
    """
    frame = frame.set_axis([str(name).strip() for name in frame.columns], axis="columns")
    _check_header(frame, origin)
    target = choose_target(tuple(frame.columns), target, origin.source)
    labels = frame.pop(target)
    labeled = _is_labeled(labels)
    rows = Rows(np.flatnonzero(labeled), origin.where)
    targets, classes, target_faults = _read_labels(labels.loc[labeled], target, rows)
    inferred = [infer_column(str(name), cells, rows) for name, cells in frame[labeled].items()]
    faults = [*target_faults, *(one.fault for one in inferred if one.fault)]
    if faults:
        raise DataError(as_paragraph(origin.source, faults))
    kept = [one for one in inferred if not one.dropped]
    dropped_rows = len(frame) - len(rows.positions)
    notes = (*origin.notes, *_notes(inferred, dropped_rows, target))
    if not kept:
        reasons = " ".join(notes)
        raise DataError(
            f"{origin.source}: No column is left to learn from. {reasons} Add columns that tell "
            "the classes apart."
        )
    values = np.ascontiguousarray(np.column_stack([one.values for one in kept]))
    digest = origin.digest or digest_of(values.tobytes(), targets.tobytes())
    return Dataset(
        name=origin.name,
        columns=tuple(one.column for one in kept),
        values=values,
        targets=targets,
        classes=classes,
        target_name=target,
        provenance=Provenance(origin.source, digest, len(frame), dropped_rows),
        notes=notes,
    )


def choose_target(columns: Sequence[str], target: str | None, source: str) -> str:
    """Find the target among a table's columns.

    Args:
        columns: The names in the header.
        target: The name asked for, or None for the one column called target, class, label or y
            (in any case).
        source: What the message is about.

    Returns:
        The target's name as the header spells it.

    Raises:
        DataError: If there is no such column, or None was given and no single column qualifies.

    Example:
        >>> choose_target(["age", "Class"], None, "table")
        'Class'
    """
    if target in columns:
        return str(target)
    found = [name for name in columns if name.lower() in TARGET_NAMES]
    if target is None and len(found) == 1:
        return found[0]
    if target is not None:
        fault = f"There is no column {quoted(target)}.{suggested(target, columns)}"
    elif found:
        fault = f"Several columns could be the target: {listed(found)}. Name one."
    else:
        fault = f"Name the target: no column is called {', '.join(TARGET_NAMES)}."
    faults = [fault, f"The columns are {listed(columns, limit=20)}."]
    if any(_is_number(name) for name in columns):
        faults.append("The first line must be a header of names, and this one has numbers in it.")
    raise DataError(as_paragraph(source, faults))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_header(frame: "pandas.DataFrame", origin: Origin) -> None:
    faults = []
    names = list(frame.columns)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        faults.append(f"Column names must differ, got {listed(repeated)} more than once; rename.")
    if len(names) < 2:
        faults.append(
            f"A target and at least one feature are required, got {counted(len(names), 'column')} "
            f"({listed(names)}); add columns, or check what separates them."
        )
    if len(frame) == 0:
        faults.append("There is a header and no row under it; add rows.")
    if faults:
        raise DataError(as_paragraph(origin.source, faults))


def _is_labeled(cells: "pandas.Series") -> Shaped[np.ndarray, " n"]:
    present = cells.notna().to_numpy(dtype=bool)
    if cells.dtype.kind in "biufc":
        return present
    blank = [isinstance(cell, str) and not cell.strip() for cell in cells]
    return present & ~np.array(blank, dtype=bool)


def _read_labels(
    cells: "pandas.Series", target: str, rows: Rows
) -> tuple[Int64[np.ndarray, " n"], tuple[str, ...], list[str]]:
    """Read the target's codes and class names, or its faults."""
    import pandas

    types = pandas.api.types
    if types.is_integer_dtype(cells.dtype):
        unsigned = types.is_unsigned_integer_dtype(cells.dtype)
        labels = cells.to_numpy(dtype=np.uint64 if unsigned else np.int64)
    elif types.is_float_dtype(cells.dtype):
        labels = cells.to_numpy(dtype=np.float64)
        infinite = np.flatnonzero(np.isinf(labels))
        if infinite.size:
            place, value = rows.place(int(infinite[0]), target), labels[infinite[0]]
            fault = f"{place}: a class must be finite, got {quoted(value)}; write NA if unknown."
            return np.zeros(0, dtype=np.int64), (), [fault]
    else:
        labels = np.array([str(cell).strip() for cell in cells], dtype=object)
    faults = class_faults(f"The target {quoted(target)}", labels)
    if isinstance(cells.dtype, pandas.CategoricalDtype):
        used = cells.cat.remove_unused_categories().cat
        return used.codes.to_numpy(dtype=np.int64), tuple(map(str, used.categories)), faults
    return *encode_labels(labels), faults


def _notes(inferred: Sequence[Inferred], dropped_rows: int, target: str) -> tuple[str, ...]:
    notes = []
    if dropped_rows:
        notes.append(
            f"Dropped {counted(dropped_rows, 'row')} without a value of the target "
            f"{quoted(target)}."
        )
    for reason, words in _REASONS.items():
        names = [one.column.name for one in inferred if one.dropped == reason]
        if names:
            what = f"Dropped {counted(len(names), 'column')} {words}: {listed(names)}."
            notes.append(what + _ADVICE.get(reason, ""))
    notes.extend(one.note for one in inferred if one.note and not one.dropped)
    gaps = [one.column for one in inferred if one.column.missing and not one.dropped]
    if gaps:
        total = sum(column.missing for column in gaps)
        notes.append(
            f"Found {counted(total, 'missing value')} in {counted(len(gaps), 'column')}, kept as "
            f"missing: {listed([column.name for column in gaps])}."
        )
    return tuple(notes)
