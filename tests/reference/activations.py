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


ACTIVATIONS = {
    "identity": (identity, identity_derivative),
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
}
