"""Dropout's thinned networks, and what the network with scaled weights makes of them.

Each way to drop units leaves a thinned network with probabilities q(m) of its own. Prediction with
all units, each scaled by the share that was kept, stands for their average:

    arithmetic mean             q̄ = E_m q(m)
    normalized geometric mean   q̃ ∝ exp E_m log q(m)
    scaled weights              q(E m)

With one hidden layer the logits are linear in the mask, so that the scaled network *is* the
normalized geometric mean. With several it only comes near. Masks here are inverted: 0 or
1 / (1 − p), of mean 1, so that the weights themselves need no scaling.

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, JMLR 15 (2014); Goodfellow,
Bengio and Courville, "Deep Learning" (2016), section 7.12.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from levelset.errors import RecipeError
from levelset.theory.architecture import Architecture, Parameters
from levelset.theory.encoding import softmax
from levelset.theory.information import log_probabilities
from levelset.theory.normalization import RunningStatistics
from levelset.theory.propagation import network_forward

Draws = Float64[np.ndarray, "*k o"]


def dropout_mask(draws: Draws, share: float) -> Draws:
    """Turn uniform draws into a mask of inverted dropout.

    m = 0 where u < p, else 1 / (1 − p)

    Args:
        draws: u, uniform on [0, 1), any shape.
        share: p in [0, 1), of units that are dropped.

    Returns:
        m, the same shape; its mean is 1.

    Raises:
        RecipeError: The share is not in [0, 1).

    Example:
        >>> dropout_mask(np.array([0.1, 0.5, 0.9]), share=0.5)
        array([0., 2., 2.])

    Source: Srivastava et al. (2014), section 10.
    """
    if not 0.0 <= share < 1.0:
        raise RecipeError(f"`share` must lie in [0, 1), got {share:g}; 0.5 is usual.")
    return np.where(draws < share, 0.0, 1.0 / (1.0 - share))


def thinned_probabilities(
    architecture: Architecture,
    parameters: Parameters,
    x: Float64[np.ndarray, "b d"],
    masks: Sequence[Float64[np.ndarray, "k _o"]],
    running: Sequence[RunningStatistics] | None = None,
) -> Float64[np.ndarray, "k b c"]:
    """Compute the class probabilities of k thinned networks.

    q(m) = softmax(z(x; m)),  one mask a network and hidden layer, the same for all rows

    Args:
        architecture: How the layers are joined; its one head is a softmax.
        parameters: W, b, γ and β.
        x: Rows of features, shape (b, d).
        masks: m_1 … m_{L−1}, each (k, o), made by `dropout_mask`.
        running: Statistics of layers 1 … L−1 for batch normalization as in prediction.

    Returns:
        q, shape (k, b, c).

    Example:
        Of two hidden units one or the other is dropped:

        >>> from levelset.theory.activations import ACTIVATIONS
        >>> architecture = Architecture((ACTIVATIONS["identity"],), heads=())
        >>> parameters = Parameters(
        ...     (np.ones((1, 2)), np.array([[1.0, 0.0], [0.0, 1.0]])), (np.zeros(2), np.zeros(2))
        ... )
        >>> masks = [np.array([[2.0, 0.0], [0.0, 2.0]])]
        >>> q = thinned_probabilities(architecture, parameters, np.array([[0.5]]), masks)
        >>> q.round(3)[:, 0]
        array([[0.731, 0.269],
               [0.269, 0.731]])

    Source: Srivastava et al. (2014), section 4.
    """
    count, rows = len(masks[0]), len(x)
    per_row = [
        np.broadcast_to(mask[:, np.newaxis, :], (count, rows, mask.shape[-1])) for mask in masks
    ]
    given = np.broadcast_to(x, (count, *x.shape))
    return softmax(network_forward(architecture, parameters, given, per_row, running).logits)


def geometric_mean(
    probabilities: Float64[np.ndarray, "k *b c"],
) -> Float64[np.ndarray, "*b c"]:
    """Average distributions by their logarithms.

    q̃_c = exp(mean_k log q_k,c) / Σ_c' exp(mean_k log q_k,c')

    Args:
        probabilities: q_k over the last axis, shape (k, ..., c).

    Returns:
        q̃, shape (..., c).

    Example:
        >>> geometric_mean(np.array([[0.8, 0.2], [0.2, 0.8]]))
        array([0.5, 0.5])

    Source: Goodfellow et al. (2016), section 7.12.
    """
    return softmax(log_probabilities(probabilities).mean(axis=0))
