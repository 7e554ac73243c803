"""Losses of one row and their gradients, from their equations."""

import math
from collections.abc import Sequence

from tests.reference.activations import sigmoid
from tests.reference.encoding import softmax


def entropy(p: Sequence[float]) -> float:
    """H(p) = −Σ p log p, where 0 log 0 = 0."""
    total = 0.0
    for probability in p:
        if probability > 0.0:
            total -= probability * math.log(probability)
    return total


def divergence(p: Sequence[float], q: Sequence[float]) -> float:
    """KL(p‖q) = Σ p log(p / q), where 0 log 0 = 0."""
    total = 0.0
    for true, predicted in zip(p, q, strict=True):
        if true > 0.0:
            total += true * math.log(true / predicted)
    return total


def softmax_cross_entropy(logits: Sequence[float], targets: Sequence[float]) -> float:
    """−Σ p log q."""
    total = 0.0
    for true, predicted in zip(targets, softmax(logits), strict=True):
        total -= true * math.log(predicted)
    return total


def softmax_cross_entropy_gradient(
    logits: Sequence[float], targets: Sequence[float]
) -> list[float]:
    """Σₖ ∂ℓ/∂qₖ ∂qₖ/∂z꜀ with ∂ℓ/∂qₖ = −pₖ/qₖ and ∂qₖ/∂z꜀ = qₖ ([k = c] − q꜀)."""
    q = softmax(logits)
    gradient = []
    for c in range(len(q)):
        total = 0.0
        for k in range(len(q)):
            total += (-targets[k] / q[k]) * q[k] * ((1.0 if k == c else 0.0) - q[c])
        gradient.append(total)
    return gradient


def sigmoid_cross_entropy(logits: Sequence[float], targets: Sequence[float]) -> float:
    """−Σ [y log σ(z) + (1 − y) log(1 − σ(z))]."""
    total = 0.0
    for z, y in zip(logits, targets, strict=True):
        total -= y * math.log(sigmoid(z)) + (1.0 - y) * math.log(1.0 - sigmoid(z))
    return total


def sigmoid_cross_entropy_gradient(
    logits: Sequence[float], targets: Sequence[float]
) -> list[float]:
    """∂ℓ/∂q ∂q/∂z with ∂ℓ/∂q = −y/q + (1 − y)/(1 − q) and ∂q/∂z = q (1 − q)."""
    gradient = []
    for z, y in zip(logits, targets, strict=True):
        q = sigmoid(z)
        gradient.append((-y / q + (1.0 - y) / (1.0 - q)) * q * (1.0 - q))
    return gradient


def squared_error(outputs: Sequence[float], targets: Sequence[float]) -> float:
    """Σ (a − y)²."""
    total = 0.0
    for a, y in zip(outputs, targets, strict=True):
        total += (a - y) * (a - y)
    return total


def squared_error_gradient(outputs: Sequence[float], targets: Sequence[float]) -> list[float]:
    """2 (a − y)."""
    return [2.0 * (a - y) for a, y in zip(outputs, targets, strict=True)]


LOSSES = {
    "softmax_cross_entropy": (softmax_cross_entropy, softmax_cross_entropy_gradient),
    "sigmoid_cross_entropy": (sigmoid_cross_entropy, sigmoid_cross_entropy_gradient),
    "squared_error": (squared_error, squared_error_gradient),
}
