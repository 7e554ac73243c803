"""Losses of single rows, for networks that may have diverged."""

import numpy as np
from jaxtyping import Float, Int

from levelset.theory import log_probabilities


def row_losses(
    probabilities: Float[np.ndarray, "*m n c"], labels: Int[np.ndarray, " n"]
) -> Float[np.ndarray, "*m n"]:
    """Give −ln q_y of each row.

    Args:
        probabilities: q, shape (..., n, c); one that is 0 counts as the smallest normal float32, a
            loss of 87, and one that is not finite, of a network that diverged, as 1/c.
        labels: y, shape (n,).

    Returns:
        Losses in nats, shape (..., n).

    Example:
        >>> row_losses(np.array([[0.5, 0.5]]), np.array([1])).round(3)
        array([0.693])
    """
    own = probabilities[..., np.arange(len(labels)), labels].astype(np.float64)
    return -log_probabilities(np.where(np.isfinite(own), own, 1.0 / probabilities.shape[-1]))


def class_balanced_mean(
    losses: Float[np.ndarray, "*m n"], labels: Int[np.ndarray, " n"]
) -> Float[np.ndarray | np.float64, "*m"]:
    """Average over rows so that each class counts alike, however many rows it has.

    Args:
        losses: Of each row, shape (..., n).
        labels: Class numbers, shape (n,).

    Returns:
        Mean over classes of the mean over their rows, shape (...).

    Example:
        >>> class_balanced_mean(np.array([0.0, 0.0, 3.0]), np.array([0, 0, 1]))
        np.float64(1.5)
    """
    weights = 1.0 / np.bincount(labels)[labels]
    return losses @ (weights / weights.sum())
