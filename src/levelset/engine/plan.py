"""From recipes to the plans that the compiled core reads."""

from itertools import pairwise
from typing import get_args

import numpy as np

from levelset.engine import core
from levelset.engine.recipe import (
    ActivationName,
    AveragingName,
    MonitorName,
    OptimizerName,
    Recipe,
    ScheduleName,
)
from levelset.theory.initializers import (
    DEFAULT_INITIALIZER,
    INITIALIZERS,
    Distribution,
    Initializer,
)

# Names in the order of native/plan.hpp.
_ACTIVATIONS = get_args(ActivationName)
_DISTRIBUTIONS = get_args(Distribution)
_NUMBERED = {
    "optimizer": get_args(OptimizerName),
    "schedule": get_args(ScheduleName),
    "averaging": get_args(AveragingName),
    "monitor": get_args(MonitorName),
}
# Fields that the core knows in another form, or not at all.
_TRANSLATED = {
    "hidden",
    "activation",
    "initializer",
    "gain",
    "dropout",
    "learning_rate_factors",
    "class_weight",
}


def layer_widths(recipe: Recipe, features: int, classes: int) -> tuple[int, ...]:
    """Give the units of every layer, the inputs' and the outputs' included."""
    return (features, *recipe.hidden, classes)


def compile_plan(recipe: Recipe, features: int, classes: int) -> "core.Plan":
    """Resolve a recipe for a table: every default filled in, every name a number."""
    widths = layer_widths(recipe, features, classes)
    activations = [*recipe.activations, "identity"]
    names = [recipe.initializer or DEFAULT_INITIALIZER[name] for name in activations]
    initializers = [INITIALIZERS[name] for name in names]
    scales = [
        _initial_scale(initializer, inputs, outputs, recipe.gain)
        for initializer, (inputs, outputs) in zip(initializers, pairwise(widths), strict=True)
    ]
    rest = recipe.model_dump(exclude=_TRANSLATED)
    rest |= {name: names.index(rest[name]) for name, names in _NUMBERED.items()}
    rest |= {name: rest[name] or 0 for name in ("patience", "gradient_clip")}
    return core.make_plan(
        list(widths),
        [_ACTIVATIONS.index(name) for name in activations],
        [recipe.dropout] * len(recipe.hidden) + [0.0],
        scales,
        [_DISTRIBUTIONS.index(initializer.distribution) for initializer in initializers],
        recipe.learning_rate_factors or [1.0] * len(activations),
        rest,
    )


def _initial_scale(initializer: Initializer, inputs: int, outputs: int, gain: float) -> float:
    """Give what the core multiplies its draws by: limit, standard deviation, or gain."""
    if initializer.distribution == "uniform":
        return initializer.limit(inputs, outputs, gain)
    if initializer.distribution == "normal":
        return initializer.standard_deviation(inputs, outputs, gain)
    return gain


def parameter_count(widths: tuple[int, ...]) -> int:
    """Count weights and biases."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))


def split_parameters(
    flat: np.ndarray, widths: tuple[int, ...]
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Cut the core's flat array into weights (i, o) and biases (o), as views."""
    weights, biases, start = [], [], 0
    for inputs, outputs in pairwise(widths):
        weights.append(flat[start : start + inputs * outputs].reshape(inputs, outputs))
        start += inputs * outputs
        biases.append(flat[start : start + outputs])
        start += outputs
    return tuple(weights), tuple(biases)
