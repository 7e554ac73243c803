"""Activation functions φ and their derivatives φ', one record each.

    name      φ(z)                φ'(z)             source
    identity  z                   1                 a network of these alone is a linear model
    sigmoid   1 / (1 + e⁻ᶻ)       σ(z)(1 − σ(z))    Bishop (2006), equations 4.59 and 4.88
    tanh      tanh z              1 − tanh² z       LeCun et al., "Efficient BackProp" (1998), 4.4
    relu      max(0, z)           1 if z > 0 else 0 Nair and Hinton, ICML 2010

σ' is at most σ'(0) = ¼: each sigmoid layer shrinks the gradient that passes through it, which is
how the gradient of the first of many layers vanishes. relu passes it whole or, where z ≤ 0, not at
all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

from levelset.theory.encoding import sigmoid

Elementwise = Callable[[Float64[np.ndarray, "*n"]], Float64[np.ndarray, "*n"]]


@dataclass(frozen=True)
class Activation:
    """An activation function and its derivative, both applied to each element of any shape.

    Attributes:
        name: The key in ACTIVATIONS.
        value: z -> φ(z).
        derivative: z -> φ'(z). It takes the pre-activation z, and not the output φ(z).

    Example:
        >>> relu = ACTIVATIONS["relu"]
        >>> relu.value(np.array([-2.0, 0.0, 3.0])), relu.derivative(np.array([-2.0, 0.0, 3.0]))
        (array([0., 0., 3.]), array([0., 0., 1.]))
    """

    name: str
    value: Elementwise
    derivative: Elementwise


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        activation.name: activation
        for activation in (
            Activation("identity", lambda z: z, np.ones_like),
            # σ(−z) is 1 − σ(z) without the cancellation at large z.
            Activation("sigmoid", sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
            Activation("tanh", np.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
            # At z = 0 there is no derivative; 0 is the convention here and in PyTorch.
            Activation("relu", lambda z: np.maximum(0.0, z), lambda z: np.where(z > 0.0, 1.0, 0.0)),
        )
    }
)
