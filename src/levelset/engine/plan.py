"""From recipes to the plans that the compiled core reads, and from its flat arrays to networks'."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, get_args

import numpy as np

from levelset.engine import core
from levelset.engine.heads import HeadName, as_heads
from levelset.engine.recipe import (
    ActivationName,
    AveragingName,
    MonitorName,
    NormalizationName,
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
_NORMALIZATIONS = get_args(NormalizationName)
_LOSSES = get_args(HeadName)
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
    "normalization",
    "residual",
    "heads",
    "dropout",
    "learning_rate_factors",
    "class_weight",
}
# Arrays with one number a unit that a hidden layer has besides b: γ and β; mean and variance.
_PER_UNIT = {"none": 0, "layer": 2, "batch": 4}


class Parameters(NamedTuple):
    """What a network consists of: an array for each layer, or for each normalized one."""

    weights: tuple[np.ndarray, ...]  # (i, o)
    biases: tuple[np.ndarray, ...]  # (o), as are all that follow
    scales: tuple[np.ndarray, ...]
    shifts: tuple[np.ndarray, ...]
    running_means: tuple[np.ndarray, ...]
    running_variances: tuple[np.ndarray, ...]


def layer_widths(recipe: Recipe, features: int, outputs: int) -> tuple[int, ...]:
    """Give the units of every layer, the inputs' and the outputs' included."""
    return (features, *recipe.hidden, outputs)


def compile_plan(
    recipe: Recipe, features: int, columns: Sequence[int], targets: Sequence[int] | None = None
) -> "core.Plan":
    """Resolve a recipe for a table: every default filled in, every name a number.

    Args:
        recipe: How a network is built and trained.
        features: d.
        columns: Of the last layer, how many each head of the recipe has.
        targets: Each head's target, as its number in the core's list; None for 0, 1, ...
    """
    heads = [
        {"loss": _LOSSES.index(head.loss), "target": target, "columns": own, "weight": head.weight}
        for head, own, target in zip(
            as_heads(recipe.heads), columns, targets or range(len(columns)), strict=True
        )
    ]
    rest = recipe.model_dump(exclude=_TRANSLATED)
    rest |= {name: names.index(rest[name]) for name, names in _NUMBERED.items()}
    rest |= {name: rest[name] or 0 for name in ("patience", "gradient_clip")}
    return core.make_plan(_layers(recipe, features, sum(columns)), heads, rest)


def _layers(recipe: Recipe, features: int, outputs: int) -> list[dict[str, object]]:
    activations = [*recipe.activations, "identity"]
    factors = recipe.learning_rate_factors or [1.0] * len(activations)
    widths = pairwise(layer_widths(recipe, features, outputs))
    layers = []
    for activation, factor, (inputs, units) in zip(activations, factors, widths, strict=True):
        initializer = INITIALIZERS[recipe.initializer or DEFAULT_INITIALIZER[activation]]
        hidden = len(layers) < len(recipe.hidden)  # the last layer is linear
        layers.append(
            {
                "inputs": inputs,
                "outputs": units,
                "activation": _ACTIVATIONS.index(activation),
                "normalization": _NORMALIZATIONS.index(recipe.normalization) if hidden else 0,
                "joined": hidden and recipe.residual and inputs == units,
                "dropout": recipe.dropout if hidden else 0.0,
                "initial_scale": _initial_scale(initializer, inputs, units, recipe.gain),
                "initial": _DISTRIBUTIONS.index(initializer.distribution),
                "rate_factor": factor,
            }
        )
    return layers


def _initial_scale(initializer: Initializer, inputs: int, outputs: int, gain: float) -> float:
    """Give what the core multiplies its draws by: limit, standard deviation, or gain."""
    if initializer.distribution == "uniform":
        return initializer.limit(inputs, outputs, gain)
    if initializer.distribution == "normal":
        return initializer.standard_deviation(inputs, outputs, gain)
    return gain


def parameter_shapes(
    widths: tuple[int, ...], normalization: NormalizationName
) -> list[list[tuple[int, ...]]]:
    """Give the shapes of each layer's arrays, in the order in which the core lays them out.

    W (i, o), b (o); of a normalized layer γ (o), β (o); of a batch-normalized one mean (o) and
    variance (o).
    """
    layers = [[(inputs, units), (units,)] for inputs, units in pairwise(widths)]
    for layer in layers[:-1]:
        layer += [layer[1]] * _PER_UNIT[normalization]
    return layers


def parameter_count(widths: tuple[int, ...], normalization: NormalizationName) -> int:
    """Count all numbers of a network, running statistics included."""
    shapes = parameter_shapes(widths, normalization)
    return sum(math.prod(shape) for layer in shapes for shape in layer)


def by_kind(layers: Sequence[Sequence[Any]]) -> Parameters:
    """Turn what each layer has into what each kind of array has."""
    kinds: list[list[Any]] = [[] for _ in Parameters._fields]
    for layer in layers:
        for kind, part in zip(kinds, layer, strict=False):  # fewer where nothing is normalized
            kind.append(part)
    return Parameters(*map(tuple, kinds))


def split_parameters(
    flat: np.ndarray, widths: tuple[int, ...], normalization: NormalizationName
) -> Parameters:
    """Cut the core's flat array into a network's arrays, as views."""
    layers, start = [], 0
    for shapes in parameter_shapes(widths, normalization):
        layers.append([])
        for shape in shapes:
            end = start + math.prod(shape)
            layers[-1].append(flat[start:end].reshape(shape))
            start = end
    return by_kind(layers)


def join_parameters(parameters: Parameters) -> np.ndarray:
    """Lay a network's arrays out as the core does, as one new flat array."""
    return np.concatenate(
        [
            kind[layer].ravel()
            for layer in range(len(parameters.weights))
            for kind in parameters
            if layer < len(kind)
        ]
    )
