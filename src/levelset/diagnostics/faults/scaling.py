"""Scaling: columns standardized by the training rows, and back."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Scaling:
    """z = (x − mean) / deviation, column by column.

    Attributes:
        mean: Of the rows it was fitted on, (d,).
        deviation: Their standard deviation (divided by n), (d,); 1 for a column that is constant.
    """

    mean: Float[np.ndarray, " d"]
    deviation: Float[np.ndarray, " d"]

    def apply(self, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
        """Standardize rows."""
        return (x - self.mean) / self.deviation


def fit_scaling(x: Float[np.ndarray, "n d"]) -> Scaling:
    """Learn a scaling from rows.

    Args:
        x: Features, shape (n, d).

    Returns:
        The scaling, in float64.

    Example:
        >>> scaling = fit_scaling(np.array([[1.0], [3.0]]))
        >>> scaling.apply(np.array([[5.0]]))
        array([[3.]])
    """
    rows = x.astype(np.float64)
    deviation = rows.std(axis=0)
    varies = deviation > 1e-7 * np.abs(rows).max(axis=0, initial=0.0)
    return Scaling(rows.mean(axis=0), np.where(varies, deviation, 1.0))
