"""Activation functions φ and their derivatives φ' and φ'', one record each.

    name        φ(z)                          φ'(z)                    source
    identity    z                             1                        alone: a linear model
    sigmoid     1 / (1 + e⁻ᶻ)                 σ(z)(1 − σ(z))           Bishop (2006), 4.59, 4.88
    tanh        tanh z                        1 − tanh² z              LeCun et al. (1998), 4.4
    relu        max(0, z)                     1 if z > 0 else 0        Nair and Hinton, ICML 2010
    leaky_relu  z if z > 0 else s z           1 if z > 0 else s        Maas et al., ICML 2013
    elu         z if z > 0 else eᶻ − 1        1 if z > 0 else eᶻ       Clevert et al., ICLR 2016
    selu        λ (z if z > 0 else α(eᶻ − 1)) λ (1 if z > 0 else α eᶻ) Klambauer et al. (2017), 2
    gelu        z Φ(z)                        Φ(z) + z e^(−z²/2)/√2π   Hendrycks, Gimpel (2016)
    silu        z σ(z)                        σ(z)(1 + z σ(−z))        Elfwing et al. (2018)
    softplus    log(1 + eᶻ)                   σ(z)                     Dugas et al., NIPS 2000

Numbers after a year are equations or sections. s = 0.01; elu has α = 1; Φ(z) = ½(1 + erf(z/√2)) is
the normal distribution function, exact and not its tanh approximation.

σ' is at most σ'(0) = ¼: each sigmoid layer shrinks the gradient that passes through it, which is
how the gradient of the first of many layers vanishes. relu passes it whole or, where z ≤ 0, not at
all: a unit that is off for every row learns nothing more. The functions below it in the table each
let something through there. selu's two constants make zero mean and unit variance a fixed point
from layer to layer, given LeCun's initial weights.

At z = 0 the derivative is the one from the left where the two sides differ, as in PyTorch: 0 for
relu, s for leaky_relu, λα = 1.758 for selu (λ = 1.051 from the right). elu's is 1 from both sides.
softplus departs from PyTorch, which takes it for z beyond z = 20, by less than 2.1e-9.

    name        φ''(z)
    sigmoid     σ(z) σ(−z) (σ(−z) − σ(z))
    tanh        −2 tanh z (1 − tanh² z)
    elu, selu   0 if z > 0 else λα eᶻ
    gelu        (2 − z²) e^(−z²/2)/√2π
    silu        σ(z) σ(−z) (2 + z (σ(−z) − σ(z)))
    softplus    σ(z) σ(−z)
    the others  0

The second derivative of relu and leaky_relu is 0 everywhere by convention: the kink at z = 0, where
the slope jumps, is not in it, and so the curvature of a network of them is that of its linear
pieces. At z = 0 it is again the one from the left; PyTorch's of elu and selu is from the right.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

from levelset.theory.encoding import sigmoid

Elementwise = Callable[[Float64[np.ndarray, "*n"]], Float64[np.ndarray, "*n"]]

LEAK = 0.01
SELU_SCALE = 1.0507009873554805  # λ of Klambauer et al. (2017), equation 14, to double precision
SELU_ALPHA = 1.6732632423543772  # their α


@dataclass(frozen=True)
class Activation:
    """An activation function and its derivatives, all applied to each element of any shape.

    Attributes:
        name: The key in ACTIVATIONS.
        value: z -> φ(z).
        derivative: z -> φ'(z). It takes the pre-activation z, and not the output φ(z).
        second_derivative: z -> φ''(z), of the pre-activation too.

    Example:
        >>> relu = ACTIVATIONS["relu"]
        >>> relu.value(np.array([-2.0, 0.0, 3.0])), relu.derivative(np.array([-2.0, 0.0, 3.0]))
        (array([0., 0., 3.]), array([0., 0., 1.]))
    """

    name: str
    value: Elementwise
    derivative: Elementwise
    second_derivative: Elementwise


def _exponential_linear(name: str, scale: float, alpha: float) -> Activation:
    """λ (z if z > 0 else α (eᶻ − 1)); the exponential sees no positive z, so cannot overflow."""
    return Activation(
        name,
        lambda z: scale * np.where(z > 0.0, z, alpha * np.expm1(np.minimum(z, 0.0))),
        lambda z: scale * np.where(z > 0.0, 1.0, alpha * np.exp(np.minimum(z, 0.0))),
        lambda z: scale * np.where(z > 0.0, 0.0, alpha * np.exp(np.minimum(z, 0.0))),
    )


def _sigmoid_slope(z: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """σ'(z); σ(−z) is 1 − σ(z) without the cancellation at large z."""
    return sigmoid(z) * sigmoid(-z)


def _normal_distribution(z: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """Φ(z); relatively exact in the left tail, where ½(1 + erf) cancels."""
    from scipy.special import ndtr  # here, because importing SciPy slows the command line's start

    return np.asarray(ndtr(z))


def _normal_density(z: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    return np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi)


ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        activation.name: activation
        for activation in (
            Activation("identity", lambda z: z, np.ones_like, np.zeros_like),
            Activation(
                "sigmoid",
                sigmoid,
                _sigmoid_slope,
                lambda z: _sigmoid_slope(z) * (sigmoid(-z) - sigmoid(z)),
            ),
            Activation(
                "tanh",
                np.tanh,
                lambda z: 1.0 - np.tanh(z) ** 2,
                lambda z: -2.0 * np.tanh(z) * (1.0 - np.tanh(z) ** 2),
            ),
            # At z = 0 there is no derivative; 0 is the convention here and in PyTorch.
            Activation(
                "relu",
                lambda z: np.maximum(0.0, z),
                lambda z: np.where(z > 0.0, 1.0, 0.0),
                np.zeros_like,
            ),
            Activation(
                "leaky_relu",
                lambda z: np.where(z > 0.0, z, LEAK * z),
                lambda z: np.where(z > 0.0, 1.0, LEAK),
                np.zeros_like,
            ),
            _exponential_linear("elu", scale=1.0, alpha=1.0),
            _exponential_linear("selu", scale=SELU_SCALE, alpha=SELU_ALPHA),
            Activation(
                "gelu",
                lambda z: z * _normal_distribution(z),
                lambda z: _normal_distribution(z) + z * _normal_density(z),
                lambda z: (2.0 - z**2) * _normal_density(z),
            ),
            Activation(
                "silu",
                lambda z: z * sigmoid(z),
                lambda z: sigmoid(z) * (1.0 + z * sigmoid(-z)),
                lambda z: _sigmoid_slope(z) * (2.0 + z * (sigmoid(-z) - sigmoid(z))),
            ),
            # log(e⁰ + eᶻ) without the overflow at large z, and precise where eᶻ is small.
            Activation("softplus", lambda z: np.logaddexp(0.0, z), sigmoid, _sigmoid_slope),
        )
    }
)
