"""What the engine asks of arrays; each fault is said with what was required and what was given."""

import numpy as np

from levelset.errors import DataError

MOST_CLASSES = 65_536  # also the most units of a hidden layer


def check_features(
    x: object, dtype: np.dtype, columns: int | None = None, name: str = "X"
) -> np.ndarray:
    """Give X as a C-contiguous (n, d) array of `dtype`; without a copy where it is one already.

    Raises:
        DataError: If it is not numeric, has no rows or the wrong shape, or a value is not finite.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise DataError(
            f"`{name}` must be numeric, got an array of {array.dtype}; "
            "encode text columns first (see `levelset.data`)."
        )
    wanted = f"(n, {'d' if columns is None else columns})"
    if array.ndim != 2 or array.shape[0] == 0 or array.shape[1] == 0:
        raise DataError(
            f"`{name}` must have shape {wanted} with at least one row and one feature, "
            f"got {array.shape}."
        )
    if columns is not None and array.shape[1] != columns:
        raise DataError(
            f"`{name}` must have shape {wanted}, the features the fleet was made with, "
            f"got {array.shape}."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        array = np.ascontiguousarray(array, dtype=dtype)
        total = array.sum(dtype=np.float64)
    # A sum is finite unless a number is not or the sum itself overflows: the cheap question first.
    if not np.isfinite(total) and not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise DataError(
            f"`{name}` must be finite in {dtype}, got {np.asarray(x)[row, column]} at row {row}, "
            f"column {column}; impute missing values or drop the row."
        )
    return array


def check_weights(weights: object, rows: int, dtype: np.dtype) -> np.ndarray:
    """Give sample weights as an (n,) array of `dtype`.

    Raises:
        DataError: If the shape is wrong, or a weight is negative or not finite, or all are 0.
    """
    array = np.asarray(weights)
    if array.shape != (rows,) or array.dtype.kind not in "fiub":
        raise DataError(
            f"`sample_weight` must hold numbers of shape (n,) = ({rows},), got {array.dtype} of "
            f"shape {array.shape}."
        )
    with np.errstate(over="ignore"):
        array = array.astype(dtype)
    faulty = np.flatnonzero(~(np.isfinite(array) & (array >= 0)))
    if len(faulty):
        raise DataError(
            f"`sample_weight` must be finite in {dtype} and >= 0, got "
            f"{np.asarray(weights)[faulty[0]]} at row {faulty[0]}."
        )
    if not (array > 0).any():
        raise DataError("`sample_weight` must hold a weight above 0, got zeros alone.")
    return array


def check_labels(y: object, rows: int, classes: int | None, name: str = "y") -> np.ndarray:
    """Give y as an (n,) int32 array of class numbers 0 .. c-1.

    Always a copy: the core indexes by these numbers, so nobody may change them after this check.

    Raises:
        DataError: If the shape is wrong, a value is no integer, or a class is out of range.
    """
    array = np.asarray(y)
    _check_one_axis(array, rows, name)
    if array.dtype.kind not in "iub":
        raise DataError(
            f"`{name}` must hold class numbers 0, 1, ... as integers, got {array.dtype}; "
            "use `np.unique(y, return_inverse=True)` to number the classes."
        )
    lowest, highest = int(array.min()), int(array.max())
    most = MOST_CLASSES if classes is None else classes
    if lowest < 0 or highest >= most:
        raise DataError(
            f"`{name}` must hold class numbers 0 .. {most - 1}, "
            f"got values from {lowest} to {highest}."
        )
    return array.astype(np.int32)


def check_labels_or_nan(y: object, rows: int, classes: int | None, name: str) -> np.ndarray:
    """Give y as an (n,) int32 array of class numbers, with -1 where it is NaN.

    Raises:
        DataError: As for `check_labels`, or if a value is neither whole nor NaN, or all are NaN.
    """
    array = np.asarray(y)
    _check_one_axis(array, rows, name)
    if array.dtype.kind != "f":
        return check_labels(array, rows, classes, name)
    present = np.flatnonzero(~_missing_rows(array[:, np.newaxis], name))
    known = array[present].astype(np.float64)
    faulty = present[~((np.rint(known) == known) & (np.abs(known) < 2**53))]
    if len(faulty):
        raise DataError(
            f"`{name}` must hold class numbers 0, 1, ... or NaN where one is missing, got "
            f"{array[faulty[0]]} at row {faulty[0]}."
        )
    labels = np.full(rows, -1, np.int32)
    labels[present] = check_labels(known.astype(np.int64), len(present), classes, name)
    return labels


def check_numbers(
    y: object,
    rows: int,
    columns: int | None,
    dtype: np.dtype,
    name: str = "y",
    *,
    zero_or_one: bool = False,
    missing: bool = False,
) -> np.ndarray:
    """Give y as an (n, k) array of `dtype`, for a head that answers with numbers; always a copy.

    Args:
        y: Numbers, shape (n,) for k = 1, or (n, k).
        rows: n.
        columns: k, or None for any.
        dtype: Of the array that is given back.
        name: What messages call the array.
        zero_or_one: Whether each must be 0 or 1.
        missing: Whether a row may be NaN, all of it: its target is missing.

    Raises:
        DataError: If the shape is wrong, a value is no such number, or every row is missing.
    """
    array = np.asarray(y)
    given = array[:, np.newaxis] if array.ndim == 1 else array
    fits = given.ndim == 2 and len(given) == rows and 1 <= given.shape[1] <= MOST_CLASSES
    if not fits or given.shape[1] != (columns or given.shape[1]):
        wanted = "(n,) or " * (columns in (None, 1)) + f"(n, {columns or 'k'})"
        raise DataError(f"`{name}` must have shape {wanted} with n = {rows}, got {array.shape}.")
    if array.dtype.kind not in "fiub":
        kind = "0 and 1" if zero_or_one else "numbers"
        raise DataError(f"`{name}` must hold {kind}, got {array.dtype}.")
    with np.errstate(over="ignore"):
        numbers = given.astype(dtype, order="C")
    right = (given == 0) | (given == 1) if zero_or_one else np.isfinite(numbers)
    if missing and array.dtype.kind == "f":
        right[_missing_rows(given, name)] = True
    if not right.all():
        row, column = np.argwhere(~right)[0]
        must = "hold 0 and 1 alone for a sigmoid head" if zero_or_one else f"be finite in {dtype}"
        hint = "; classes are for a softmax head" if zero_or_one else ""
        if np.isnan(given[row, column]):
            hint = "; where targets are missing pass a mapping, `y={'y': y}`"
        raise DataError(
            f"`{name}` must {must}, got {given[row, column]} at row {row}, column {column}{hint}."
        )
    return numbers


def _check_one_axis(array: np.ndarray, rows: int, name: str) -> None:
    if array.shape != (rows,):
        hint = "; pass class numbers, not one-hot rows" if array.ndim == 2 else ""
        raise DataError(f"`{name}` must have shape (n,) = ({rows},), got {array.shape}{hint}.")


def _missing_rows(array: np.ndarray, name: str) -> np.ndarray:
    """Tell which rows of (n, k) numbers are NaN, (n,); some rows are not, and none in part."""
    count = np.count_nonzero(np.isnan(array), axis=1)
    rows = count == array.shape[1]
    partly = np.flatnonzero((count > 0) & ~rows)
    if len(partly):
        raise DataError(
            f"`{name}` must miss all {array.shape[1]} columns of a row or none, got row "
            f"{partly[0]} with {count[partly[0]]} missing; give each column a head of its own."
        )
    if rows.all():
        raise DataError(
            f"`{name}` must hold the target of at least one row, got NaN alone; leave its head out."
        )
    return rows
