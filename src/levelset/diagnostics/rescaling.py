"""The same function with other parameters: what raw sharpness is worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Real

from levelset.diagnostics.curvature import curvature_of, top_eigenvalues
from levelset.diagnostics.network import probabilities_of
from levelset.engine import Network
from levelset.errors import RecipeError

_HOMOGENEOUS = ("identity", "relu", "leaky_relu")  # φ(α z) = α φ(z) for α > 0


@dataclass(frozen=True, eq=False)
class Rescaling:
    """What changing a network's parameters, and not its function, does to its sharpness.

    Attributes:
        factors: α, (k,).
        raw: Largest eigenvalue of H at each, (k,).
        normalized: Largest eigenvalue of |θ| H |θ| at each, (k,).
        difference: Largest change of a row's class probability at each, (k,).
    """

    factors: Float64[np.ndarray, " k"]
    raw: Float64[np.ndarray, " k"]
    normalized: Float64[np.ndarray, " k"]
    difference: Float64[np.ndarray, " k"]


def rescaled(network: Network, factor: float, layer: int = 0) -> Network:
    """Change a network's parameters and not its function.

    W_l ← α W_l, b_l ← α b_l, W_{l+1} ← W_{l+1} / α
    γ_l ← α γ_l, β_l ← α β_l instead of W_l and b_l where the layer is normalized

    Args:
        network: Whose hidden layer l has an activation with φ(α z) = α φ(z): relu, leaky_relu or
            identity.
        factor: α > 0; a power of two changes no digit of the outputs.
        layer: l, from 0.

    Returns:
        The network with other parameters.

    Raises:
        RecipeError: If the factor is not positive, there is no such layer, its activation is not
            homogeneous, or a residual joins it or the next.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> network = fleet.networks[0]
        >>> other = rescaled(network, 8.0)
        >>> bool((other.predict_proba(x) == network.predict_proba(x)).all())
        True
        >>> (other.weights[0] / network.weights[0]).round().max()
        np.float32(8.0)

    Source: Dinh, Pascanu, Bengio and Bengio, ICML 2017, the α-scale transformation of section 4.
    """
    _check_rescaling(network, factor, layer)
    scale = network.dtype.type(factor)

    def changed(arrays: Sequence[np.ndarray], at: int, by: Callable) -> tuple[np.ndarray, ...]:
        return tuple(by(a) if place == at else a for place, a in enumerate(arrays))

    weights = changed(network.weights, layer + 1, lambda w: w / scale)
    if network.scales:
        return replace(
            network,
            weights=weights,
            scales=changed(network.scales, layer, lambda g: g * scale),
            shifts=changed(network.shifts, layer, lambda b: b * scale),
        )
    return replace(
        network,
        weights=changed(weights, layer, lambda w: w * scale),
        biases=changed(network.biases, layer, lambda b: b * scale),
    )


def rescaling_effect(
    network: Network,
    x: Real[np.ndarray, "n d"],
    y: object,
    factors: Sequence[float] = (0.25, 0.5, 1.0, 2.0, 4.0),
    layer: int = 0,
) -> Rescaling:
    """Show what raw sharpness is worth: the same function at several sharpnesses.

    Args:
        network: Of class probabilities, to be rescaled.
        x: Features, shape (n, d).
        y: Class numbers, shape (n,).
        factors: α of each.
        layer: Which hidden layer, from 0.

    Returns:
        Raw and normalized sharpness of the loss at each α, and how far the probabilities moved.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: As for `rescaled`.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> shown = rescaling_effect(fleet.networks[0], x, y, factors=(1.0, 16.0))
        >>> bool(shown.raw[1] > 10 * shown.raw[0]), shown.difference
        (True, array([0., 0.]))
        >>> bool(np.isclose(*shown.normalized))
        True

    Source: Dinh et al. (2017), section 4; the invariant measure is the module's.
    """
    before, raw, normalized, difference = probabilities_of(network, x), [], [], []
    for factor in factors:
        other = rescaled(network, factor, layer)
        difference.append(np.abs(probabilities_of(other, x) - before).max())
        for values, relative in ((raw, False), (normalized, True)):
            curvature = curvature_of(other, x, y, l2=0.0, normalized=relative)
            values.append(top_eigenvalues(curvature, count=1).values[0])
    measured = (np.array(values) for values in (raw, normalized, difference))
    return Rescaling(np.array(factors, dtype=np.float64), *measured)


def _check_rescaling(network: Network, factor: float, layer: int) -> None:
    recipe, hidden = network.recipe, len(network.recipe.hidden)
    if not 0.0 < factor < np.inf:
        raise RecipeError(f"`factor` must be > 0 and finite, got {factor}.")
    if not 0 <= layer < hidden:
        raise RecipeError(f"`layer` must be one of the {hidden} hidden layers from 0, got {layer}.")
    if recipe.activations[layer] not in _HOMOGENEOUS:
        raise RecipeError(
            f"Rescaling needs one of {', '.join(_HOMOGENEOUS)} in hidden layer {layer}, got "
            f"{recipe.activations[layer]}, which is not homogeneous: its function would change."
        )
    joined = [
        at
        for at in (layer, layer + 1)
        if recipe.residual and at < hidden and len(set(network.weights[at].shape)) == 1
    ]
    if joined:
        raise RecipeError(
            f"Rescaling needs hidden layers without residuals, got one around layer {joined[0]}, "
            "which would pass on what was scaled; choose another `layer`."
        )
