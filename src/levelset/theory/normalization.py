"""Normalization of pre-activations, and its gradient: one record each.

    name   over, for each                   source
    batch  the rows of the batch, a unit    Ioffe and Szegedy, ICML 2015, algorithm 1
    layer  the units of the layer, a row    Ba, Kiros and Hinton (2016), equation 3

    μ = mean z,  v = mean (z − μ)²  (biased),  s = √(v + ε)
    ẑ = (z − μ) / s
    z' = γ ⊙ ẑ + β

γ (the scale) and β (the shift) are learned, one of each a unit, and start at 1 and 0; ε = 1e-5. In
a layer: z = a W + b, z' = norm(z), a = φ(z'). The mean is of the rows alike, whatever their sample
weights.

In training, batch normalization uses the statistics of the batch, so that a row's output depends on
the rows beside it. In prediction it uses running ones (`fixed_normalization`). Layer normalization
is the same in both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float64

Units = Float64[np.ndarray, "*m b o"]
PerUnit = Float64[np.ndarray, "*m o"]

EPSILON = 1e-5
_OVER_ROWS, _OVER_UNITS = -2, -1


@dataclass(frozen=True)
class Normalized:
    """What the gradient needs to know of a normalization.

    Attributes:
        output: z' = γ ⊙ ẑ + β, shape (..., b, o).
        standardized: ẑ = (z − μ) / s, shape (..., b, o).
        deviation: s = √(v + ε), shape (..., 1, o) over rows or (..., b, 1) over units.
    """

    output: Units
    standardized: Units
    deviation: Float64[np.ndarray, "*m _b _o"]


@dataclass(frozen=True)
class NormalizationGradient:
    """The gradient of an objective with respect to what a normalization was given.

    Attributes:
        pre_activations: ∂J/∂z, shape (..., b, o).
        scale: ∂J/∂γ, shape (..., o).
        shift: ∂J/∂β, shape (..., o).
    """

    pre_activations: Units
    scale: PerUnit
    shift: PerUnit


@dataclass(frozen=True)
class RunningStatistics:
    """What batch normalization remembers for prediction.

    Attributes:
        mean: Running mean of a unit's pre-activations, shape (..., o).
        variance: Running unbiased variance, shape (..., o).
    """

    mean: PerUnit
    variance: PerUnit

    @staticmethod
    def initial(scale: PerUnit) -> "RunningStatistics":
        """Make the statistics before the first batch: mean 0 and variance 1 for each γ."""
        return RunningStatistics(np.zeros_like(scale), np.ones_like(scale))


@dataclass(frozen=True)
class Normalization:
    """A normalization and its gradient.

    Attributes:
        name: The key in NORMALIZATIONS.
        axis: The axis of z over which its statistics are taken: −2, the rows, or −1, the units;
            None where they are constants.
        value: (z (..., b, o), γ (..., o), β (..., o)) -> Normalized.
        gradient: (Normalized, γ, ∂J/∂z' (..., b, o)) -> NormalizationGradient.

    Example:
        >>> z, one, zero = np.array([[1.0, 10.0], [3.0, 30.0]]), np.ones(2), np.zeros(2)
        >>> NORMALIZATIONS["batch"].value(z, one, zero).output.round(3)
        array([[-1., -1.],
               [ 1.,  1.]])
        >>> NORMALIZATIONS["layer"].value(z, one, zero).output.round(3)
        array([[-1.,  1.],
               [-1.,  1.]])
    """

    name: str
    axis: int | None
    value: Callable[[Units, PerUnit, PerUnit], Normalized]
    gradient: Callable[[Normalized, PerUnit, Units], NormalizationGradient]

    @property
    def removes_bias(self) -> bool:
        """Whether it subtracts from each unit its mean over the rows.

        A bias added before it then changes nothing, and its gradient is exactly zero.
        """
        return self.axis == _OVER_ROWS


def batch_normalization(
    z: Units, scale: PerUnit, shift: PerUnit, epsilon: float = EPSILON
) -> Normalized:
    """Normalize each unit over the rows of a batch.

    z' = γ (z − μ) / √(v + ε) + β,  μ_o = (1/b) Σᵢ z_io,  v_o = (1/b) Σᵢ (z_io − μ_o)²

    Args:
        z: Pre-activations, shape (..., b, o). With one row z' = β.
        scale: γ, shape (..., o).
        shift: β, shape (..., o).
        epsilon: ε > 0, inside the root.

    Returns:
        z', ẑ and s = √(v + ε), shape (..., 1, o).

    Example:
        >>> z = np.array([[1.0], [3.0]])
        >>> batch_normalization(z, np.array([2.0]), np.array([5.0])).output.round(3)
        array([[3.],
               [7.]])

    Source: Ioffe and Szegedy (2015), algorithm 1; `torch.nn.BatchNorm1d`, which refuses one row.
    """
    return _normalized(z, scale, shift, epsilon, _OVER_ROWS)


def batch_normalization_gradient(
    normalized: Normalized, scale: PerUnit, delta: Units
) -> NormalizationGradient:
    """Carry the gradient back through batch normalization, its mean and variance included.

    g = δ ⊙ γ
    ∂J/∂z = (g − mean g − ẑ ⊙ mean(g ⊙ ẑ)) / s,  means over the rows
    ∂J/∂γ = Σᵢ δᵢ ⊙ ẑᵢ,  ∂J/∂β = Σᵢ δᵢ

    Args:
        normalized: What `batch_normalization` returned.
        scale: γ, shape (..., o).
        delta: δ = ∂J/∂z', shape (..., b, o).

    Returns:
        The gradient. ∂J/∂z sums to zero over the rows: a shift of all of them changes nothing.

    Example:
        >>> ones = np.ones(1)
        >>> normalized = batch_normalization(np.array([[1.0], [2.0], [6.0]]), ones, ones)
        >>> delta = np.array([[1.0], [0.0], [0.0]])
        >>> gradient = batch_normalization_gradient(normalized, ones, delta)
        >>> float(gradient.pre_activations.sum().round(12)), float(gradient.shift.item())
        (0.0, 1.0)

    Source: Ioffe and Szegedy (2015), section 3, its chain rule collected in one line.
    """
    return _gradient(normalized, scale, delta, _OVER_ROWS)


def layer_normalization(
    z: Units, scale: PerUnit, shift: PerUnit, epsilon: float = EPSILON
) -> Normalized:
    """Normalize each row over the units of a layer.

    z' = γ (z − μ) / √(v + ε) + β,  μᵢ = (1/o) Σ_o z_io,  vᵢ = (1/o) Σ_o (z_io − μᵢ)²

    Args:
        z: Pre-activations, shape (..., b, o). With one unit z' = β: the layer is a constant.
        scale: γ, shape (..., o).
        shift: β, shape (..., o).
        epsilon: ε > 0, inside the root.

    Returns:
        z', ẑ and s = √(v + ε), shape (..., b, 1).

    Example:
        >>> layer_normalization(np.array([[1.0, 3.0]]), np.ones(2), np.zeros(2)).output.round(3)
        array([[-1.,  1.]])

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016), equation 3;
    `torch.nn.LayerNorm`.
    """
    return _normalized(z, scale, shift, epsilon, _OVER_UNITS)


def layer_normalization_gradient(
    normalized: Normalized, scale: PerUnit, delta: Units
) -> NormalizationGradient:
    """Carry the gradient back through layer normalization, its mean and variance included.

    g = δ ⊙ γ
    ∂J/∂z = (g − mean g − ẑ ⊙ mean(g ⊙ ẑ)) / s,  means over the units
    ∂J/∂γ = Σᵢ δᵢ ⊙ ẑᵢ,  ∂J/∂β = Σᵢ δᵢ

    Args:
        normalized: What `layer_normalization` returned.
        scale: γ, shape (..., o).
        delta: δ = ∂J/∂z', shape (..., b, o).

    Returns:
        The gradient. ∂J/∂z sums to zero over the units of each row.

    Example:
        >>> ones = np.ones(3)
        >>> normalized = layer_normalization(np.array([[1.0, 2.0, 6.0]]), ones, ones)
        >>> delta = np.array([[1.0, 0.0, 0.0]])
        >>> gradient = layer_normalization_gradient(normalized, ones, delta)
        >>> float(gradient.pre_activations.sum().round(12)), gradient.shift
        (0.0, array([1., 0., 0.]))

    Source: Ba, Kiros and Hinton (2016), supplementary material.
    """
    return _gradient(normalized, scale, delta, _OVER_UNITS)


def update_running_statistics(
    running: RunningStatistics, z: Units, momentum: float = 0.1
) -> RunningStatistics:
    """Bring the running statistics of batch normalization up to date with one training batch.

    mean ← (1 − ρ) mean + ρ μ,  variance ← (1 − ρ) variance + ρ v b / (b − 1)

    Args:
        running: The statistics before the batch.
        z: The pre-activations of the batch, shape (..., b, o). One row has no variance: it leaves
            the statistics as they were.
        momentum: ρ in (0, 1], the share of the new batch. ρ = 1 with all training rows as the
            batch gives the statistics of those rows, which weights that were averaged need.

    Returns:
        The statistics after the batch.

    Example:
        >>> running = RunningStatistics.initial(np.ones(1))
        >>> update_running_statistics(running, np.array([[1.0], [3.0]]))
        RunningStatistics(mean=array([0.2]), variance=array([1.1]))

    Source: Ioffe and Szegedy (2015), algorithm 2, as a moving average; `torch.nn.BatchNorm1d`, its
    momentum too.
    """
    if z.shape[-2] < 2:
        return running
    return RunningStatistics(
        mean=(1.0 - momentum) * running.mean + momentum * z.mean(axis=-2),
        variance=(1.0 - momentum) * running.variance + momentum * z.var(axis=-2, ddof=1),
    )


def fixed_normalization(running: RunningStatistics, epsilon: float = EPSILON) -> Normalization:
    """Make batch normalization as it is in prediction, with statistics that are given.

    z' = γ (z − mean) / √(variance + ε) + β;  ∂J/∂z = δ ⊙ γ / √(variance + ε)

    Args:
        running: What training left.
        epsilon: ε > 0, inside the root.

    Returns:
        A normalization in which each row is on its own and the statistics are constants.

    Example:
        >>> running = RunningStatistics(mean=np.array([1.0]), variance=np.array([4.0]))
        >>> normalization = fixed_normalization(running)
        >>> normalization.value(np.array([[5.0]]), np.ones(1), np.zeros(1)).output.round(3)
        array([[2.]])

    Source: Ioffe and Szegedy (2015), algorithm 2.
    """
    mean = running.mean[..., np.newaxis, :]
    deviation = np.sqrt(running.variance[..., np.newaxis, :] + epsilon)

    def value(z: Units, scale: PerUnit, shift: PerUnit) -> Normalized:
        standardized = (z - mean) / deviation
        return Normalized(_scaled(standardized, scale, shift), standardized, deviation)

    def gradient(normalized: Normalized, scale: PerUnit, delta: Units) -> NormalizationGradient:
        return NormalizationGradient(
            delta * scale[..., np.newaxis, :] / deviation,
            (delta * normalized.standardized).sum(axis=-2),
            delta.sum(axis=-2),
        )

    return Normalization("fixed", None, value, gradient)


def _normalized(z: Units, scale: PerUnit, shift: PerUnit, epsilon: float, axis: int) -> Normalized:
    centered = z - z.mean(axis=axis, keepdims=True)
    deviation = np.sqrt((centered**2).mean(axis=axis, keepdims=True) + epsilon)
    standardized = centered / deviation
    return Normalized(_scaled(standardized, scale, shift), standardized, deviation)


def _scaled(standardized: Units, scale: PerUnit, shift: PerUnit) -> Units:
    return scale[..., np.newaxis, :] * standardized + shift[..., np.newaxis, :]


def _gradient(
    normalized: Normalized, scale: PerUnit, delta: Units, axis: int
) -> NormalizationGradient:
    standardized = normalized.standardized
    g = delta * scale[..., np.newaxis, :]
    along = (g * standardized).mean(axis=axis, keepdims=True)
    return NormalizationGradient(
        (g - g.mean(axis=axis, keepdims=True) - standardized * along) / normalized.deviation,
        (delta * standardized).sum(axis=-2),
        delta.sum(axis=-2),
    )


NORMALIZATIONS: Mapping[str, Normalization] = MappingProxyType(
    {
        "batch": Normalization(
            "batch", _OVER_ROWS, batch_normalization, batch_normalization_gradient
        ),
        "layer": Normalization(
            "layer", _OVER_UNITS, layer_normalization, layer_normalization_gradient
        ),
    }
)
