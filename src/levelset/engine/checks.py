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
    if array.shape != (rows,):
        hint = "; pass class numbers, not one-hot rows" if array.ndim == 2 else ""
        raise DataError(f"`{name}` must have shape (n,) = ({rows},), got {array.shape}{hint}.")
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
