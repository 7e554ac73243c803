"""Losses of one row and their derivatives, from the network's last pre-activations (logits).

Each loss maps (..., c) to (...): one number a row, summed over classes. Cross-entropies are in
nats, and their gradient is predicted minus true probability: no derivative of softmax or sigmoid
remains in it, so a network that is wrong and certain of it still learns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

from levelset.theory.encoding import log_softmax, sigmoid, softmax

Rows = Float64[np.ndarray, "*n c"]
Directions = Float64[np.ndarray, "*k c"]  # of rows, perhaps several of each
PerRow = Float64[np.ndarray | np.float64, "*n"]


@dataclass(frozen=True)
class Loss:
    """A loss ℓ and its derivatives with respect to the logits.

    Attributes:
        name: The key in LOSSES.
        value: (logits (..., c), targets (..., c)) -> ℓ (...).
        gradient: (logits (..., c), targets (..., c)) -> ∂ℓ/∂z (..., c).
        hessian_product: (logits (..., c), direction v (..., c)) -> (∂²ℓ/∂z²) v (..., c). It takes
            no targets: in every gradient they are constants.

    Example:
        >>> loss = LOSSES["softmax_cross_entropy"]
        >>> loss.gradient(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
        array([[-0.5,  0.5]])
    """

    name: str
    value: Callable[[Rows, Rows], PerRow]
    gradient: Callable[[Rows, Rows], Rows]
    hessian_product: Callable[[Rows, Directions], Directions]


def softmax_cross_entropy(logits: Rows, targets: Rows) -> PerRow:
    """Measure the cross-entropy H(p, q) of the softmax q from the true distribution p.

    ℓ = −Σ꜀ p꜀ log q꜀,  q = softmax(z);  H(p, q) = H(p) + KL(p‖q)

    H(p) does not depend on the network: minimizing ℓ minimizes the divergence KL(p‖q). For one-hot
    p, H(p) = 0 and ℓ = −log q of the true class.

    Args:
        logits: z, shape (..., c).
        targets: Probabilities p that sum to one over the last axis, shape (..., c).

    Returns:
        ℓ, shape (...), in nats; finite for every finite logit.

    Example:
        >>> softmax_cross_entropy(np.log([[1.0, 1.0, 2.0]]), np.array([[0.0, 0.0, 1.0]]))
        array([0.69314718])

    Source: Bishop (2006), equation 4.108; Goodfellow, Bengio and Courville, "Deep Learning" (2016),
    section 3.13.
    """
    return -(targets * log_softmax(logits)).sum(axis=-1)


def softmax_cross_entropy_gradient(logits: Rows, targets: Rows) -> Rows:
    """Differentiate the softmax cross-entropy with respect to the logits.

    ∂ℓ/∂z꜀ = q꜀ − p꜀

    Args:
        logits: z, shape (..., c).
        targets: Probabilities p that sum to one over the last axis, shape (..., c).

    Returns:
        ∂ℓ/∂z, shape (..., c).

    Example:
        >>> softmax_cross_entropy_gradient(np.log([[1.0, 1.0, 2.0]]), np.array([[0.0, 0.0, 1.0]]))
        array([[ 0.25,  0.25, -0.5 ]])

    Source: Bishop (2006), equation 4.109.
    """
    return softmax(logits) - targets


def softmax_cross_entropy_hessian_product(logits: Rows, direction: Directions) -> Directions:
    """Multiply the second derivative of the softmax cross-entropy with a direction.

    (∂²ℓ/∂z²) v = (diag(q) − q qᵀ) v = q ⊙ (v − q·v)

    Args:
        logits: z, shape (..., c).
        direction: v, shape (..., c).

    Returns:
        The product, shape (..., c). It sums to zero over classes, and is zero where v is the same
        for all: adding a constant to the logits changes nothing.

    Example:
        >>> softmax_cross_entropy_hessian_product(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
        array([[ 0.25, -0.25]])

    Source: Bishop (2006), equation 4.110 with 4.106.
    """
    q = softmax(logits)
    return q * (direction - (q * direction).sum(axis=-1, keepdims=True))


def sigmoid_cross_entropy(logits: Rows, targets: Rows) -> PerRow:
    """Measure the cross-entropy of independent yes-or-no questions, one a class.

    ℓ = −Σ꜀ [y꜀ log σ(z꜀) + (1 − y꜀) log(1 − σ(z꜀))],  −log σ(z) = log(1 + e⁻ᶻ)

    Args:
        logits: z, shape (..., c).
        targets: Probabilities y of yes, each in [0, 1], shape (..., c).

    Returns:
        ℓ, shape (...), in nats, summed over classes; finite for every finite logit.

    Example:
        >>> sigmoid_cross_entropy(np.array([[0.0, 1e4]]), np.array([[1.0, 0.0]]))
        array([10000.69314718])

    Source: Bishop (2006), equation 4.90.
    """
    yes = targets * np.logaddexp(0.0, -logits)
    no = (1.0 - targets) * np.logaddexp(0.0, logits)
    return (yes + no).sum(axis=-1)


def sigmoid_cross_entropy_gradient(logits: Rows, targets: Rows) -> Rows:
    """Differentiate the sigmoid cross-entropy with respect to the logits.

    ∂ℓ/∂z꜀ = σ(z꜀) − y꜀

    Args:
        logits: z, shape (..., c).
        targets: Probabilities y of yes, each in [0, 1], shape (..., c).

    Returns:
        ∂ℓ/∂z, shape (..., c).

    Example:
        >>> sigmoid_cross_entropy_gradient(np.array([[0.0, 1e4]]), np.array([[1.0, 0.0]]))
        array([[-0.5,  1. ]])

    Source: Bishop (2006), equation 4.91.
    """
    return sigmoid(logits) - targets


def sigmoid_cross_entropy_hessian_product(logits: Rows, direction: Directions) -> Directions:
    """Multiply the second derivative of the sigmoid cross-entropy with a direction.

    (∂²ℓ/∂z²) v = σ(z) σ(−z) v

    Args:
        logits: z, shape (..., c).
        direction: v, shape (..., c).

    Returns:
        The product, shape (..., c).

    Example:
        >>> sigmoid_cross_entropy_hessian_product(np.array([[0.0, 1e4]]), np.array([[1.0, 1.0]]))
        array([[0.25, 0.  ]])

    Source: Bishop (2006), equation 4.97.
    """
    return sigmoid(logits) * sigmoid(-logits) * direction


def squared_error(outputs: Rows, targets: Rows) -> PerRow:
    """Measure the squared Euclidean distance of outputs from targets.

    ℓ = Σ꜀ (a꜀ − y꜀)²

    Args:
        outputs: a, shape (..., c). The last layer is linear, so these are its pre-activations.
        targets: y, shape (..., c).

    Returns:
        ℓ, shape (...), in squared units of the targets, summed over classes.

    Example:
        >>> squared_error(np.array([[1.0, 3.0]]), np.array([[0.0, 1.0]]))
        array([5.])

    Source: Bishop (2006), equation 5.11, without its factor ½ and per row, so that it is the Brier
    score when the outputs are probabilities.
    """
    return ((outputs - targets) ** 2).sum(axis=-1)


def squared_error_gradient(outputs: Rows, targets: Rows) -> Rows:
    """Differentiate the squared error with respect to the outputs.

    ∂ℓ/∂a꜀ = 2(a꜀ − y꜀)

    Args:
        outputs: a, shape (..., c).
        targets: y, shape (..., c).

    Returns:
        ∂ℓ/∂a, shape (..., c).

    Example:
        >>> squared_error_gradient(np.array([[1.0, 3.0]]), np.array([[0.0, 1.0]]))
        array([[2., 4.]])

    Source: Bishop (2006), equation 5.18, doubled for want of the factor ½.
    """
    return 2.0 * (outputs - targets)


def squared_error_hessian_product(outputs: Rows, direction: Directions) -> Directions:
    """Multiply the second derivative of the squared error with a direction.

    (∂²ℓ/∂a²) v = 2 v

    Args:
        outputs: a, shape (..., c); they do not matter.
        direction: v, shape (..., c).

    Returns:
        The product, shape (..., c).

    Example:
        >>> squared_error_hessian_product(np.array([[1.0, 3.0]]), np.array([[1.0, 2.0]]))
        array([[2., 4.]])

    Source: the derivative of `squared_error_gradient`.
    """
    return 2.0 * np.ones_like(outputs) * direction


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss(
                "softmax_cross_entropy",
                softmax_cross_entropy,
                softmax_cross_entropy_gradient,
                softmax_cross_entropy_hessian_product,
            ),
            Loss(
                "sigmoid_cross_entropy",
                sigmoid_cross_entropy,
                sigmoid_cross_entropy_gradient,
                sigmoid_cross_entropy_hessian_product,
            ),
            Loss(
                "squared_error",
                squared_error,
                squared_error_gradient,
                squared_error_hessian_product,
            ),
        )
    }
)
