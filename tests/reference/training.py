"""Training as the engine does it, a mini-batch at a time, by the formulas of `levelset.theory`."""

from dataclasses import dataclass

import numpy as np

from levelset.engine import Recipe
from levelset.theory import (
    ACTIVATIONS,
    LOSSES,
    AdamState,
    SgdState,
    adam_step,
    forward,
    objective_and_gradient,
    one_hot,
    sgd_step,
)
from tests.reference import philox

Arrays = list[np.ndarray]


@dataclass
class Epoch:
    """What the record tells of one epoch; arrays over layers."""

    training_loss: float
    training_accuracy: float
    gradient_norm: np.ndarray
    update_ratio: np.ndarray
    weight_norm: np.ndarray
    dead_share: np.ndarray
    saturated_share: np.ndarray


def train(
    recipe: Recipe,
    weights: Arrays,
    biases: Arrays,
    x: np.ndarray,
    y: np.ndarray,
    seed: int,
    epochs: int,
) -> tuple[Arrays, Arrays, list[Epoch]]:
    """Weights and biases after some epochs in float64, and what happened in each."""
    parameters = [*weights, *biases]
    layers = len(weights)
    initial = SgdState.initial if recipe.optimizer == "sgd" else AdamState.initial
    states = [initial(parameter) for parameter in parameters]
    happened = []
    for epoch in range(epochs):
        order = philox.batch_order(seed, epoch, len(x))
        steps = []
        for step, first in enumerate(range(0, len(x), recipe.batch_size)):
            rows = order[first : first + recipe.batch_size]
            masks = batch_masks(recipe, seed, epoch, step, len(rows))
            before = parameters
            value, gradient = objective_and_gradient(
                before[:layers],
                before[layers:],
                [ACTIVATIONS[recipe.activation]] * (layers - 1),
                LOSSES["softmax_cross_entropy"],
                x[rows],
                one_hot(y[rows], before[-1].shape[0]),
                recipe.l2,
                masks=masks,
            )
            slopes = [*gradient.weights, *gradient.biases]
            moved = [one_step(recipe, *each) for each in zip(before, slopes, states, strict=True)]
            parameters, states = [p for p, _ in moved], [s for _, s in moved]
            value -= recipe.l2 * sum((weight**2).sum() for weight in before[:layers])
            steps.append((rows, masks, value, slopes, before, parameters))
        happened.append(summary(recipe, x, y, steps, layers))
    return parameters[:layers], parameters[layers:], happened


def batch_masks(recipe: Recipe, seed: int, epoch: int, step: int, rows: int) -> Arrays | None:
    if recipe.dropout == 0:
        return None
    return [
        philox.dropout_mask(seed, layer, epoch, step, (rows, width), recipe.dropout, 8)
        for layer, width in enumerate(recipe.hidden)
    ]


def one_step(recipe: Recipe, parameter, slope, state):
    rate = recipe.learning_rate
    if recipe.optimizer == "sgd":
        return sgd_step(parameter, slope, state, rate, recipe.momentum, recipe.nesterov)
    return adam_step(parameter, slope, state, rate, recipe.beta1, recipe.beta2, recipe.epsilon)


def summary(recipe: Recipe, x: np.ndarray, y: np.ndarray, steps: list, layers: int) -> Epoch:
    loss = hits = 0.0
    norms, ratios, outputs = [], [], [[] for _ in recipe.hidden]
    for rows, masks, value, slopes, before, after in steps:
        passed = forward(
            before[:layers],
            before[layers:],
            [ACTIVATIONS[recipe.activation]] * (layers - 1),
            x[rows],
            masks,
        )
        loss += value * len(rows)
        hits += (passed.logits.argmax(axis=1) == y[rows]).sum()
        norms.append([np.linalg.norm(slope) for slope in slopes[:layers]])
        moved = zip(before[:layers], after[:layers], strict=True)
        ratios.append([np.linalg.norm(new - old) / np.linalg.norm(new) for old, new in moved])
        for layer in range(layers - 1):
            outputs[layer].append(
                ACTIVATIONS[recipe.activation].value(passed.pre_activations[layer])
            )
    every = [np.concatenate(parts) for parts in outputs]
    dead, saturated = np.full(layers, np.nan), np.full(layers, np.nan)
    if recipe.activation == "relu":
        dead[:-1] = [(a <= 0).all(axis=0).mean() for a in every]
    if recipe.activation in ("sigmoid", "tanh"):
        low, high = (0.0, 1.0) if recipe.activation == "sigmoid" else (-1.0, 1.0)
        edge = 0.025 * (high - low)
        saturated[:-1] = [((a < low + edge) | (a > high - edge)).mean() for a in every]
    return Epoch(
        training_loss=loss / len(x),
        training_accuracy=hits / len(x),
        gradient_norm=np.mean(norms, axis=0),
        update_ratio=np.mean(ratios, axis=0),
        weight_norm=np.array([np.linalg.norm(weight) for weight in after[:layers]]),
        dead_share=dead,
        saturated_share=saturated,
    )
