"""How wide the minima are in which networks end, measured cheaply enough for a hundred of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float64, Int

from levelset.diagnostics import Curvature, curvature_of
from levelset.engine import Network
from levelset.seeds import stream
from levelset.theory import jackknife_values, largest_ritz_value

MEASURES = ("top", "trace", "invariant top", "invariant trace")
"""Raw and scale-invariant sharpness: the largest eigenvalue and the trace of H and of |θ| H |θ|."""

STEPS = 8
"""Products of Lanczos' method for an eigenvalue."""

DRAWS = 4
"""Draws of Hutchinson's method for a trace."""

_LEAST = 1e-12  # what sharpness counts as where it is zero or rounding makes it less


@dataclass(frozen=True)
class Minimum:
    """How sharply the loss of the data bends around one network, without penalty or smoothing.

    Attributes:
        top: Largest eigenvalue of the Hessian H, in nats per squared unit of a parameter.
        trace: Trace of H.
        invariant_top: Largest eigenvalue of |θ| H |θ|, in nats.
        invariant_trace: Trace of |θ| H |θ|.
    """

    top: float
    trace: float
    invariant_top: float
    invariant_trace: float


def unsmoothed(network: Network) -> Network:
    """Give a network whose loss is that of the labels themselves, as for every other network."""
    return replace(network, recipe=network.recipe.changed(label_smoothing=0.0))


def minimum_of(
    network: Network, x: Float[np.ndarray, "n d"], labels: Int[np.ndarray, " n"], seed: int
) -> Minimum:
    """Measure how sharply the mean cross-entropy of some rows bends around a network.

    The eigenvalues are those of Lanczos' method after `STEPS` products, the traces Hutchinson's of
    `DRAWS` draws, in float64.

    Args:
        network: At whose parameters.
        x: Features, shape (n, d).
        labels: Class numbers, shape (n,).
        seed: Of the start and the draws; the same for networks that are compared.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> minimum = minimum_of(fleet.networks[0], x, y, seed=0)
        >>> minimum.top > 0, minimum.invariant_top > 0
        (True, True)

    Source: Hutchinson, Communications in Statistics 19 (1990): tr A = E[zᵀ A z] for signs z, and
    zᵀ (D H D) z = (D z)ᵀ H (D z).
    """
    raw = curvature_of(unsmoothed(network), x, labels, l2=0.0)
    invariant = replace(raw, scale=np.abs(raw.hessian.parameters.vector))
    # Directions that are multiplied together cost less than one by one.
    signs = stream(seed, "hutchinson").choice([-1.0, 1.0], size=(DRAWS, raw.size))
    directions = np.concatenate([signs, invariant.scale * signs])
    traces = (directions * raw.times(directions)).sum(axis=1).reshape(2, DRAWS).mean(axis=1)
    return Minimum(
        top=top_eigenvalue(raw, seed),
        trace=float(traces[0]),
        invariant_top=top_eigenvalue(invariant, seed),
        invariant_trace=float(traces[1]),
    )


def top_eigenvalue(curvature: Curvature, seed: int) -> float:
    """Estimate the largest eigenvalue of a curvature by `STEPS` products."""
    start = stream(seed, "lanczos").normal(size=curvature.size)
    return largest_ritz_value(curvature.times, start, STEPS)


def log2_sharpness(values: Float64[np.ndarray, "*k"]) -> Float64[np.ndarray, "*k"]:
    """Give log2 of sharpness; what is not above zero counts as the least there is."""
    return np.log2(np.maximum(values, _LEAST))


def clustered(
    statistic: Callable[[Float64[np.ndarray, "r a"], Float64[np.ndarray, "r a"]], float],
    x: Float64[np.ndarray, "r a"],
    y: Float64[np.ndarray, "r a"],
) -> Float64[np.ndarray, " r"]:
    """Give a statistic of all networks as the mean of one value for each replicate.

    The networks of a replicate share its rows, so that replicates and not networks are left out.

    Args:
        statistic: Of all networks' x and y.
        x: By replicate and arm, r ≥ 3.
        y: The same.

    Returns:
        The jackknife's values, shape (r,).

    Source: `levelset.theory.jackknife_values`, whole replicates being left out.
    """
    whole = np.array([statistic(x, y)])
    left_out = [
        [statistic(np.delete(x, r, axis=0), np.delete(y, r, axis=0))] for r in range(len(x))
    ]
    return jackknife_values(whole, np.array(left_out))[:, 0]
