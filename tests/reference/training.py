"""Training as the engine does it, a mini-batch at a time, by the formulas of `levelset.theory`."""

from dataclasses import dataclass

import numpy as np

from levelset.engine import Recipe
from levelset.theory import (
    ACTIVATIONS,
    LOSSES,
    SCHEDULES,
    AdamState,
    SgdState,
    WeightAverage,
    adam_step,
    add_noise,
    balanced_class_weights,
    clip_by_global_norm,
    decoupled_decay,
    exponential_average,
    forward,
    objective_and_gradient,
    one_hot,
    sgd_step,
    smooth_labels,
    uniform_average,
)
from tests.reference import philox

Arrays = list[np.ndarray]


@dataclass(frozen=True)
class Task:
    """What one member learns, and where its random numbers stand."""

    recipe: Recipe
    x: np.ndarray
    y: np.ndarray
    seed: int
    sample_weight: np.ndarray | None = None
    vector_bytes: int = 64  # of the instruction set: it decides how a layer's noise is laid out

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.x) // self.recipe.batch_size)


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


@dataclass(frozen=True)
class History:
    """The record's epochs, and the parameters that validation and prediction use after each."""

    epochs: list[Epoch]
    seen: list[Arrays]

    @property
    def weights(self) -> Arrays:
        return self.seen[-1][: len(self.seen[-1]) // 2]

    @property
    def biases(self) -> Arrays:
        return self.seen[-1][len(self.seen[-1]) // 2 :]


@dataclass(frozen=True)
class Step:
    """One step: what the network was given, and parameters before, during and after it."""

    rows: list[int]
    x: np.ndarray
    masks: Arrays | None
    loss_sum: float
    weight_sum: float
    slopes: Arrays  # of the whole objective, before clipping
    before: Arrays
    during: Arrays
    after: Arrays


def train(task: Task, weights: Arrays, biases: Arrays, epochs: int) -> History:
    """Train in float64 from the given weights and biases."""
    recipe, parameters = task.recipe, [*weights, *biases]
    initial = SgdState.initial if recipe.optimizer == "sgd" else AdamState.initial
    states = [initial(parameter) for parameter in parameters]
    averages = [WeightAverage.initial(parameter) for parameter in parameters]
    happened, seen = [], []
    for epoch in range(epochs):
        order = philox.batch_order(task.seed, epoch, len(task.x))
        steps = []
        for number, first in enumerate(range(0, len(task.x), recipe.batch_size)):
            rows = order[first : first + recipe.batch_size]
            step, states = one_step(task, rows, (epoch, number), parameters, states)
            parameters = step.after
            steps.append(step)
            if recipe.averaging == "ema":
                averages = [
                    exponential_average(average, parameter, recipe.average_decay)
                    for average, parameter in zip(averages, parameters, strict=True)
                ]
        happened.append(summary(task, steps))
        if recipe.averaging == "swa" and epoch >= int(recipe.average_start * recipe.epochs):
            averages = [uniform_average(*each) for each in zip(averages, parameters, strict=True)]
        averaged = averages[0].count > 0
        seen.append([average.average for average in averages] if averaged else parameters)
    return History(happened, seen)


def one_step(
    task: Task, rows: list[int], moment: tuple[int, int], before: Arrays, states: list
) -> tuple[Step, list]:
    """The step at `moment` = (epoch, step of the epoch), and the optimizer's states after it."""
    recipe, layers = task.recipe, len(before) // 2
    x, masks = disturbed_inputs(task, rows, moment), batch_masks(task, moment, len(rows))
    during = [*disturbed_weights(task, moment, before[:layers]), *before[layers:]]
    row_weights = weights_of_rows(task, before[-1].shape[0])[rows]
    loss, gradient = objective_and_gradient(
        during[:layers],
        during[layers:],
        [ACTIVATIONS[name] for name in recipe.activations],
        LOSSES["softmax_cross_entropy"],
        x,
        smooth_labels(one_hot(task.y[rows], before[-1].shape[0]), recipe.label_smoothing),
        l2=0.0,
        sample_weights=row_weights if row_weights.any() else np.ones(len(rows)),
        masks=masks,
    )
    if not row_weights.any():  # the loss of such a batch is 0, and so is its gradient
        loss, gradient = 0.0, [np.zeros_like(parameter) for parameter in before]
    else:
        gradient = [*gradient.weights, *gradient.biases]
    for layer in range(layers):
        gradient[layer] = gradient[layer] + 2 * recipe.l2 * before[layer]
    used = gradient
    if recipe.gradient_clip is not None:
        used = [*clip_by_global_norm(gradient, recipe.gradient_clip)]
    rate = learning_rate(task, moment)
    after, states = updated(recipe, rate, before, used, states)
    total = float(row_weights.sum())
    step = Step(rows, x, masks, float(loss) * total, total, gradient, before, during, after)
    return step, states


def weights_of_rows(task: Task, classes: int) -> np.ndarray:
    weights = np.ones(len(task.x)) if task.sample_weight is None else task.sample_weight
    if task.recipe.class_weight == "balanced":
        return weights * balanced_class_weights(task.y, classes)[task.y]
    return weights


def disturbed_inputs(task: Task, rows: list[int], moment: tuple[int, int]) -> np.ndarray:
    recipe, x = task.recipe, task.x[rows]
    if recipe.input_noise > 0:
        draws = philox.noise((task.seed, philox.INPUT_NOISE, 0, *moment), x.shape, 8)
        x = add_noise(x, recipe.input_noise, draws)
    if recipe.input_dropout > 0:
        stream = (task.seed, philox.INPUT_DROPOUT, 0, *moment)
        x = x * philox.dropout_mask(stream, x.shape, recipe.input_dropout, 8)
    return x


def disturbed_weights(task: Task, moment: tuple[int, int], weights: Arrays) -> Arrays:
    if task.recipe.weight_noise == 0:
        return weights
    streams = [(task.seed, philox.WEIGHT_NOISE, layer, *moment) for layer in range(len(weights))]
    return [
        add_noise(
            weight,
            task.recipe.weight_noise,
            philox.weight_noise(stream, weight.shape, 8, task.vector_bytes),
        )
        for weight, stream in zip(weights, streams, strict=True)
    ]


def batch_masks(task: Task, moment: tuple[int, int], rows: int) -> Arrays | None:
    if task.recipe.dropout == 0:
        return None
    return [
        philox.dropout_mask(
            (task.seed, philox.DROPOUT, layer, *moment), (rows, width), task.recipe.dropout, 8
        )
        for layer, width in enumerate(task.recipe.hidden)
    ]


def learning_rate(task: Task, moment: tuple[int, int]) -> float:
    recipe, per_epoch = task.recipe, task.steps_per_epoch
    own = {}
    if recipe.schedule == "step":
        own = {"drop_factor": recipe.drop_factor, "drop_epochs": recipe.drop_epochs}
    return recipe.learning_rate * SCHEDULES[recipe.schedule](
        moment[0] * per_epoch + moment[1],
        recipe.epochs * per_epoch,
        per_epoch,
        int(recipe.warmup_epochs * per_epoch),
        **own,
    )


def updated(
    recipe: Recipe, rate: float, before: Arrays, slopes: Arrays, states: list
) -> tuple[Arrays, list]:
    layers = len(before) // 2
    factors = recipe.learning_rate_factors or (1.0,) * layers
    after, moved = [], []
    for number, (parameter, slope, state) in enumerate(zip(before, slopes, states, strict=True)):
        own_rate = rate * factors[number % layers]
        if number < layers:
            parameter = decoupled_decay(parameter, own_rate, recipe.weight_decay)
        if recipe.optimizer == "sgd":
            rest = (recipe.momentum, recipe.nesterov)
            new, state = sgd_step(parameter, slope, state, own_rate, *rest)
        else:
            rest = (recipe.beta1, recipe.beta2, recipe.epsilon)
            new, state = adam_step(parameter, slope, state, own_rate, *rest)
        after.append(new)
        moved.append(state)
    return after, moved


def summary(task: Task, steps: list[Step]) -> Epoch:
    names = task.recipe.activations
    layers = len(names) + 1
    hits, norms, ratios, outputs = 0, [], [], [[] for _ in names]
    for step in steps:
        activations = [ACTIVATIONS[name] for name in names]
        during = step.during[:layers], step.during[layers:]
        passed = forward(*during, activations, step.x, step.masks)
        hits += (passed.logits.argmax(axis=1) == task.y[step.rows]).sum()
        norms.append([np.linalg.norm(slope) for slope in step.slopes[:layers]])
        moved = zip(step.before[:layers], step.after[:layers], strict=True)
        ratios.append([np.linalg.norm(new - old) / np.linalg.norm(new) for old, new in moved])
        for layer, activation in enumerate(activations):
            outputs[layer].append(activation.value(passed.pre_activations[layer]))
    dead, saturated = np.full(layers, np.nan), np.full(layers, np.nan)
    for layer, name in enumerate(names):
        a = np.concatenate(outputs[layer])
        if name == "relu":
            dead[layer] = (a <= 0).all(axis=0).mean()
        if name in ("sigmoid", "tanh"):
            low, high = (0.0, 1.0) if name == "sigmoid" else (-1.0, 1.0)
            edge = 0.025 * (high - low)
            saturated[layer] = ((a < low + edge) | (a > high - edge)).mean()
    return Epoch(
        training_loss=sum(step.loss_sum for step in steps) / sum(s.weight_sum for s in steps),
        training_accuracy=hits / len(task.x),
        gradient_norm=np.mean(norms, axis=0),
        update_ratio=np.mean(ratios, axis=0),
        weight_norm=np.array([np.linalg.norm(weight) for weight in steps[-1].after[:layers]]),
        dead_share=dead,
        saturated_share=saturated,
    )
