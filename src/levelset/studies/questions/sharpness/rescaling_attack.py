"""The rescaling attack on many networks: the same function, as sharp as one likes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from levelset.diagnostics import curvature_of, probabilities_of, rescaled
from levelset.engine import Network, Recipe
from levelset.studies.charts import Table
from levelset.studies.questions.sharpness.minima import log2_sharpness, top_eigenvalue, unsmoothed

FACTORS = (0.25, 1.0, 4.0)

_HOMOGENEOUS = ("identity", "relu", "leaky_relu")


@dataclass(frozen=True, eq=False)
class Attack:
    """Sharpness of networks (r) whose first layer was scaled by each factor (k), the next undone.

    Attributes:
        factors: α, (k,), one of which is 1.
        log2_raw: log2 of the largest eigenvalue of H, (r, k).
        log2_invariant: log2 of the largest eigenvalue of |θ| H |θ|, (r, k).
        difference: Largest change of a row's class probability, (r, k).
    """

    factors: Float64[np.ndarray, " k"]
    log2_raw: Float64[np.ndarray, "r k"]
    log2_invariant: Float64[np.ndarray, "r k"]
    difference: Float64[np.ndarray, "r k"]

    @property
    def unchanged(self) -> int:
        """Number of the factor 1."""
        return self.factors.tolist().index(1.0)

    @property
    def invariant_change(self) -> float:
        """Largest change of the scale-invariant sharpness, as a share of itself."""
        beside = self.log2_invariant - self.log2_invariant[:, [self.unchanged]]
        return float(np.abs(np.exp2(beside) - 1.0).max())

    @property
    def table(self) -> Table:
        """One row per factor."""
        rows = tuple(
            (
                float(factor),
                float(np.exp2(self.log2_raw[:, k].mean())),
                float(np.exp2(self.log2_invariant[:, k].mean())),
                float(self.difference[:, k].max()),
            )
            for k, factor in enumerate(self.factors)
        )
        columns = ("first layer times", "top", "invariant top", "largest change of a probability")
        caption = (
            f"Networks without a remedy, n = {len(self.log2_raw)}, their first layer multiplied "
            "and the next divided: geometric means of sharpness, and by how much any probability "
            "of any row moved."
        )
        return Table("The rescaling attack", caption, columns, rows)


def can_be_rescaled(recipe: Recipe) -> bool:
    """Say whether the first layer of a recipe's networks can be scaled and the next undo it."""
    homogeneous = bool(recipe.hidden) and recipe.activations[0] in _HOMOGENEOUS
    return homogeneous and not recipe.residual


def attacked(networks: Sequence[Network], rows: Sequence[tuple[np.ndarray, np.ndarray]]) -> Attack:
    """Rescale networks and measure them.

    Args:
        networks: Of a recipe that can be rescaled (r).
        rows: Features (n, d) and class numbers (n,) for each.

    Returns:
        Their sharpness at every factor.

    Source: Dinh, Pascanu, Bengio and Bengio, ICML 2017, section 4.
    """
    found = np.array(
        [
            [_measured(network, factor, *own, seed) for factor in FACTORS]
            for seed, (network, own) in enumerate(zip(networks, rows, strict=True))
        ]
    )
    logs = log2_sharpness(found[:, :, :2])
    return Attack(np.array(FACTORS), logs[:, :, 0], logs[:, :, 1], found[:, :, 2])


def _measured(
    network: Network, factor: float, x: np.ndarray, labels: np.ndarray, seed: int
) -> tuple[float, float, float]:
    """Raw and invariant sharpness of a rescaled network, and how far its probabilities moved."""
    other = unsmoothed(rescaled(network, factor))
    raw = curvature_of(other, x, labels, l2=0.0)
    invariant = replace(raw, scale=np.abs(raw.hessian.parameters.vector))
    moved = np.abs(probabilities_of(other, x) - probabilities_of(network, x)).max()
    return top_eigenvalue(raw, seed), top_eigenvalue(invariant, seed), float(moved)
