"""Paths of optimizers over a list of gradients of one parameter, from the published algorithms."""

import math
from collections.abc import Sequence


def sgd(
    parameter: float,
    gradients: Sequence[float],
    learning_rate: float,
    momentum: float,
    nesterov: bool,
) -> list[float]:
    """The velocity is written out as the sum it is: v_t = Σ_s μ^(t−s) g_s."""
    path = []
    for t, gradient in enumerate(gradients):
        velocity = 0.0
        for s in range(t + 1):
            velocity += momentum ** (t - s) * gradients[s]
        step = gradient + momentum * velocity if nesterov else velocity
        parameter = parameter - learning_rate * step
        path.append(parameter)
    return path


def adam(
    parameter: float,
    gradients: Sequence[float],
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> list[float]:
    """Kingma and Ba (2015), algorithm 1, its moments written as the sums they are."""
    path = []
    for t in range(1, len(gradients) + 1):
        first, second = 0.0, 0.0
        for s in range(1, t + 1):
            first += (1.0 - beta1) * beta1 ** (t - s) * gradients[s - 1]
            second += (1.0 - beta2) * beta2 ** (t - s) * gradients[s - 1] ** 2
        first_unbiased = first / (1.0 - beta1**t)
        second_unbiased = second / (1.0 - beta2**t)
        parameter = parameter - learning_rate * first_unbiased / (
            math.sqrt(second_unbiased) + epsilon
        )
        path.append(parameter)
    return path


def sgdw(
    parameter: float,
    gradients: Sequence[float],
    learning_rate: float,
    weight_decay: float,
    momentum: float,
) -> list[float]:
    """Loshchilov and Hutter (2019), algorithm 1, line 9: both subtractions from the same θ."""
    path, velocity = [], 0.0
    for gradient in gradients:
        velocity = momentum * velocity + gradient
        parameter = parameter - learning_rate * velocity - learning_rate * weight_decay * parameter
        path.append(parameter)
    return path


def adamw(
    parameter: float,
    gradients: Sequence[float],
    learning_rate: float,
    weight_decay: float,
    beta1: float,
    beta2: float,
    epsilon: float,
) -> list[float]:
    """Loshchilov and Hutter (2019), algorithm 2, line 12: both subtractions from the same θ."""
    path, first, second = [], 0.0, 0.0
    for t, gradient in enumerate(gradients, start=1):
        first = beta1 * first + (1.0 - beta1) * gradient
        second = beta2 * second + (1.0 - beta2) * gradient * gradient
        direction = (first / (1.0 - beta1**t)) / (math.sqrt(second / (1.0 - beta2**t)) + epsilon)
        parameter = parameter - learning_rate * (direction + weight_decay * parameter)
        path.append(parameter)
    return path
