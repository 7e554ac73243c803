"""How fast networks learn: epochs until the validation loss reaches a target."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float64, Int

TARGET_SHARE = 0.9
"""A target loss lies this far from the loss of the class frequencies to the best mean loss."""


def frequency_loss(labels: Int[np.ndarray, " n"]) -> float:
    """Give the entropy −Σ f_c ln f_c of the class frequencies, in nats: the loss of knowing them.

    Args:
        labels: Class numbers, shape (n,).

    Example:
        >>> round(frequency_loss(np.array([0, 0, 1, 1])), 4)
        0.6931
    """
    counts = np.bincount(labels)
    frequencies = counts[counts > 0] / counts.sum()
    return float(-(frequencies * np.log(frequencies)).sum())


def target_loss(loss: Float64[np.ndarray, "r a e"], labels: Int[np.ndarray, " n"]) -> float:
    """Give the loss that counts as learned: most of the way to the best arm's best.

    H(f) − 0.9 (H(f) − min_a mean_r min_e loss)

    Args:
        loss: Validation loss of each replicate and arm after each epoch, shape (r, a, e); NaN
            where an arm had stopped.
        labels: Class numbers that give the frequencies f, shape (n,).

    Returns:
        The target in nats.
    """
    nothing_learned = frequency_loss(labels)
    lowest = float(np.nanmin(loss, axis=-1).mean(axis=0).min())
    return nothing_learned - TARGET_SHARE * (nothing_learned - lowest)


def own_targets(
    loss: Float64[np.ndarray, "r a e"], labels: Sequence[Int[np.ndarray, " _"]]
) -> Float64[np.ndarray, " r"]:
    """Give each replicate its own target: that of `target_loss` of its arms alone.

    The same loss is near for one split and out of reach for another.

    Args:
        loss: Validation loss of each replicate and arm after each epoch, shape (r, a, e).
        labels: Class numbers of each replicate's training rows.

    Returns:
        The targets in nats, shape (r,).

    Example:
        >>> loss = np.array([[[0.6, 0.1]], [[0.7, 0.5]]])
        >>> own_targets(loss, [np.array([0, 1])] * 2).round(3).tolist()
        [0.159, 0.519]
    """
    return np.array([target_loss(one[None], own) for one, own in zip(loss, labels, strict=True)])


def epochs_to_target(
    loss: Float64[np.ndarray, "r a e"], target: float | Float64[np.ndarray, " r"]
) -> tuple[Float64[np.ndarray, "r a"], Bool[np.ndarray, "r a"]]:
    """Count epochs until the loss is first at or below a target.

    Args:
        loss: After each epoch, shape (r, a, e).
        target: In nats, for all replicates or for each.

    Returns:
        The number of that epoch, from 1, or e where it never was, shape (r, a); and whether it
        was.

    Example:
        >>> epochs, reached = epochs_to_target(np.array([[[3.0, 2.0, 1.0], [3.0, 3.0, 3.0]]]), 2.5)
        >>> epochs.tolist(), reached.tolist()
        ([[2.0, 3.0]], [[True, False]])
    """
    below = loss <= np.reshape(target, (-1, 1, 1))
    reached = np.asarray(below.any(axis=-1))
    return np.where(reached, below.argmax(axis=-1) + 1.0, float(below.shape[-1])), reached
