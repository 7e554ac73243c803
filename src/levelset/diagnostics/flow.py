"""Flow: how large the gradient is in every layer, and how far it moves the weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from levelset.engine import Network, Record
from levelset.theory import ACTIVATIONS


@dataclass(frozen=True, eq=False)
class Flow:
    """Sizes of gradients and updates, over member (m), epoch (e) and layer (l).

    NaN where a member had stopped or has no such layer.

    Attributes:
        gradient_norm: ‖∂J/∂Wₗ‖_F, mean over the epoch's steps.
        gradient_rms: The same divided by √(i · o): the size of one weight's gradient, so that wide
            and narrow layers can be compared.
        first_over_last: RMS of the first layer over RMS of the last.
        product_bound: ∏ₗ max|φₗ'| over the hidden layers between the two: (¼)ⁿ for n sigmoid
            layers. It leaves the weights out, so that a measured ratio may pass it.
        update_ratio: ‖ΔWₗ‖_F / ‖Wₗ‖_F, mean over the epoch's steps.
    """

    gradient_norm: Float[np.ndarray, "m e l"]
    gradient_rms: Float[np.ndarray, "m e l"]
    first_over_last: Float[np.ndarray, "m e"]
    product_bound: Float64[np.ndarray, " m"]
    update_ratio: Float[np.ndarray, "m e l"]


def gradient_flow(record: Record, networks: Sequence[Network]) -> Flow:
    """Measure the gradient's way from the last layer to the first.

    ∂J/∂a₁ = ∂J/∂z_L · ∏ₗ Wₗᵀ diag φₗ'(zₗ), and |σ'| ≤ ¼: with weights of moderate size the gradient
    of the first of n + 1 layers is about (¼)ⁿ of the last one's.

    Args:
        record: What happened while the networks were trained.
        networks: The members' networks, for the shapes of their layers.

    Returns:
        The sizes.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x = np.random.default_rng(0).normal(size=(100, 2))
        >>> y = (x[:, 0] > 0).astype(int)
        >>> fleet = Fleet([Member(Recipe(hidden=(8,) * 6, activation="sigmoid", epochs=2))], x, y)
        >>> fleet.run()
        >>> flow = gradient_flow(fleet.record, fleet.networks)
        >>> float(flow.product_bound[0]) == 0.25**6
        True
        >>> bool(flow.first_over_last[0, 0] < 0.001)
        True

    Source: Hochreiter, "Untersuchungen zu dynamischen neuronalen Netzen" (1991); Glorot and Bengio,
    "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010,
    equation 6.
    """
    sizes = np.full((len(networks), 1, record.gradient_norm.shape[2]), np.nan)
    for member, network in enumerate(networks):
        for layer, weight in enumerate(network.weights):
            sizes[member, 0, layer] = weight.size
    rms = record.gradient_norm / np.sqrt(sizes)
    last = [len(network.weights) - 1 for network in networks]
    last_rms = np.take_along_axis(rms, np.array(last)[:, None, None], axis=2)[:, :, 0]
    ratio = np.full(last_rms.shape, np.nan)
    np.divide(rms[:, :, 0], last_rms, out=ratio, where=last_rms > 0)
    return Flow(
        gradient_norm=record.gradient_norm,
        gradient_rms=rms,
        first_over_last=ratio,
        product_bound=np.array([_bound(network) for network in networks]),
        update_ratio=record.update_ratio,
    )


def steepest_slope(activation: str) -> float:
    """Give max|φ'| of an activation, to four digits: ¼ for sigmoid, 1 for tanh and relu.

    Example:
        >>> steepest_slope("sigmoid"), steepest_slope("tanh")
        (0.25, 1.0)
    """
    grid = np.linspace(-20.0, 20.0, 40_001)  # holds 0, where sigmoid and tanh are steepest
    return round(float(np.abs(ACTIVATIONS[activation].derivative(grid)).max()), 4)


def _bound(network: Network) -> float:
    return float(np.prod([steepest_slope(name) for name in network.recipe.activations]))
