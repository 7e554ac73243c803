"""A dataset from arrays, taken as they are: no column and no row is dropped."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from levelset.data.classes import class_faults, encode_labels
from levelset.data.dataset import Column, Dataset, Provenance, digest_of
from levelset.data.wording import and_more, as_paragraph, counted, listed
from levelset.errors import DataError


def from_arrays(
    X: ArrayLike, y: ArrayLike, feature_names: Sequence[str] | None = None, name: str = "arrays"
) -> Dataset:
    """Make a dataset from a numeric matrix and class labels.

    Args:
        X: (n, d) numbers; NaN is missing.
        y: (n,) class labels: numbers, texts or booleans, none missing.
        feature_names: d names; `x1`, `x2`, … if not given.
        name: What reports call the dataset.

    Returns:
        The dataset, all of whose columns are numeric.

    Raises:
        DataError: With every fault of the arguments at once.

    Example:
        >>> from_arrays([[0.0, 1.0], [1.0, 0.0]], ["no", "yes"])
        arrays: 2 rows, 2 numeric columns, 0 categorical, 2 classes (1, 1), 0 missing values
    """
    values, labels = _as_matrix(X), np.asarray(y)
    names = _feature_names(values, feature_names)
    faults = [
        *_matrix_faults(values),
        *_label_faults(labels, values),
        *_name_faults(names, values),
    ]
    if faults:
        raise DataError(as_paragraph(name, faults))
    values = np.array(values, dtype=np.float64)
    targets, classes = encode_labels(labels)
    missing = np.isnan(values).sum(axis=0)
    empty = [column for column, count in zip(names, missing, strict=True) if count == len(values)]
    return Dataset(
        name=name,
        columns=tuple(
            Column(column, "numeric", int(count))
            for column, count in zip(names, missing, strict=True)
        ),
        values=values,
        targets=targets,
        classes=classes,
        target_name="y",
        provenance=Provenance(
            name, digest_of(values.tobytes(), targets.tobytes()), len(values), rows_dropped=0
        ),
        notes=(f"Without any value: {listed(empty)}.",) if empty else (),
    )


def _as_matrix(X: ArrayLike) -> np.ndarray:
    values = np.asarray(X)
    if values.dtype == object:  # a DataFrame's mixed columns, often numbers all the same
        try:
            return values.astype(np.float64)
        except (TypeError, ValueError):
            return values
    return values


def _feature_names(values: np.ndarray, given: Sequence[str] | None) -> tuple[str, ...]:
    if given is not None:
        return tuple(str(name) for name in given)
    return tuple(f"x{i + 1}" for i in range(values.shape[1] if values.ndim == 2 else 0))


def _matrix_faults(values: np.ndarray) -> list[str]:
    faults = []
    if values.ndim != 2 or 0 in values.shape:
        faults.append(
            f"`X` must have shape (n, d) with n, d >= 1, got {values.shape}; "
            "pass one row per example and one column per feature."
        )
    if values.dtype.kind not in "biuf":
        faults.append(
            f"`X` must be numeric, got dtype {values.dtype}; encode texts first, or pass a "
            "DataFrame to `from_frame`."
        )
    elif np.isinf(values).any():
        at = np.argwhere(np.isinf(values))
        place = ", ".join(str(index) for index in at[0])
        faults.append(
            f"`X` must be finite or NaN, got {values[tuple(at[0])]} at X[{place}]"
            f"{and_more(len(at) - 1)}; replace it, or write NaN if the value is unknown."
        )
    return faults


def _label_faults(labels: np.ndarray, values: np.ndarray) -> list[str]:
    rows = values.shape[0] if values.ndim else 0
    if labels.shape != (rows,):
        shapes = f"`y` must have shape (n,) = ({rows},), got {labels.shape}"
        advice = "one-hot rows" if labels.ndim == 2 else "anything else"
        return [f"{shapes}; pass class labels, not {advice}."]
    if labels.dtype == object:
        missing = np.array([label is None or label != label for label in labels], dtype=bool)
    else:
        missing = ~np.isfinite(labels) if labels.dtype.kind == "f" else np.zeros(rows, dtype=bool)
    if missing.any():
        first = int(np.argmax(missing))
        return [
            f"`y` must be a label in every row, got {labels[first]} at y[{first}] "
            f"({counted(int(missing.sum()), 'row')} in all); leave such rows out."
        ]
    return class_faults("`y`", labels)


def _name_faults(names: tuple[str, ...], values: np.ndarray) -> list[str]:
    faults = []
    if values.ndim == 2 and len(names) != values.shape[1]:
        faults.append(
            f"`feature_names` must have d = {values.shape[1]} names, got {len(names)}; "
            "name every column of `X`."
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        faults.append(f"`feature_names` must differ, got {listed(repeated)} more than once.")
    return faults
