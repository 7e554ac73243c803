"""One step of an optimizer: parameters, gradient and state in; parameters and state out.

Every line works element by element, so an array of any shape is a valid set of parameters.

Weight decay here is decoupled: it shrinks the parameters beside the gradient's step, and is not
the penalty λ‖W‖² of the objective. The two agree for plain gradient descent (at ω = 2λ) and not
for Adam, which divides the gradient of a penalty by its own size.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

Array = Float64[np.ndarray, "*p"]


@dataclass(frozen=True)
class SgdState:
    """What stochastic gradient descent remembers.

    Attributes:
        velocity: v, a decaying sum of past gradients, the shape of the parameters.
    """

    velocity: Array

    @staticmethod
    def initial(parameters: Array) -> "SgdState":
        """Make the state before the first step: v₀ = 0."""
        return SgdState(velocity=np.zeros_like(parameters))


@dataclass(frozen=True)
class AdamState:
    """What Adam remembers.

    Attributes:
        first_moment: m, a decaying mean of past gradients, the shape of the parameters.
        second_moment: v, a decaying mean of their squares, the same shape.
        steps: t, the number of steps taken.
    """

    first_moment: Array
    second_moment: Array
    steps: int

    @staticmethod
    def initial(parameters: Array) -> "AdamState":
        """Make the state before the first step: m₀ = v₀ = 0, t = 0."""
        return AdamState(np.zeros_like(parameters), np.zeros_like(parameters), steps=0)


def sgd_step(
    parameters: Array,
    gradient: Array,
    state: SgdState,
    learning_rate: float,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> tuple[Array, SgdState]:
    """Take one step of gradient descent, with classical or Nesterov momentum.

    v ← μ v + g
    θ ← θ − η v  (classical)  or  θ ← θ − η (g + μ v)  (Nesterov)

    Args:
        parameters: θ, any shape.
        gradient: g = ∂J/∂θ, the same shape.
        state: v.
        learning_rate: η.
        momentum: μ in [0, 1); 0 is plain gradient descent.
        nesterov: Whether to step along the gradient and the velocity to come.

    Returns:
        θ and v after the step.

    Example:
        >>> parameters = np.array([1.0])
        >>> sgd_step(parameters, np.array([2.0]), SgdState.initial(parameters), 0.25)[0]
        array([0.5])

    Source: Sutskever, Martens, Dahl and Hinton, ICML 2013, equations 1 to 4, in the form of
    `torch.optim.SGD`: η multiplies the velocity at the step and not when it is accumulated.
    """
    velocity = momentum * state.velocity + gradient
    direction = gradient + momentum * velocity if nesterov else velocity
    return parameters - learning_rate * direction, SgdState(velocity)


def adam_step(
    parameters: Array,
    gradient: Array,
    state: AdamState,
    learning_rate: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Array, AdamState]:
    """Take one step of Adam, with bias correction.

    t ← t + 1
    m ← β₁ m + (1 − β₁) g
    v ← β₂ v + (1 − β₂) g²
    θ ← θ − η · m / (1 − β₁ᵗ) / (√v / √(1 − β₂ᵗ) + ε)

    Args:
        parameters: θ, any shape.
        gradient: g = ∂J/∂θ, the same shape.
        state: m, v and t.
        learning_rate: η; the first step of every parameter is very nearly this long.
        beta1: β₁ in [0, 1), the decay of m.
        beta2: β₂ in [0, 1), the decay of v.
        epsilon: ε > 0, outside the root.

    Returns:
        θ and the state after the step.

    Example:
        >>> parameters = np.array([1.0, 1.0])
        >>> adam_step(parameters, np.array([1e-3, -1e3]), AdamState.initial(parameters), 0.1)[0]
        array([0.900001, 1.1     ])

    Source: Kingma and Ba, ICLR 2015, algorithm 1, which `torch.optim.Adam` follows.
    """
    steps = state.steps + 1
    first_moment = beta1 * state.first_moment + (1.0 - beta1) * gradient
    second_moment = beta2 * state.second_moment + (1.0 - beta2) * gradient**2
    mean = first_moment / (1.0 - beta1**steps)
    root_mean_square = np.sqrt(second_moment) / np.sqrt(1.0 - beta2**steps)
    moved = parameters - learning_rate * mean / (root_mean_square + epsilon)
    return moved, AdamState(first_moment, second_moment, steps)


def decoupled_decay(parameters: Array, learning_rate: float, weight_decay: float) -> Array:
    """Shrink parameters by weight decay, before the step of an optimizer.

    θ ← θ − η ω θ

    Args:
        parameters: θ, any shape.
        learning_rate: η, as scheduled for this step.
        weight_decay: ω ≥ 0. Weights have it; biases, scales and shifts have none, as they have
            none of the objective's penalty.

    Returns:
        θ after the decay.

    Example:
        >>> decoupled_decay(np.array([2.0]), learning_rate=0.5, weight_decay=0.5)
        array([1.5])

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithms
    1 and 2, scaled by the learning rate as in `torch.optim.AdamW`.
    """
    return parameters * (1.0 - learning_rate * weight_decay)


def sgdw_step(
    parameters: Array,
    gradient: Array,
    state: SgdState,
    learning_rate: float,
    weight_decay: float,
    momentum: float = 0.0,
    nesterov: bool = False,
) -> tuple[Array, SgdState]:
    """Take one step of gradient descent with decoupled weight decay.

    θ ← θ − η ω θ, then the step of `sgd_step`; the decay never enters the velocity.

    Args:
        parameters: θ, any shape.
        gradient: g = ∂J/∂θ at θ before the decay, the same shape.
        state: v.
        learning_rate: η.
        weight_decay: ω ≥ 0.
        momentum: μ in [0, 1).
        nesterov: Whether to step along the gradient and the velocity to come.

    Returns:
        θ and v after the step.

    Example:
        >>> parameters = np.array([2.0])  # 2 − ½·½·2 − ½·1
        >>> sgdw_step(parameters, np.array([1.0]), SgdState.initial(parameters), 0.5, 0.5)[0]
        array([1.])

    Source: Loshchilov and Hutter (2019), algorithm 1; the decay is scaled by η as in theirs by the
    schedule.
    """
    decayed = decoupled_decay(parameters, learning_rate, weight_decay)
    return sgd_step(decayed, gradient, state, learning_rate, momentum, nesterov)


def adamw_step(  # noqa: PLR0913  the symbols of the algorithm, one argument each
    parameters: Array,
    gradient: Array,
    state: AdamState,
    learning_rate: float,
    weight_decay: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Array, AdamState]:
    """Take one step of Adam with decoupled weight decay.

    θ ← θ − η ω θ, then the step of `adam_step`; the decay never enters the moments.

    Args:
        parameters: θ, any shape.
        gradient: g = ∂J/∂θ at θ before the decay, the same shape.
        state: m, v and t.
        learning_rate: η.
        weight_decay: ω ≥ 0.
        beta1: β₁ in [0, 1).
        beta2: β₂ in [0, 1).
        epsilon: ε > 0, outside the root.

    Returns:
        θ and the state after the step.

    Example:
        >>> parameters = np.array([2.0])  # 2 − ½·½·2 − ½·1
        >>> adamw_step(parameters, np.array([9.0]), AdamState.initial(parameters), 0.5, 0.5)[0]
        array([1.])

    Source: Loshchilov and Hutter (2019), algorithm 2, in the form of `torch.optim.AdamW`: the decay
    is multiplied by η.
    """
    decayed = decoupled_decay(parameters, learning_rate, weight_decay)
    return adam_step(decayed, gradient, state, learning_rate, beta1, beta2, epsilon)
