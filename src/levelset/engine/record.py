"""Record: what happened while a fleet trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from levelset.engine.heads import as_heads
from levelset.engine.recipe import Recipe

StopReason = Literal["running", "finished", "patience", "diverged"]

EPOCH_FIELDS = (
    "training_loss",
    "training_accuracy",
    "validation_loss",
    "validation_accuracy",
)
HEAD_FIELDS = (
    "training_head_loss",
    "training_head_accuracy",
    "validation_head_loss",
    "validation_head_accuracy",
)
LAYER_FIELDS = ("gradient_norm", "weight_norm", "update_ratio", "dead_share", "saturated_share")
STOP_REASONS: tuple[StopReason, ...] = ("running", "finished", "patience", "diverged")


@dataclass(frozen=True, eq=False)
class Record:
    """Arrays over member (m), epoch (e), layer (l) and head (h).

    NaN where a member had not run or stopped. A loss is that of the member's heads: mean
    cross-entropy in nats, or mean squared error; of several heads the sum of their mean losses
    times their weights. An accuracy counts what is right among the answers that can be: one a row
    of a softmax head, one a column of a sigmoid head (p > ½), none of a squared_error head, and
    none where a target is missing; NaN if there are none.

    Attributes:
        training_loss: Of the epoch's mini-batches as they were trained (with dropout, noise and
            mixed rows, smoothed labels, weighted rows, and weights that move), without the penalty.
        training_accuracy: Share of answers that were right in those mini-batches.
        validation_loss: Of the validation rows after the epoch; with averaged weights where the
            recipe averages them.
        validation_accuracy: Share of answers for validation rows that were right after the epoch.
        training_head_loss: Each head's own mean loss in training, not times its weight. h is the
            largest number of heads, or 0 where no member has several.
        training_head_accuracy: Each head's own accuracy in training.
        validation_head_loss: Each head's own mean loss in validation, not times its weight.
        validation_head_accuracy: Each head's own accuracy in validation.
        gradient_norm: ‖∂J/∂Wₗ‖_F before clipping, mean over the epoch's steps.
        weight_norm: ‖Wₗ‖_F after the epoch.
        update_ratio: ‖ΔWₗ‖_F / ‖Wₗ‖_F, mean over the epoch's steps.
        dead_share: Share of a relu layer's units whose output was 0 for every row of the epoch; NaN
            for other activations.
        saturated_share: Share of a sigmoid or tanh layer's outputs, over rows and units, within
            2.5 % of the activation's range from either end; NaN for other activations.
        epochs_run: Epochs that each member ran.
        best_epoch: Epoch (from 0) that is best by what the recipe monitors; -1 without validation
            rows.
        diverged_epoch: Epoch at which the loss or a weight norm stopped being finite; -1 for none.
        stop_reason: Why each member stopped, or "running".
    """

    training_loss: Float32[np.ndarray, "m e"]
    training_accuracy: Float32[np.ndarray, "m e"]
    validation_loss: Float32[np.ndarray, "m e"]
    validation_accuracy: Float32[np.ndarray, "m e"]
    training_head_loss: Float32[np.ndarray, "m e h"]
    training_head_accuracy: Float32[np.ndarray, "m e h"]
    validation_head_loss: Float32[np.ndarray, "m e h"]
    validation_head_accuracy: Float32[np.ndarray, "m e h"]
    gradient_norm: Float32[np.ndarray, "m e l"]
    weight_norm: Float32[np.ndarray, "m e l"]
    update_ratio: Float32[np.ndarray, "m e l"]
    dead_share: Float32[np.ndarray, "m e l"]
    saturated_share: Float32[np.ndarray, "m e l"]
    epochs_run: Int64[np.ndarray, " m"]
    best_epoch: Int64[np.ndarray, " m"]
    diverged_epoch: Int64[np.ndarray, " m"]
    stop_reason: tuple[StopReason, ...]


def empty_arrays(recipes: Sequence[Recipe]) -> dict[str, np.ndarray]:
    """Make the arrays of a record of members with these recipes, by name, all NaN."""
    shape = (len(recipes), max(recipe.epochs for recipe in recipes))
    layers = max(len(recipe.hidden) for recipe in recipes) + 1
    heads = max(len(as_heads(recipe.heads)) for recipe in recipes)
    shapes = dict.fromkeys(EPOCH_FIELDS, shape)
    shapes |= dict.fromkeys(LAYER_FIELDS, (*shape, layers))
    shapes |= dict.fromkeys(HEAD_FIELDS, (*shape, heads if heads > 1 else 0))
    return {name: np.full(wanted, np.nan, np.float32) for name, wanted in shapes.items()}


@dataclass(frozen=True)
class Progress:
    """How far a running fleet is.

    Attributes:
        epochs_done: Epochs done in this call, over all members.
        epochs_total: Most epochs this call can do; early stopping makes it fewer.
        members_done: Members that stopped in this call.
        members_total: Members that this call trains.
        wall_seconds: Time since the call began.
    """

    epochs_done: int
    epochs_total: int
    members_done: int
    members_total: int
    wall_seconds: float
