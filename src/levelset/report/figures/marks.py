"""What a picture is made of: paths that stretch with the page, and symbols that do not.

A picture has no width in pixels. Its paths live on a canvas of `WIDTH` by `HEIGHT` units that the
browser stretches to the place there is, with lines that keep their thickness; its symbols stand at
percentages of that place and keep their shape. So one picture serves a desk, a phone and paper,
and needs no script.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Real

WIDTH, HEIGHT = 4000, 2000
"""Units of the canvas: about five to a pixel, so that whole numbers place a line exactly."""

_FARTHEST = 3 * WIDTH  # units; what lies farther outside cannot be told apart there


@dataclass(frozen=True)
class Shape:
    """A path on the canvas.

    Attributes:
        path: SVG's `d`.
        look: Class of the page's style, for example "line", "area" or "grid".
        color: CSS variable of the stroke or the filling; "" for that of the class.
        dash: Line pattern.
        tip: What is read where a pointer rests on it.
    """

    path: str
    look: str
    color: str = ""
    dash: str = "solid"
    tip: str = ""


@dataclass(frozen=True)
class Spot:
    """Where one symbol stands, in percent from the left and from the top."""

    left: str
    top: str
    tip: str = ""


@dataclass(frozen=True)
class Marks:
    """Symbols of one look.

    Attributes:
        symbol: One of `palette.SYMBOLS`.
        color: CSS variable.
        spots: Where they stand.
    """

    symbol: str
    color: str
    spots: tuple[Spot, ...]


def open_path(across: Real[np.ndarray, " k"], upward: Real[np.ndarray, " k"]) -> str:
    """Write a line through points, broken where one is not finite.

    Args:
        across: Shares of the width from the left, 0 to 1 inside the picture, shape (k,).
        upward: Shares of the height from below, shape (k,).

    Returns:
        SVG's `d`; empty if no two neighbors are finite.

    Example:
        >>> open_path(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]))
        'M0 2000l2000-2000 2000 0'
    """
    known = np.isfinite(across) & np.isfinite(upward)
    stretches = np.split(np.arange(known.size), np.flatnonzero(np.diff(known)) + 1)
    return "".join(
        _stretch(across[stretch], upward[stretch])
        for stretch in stretches
        if stretch.size >= 2 and known[stretch[0]]
    )


def closed_path(across: Real[np.ndarray, " k"], upward: Real[np.ndarray, " k"]) -> str:
    """Write a closed line through points, all finite; arguments as for `open_path`.

    Example:
        >>> closed_path(np.array([0.0, 1.0, 1.0]), np.array([0.0, 0.0, 1.0]))
        'M0 2000l4000 0 0-2000z'
    """
    return f"{_stretch(across, upward)}z"


def spot(across: float, upward: float, tip: str = "") -> Spot:
    """Place a symbol; arguments as for `open_path`.

    Example:
        >>> spot(0.25, 1.0)
        Spot(left='25', top='0', tip='')
    """
    return Spot(percent(across), percent(1 - upward), tip)


def percent(share: float) -> str:
    """Write a share as a percentage to a hundredth, without the sign.

    Example:
        >>> percent(0.12345), percent(0.5)
        ('12.35', '50')
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") or "0"


def _stretch(across: Real[np.ndarray, " k"], upward: Real[np.ndarray, " k"]) -> str:
    """Write whole units, each point relative to the one before: a third of the size of text."""
    places = np.stack([across * WIDTH, (1 - np.asarray(upward, dtype=np.float64)) * HEIGHT], axis=1)
    units = np.clip(np.round(places), -_FARTHEST, _FARTHEST).astype(np.int64)
    moves = np.diff(units, axis=0)
    moves = moves[(moves != 0).any(axis=1)]
    start = f"M{units[0, 0]} {units[0, 1]}"
    if not moves.size:
        return f"{start}h0"
    return start + "l" + " ".join(f"{x} {y}" for x, y in moves).replace(" -", "-")


def thinned(length: int, at_most: int) -> Int64[np.ndarray, " k"]:
    """Choose places of a sequence evenly, the ends among them.

    Args:
        length: Of the sequence.
        at_most: How many places.

    Returns:
        Ascending indices, shape (k,) with k <= at_most.

    Example:
        >>> thinned(9, 3)
        array([0, 4, 8])
    """
    places = np.linspace(0, max(length - 1, 0), min(length, at_most))
    return np.unique(places.round().astype(np.int64))
