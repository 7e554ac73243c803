"""Initial weights: draws around zero, with a variance that depends on the fan.

    name        variance at gain 1  keeps the scale of           source
    lecun_…     1 / i               activations, at φ'(0) = 1    LeCun et al. (1998), equation 16
    glorot_…    2 / (i + o)         activations and gradients,   Glorot and Bengio (2010), eq. 12
                                    as a compromise
    he_…        2 / i               activations of relu layers,  He et al. (2015), equation 10
                                    which lose half their power
    orthogonal  1 / max(i, o)       every vector's length, at    Saxe et al., ICLR 2014, section 3
                                    φ' = 1, through any depth
    normal      1                   nothing

Each of the first three families is drawn independently from a normal distribution, or from the
uniform one on [−limit, limit] of the same variance: limit = √3 · standard deviation. `normal` is
N(0, gain²) whatever the fan: with it, a gain above or below the others' standard deviation makes
the signal grow or shrink by the same factor in every layer, and so explode or vanish. Biases start
at zero.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from jaxtyping import Float64

Distribution = Literal["normal", "uniform", "orthogonal"]


@dataclass(frozen=True)
class Initializer:
    """A distribution of initial weights of a layer with i inputs and o outputs.

    Attributes:
        name: The key in INITIALIZERS.
        distribution: The shape of the distribution. "orthogonal": weights of one layer depend on
            one another; each alone has mean zero and the variance.
        variance: (inputs, outputs) -> variance of a weight at gain 1.

    Example:
        >>> INITIALIZERS["glorot_uniform"].limit(inputs=4, outputs=2)
        1.0
    """

    name: str
    distribution: Distribution
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

_DISTRIBUTIONS: tuple[Distribution, ...] = ("normal", "uniform")

INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {
        f"{family}_{distribution}": Initializer(f"{family}_{distribution}", distribution, variance)
        for family, variance in _VARIANCES.items()
        for distribution in _DISTRIBUTIONS
    }
    | {
        "orthogonal": Initializer(
            "orthogonal", "orthogonal", lambda inputs, outputs: 1.0 / max(inputs, outputs)
        ),
        "normal": Initializer("normal", "normal", lambda _inputs, _outputs: 1.0),
    }
)

DEFAULT_INITIALIZER: Mapping[str, str] = MappingProxyType(
    {
        "identity": "glorot_uniform",
        "sigmoid": "glorot_uniform",
        "tanh": "glorot_uniform",
        "relu": "he_normal",
        "leaky_relu": "he_normal",
        "elu": "he_normal",
        "selu": "lecun_normal",
        "gelu": "he_normal",
        "silu": "he_normal",
        "softplus": "he_normal",
    }
)
"""Name of an activation -> name of the initializer that its authors derived or used for it.

The smooth relatives of relu take relu's; selu's fixed point needs LeCun's."""


def draw(
    name: str, inputs: int, outputs: int, gain: float, generator: np.random.Generator
) -> Float64[np.ndarray, "{inputs} {outputs}"]:
    """Draw the initial weights of one layer.

    W ~ N(0, s²) or U[−√3 s, √3 s], independently, with s = gain · √variance(i, o);
    or W = gain · Q with Q orthogonal (`orthogonal`)

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
    if initializer.distribution == "orthogonal":
        return gain * orthogonal(generator.normal(size=(inputs, outputs)))
    if initializer.distribution == "normal":
        scale = initializer.standard_deviation(inputs, outputs, gain)
        return generator.normal(0.0, scale, size=(inputs, outputs))
    limit = initializer.limit(inputs, outputs, gain)
    return generator.uniform(-limit, limit, size=(inputs, outputs))


def orthogonal(draws: Float64[np.ndarray, "*m i o"]) -> Float64[np.ndarray, "*m i o"]:
    """Turn standard normal draws into a matrix with orthonormal columns or rows.

    A = Q R with R upper triangular;  Q ← Q diag(sign r_kk)

    where A is the draws if i ≥ o, and else their transpose, as Q then is of the answer. Without the
    signs the result would follow the rounding of the factorization; with them it is the only
    Q of a factorization whose r_kk > 0, and uniform over all such matrices.

    Args:
        draws: Independent standard normal numbers, shape (..., i, o).

    Returns:
        Q, shape (..., i, o): QᵀQ = 1 if i ≥ o, and QQᵀ = 1 if i ≤ o.

    Example:
        >>> orthogonal(np.array([[3.0, 1.0], [4.0, -7.0]])).round(12)
        array([[ 0.6,  0.8],
               [ 0.8, -0.6]])

    Source: Saxe, McClelland and Ganguli, ICLR 2014, section 3; the signs: Mezzadri, "How to
    generate random matrices from the classical compact groups", Notices of the AMS 54 (2007),
    section 5. `torch.nn.init.orthogonal_` does the same.
    """
    wide = draws.shape[-2] < draws.shape[-1]
    q, r = np.linalg.qr(draws.mT if wide else draws)
    signs = np.where(np.diagonal(r, axis1=-2, axis2=-1) < 0.0, -1.0, 1.0)
    q = q * signs[..., np.newaxis, :]
    return q.mT if wide else q
