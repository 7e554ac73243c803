"""What the record tells of an epoch, from its steps."""

from dataclasses import dataclass

import numpy as np

from levelset.theory import ACTIVATIONS
from tests.reference.batches import Task
from tests.reference.steps import Step

EDGES = {"sigmoid": (0.025, 0.975), "tanh": (-0.95, 0.95)}  # 2.5 % of the range from its ends


@dataclass(frozen=True)
class Epoch:
    """The record's entries of one epoch by their names there; arrays over heads and layers."""

    training_loss: float
    training_accuracy: float
    training_head_loss: np.ndarray  # of no heads where there is one, as in the record
    training_head_accuracy: np.ndarray
    gradient_norm: np.ndarray
    update_ratio: np.ndarray
    weight_norm: np.ndarray
    dead_share: np.ndarray
    saturated_share: np.ndarray


def summary(task: Task, steps: list[Step]) -> Epoch:
    heads = task.targets.heads
    weights = sum(step.head_weights for step in steps)
    loss_sums = sum(step.head_losses * step.head_weights for step in steps)
    losses = loss_sums / np.where(weights > 0, weights, 1)
    right, counted = sum(step.right for step in steps), sum(step.counted for step in steps)
    own = slice(None) if len(heads) > 1 else slice(0)
    dead, saturated = unit_shares(task, steps)
    return Epoch(
        training_loss=float(losses @ [head.weight for head in heads]),
        training_accuracy=share(np.nansum(right), np.nansum(counted)),
        training_head_loss=losses[own],
        training_head_accuracy=np.array([*map(share, right, counted)])[own],
        gradient_norm=np.mean([norms(step.slopes.weights) for step in steps], axis=0),
        update_ratio=np.mean([update_ratios(step) for step in steps], axis=0),
        weight_norm=norms(steps[-1].after.weights),
        dead_share=dead,
        saturated_share=saturated,
    )


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def norms(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.array([np.linalg.norm(array) for array in arrays])


def update_ratios(step: Step) -> np.ndarray:
    pairs = zip(step.after.weights, step.before.weights, strict=True)
    return norms(tuple(after - before for after, before in pairs)) / norms(step.after.weights)


def unit_shares(task: Task, steps: list[Step]) -> tuple[np.ndarray, np.ndarray]:
    """Dead and saturated shares of each layer's activations; NaN where an activation has none."""
    names = task.recipe.activations
    dead, saturated = np.full((2, len(names) + 1), np.nan)
    for layer, name in enumerate(names):
        given = np.concatenate([step.passed.activation_inputs[layer] for step in steps])
        a = ACTIVATIONS[name].value(given)
        if name == "relu":
            dead[layer] = (a <= 0).all(axis=0).mean()
        if name in EDGES:
            low, high = EDGES[name]
            saturated[layer] = ((a < low) | (a > high)).mean()
    return dead, saturated
