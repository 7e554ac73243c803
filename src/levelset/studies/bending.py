"""How long the level sets of a study's networks are in a plane, and how much they bend."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.diagnostics.level_sets import decision_curves
from levelset.diagnostics.planes import Plane, principal_plane
from levelset.studies.design import Trial
from levelset.studies.results import Results

GRID = 60
"""Positions along each axis of the grid in which level sets are looked for."""


@dataclass(frozen=True, eq=False)
class Bending:
    """Level sets p_a = p_b of some arms, in the plane of each replicate's training rows.

    Attributes:
        length: Of all curves of a network, (r, k), in standard deviations; 0 without one.
        curvature: ∫ |κ| ds / ∫ ds, (r, k), in 1 / standard deviations; 0 without a curve.
        found: Whether there was a curve, (r, k).
    """

    length: Float64[np.ndarray, "r k"]
    curvature: Float64[np.ndarray, "r k"]
    found: np.ndarray

    @property
    def turning(self) -> Float64[np.ndarray, "r k"]:
        """The angle ∫ |κ| ds by which the curves turn in all, in radians."""
        return self.length * self.curvature

    @property
    def curvature_where_found(self) -> Float64[np.ndarray, "r k"]:
        """The curvature, NaN without a curve."""
        return np.where(self.found, self.curvature, np.nan)


def principal_plane_of(trial: Trial) -> Plane:
    """Give the plane of the first two principal components of a replicate's training rows."""
    assert trial.encoding is not None
    return principal_plane(trial.training.x, trial.encoding.names)


def measure_bending(
    results: Results,
    arms: Sequence[int],
    plane_of: Callable[[Trial], Plane] = principal_plane_of,
    grid: int = GRID,
) -> Bending:
    """Measure the level sets of some arms on every replicate.

    All arms of a replicate are measured in the same plane, in the window where its training rows
    lie.

    Args:
        results: Of a paired design whose replicates are encoded.
        arms: Numbers of k arms.
        plane_of: Gives the plane of a replicate.
        grid: Positions along each axis of the grid in which level sets are looked for.

    Returns:
        Lengths and curvatures, in the order of the arms.
    """
    measured = []
    for outcome in results.outcomes:
        plane = plane_of(outcome.trial)
        window = plane.window(outcome.trial.training.x, grid)
        measured.append(
            [
                decision_curves(outcome.networks[arm], plane, *window, refined=False).smoothness()
                for arm in arms
            ]
        )
    length = np.array([[one.length for one in replicate] for replicate in measured])
    curvature = np.array([[one.mean_absolute_curvature for one in row] for row in measured])
    found = length > 0.0
    return Bending(length, np.where(found, curvature, 0.0), found)
