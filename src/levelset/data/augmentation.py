"""Copies of rows that mean the same: images and signals moved by a step.

A table is an image or a signal only if its columns' names say so. That d is a square says nothing:
16 measurements of a letter, or 9 pixels in 4 colors, are no image of 4 x 4 or 6 x 6.
"""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from levelset.data.dataset import Dataset, Provenance, digest_of
from levelset.data.wording import counted
from levelset.errors import DataError

_LEAST_LENGTH = 16  # below, an image or a signal has too little room to move in
_PIXEL = re.compile(r"(?:pixel|px)[ _-]?(\d+)(?:[_x,-](\d+))?", re.IGNORECASE)
_MOMENT = re.compile(r"(?:time|signal|sample|t)[ _-]?(\d+)", re.IGNORECASE)

_STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1))


def image_side(dataset: Dataset) -> int | None:
    """Say how wide a table's rows are, if they are square images.

    They are if all columns are numeric and named as pixels, row by row: `pixel_0_0`, `pixel_0_1`,
    …, by row and column, or `pixel1`, `pixel2`, …, by number; counted from 0 or 1, with no gap, and
    at least 16.

    Args:
        dataset: The table.

    Returns:
        The pixels of a side, or None if they are not.

    Example:
        >>> from levelset.data import load
        >>> image_side(load("digits")), image_side(load("iris"))
        (8, None)
    """
    found = _numbers(dataset, _PIXEL)
    side = round(len(found) ** 0.5)
    if len(found) < _LEAST_LENGTH or side**2 != len(found):
        return None
    numbered = [second is None for _, second in found]
    if all(numbered):
        return side if _consecutive([first for first, _ in found]) else None
    start = min(found[0][0], 1)
    grid = [(row + start, column + start) for row in range(side) for column in range(side)]
    return side if found == grid else None


def signal_length(dataset: Dataset) -> int | None:
    """Say how long a table's rows are, if they are signals over time.

    They are if all columns are numeric and named as moments in order: `time_1`, `time_2`, …, or
    `t`, `signal` or `sample` with a number; counted from 0 or 1, with no gap, and at least 16.

    Args:
        dataset: The table.

    Returns:
        The values of a signal, or None if they are not.

    Example:
        >>> from levelset.data import load
        >>> signal_length(load("mnist1d")), signal_length(load("digits"))
        (40, None)
    """
    found = _numbers(dataset, _MOMENT)
    moments = [first for first, _ in found]
    return len(found) if len(found) >= _LEAST_LENGTH and _consecutive(moments) else None


def shifted(
    x: Float[np.ndarray, "*b d"], side: int, dx: int, dy: int, fill: float = 0.0
) -> Float[np.ndarray, "*b d"]:
    """Move images.

    x′[r, c] = x[r − dy, c − dx], and `fill` where that is outside.

    Args:
        x: Images, row by row, d = side².
        side: Pixels of a side.
        dx: Pixels to the right.
        dy: Pixels down.
        fill: What comes in at the border: 0 where that is the background, or, of standardized
            features, their mean.

    Returns:
        The images moved, in a new array.

    Raises:
        DataError: If d is not side².

    Example:
        >>> shifted(np.array([1.0, 2.0, 3.0, 4.0]), 2, dx=1, dy=0)
        array([0., 1., 0., 3.])
    """
    if side < 1 or x.shape[-1] != side**2:
        raise DataError(
            f"Images of side {side} must have {side**2} columns, got {x.shape[-1]}; see "
            "`image_side`."
        )
    images = x.reshape(*x.shape[:-1], side, side)
    moved = _moved(_moved(images, dx, -1, fill), dy, -2, fill)
    return moved.reshape(x.shape)


def shift_copies(
    x: Float[np.ndarray, "b d"], side: int, directions: int = 4, fill: float = 0.0
) -> Float[np.ndarray, "k b d"]:
    """Move images by one pixel in every direction.

    Args:
        x: Images, row by row.
        side: Pixels of a side.
        directions: 4 for left, right, up and down; 8 for the diagonals too, behind them.
        fill: As of `shifted`.

    Returns:
        (k, b, d), k = directions.

    Example:
        >>> shift_copies(np.eye(16), 4).shape
        (4, 16, 16)

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied
    to visual document analysis" (ICDAR 2003), section 2.
    """
    _check_directions(directions)
    return np.stack([shifted(x, side, dx, dy, fill) for dx, dy in _STEPS[:directions]])


def shifted_signal(
    x: Float[np.ndarray, "*b d"], steps: int, wrap: bool = False, fill: float = 0.0
) -> Float[np.ndarray, "*b d"]:
    """Move signals in time.

    x′[t] = x[t − steps], and beyond the ends `fill`, or with `wrap` the other end.

    Args:
        x: Signals.
        steps: Later by so many places; earlier if negative.
        wrap: Whether what leaves at one end enters at the other.
        fill: What comes in at the ends without `wrap`.

    Returns:
        The signals moved, in a new array.

    Example:
        >>> shifted_signal(np.array([1.0, 2.0, 3.0]), 1)
        array([0., 1., 2.])
        >>> shifted_signal(np.array([1.0, 2.0, 3.0]), 1, wrap=True)
        array([3., 1., 2.])
    """
    return np.roll(x, steps, axis=-1) if wrap else _moved(x, steps, -1, fill)


def signal_copies(
    x: Float[np.ndarray, "b d"],
    steps: Sequence[int] = (-1, 1),
    wrap: bool = False,
    fill: float = 0.0,
) -> Float[np.ndarray, "k b d"]:
    """Move signals by several steps.

    Args:
        x: Signals.
        steps: As of `shifted_signal`, k of them.
        wrap: As of `shifted_signal`.
        fill: As of `shifted_signal`.

    Returns:
        (k, b, d), one copy for each of the steps.

    Example:
        >>> signal_copies(np.eye(3), (-2, -1, 1, 2)).shape
        (4, 3, 3)
    """
    copies = [shifted_signal(x, one, wrap, fill) for one in steps]
    return np.stack(copies) if copies else np.zeros((0, *x.shape), dtype=x.dtype)


def with_shifted_copies(
    dataset: Dataset, rows: Int[np.ndarray, " b"], directions: int = 4
) -> Dataset:
    """Append moved copies of some rows to a table of images or signals.

    Images move by a pixel in k directions; signals by −k/2 … −1 and 1 … k/2 places. What comes in
    is 0. The copies of all rows by the first step come first, then those by the second, and so on,
    behind the n rows there are: row i of the copies by step j is row n + j b + i. They have the
    targets, and as far as known the class probabilities, of the rows they copy.

    Args:
        dataset: A table for which `image_side` or `signal_length` is not None.
        rows: (b,) rows to copy: training rows alone, or the test has seen them.
        directions: k, 4 or 8.

    Returns:
        The table with n + k b rows; its digest, source and notes say so.

    Raises:
        DataError: If the table is of neither, or `directions` is neither.

    Example:
        >>> from levelset.data import load
        >>> with_shifted_copies(load("digits"), np.arange(100)).rows
        2197
    """
    _check_directions(directions)
    x, side = dataset.values[rows], image_side(dataset)
    if side is not None:
        copies = shift_copies(x, side, directions)
    elif signal_length(dataset) is not None:
        half = directions // 2
        copies = signal_copies(x, [step for step in range(-half, half + 1) if step])
    else:
        raise DataError(
            f"{dataset.name}: Shifted copies need columns that are pixels (`pixel_0_0`, …) or "
            f"moments (`time_1`, …), all of them in order, got `{dataset.columns[0].name}`, …; "
            "rename them if they are."
        )
    values = np.concatenate([dataset.values, copies.reshape(-1, dataset.values.shape[1])])
    targets = np.concatenate([dataset.targets, np.tile(dataset.targets[rows], directions)])
    known, old = dataset.class_probabilities, dataset.provenance
    what = f"{directions} shifted copies of {counted(len(rows), 'row')}"
    return dataclasses.replace(
        dataset,
        values=values,
        targets=targets,
        class_probabilities=(
            None
            if known is None
            else np.concatenate([known, np.tile(known[rows], (directions, 1))])
        ),
        provenance=Provenance(
            f"{old.source}, {what}",
            digest_of(values.tobytes(), targets.tobytes()),
            old.rows_read,
            old.rows_dropped,
        ),
        notes=(*dataset.notes, f"Added {what}."),
    )


def _numbers(dataset: Dataset, pattern: re.Pattern[str]) -> list[tuple[int, int | None]]:
    """Read the one or two numbers in every column's name; nothing if any is of another kind."""
    if any(column.kind != "numeric" for column in dataset.columns):
        return []
    matches = [pattern.fullmatch(column.name.strip()) for column in dataset.columns]
    found = [
        (int(match[1]), int(match[2]) if pattern.groups > 1 and match[2] else None)
        for match in matches
        if match
    ]
    return found if len(found) == len(matches) else []


def _consecutive(numbers: list[int]) -> bool:
    return numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _moved(x: np.ndarray, steps: int, axis: int, fill: float) -> np.ndarray:
    """Move along an axis, with a fill where nothing comes from."""
    moved = np.roll(x, steps, axis=axis)
    places = np.arange(x.shape[axis]) - steps
    outside = (places < 0) | (places >= x.shape[axis])
    return np.where(np.expand_dims(outside, tuple(range(1, -axis))), x.dtype.type(fill), moved)


def _check_directions(directions: int) -> None:
    if directions not in (4, 8):
        raise DataError(f"`directions` must be 4 or 8, got {directions}.")
