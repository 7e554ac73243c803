"""Early stopping: when training ends and which epoch is kept, read from a finished curve.

Validation rows take no part in training. So one run to the end tells what every patience would
have done with it.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from levelset.errors import DataError


@dataclass(frozen=True, eq=False)
class Stopping:
    """What a patience makes of curves.

    Attributes:
        epochs_run: Epochs until training stops, e where it never does, shape (...).
        best_epoch: Number, from 0, of the epoch whose network is kept, shape (...).
    """

    epochs_run: Int64[np.ndarray, "*n"]
    best_epoch: Int64[np.ndarray, "*n"]


def early_stopping(
    losses: Float64[np.ndarray, "*n e"], patience: int | None, min_delta: float = 0.0
) -> Stopping:
    """Stop after so many epochs without a gain, and keep the best epoch until then.

    gain at e:  loss_e < reference − δ, which makes loss_e the reference (the first epoch is one)
    stops at the first e with  e − (epoch of the last gain) ≥ k
    keeps  argmin_{e' ≤ e} loss_e', the first of equal ones

    Args:
        losses: What is monitored, after each epoch of a run to the end, shape (..., e), e ≥ 1.
        patience: k ≥ 1; None never stops.
        min_delta: δ ≥ 0, the least decrease that counts as a gain.

    Returns:
        The epochs run and the epoch kept, each of shape (...).

    Raises:
        DataError: If there is no epoch, a loss is NaN, the patience is below 1 or δ below 0.

    Example:
        >>> stopping = early_stopping(np.array([[3.0, 2.0, 2.5, 2.6, 1.0]]), patience=2)
        >>> stopping.epochs_run.tolist(), stopping.best_epoch.tolist()
        ([4], [1])

    Source: Prechelt, "Early stopping - but when?" (1998), section 2; Goodfellow, Bengio and
    Courville, "Deep Learning" (2016), algorithm 7.1.
    """
    _check(losses, patience, min_delta)
    epochs = losses.shape[-1]
    reference = losses[..., 0].copy()
    last_gain = np.zeros(losses.shape[:-1], dtype=np.int64)
    epochs_run = np.full(losses.shape[:-1], epochs, dtype=np.int64)
    if patience is not None:
        for epoch in range(1, epochs):
            gains = losses[..., epoch] < reference - min_delta
            reference = np.where(gains, losses[..., epoch], reference)
            last_gain = np.where(gains, epoch, last_gain)
            ends = (epoch - last_gain >= patience) & (epochs_run == epochs)
            epochs_run = np.where(ends, epoch + 1, epochs_run)
    seen = np.arange(epochs) < epochs_run[..., None]
    best_epoch = np.where(seen, losses, np.inf).argmin(axis=-1)
    return Stopping(np.asarray(epochs_run), np.asarray(best_epoch))


def _check(losses: np.ndarray, patience: int | None, min_delta: float) -> None:
    if losses.shape[-1] == 0 or np.isnan(losses).any():
        raise DataError(
            "`losses` must hold a number for each of at least 1 epoch, got "
            f"{losses.shape[-1]} epochs and {int(np.isnan(losses).sum())} NaN; run to the end, "
            "without patience."
        )
    if patience is not None and patience < 1:
        raise DataError(f"`patience` must be >= 1 or None, got {patience}; None never stops.")
    if min_delta < 0:
        raise DataError(f"`min_delta` must be >= 0, got {min_delta:g}; 0 counts every decrease.")
