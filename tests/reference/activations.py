"""Activation functions of one number, from their equations."""

import math


def identity(z: float) -> float:
    return z


def identity_derivative(z: float) -> float:
    return 1.0


def sigmoid(z: float) -> float:
    return 1.0 / (1.0 + math.exp(-z))


def sigmoid_derivative(z: float) -> float:
    return sigmoid(z) * (1.0 - sigmoid(z))


def tanh(z: float) -> float:
    return (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z))


def tanh_derivative(z: float) -> float:
    return 1.0 - tanh(z) * tanh(z)


def relu(z: float) -> float:
    return z if z > 0.0 else 0.0


def relu_derivative(z: float) -> float:
    return 1.0 if z > 0.0 else 0.0


def leaky_relu(z: float) -> float:
    return z if z > 0.0 else 0.01 * z


def leaky_relu_derivative(z: float) -> float:
    return 1.0 if z > 0.0 else 0.01


def elu(z: float) -> float:
    return z if z > 0.0 else math.exp(z) - 1.0


def elu_derivative(z: float) -> float:
    return 1.0 if z > 0.0 else math.exp(z)


def selu_constants() -> tuple[float, float]:
    """λ and α of Klambauer et al. (2017), equation 14: what keeps N(0, 1) at mean 0, variance 1."""
    # For z ~ N(0, 1): E[eᶻ; z ≤ 0] and E[e²ᶻ; z ≤ 0]
    once = 0.5 * math.exp(0.5) * math.erfc(math.sqrt(0.5))
    twice = 0.5 * math.exp(2.0) * math.erfc(math.sqrt(2.0))
    # Mean 0: E[z; z > 0] + α (E[eᶻ; z ≤ 0] − ½) = 0
    alpha = (1.0 / math.sqrt(2.0 * math.pi)) / (0.5 - once)
    # Variance 1: λ² (E[z²; z > 0] + α² E[(eᶻ − 1)²; z ≤ 0]) = 1
    return 1.0 / math.sqrt(0.5 + alpha**2 * (twice - 2.0 * once + 0.5)), alpha


def selu(z: float) -> float:
    scale, alpha = selu_constants()
    return scale * z if z > 0.0 else scale * alpha * (math.exp(z) - 1.0)


def selu_derivative(z: float) -> float:
    scale, alpha = selu_constants()
    return scale if z > 0.0 else scale * alpha * math.exp(z)


def normal_distribution(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def gelu(z: float) -> float:
    return z * normal_distribution(z)


def gelu_derivative(z: float) -> float:
    return normal_distribution(z) + z * math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)


def silu(z: float) -> float:
    return z / (1.0 + math.exp(-z))


def silu_derivative(z: float) -> float:
    return sigmoid(z) + z * sigmoid_derivative(z)


def softplus(z: float) -> float:
    return math.log(1.0 + math.exp(z))


def softplus_derivative(z: float) -> float:
    return math.exp(z) / (1.0 + math.exp(z))


ACTIVATIONS = {
    "identity": (identity, identity_derivative),
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "leaky_relu": (leaky_relu, leaky_relu_derivative),
    "elu": (elu, elu_derivative),
    "selu": (selu, selu_derivative),
    "gelu": (gelu, gelu_derivative),
    "silu": (silu, silu_derivative),
    "softplus": (softplus, softplus_derivative),
}
