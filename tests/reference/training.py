"""Training as the engine does it, a mini-batch at a time, by the formulas of `levelset.theory`."""

from dataclasses import dataclass

from levelset.theory import (
    Parameters,
    RunningStatistics,
    WeightAverage,
    exponential_average,
    network_forward,
    uniform_average,
    update_running_statistics,
)
from tests.reference import philox
from tests.reference.batches import Task
from tests.reference.epochs import Epoch, summary
from tests.reference.networks import Running, architecture_of
from tests.reference.steps import State, one_step


@dataclass(frozen=True)
class Seen:
    """The network that validation and prediction use."""

    parameters: Parameters
    running: Running | None


@dataclass(frozen=True)
class History:
    """The record's epochs, and the network after each."""

    epochs: list[Epoch]
    seen: list[Seen]


def train(task: Task, parameters: Parameters, running: Running | None, epochs: int) -> History:
    """Train in float64 from the given parameters."""
    recipe, state = task.recipe, State.initial(task.recipe, parameters, running)
    averages = [WeightAverage.initial(array) for array in parameters.arrays]
    happened, seen = [], []
    for epoch in range(epochs):
        order = philox.batch_order(task.seed, epoch, len(task.x))
        steps = []
        for number, first in enumerate(range(0, len(task.x), recipe.batch_size)):
            rows = order[first : first + recipe.batch_size]
            step, state = one_step(task, rows, (epoch, number), state)
            steps.append(step)
            if recipe.averaging == "ema":
                averages = [
                    exponential_average(average, array, recipe.average_decay)
                    for average, array in zip(averages, state.parameters.arrays, strict=True)
                ]
        happened.append(summary(task, steps))
        if recipe.averaging == "swa" and epoch >= int(recipe.average_start * recipe.epochs):
            pairs = zip(averages, state.parameters.arrays, strict=True)
            averages = [uniform_average(*pair) for pair in pairs]
        seen.append(averaged(task, averages, state))
    return History(happened, seen)


def averaged(task: Task, averages: list[WeightAverage], state: State) -> Seen:
    """The averages, with statistics of their own; what training holds where there are none."""
    if averages[0].count == 0:
        return Seen(state.parameters, state.running)
    parameters = state.parameters.with_arrays([average.average for average in averages])
    if state.running is None:
        return Seen(parameters, None)
    return Seen(parameters, fresh_statistics(task, parameters, state.running))


def fresh_statistics(task: Task, parameters: Parameters, running: Running) -> Running:
    """Those of all the member's rows as one batch; a single row has none, and changes nothing."""
    passed = network_forward(architecture_of(task.recipe, ()), parameters, task.x)
    hidden = passed.pre_activations[:-1]
    pairs: list[tuple[RunningStatistics, ...]] = [*zip(running, hidden, strict=True)]
    return tuple(update_running_statistics(*pair, momentum=1.0) for pair in pairs)
