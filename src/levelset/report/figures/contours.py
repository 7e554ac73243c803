"""Paths of a surface over a grid: where it lies between two heights, and where it has one."""

import itertools
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from levelset.report.figures.marks import closed_path, open_path


class Contours:
    """A surface z over a grid, given in shares of the picture.

    Args:
        across: Ascending shares of the width, shape (k,).
        upward: Ascending shares of the height, shape (j,).
        z: Heights, shape (j, k).
        missing: Where there is no height, shape (j, k); None for nowhere.

    Example:
        >>> x = np.array([0.0, 1.0])
        >>> Contours(x, x, np.array([[0.0, 1.0], [0.0, 1.0]])).line(0.5)
        'M2000 0l0 2000'
    """

    def __init__(
        self,
        across: Float64[np.ndarray, " k"],
        upward: Float64[np.ndarray, " j"],
        z: Float64[np.ndarray, "j k"],
        missing: Bool[np.ndarray, "j k"] | None = None,
    ) -> None:
        from contourpy import FillType, LineType, contour_generator

        # Any: its lists are of another type for each fill type.
        self._generator: Any = contour_generator(
            across,
            upward,
            z if missing is None else np.ma.masked_array(z, missing),
            fill_type=FillType.OuterOffset,
            line_type=LineType.Separate,
        )

    def area(self, low: float, high: float) -> str:
        """Outline where low <= z < high; holes are outlines too, to be filled evenly and oddly."""
        points_of, offsets_of = self._generator.filled(low, high)
        return "".join(
            closed_path(*points[start:end].T)
            for points, offsets in zip(points_of, offsets_of, strict=True)
            for start, end in itertools.pairwise(offsets)
        )

    def line(self, height: float) -> str:
        """Follow z = height."""
        return "".join(open_path(*points.T) for points in self._generator.lines(height))
