"""Initial weights: independent draws around zero, with a variance that depends on the fan.

    family  variance at gain 1  keeps the scale of            source
    lecun   1 / i               activations, at φ'(0) = 1     LeCun et al. (1998), equation 16
    glorot  2 / (i + o)         activations and gradients,    Glorot and Bengio (2010), equation 12
                                as a compromise
    he      2 / i               activations of relu layers,   He et al. (2015), equation 10
                                which lose half their power

Each family is drawn from a normal distribution, or from the uniform one on [−limit, limit] of the
same variance: limit = √3 · standard deviation. Biases start at zero.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from jaxtyping import Float64


@dataclass(frozen=True)
class Initializer:
    """A distribution of initial weights of a layer with i inputs and o outputs.

    Attributes:
        name: The key in INITIALIZERS.
        distribution: The shape of the distribution.
        variance: (inputs, outputs) -> variance of a weight at gain 1.

    Example:
        >>> INITIALIZERS["glorot_uniform"].limit(inputs=4, outputs=2)
        1.0
    """

    name: str
    distribution: Literal["normal", "uniform"]
    variance: Callable[[int, int], float]

    def standard_deviation(self, inputs: int, outputs: int, gain: float = 1.0) -> float:
        """Give the standard deviation of a weight: gain · √variance(i, o).

        Example:
            >>> INITIALIZERS["he_normal"].standard_deviation(inputs=8, outputs=3)
            0.5

        Source: the module's table.
        """
        return gain * math.sqrt(self.variance(inputs, outputs))

    def limit(self, inputs: int, outputs: int, gain: float = 1.0) -> float:
        """Give the half-width of the uniform distribution: √3 · standard deviation.

        Example:
            >>> INITIALIZERS["lecun_uniform"].limit(inputs=3, outputs=9)
            1.0

        Source: the variance of U[−a, a] is a²/3.
        """
        # One root of the product: exact where 3 · variance is a square.
        return gain * math.sqrt(3.0 * self.variance(inputs, outputs))


_VARIANCES: Mapping[str, Callable[[int, int], float]] = {
    "glorot": lambda inputs, outputs: 2.0 / (inputs + outputs),
    "he": lambda inputs, _: 2.0 / inputs,
    "lecun": lambda inputs, _: 1.0 / inputs,
}

_DISTRIBUTIONS: tuple[Literal["normal", "uniform"], ...] = ("normal", "uniform")

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {
        f"{family}_{distribution}": Initializer(f"{family}_{distribution}", distribution, variance)
        for family, variance in _VARIANCES.items()
        for distribution in _DISTRIBUTIONS
    }
)

DEFAULT_INITIALIZER: Mapping[str, str] = MappingProxyType(
    {
        "identity": "glorot_uniform",
        "sigmoid": "glorot_uniform",
        "tanh": "glorot_uniform",
        "relu": "he_normal",
    }
)
"""Name of an activation -> name of the initializer that its authors derived or used for it."""


def draw(
    name: str, inputs: int, outputs: int, gain: float, generator: np.random.Generator
) -> Float64[np.ndarray, "{inputs} {outputs}"]:
    """Draw the initial weights of one layer.

    W ~ N(0, s²) or U[−√3 s, √3 s], independently, with s = gain · √variance(i, o)

    Args:
        name: A key of INITIALIZERS.
        inputs: i, units that feed the layer.
        outputs: o, units of the layer.
        gain: Factor on the standard deviation; 1.0 is the published rule.
        generator: Where the numbers come from.

    Returns:
        W, shape (i, o).

    Example:
        >>> from levelset.seeds import stream
        >>> draw("he_uniform", 6, 4, 1.0, stream(0, "weights")).shape
        (6, 4)

    Source: the module's table.
    """
    initializer = INITIALIZERS[name]
    if initializer.distribution == "normal":
        scale = initializer.standard_deviation(inputs, outputs, gain)
        return generator.normal(0.0, scale, size=(inputs, outputs))
    limit = initializer.limit(inputs, outputs, gain)
    return generator.uniform(-limit, limit, size=(inputs, outputs))
