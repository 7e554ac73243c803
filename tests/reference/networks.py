"""Networks with drawn weights, for the engine and for `levelset.theory`."""

from itertools import pairwise

import numpy as np

from levelset.engine import Network, Recipe
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    LOSSES,
    Gradient,
    forward,
    objective_and_gradient,
    one_hot,
    smooth_labels,
)


def make_network(
    recipe: Recipe, features: int, classes: int, instruction_set: str, dtype: str = "float64"
) -> Network:
    """Weights that keep the size of what flows through them, and biases that are not zero."""
    widths = (features, *recipe.hidden, classes)
    generator = stream(0, "network", *widths)
    return Network(
        recipe,
        tuple(
            (generator.normal(size=(i, o)) * np.sqrt(2 / i)).astype(dtype)
            for i, o in pairwise(widths)
        ),
        tuple(generator.normal(size=o).astype(dtype) for o in widths[1:]),
        instruction_set,
    )


def as_float64(arrays: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    return [array.astype(np.float64) for array in arrays]


def logits_by_theory(network: Network, x: np.ndarray) -> np.ndarray:
    activations = [ACTIVATIONS[name] for name in network.recipe.activations]
    weights, biases = as_float64(network.weights), as_float64(network.biases)
    return forward(weights, biases, activations, x.astype(np.float64)).logits


def validation_loss_by_theory(network: Network, x: np.ndarray, y: np.ndarray) -> float:
    logits = logits_by_theory(network, x)
    targets = one_hot(y, network.classes)
    return float(LOSSES["softmax_cross_entropy"].value(logits, targets).mean())


def gradient_by_theory(network: Network, x: np.ndarray, y: np.ndarray) -> tuple[float, Gradient]:
    value, gradient = objective_and_gradient(
        as_float64(network.weights),
        as_float64(network.biases),
        [ACTIVATIONS[name] for name in network.recipe.activations],
        LOSSES["softmax_cross_entropy"],
        x.astype(np.float64),
        smooth_labels(one_hot(y, network.classes), network.recipe.label_smoothing),
        network.recipe.l2,
    )
    return float(value), gradient


def gradient_error(network: Network, x: np.ndarray, y: np.ndarray) -> float:
    """Largest difference between the engine's J and gradient and theory's, as a share.

    Of each array: the largest difference over the largest entry of theory's.
    """
    expected_value, expected = gradient_by_theory(network, x, y)
    value, weights, biases = network.objective_and_gradient(x, y)
    pairs = zip((*weights, *biases), (*expected.weights, *expected.biases), strict=True)
    errors = [abs(value - expected_value) / expected_value]
    for mine, theirs in pairs:
        scale = np.abs(theirs).max()
        errors.append(np.abs(mine - theirs).max() / scale if scale else np.abs(mine).max())
    return float(max(errors))
