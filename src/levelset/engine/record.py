"""Record: what happened while a fleet trained."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

StopReason = Literal["running", "finished", "patience", "diverged"]

EPOCH_FIELDS = (
    "training_loss",
    "training_accuracy",
    "validation_loss",
    "validation_accuracy",
)
LAYER_FIELDS = ("gradient_norm", "weight_norm", "update_ratio", "dead_share", "saturated_share")
STOP_REASONS: tuple[StopReason, ...] = ("running", "finished", "patience", "diverged")


@dataclass(frozen=True, eq=False)
class Record:
    """Arrays over member (m), epoch (e) and layer (l); NaN where a member had not run or stopped.

    Attributes:
        training_loss: Mean cross-entropy of the epoch's mini-batches as they were trained (with
            dropout and noise, smoothed labels, weighted rows, and weights that move), without the
            penalty, in nats.
        training_accuracy: Share of rows classified rightly in those mini-batches.
        validation_loss: Mean cross-entropy of the validation rows after the epoch, in nats; with
            averaged weights where the recipe averages them.
        validation_accuracy: Share of validation rows classified rightly after the epoch.
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
    gradient_norm: Float32[np.ndarray, "m e l"]
    weight_norm: Float32[np.ndarray, "m e l"]
    update_ratio: Float32[np.ndarray, "m e l"]
    dead_share: Float32[np.ndarray, "m e l"]
    saturated_share: Float32[np.ndarray, "m e l"]
    epochs_run: Int64[np.ndarray, " m"]
    best_epoch: Int64[np.ndarray, " m"]
    diverged_epoch: Int64[np.ndarray, " m"]
    stop_reason: tuple[StopReason, ...]


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
