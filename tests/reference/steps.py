"""One step of a training, by the formulas of `levelset.theory`."""

from dataclasses import dataclass

import numpy as np

from levelset.engine import Recipe
from levelset.theory import (
    SCHEDULES,
    AdamState,
    Architecture,
    Parameters,
    SgdState,
    adam_step,
    add_noise,
    clip_by_global_norm,
    decoupled_decay,
    head_losses,
    network_forward,
    network_objective_and_gradient,
    sgd_step,
    sharpness_aware_perturbation,
    update_running_statistics,
)
from levelset.theory.propagation import NetworkPass
from tests.reference import philox
from tests.reference.batches import MiniBatch, Moment, Task, dropout_masks, mini_batch
from tests.reference.networks import Running, architecture_of

Arrays = list[np.ndarray]


@dataclass(frozen=True)
class State:
    """What a step starts from and leaves; `optimizer` is its memory of each array."""

    parameters: Parameters
    running: Running | None
    optimizer: list[SgdState | AdamState]

    @staticmethod
    def initial(recipe: Recipe, parameters: Parameters, running: Running | None) -> "State":
        kind = SgdState if recipe.optimizer == "sgd" else AdamState
        return State(parameters, running, [kind.initial(array) for array in parameters.arrays])


@dataclass(frozen=True)
class Step:
    """What the record needs to know of a step: its first forward pass, and the step itself."""

    passed: NetworkPass
    head_losses: np.ndarray  # (h,): each head's mean over the rows, by their weights
    head_weights: np.ndarray  # (h,): the sums of those weights
    right: np.ndarray  # (h,)
    counted: np.ndarray  # (h,)
    slopes: Parameters  # of the whole objective, before clipping
    before: Parameters
    after: Parameters


def one_step(task: Task, rows: list[int], moment: Moment, state: State) -> tuple[Step, State]:
    recipe, before = task.recipe, state.parameters
    architecture = architecture_of(recipe, task.targets.heads)
    given, masks = mini_batch(task, rows, moment), dropout_masks(task, len(rows), moment)
    noise = weight_noise(task, before, moment)

    def slopes_at(shift: Parameters, l2: float) -> Parameters:
        _, slopes = network_objective_and_gradient(
            architecture, before, given.batch, l2, masks, perturbation=shift
        )
        return slopes

    shift = noise
    if recipe.sam_radius > 0:
        uphill = of_moving_layers(recipe, slopes_at(noise, 0.0))
        climb = sharpness_aware_perturbation(uphill.arrays, recipe.sam_radius)
        shift = noise.plus(before.with_arrays(climb))
    slopes = slopes_at(shift, recipe.l2)
    used = slopes
    if recipe.gradient_clip is not None:
        moving = of_moving_layers(recipe, slopes)
        used = before.with_arrays(clip_by_global_norm(moving.arrays, recipe.gradient_clip))
    after, optimizer = updated(recipe, learning_rate(task, moment), used, state)
    passed = network_forward(architecture, before.plus(noise), given.batch.x, masks)
    step = observed(task, architecture, given, passed, (slopes, before, after))
    return step, State(after, updated_running(state.running, passed), optimizer)


def observed(
    task: Task,
    architecture: Architecture,
    given: MiniBatch,
    passed: NetworkPass,
    path: tuple[Parameters, Parameters, Parameters],
) -> Step:
    batch = given.batch
    losses = head_losses(
        passed.logits, batch.targets, architecture.heads, batch.sample_weights, batch.present
    )
    weights = (batch.sample_weights[:, np.newaxis] * batch.present).sum(axis=0)
    return Step(passed, losses, weights, *given.hits(architecture.heads, passed.logits), *path)


def weight_noise(task: Task, parameters: Parameters, moment: Moment) -> Parameters:
    """What is added to the weights; nothing to the rest."""
    zeros = [np.zeros_like(array) for array in parameters.arrays]
    if task.recipe.weight_noise > 0:
        for layer, weight in enumerate(parameters.weights):
            stream = (task.seed, philox.WEIGHT_NOISE, layer, *moment)
            draws = philox.weight_noise(stream, weight.shape, task.number_bytes)
            zeros[layer] = add_noise(zeros[layer], task.recipe.weight_noise, draws)
    return parameters.with_arrays(zeros)


def updated_running(running: Running | None, passed: NetworkPass) -> Running | None:
    if running is None:
        return None
    hidden = passed.pre_activations[:-1]
    return tuple(update_running_statistics(*pair) for pair in zip(running, hidden, strict=True))


def learning_rate(task: Task, moment: Moment) -> float:
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


def layer_factors(recipe: Recipe, parameters: Parameters) -> list[float]:
    """The factor on the learning rate of each array of the parameters."""
    factors = recipe.learning_rate_factors or (1.0,) * len(parameters.weights)
    groups = (parameters.weights, parameters.biases, parameters.scales, parameters.shifts)
    return [factors[layer] for group in groups for layer in range(len(group))]


def of_moving_layers(recipe: Recipe, slopes: Parameters) -> Parameters:
    """The gradient with those of frozen layers set to zero."""
    pairs = zip(slopes.arrays, layer_factors(recipe, slopes), strict=True)
    return slopes.with_arrays([slope if factor > 0 else 0 * slope for slope, factor in pairs])


def updated(
    recipe: Recipe, rate: float, slopes: Parameters, state: State
) -> tuple[Parameters, list[SgdState | AdamState]]:
    before, after, moved = state.parameters, [], []
    factors = layer_factors(recipe, before)
    for number, parameter in enumerate(before.arrays):
        own_rate, slope = rate * factors[number], slopes.arrays[number]
        if number < len(before.weights):
            parameter = decoupled_decay(parameter, own_rate, recipe.weight_decay)
        given = (parameter, slope, state.optimizer[number], own_rate)
        if recipe.optimizer == "sgd":
            new, memory = sgd_step(*given, recipe.momentum, recipe.nesterov)
        else:
            new, memory = adam_step(*given, recipe.beta1, recipe.beta2, recipe.epsilon)
        after.append(new)
        moved.append(memory)
    return before.with_arrays(after), moved
