"""What every patience would have done with finished runs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from levelset.theory import early_stopping, resampled_error


@dataclass(frozen=True, eq=False)
class Curves:
    """What runs to the end looked like after each epoch, over replicate, seed and epoch.

    Attributes:
        monitored: What stops training: the validation loss or the validation error.
        validation: Validation log loss in nats.
        test: Test log loss in nats.
        test_accuracy: Share of the test rows that are classified rightly.
    """

    monitored: Float64[np.ndarray, "r s e"]
    validation: Float64[np.ndarray, "r s e"]
    test: Float64[np.ndarray, "r s e"]
    test_accuracy: Float64[np.ndarray, "r s e"]


@dataclass(frozen=True, eq=False)
class Stops:
    """What each of k patiences would have done, over replicate and seed.

    Attributes:
        patiences: Each patience, ascending; the last is None, which never stops.
        epochs_run: Epochs until training stops.
        epoch_kept: Number, from 1, of the epoch whose network is kept.
        validation: Validation log loss of that network in nats.
        test: Its test log loss in nats.
        test_accuracy: Share of the test rows that it classifies rightly.
    """

    patiences: tuple[int | None, ...]
    epochs_run: Int64[np.ndarray, "k r s"]
    epoch_kept: Int64[np.ndarray, "k r s"]
    validation: Float64[np.ndarray, "k r s"]
    test: Float64[np.ndarray, "k r s"]
    test_accuracy: Float64[np.ndarray, "k r s"]

    def of(self, patience: int | None) -> int:
        """Give the number of a patience along the first axis."""
        return self.patiences.index(patience)


def stops_of(curves: Curves, patiences: Sequence[int], min_delta: float) -> Stops:
    """Stop finished runs by each patience, and by none.

    Args:
        curves: Of runs to the end.
        patiences: Ascending.
        min_delta: The least decrease of what is monitored that counts as a gain.

    Returns:
        One entry for each patience, and a last one for running to the end.

    Example:
        >>> loss = np.array([[[3.0, 2.0, 2.5, 1.0]]])
        >>> stops = stops_of(Curves(loss, loss, loss + 1, loss), [1], min_delta=0.0)
        >>> stops.epochs_run[:, 0, 0].tolist(), stops.test[:, 0, 0].tolist()
        ([3, 4], [3.0, 2.0])
    """
    all_of_them = (*patiences, None)
    found = [early_stopping(curves.monitored, patience, min_delta) for patience in all_of_them]
    kept = np.stack([stopping.best_epoch for stopping in found])

    def at_kept(values: np.ndarray) -> np.ndarray:
        return np.stack([np.take_along_axis(values, k[..., None], -1)[..., 0] for k in kept])

    return Stops(
        patiences=all_of_them,
        epochs_run=np.stack([stopping.epochs_run for stopping in found]),
        epoch_kept=kept + 1,
        validation=at_kept(curves.validation),
        test=at_kept(curves.test),
        test_accuracy=at_kept(curves.test_accuracy),
    )


def cheapest_as_good(stops: Stops, validation_share: float) -> int | None:
    """Choose the smallest patience that loses nothing that can be told from chance.

    mean_k <= mean_∞ + s_k √(1/r + n₂/n₁), where s_k is the spread over replicates of the difference
    of k's validation loss from that of running to the end (∞)

    Args:
        stops: Of r >= 2 replicates; their seeds are averaged.
        validation_share: n₂/n₁ > 0, validation rows over training rows.

    Returns:
        The patience; None if only never stopping will do.
    """
    loss = stops.validation.mean(axis=-1)
    paid = loss - loss[-1]
    enough = [one.mean() <= resampled_error(one, validation_share) for one in paid]
    return stops.patiences[enough.index(True)]
