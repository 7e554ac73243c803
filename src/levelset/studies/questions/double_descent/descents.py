"""What the grid of double descent measures: errors and losses over widths and epochs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from levelset.studies.results import Results, measured_once

INTERPOLATES = 0.01
"""Training error at or below which a network counts as fitting its rows, wrong labels included."""

_MOST_EPOCHS = 40  # points of a curve over epochs; between them epochs are averaged


@dataclass(frozen=True, eq=False)
class Descents:
    """Errors and losses of every replicate (r), width (w) and epoch (e).

    Attributes:
        widths: Units of every hidden layer, ascending, (w,).
        training: Share of the training rows missed in each epoch's mini-batches, (r, w, e).
        error: Share of the test rows missed after each epoch, (r, w, e).
        loss: Mean cross-entropy of the test rows after each epoch, (r, w, e), in nats.
    """

    widths: Int64[np.ndarray, " w"]
    training: Float64[np.ndarray, "r w e"]
    error: Float64[np.ndarray, "r w e"]
    loss: Float64[np.ndarray, "r w e"]

    @property
    def threshold(self) -> int | None:
        """Number of the narrowest width that fits its training rows on average; None if none."""
        fitted = np.flatnonzero(self.training[:, :, -1].mean(axis=0) <= INTERPOLATES)
        return int(fitted[0]) if len(fitted) else None

    def over_epochs(
        self, values: Float64[np.ndarray, "r w e"]
    ) -> tuple[Float64[np.ndarray, " k"], Float64[np.ndarray, "r w k"]]:
        """Average epochs in groups that grow with their number, for curves with few points.

        Args:
            values: One number per epoch.

        Returns:
            The middle epoch of each group, from 1, and its means.
        """
        epochs = values.shape[-1]
        ends = np.unique(np.round(np.geomspace(1, epochs, _MOST_EPOCHS)).astype(np.int64))
        starts = np.concatenate([[0], ends[:-1]])
        means = np.add.reduceat(values, starts, axis=-1) / (ends - starts)
        return (starts + 1 + ends) / 2.0, means


@measured_once
def descents(results: Results) -> Descents:
    """Read the records of a grid."""
    return Descents(
        widths=np.array([arm.recipe.hidden[0] for arm in results.design.arms]),
        training=1.0 - results.over_epochs("training_accuracy"),
        error=1.0 - results.over_epochs("validation_accuracy"),
        loss=results.over_epochs("validation_loss"),
    )
