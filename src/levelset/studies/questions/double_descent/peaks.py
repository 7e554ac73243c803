"""A curve that falls, rises to a peak and falls again: judged without flattering the peak."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64


@dataclass(frozen=True, eq=False)
class Peaks:
    """The peak and the valley before it, chosen for each replicate (r) by the others.

    Attributes:
        valley: Position of the valley, (r,).
        peak: Position of the peak, (r,); never the first or the last.
        rise: What the replicate's own curve rises from the valley to the peak, (r,).
        fall: What it falls from the peak to the last position, (r,).
        both: The rise or the fall, whichever is less on average in the other replicates, (r,).
    """

    valley: Int64[np.ndarray, " r"]
    peak: Int64[np.ndarray, " r"]
    rise: Float64[np.ndarray, " r"]
    fall: Float64[np.ndarray, " r"]
    both: Float64[np.ndarray, " r"]


def peak_of(curve: Float64[np.ndarray, " k"]) -> tuple[int, int]:
    """Find the most marked peak of a curve, and the lowest place before it.

    argmax_j min(y_j − min_{i<j} y_i, y_j − y_{k−1}),  0 < j < k − 1

    Args:
        curve: y, shape (k,), k ≥ 3.

    Returns:
        Positions of the valley and of the peak. There is always one; of a curve that only falls or
        only rises it is the place where that is least so.

    Example:
        >>> peak_of(np.array([9.0, 3.0, 4.0, 5.0, 2.0, 1.0]))
        (1, 3)
    """
    lowest = np.minimum.accumulate(curve)[:-2]
    inner = curve[1:-1]
    peak = 1 + int(np.argmax(np.minimum(inner - lowest, inner - curve[-1])))
    return int(np.argmin(curve[:peak])), peak


def honest_peaks(curves: Float64[np.ndarray, "r k"]) -> Peaks:
    """Choose each replicate's valley and peak by the mean curve of the others.

    The highest of many noisy places is high by luck, and a curve seems to fall from it. A replicate
    that had no say in the choice is not flattered by it, where replicates share no rows; where they
    do, the luck of the shared ones remains. Nor is it wronged: the smaller of its own
    rise and fall would lie below 0 where both are chance.

    Args:
        curves: One per replicate, shape (r, k), r ≥ 2, k ≥ 1. Where k < 3 there is no place for a
            peak, and nothing rises or falls.

    Returns:
        Where they are, and how far each replicate's own curve rises and falls there.

    Example:
        >>> found = honest_peaks(np.tile([9.0, 3.0, 5.0, 1.0], (3, 1)))
        >>> found.peak.tolist(), found.rise.tolist(), found.fall.tolist()
        ([2, 2, 2], [2.0, 2.0, 2.0], [4.0, 4.0, 4.0])
    """
    if curves.shape[1] < 3:
        nowhere, nothing = np.zeros(len(curves), dtype=np.int64), np.zeros(len(curves))
        return Peaks(nowhere, nowhere, nothing, nothing, nothing)
    others = (curves.sum(axis=0) - curves) / (len(curves) - 1)
    places = np.array([peak_of(curve) for curve in others])
    valley, peak = places.T
    each = np.arange(len(curves))
    at_peak = curves[each, peak]
    rise, fall = at_peak - curves[each, valley], at_peak - curves[:, -1]
    # The sums of the others, by which rise and fall are chosen between.
    less = np.where(rise.sum() - rise < fall.sum() - fall, rise, fall)
    return Peaks(valley, peak, rise, fall, less)
