"""What `levelset.theory` says of a trained network: its formulas, in float64.

The measures of this package are taken here and not in the engine, whose answers are float32 unless
asked otherwise: a boundary is found to more digits than that, and second derivatives lose half of
what they are given. Batch normalization uses its running statistics throughout, so that a row's
answer depends on no other row.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Real

from levelset.engine import Network, Recipe
from levelset.engine.checks import check_features
from levelset.engine.predictions import count_classes
from levelset.engine.targets import given_targets
from levelset.theory import (
    ACTIVATIONS,
    LOSSES,
    NORMALIZATIONS,
    Architecture,
    Batch,
    Head,
    NetworkPass,
    Parameters,
    RunningStatistics,
    network_forward,
    one_hot,
    smooth_labels,
    softmax,
)

_LOSS_OF_HEAD = {
    "softmax": "softmax_cross_entropy",
    "sigmoid": "sigmoid_cross_entropy",
    "squared_error": "squared_error",
}


class NetworkTheory(NamedTuple):
    """A network as `levelset.theory` takes it."""

    architecture: Architecture
    parameters: Parameters
    running: tuple[RunningStatistics, ...] | None  # of batch normalization; None without it


def theory_of(network: Network) -> NetworkTheory:
    """Give a network's architecture, parameters and running statistics, in float64.

    Args:
        network: Trained or not.

    Returns:
        (architecture, parameters, running); the heads are in the architecture, and `running` is
        None for a network without batch normalization.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> architecture, parameters, running = theory_of(fleet.networks[0])
        >>> architecture.activations[0].name, parameters.weights[0].shape, running
        ('relu', (2, 3), None)
    """
    recipe = network.recipe
    heads = tuple(
        Head(head.target, LOSSES[_LOSS_OF_HEAD[head.loss]], width, head.weight)
        for head, width in zip(network.heads, _columns(network), strict=True)
    )
    architecture = Architecture(
        tuple(ACTIVATIONS[name] for name in recipe.activations),
        heads,
        NORMALIZATIONS.get(recipe.normalization),
        recipe.residual,
    )
    learned = (network.weights, network.biases, network.scales, network.shifts)
    parameters = Parameters(*(_as_float64(arrays) for arrays in learned))
    if recipe.normalization != "batch":
        return NetworkTheory(architecture, parameters, None)
    means, variances = _as_float64(network.running_means), _as_float64(network.running_variances)
    running = tuple(RunningStatistics(*pair) for pair in zip(means, variances, strict=True))
    return NetworkTheory(architecture, parameters, running)


def forward_of(network: Network, x: Real[np.ndarray, "n d"]) -> NetworkPass:
    """Compute what every layer of a network makes of rows, as in prediction, in float64.

    Args:
        network: Trained or not.
        x: Features, shape (n, d).

    Returns:
        Pre-activations, what was normalized, and activations of each layer, (n, o); dropout and
        noise are off, and batch normalization uses its running statistics.

    Raises:
        DataError: If the shape is wrong or a value is not finite.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> [a.shape for a in forward_of(fleet.networks[0], x).activations]
        [(2, 2), (2, 3)]
    """
    architecture, parameters, running = theory_of(network)
    return network_forward(architecture, parameters, rows_of(network, x), running=running)


def probabilities_of(network: Network, x: Real[np.ndarray, "n d"]) -> Float64[np.ndarray, "n c"]:
    """Compute the class probabilities of rows in float64.

    Args:
        network: With one head that chooses among c classes.
        x: Features, shape (n, d).

    Returns:
        p, shape (n, c): softmax of the logits, or (1 − σ, σ) for a sigmoid head of one column.

    Raises:
        DataError: If the shape is wrong or a value is not finite.
        RecipeError: If the heads do not choose one class.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> network = fleet.networks[0]
        >>> bool(np.allclose(probabilities_of(network, x), network.predict_proba(x), atol=1e-6))
        True
    """
    return softmax(logits_by_the_core(network)(x))


def logits_by_the_core(
    network: Network,
) -> Callable[[Real[np.ndarray, "n d"]], Float64[np.ndarray, "n c"]]:
    """Give a network's class logits as a function of rows, in float64.

    It is `forward_of` by the engine's compiled core, for measures that ask about many rows: of the
    same network in float64, with a head that answers with the last layer's outputs themselves.

    Args:
        network: With one head that chooses among c classes.

    Returns:
        x (n, d) -> the logits whose softmax is the class probabilities, (n, c).

    Raises:
        RecipeError: If the heads do not choose one class.

    Example:
        >>> network = Network(Recipe(hidden=()), (np.eye(2),), (np.zeros(2),))
        >>> logits_by_the_core(network)(np.array([[3.0, -4.0]]))
        array([[ 3., -4.]])
    """
    count_classes(network.heads, _columns(network))
    recipe = network.recipe
    bare = Network(
        Recipe(
            hidden=recipe.hidden,
            activation=recipe.activation,
            normalization=recipe.normalization,
            residual=recipe.residual,
            heads="squared_error",
        ),
        weights=_as_float64(network.weights),
        biases=_as_float64(network.biases),
        scales=_as_float64(network.scales),
        shifts=_as_float64(network.shifts),
        running_means=_as_float64(network.running_means),
        running_variances=_as_float64(network.running_variances),
        instruction_set=network.instruction_set,
    )

    def logits(x: Real[np.ndarray, "n d"]) -> Float64[np.ndarray, "n c"]:
        (outputs,) = bare.outputs(x).values()
        return class_logits(network, outputs)

    return logits


def class_logits(
    network: Network, outputs: Float64[np.ndarray, "n k"]
) -> Float64[np.ndarray, "n c"]:
    """Give the logits whose softmax is the class probabilities.

    Args:
        network: With one head that chooses among c classes.
        outputs: Of its last layer, shape (n, k).

    Returns:
        Logits, shape (n, c): the outputs, or (0, z) where one output z says yes or no, because
        softmax(0, z) = (1 − σ(z), σ(z)).

    Raises:
        RecipeError: If the heads do not choose one class.
    """
    count_classes(network.heads, _columns(network))
    if outputs.shape[-1] > 1:
        return outputs
    return np.concatenate([np.zeros_like(outputs), outputs], axis=-1)


def batch_of(network: Network, x: Real[np.ndarray, "n d"], y: object) -> Batch:
    """Give rows and their targets as the loss of a network's heads takes them.

    Args:
        network: Whose heads are asked.
        x: Features, shape (n, d).
        y: Targets as for a Fleet: one array, or a mapping from names to arrays.

    Returns:
        All rows as one batch, as in training: the labels of softmax heads are smoothed where the
        recipe says so. A target that is missing (NaN) is not present.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If a head has no target.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> batch_of(fleet.networks[0], x, y).targets
        array([[1., 0.],
               [0., 1.]])
    """
    rows = rows_of(network, x)
    given, values, present = given_targets(y, len(rows)), [], []
    for head, width in zip(network.heads, _columns(network), strict=True):
        given.require(head, "The network")
        array = given.array(head, width, np.dtype(np.float64))
        if head.loss == "softmax":
            present.append(array >= 0)
            labels = one_hot(np.maximum(array, 0), width)
            values.append(smooth_labels(labels, network.recipe.label_smoothing))
        else:
            present.append(~np.isnan(array).any(axis=1))
            values.append(array)
    return Batch(rows, np.hstack(values), present=np.stack(present, axis=1))


def rows_of(network: Network, x: Real[np.ndarray, "n d"]) -> Float64[np.ndarray, "n d"]:
    """Check rows for a network and give them in float64, (n, d); a DataError if they do not fit."""
    return check_features(x, np.dtype(np.float64), columns=network.features)


def _columns(network: Network) -> tuple[int, ...]:
    return network.head_columns or (network.weights[-1].shape[1],)


def _as_float64(arrays: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(array.astype(np.float64) for array in arrays)
