"""From recipes to the plans that the compiled core reads."""

from itertools import pairwise

import numpy as np

from levelset.engine import core
from levelset.engine.recipe import Recipe
from levelset.theory.initializers import DEFAULT_INITIALIZER, INITIALIZERS

_ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu")  # in the order of native/plan.hpp
_OPTIMIZERS = ("sgd", "adam")


def layer_widths(recipe: Recipe, features: int, classes: int) -> tuple[int, ...]:
    """Give the units of every layer, the inputs' and the outputs' included."""
    return (features, *recipe.hidden, classes)


def compile_plan(recipe: Recipe, features: int, classes: int) -> "core.Plan":
    """Resolve a recipe for a table: every default filled in, every name a number."""
    widths = layer_widths(recipe, features, classes)
    activations = [recipe.activation] * len(recipe.hidden) + ["identity"]
    names = [recipe.initializer or DEFAULT_INITIALIZER[name] for name in activations]
    uniform = [INITIALIZERS[name].distribution == "uniform" for name in names]
    scales = [
        (INITIALIZERS[name].limit if is_uniform else INITIALIZERS[name].standard_deviation)(
            inputs, outputs, recipe.gain
        )
        for name, is_uniform, inputs, outputs in zip(
            names, uniform, widths[:-1], widths[1:], strict=True
        )
    ]
    rest = recipe.model_dump(
        include={
            "batch_size",
            "epochs",
            "nesterov",
            "learning_rate",
            "momentum",
            "beta1",
            "beta2",
            "epsilon",
            "l2",
            "min_delta",
        }
    )
    rest["patience"] = recipe.patience or 0
    rest["optimizer"] = _OPTIMIZERS.index(recipe.optimizer)
    return core.make_plan(
        list(widths),
        [_ACTIVATIONS.index(name) for name in activations],
        [recipe.dropout] * len(recipe.hidden) + [0.0],
        scales,
        uniform,
        rest,
    )


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
