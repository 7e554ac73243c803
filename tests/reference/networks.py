"""Networks with drawn parameters, and what `levelset.theory` says of a network."""

from itertools import pairwise

import numpy as np

from levelset.engine import Network, Recipe
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    NORMALIZATIONS,
    Architecture,
    Batch,
    Head,
    Parameters,
    RunningStatistics,
    multi_head_loss,
    network_forward,
    network_objective_and_gradient,
)
from tests.reference.targets import Answers, Targets, make_targets

Running = tuple[RunningStatistics, ...]


def make_network(
    recipe: Recipe,
    features: int,
    classes: int,
    instruction_set: str,
    dtype: str = "float64",
    head_columns: tuple[int, ...] = (),
) -> Network:
    """Weights that keep the size of what flows through them; nothing else is as it begins.

    `classes` counts the outputs of the last layer, those of all heads.
    """
    widths = (features, *recipe.hidden, classes)
    generator = stream(0, "network", *widths)
    scaled = recipe.hidden if recipe.normalization != "none" else ()
    counted = recipe.hidden if recipe.normalization == "batch" else ()
    return Network(
        recipe,
        tuple(
            (generator.normal(size=(i, o)) * np.sqrt(2 / i)).astype(dtype)
            for i, o in pairwise(widths)
        ),
        tuple(generator.normal(size=o).astype(dtype) for o in widths[1:]),
        scales=tuple(generator.uniform(0.5, 1.5, size=o).astype(dtype) for o in scaled),
        shifts=tuple(generator.normal(scale=0.5, size=o).astype(dtype) for o in scaled),
        running_means=tuple(generator.normal(size=o).astype(dtype) for o in counted),
        running_variances=tuple(generator.uniform(0.5, 2, size=o).astype(dtype) for o in counted),
        head_columns=head_columns,
        instruction_set=instruction_set,
    )


def architecture_of(recipe: Recipe, heads: tuple[Head, ...]) -> Architecture:
    return Architecture(
        tuple(ACTIVATIONS[name] for name in recipe.activations),
        heads,
        NORMALIZATIONS.get(recipe.normalization),
        recipe.residual,
    )


def parameters_of(network: Network) -> Parameters:
    arrays = (network.weights, network.biases, network.scales, network.shifts)
    return Parameters(*(as_float64(some) for some in arrays))


def running_of(network: Network) -> Running | None:
    """The statistics that batch normalization predicts with; None for other networks."""
    if network.recipe.normalization != "batch":
        return None
    pairs = zip(
        as_float64(network.running_means), as_float64(network.running_variances), strict=True
    )
    return tuple(RunningStatistics(mean, variance) for mean, variance in pairs)


def as_float64(arrays: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(array.astype(np.float64) for array in arrays)


def targets_of(network: Network, y: Answers) -> Targets:
    widths = network.head_columns or (network.weights[-1].shape[1],)
    return make_targets(network.recipe, y, widths)


def logits_by_theory(network: Network, x: np.ndarray) -> np.ndarray:
    """The outputs of the last layer, (n, c), with running statistics."""
    architecture = architecture_of(network.recipe, ())
    passed = network_forward(
        architecture, parameters_of(network), x.astype(np.float64), running=running_of(network)
    )
    return passed.logits


def validation_loss_by_theory(network: Network, x: np.ndarray, y: Answers) -> float:
    targets = targets_of(network, y)
    outputs = logits_by_theory(network, x)
    loss = multi_head_loss(outputs, targets.values, targets.heads, present=targets.present)
    return float(loss)


def gradient_by_theory(network: Network, x: np.ndarray, y: Answers) -> tuple[float, Parameters]:
    """J and its gradient over all rows as one batch, with the batch's own statistics."""
    recipe, targets = network.recipe, targets_of(network, y)
    batch = Batch(
        x.astype(np.float64), targets.smoothed(recipe.label_smoothing), present=targets.present
    )
    value, gradient = network_objective_and_gradient(
        architecture_of(recipe, targets.heads), parameters_of(network), batch, recipe.l2
    )
    return float(value), gradient


def gradient_error(network: Network, x: np.ndarray, y: Answers) -> float:
    """Largest difference between the engine's J and gradient and theory's, as a share.

    Of each array: the largest difference over the largest entry of theory's. Normalization leaves
    some arrays next to no gradient, which is a rounding of others: these count as a millionth of
    the largest array.
    """
    expected_value, expected = gradient_by_theory(network, x, y)
    value, given = network.objective_and_gradient(x, y)
    arrays = (*given.weights, *given.biases, *given.scales, *given.shifts)
    errors = [abs(value - expected_value) / max(expected_value, 1e-12)]
    least = 1e-6 * max(np.abs(array).max() for array in expected.arrays)
    for mine, theirs in zip(arrays, expected.arrays, strict=True):
        scale = max(np.abs(theirs).max(), least)
        errors.append(np.abs(mine - theirs).max() / scale if scale else np.abs(mine).max())
    return float(max(errors))
