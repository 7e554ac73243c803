"""Networks trained with dropout beside the thinned networks that they stand for."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.diagnostics.losses import row_losses
from levelset.diagnostics.network import probabilities_of, theory_of
from levelset.engine import Network
from levelset.seeds import stream
from levelset.studies.results import Outcome, Results
from levelset.theory import dropout_mask, geometric_mean, thinned_probabilities

SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
"""Numbers of thinned networks that are averaged; the last is taken for all of them."""
MOST_ROWS = 64
"""Judged rows of a replicate on which thinned networks are compared."""

_AT_ONCE = 16  # thinned networks in one product, so that it stays in the cache


@dataclass(frozen=True, eq=False)
class ThinnedComparison:
    """One arm's networks with scaled weights, and averages of thinned ones, by replicate.

    Distances are total variation, ½ Σ_c |q_c − q'_c|, the mean over rows; losses are in nats.

    Attributes:
        scaled_distance: Of the scaled network from the average of the thinned ones, (r,).
        geometric_distance: Of the scaled network from their normalized geometric mean, (r,).
        agreement: Share of rows that the scaled network and the average give the same class, (r,).
        single_distance: Of one thinned network from the average, the mean over them, (r,).
        scaled_loss: Log loss of the scaled network, (r,).
        single_loss: Log loss of one thinned network, the mean over them, (r,).
        averaged_loss: Log loss of the average of the first k thinned networks, (r, s), for k of
            `SIZES`.
    """

    scaled_distance: Float64[np.ndarray, " r"]
    geometric_distance: Float64[np.ndarray, " r"]
    agreement: Float64[np.ndarray, " r"]
    single_distance: Float64[np.ndarray, " r"]
    scaled_loss: Float64[np.ndarray, " r"]
    single_loss: Float64[np.ndarray, " r"]
    averaged_loss: Float64[np.ndarray, "r s"]


def compare_thinned(results: Results, arm: int) -> ThinnedComparison:
    """Compare an arm's networks with averages of their thinned networks, in float64.

    Units of hidden layers are dropped with the share of the arm's recipe, those of the inputs not.

    Args:
        results: Of a paired design.
        arm: Number of an arm with dropout.

    Returns:
        Distances and losses on at most `MOST_ROWS` judged rows of each replicate.
    """
    measured = [_compare(outcome, arm) for outcome in results.outcomes]
    columns = [np.array(column) for column in zip(*measured, strict=True)]
    return ThinnedComparison(*columns)


def _compare(outcome: Outcome, arm: int) -> tuple[float | np.ndarray, ...]:
    rows = outcome.trial.judged
    assert rows is not None
    x, labels = rows.x[:MOST_ROWS], rows.labels[:MOST_ROWS]
    network = outcome.networks[arm]
    thinned = draw_thinned(network, x, outcome.trial.members[arm].seed)
    scaled, average = probabilities_of(network, x), thinned.mean(axis=0)
    single = row_losses(thinned, labels).mean(axis=-1)
    averaged = [row_losses(thinned[:k].mean(axis=0), labels).mean() for k in SIZES]
    return (
        float(_distance(scaled, average).mean()),
        float(_distance(scaled, geometric_mean(thinned)).mean()),
        float((scaled.argmax(axis=-1) == average.argmax(axis=-1)).mean()),
        float(_distance(thinned, average).mean()),
        float(row_losses(scaled, labels).mean()),
        float(single.mean()),
        np.array(averaged),
    )


def draw_thinned(
    network: Network, x: np.ndarray, seed: int | np.integer
) -> Float64[np.ndarray, "k n c"]:
    """Draw thinned networks at random and give their class probabilities.

    Args:
        network: Trained with dropout, whose share of units each thinned network lacks.
        x: Rows, shape (n, d).
        seed: Of the masks.

    Returns:
        Probabilities of as many thinned networks as the last of `SIZES` says, (k, n, c).
    """
    architecture, parameters, running = theory_of(network)
    generator = stream(int(seed), "thinned networks")
    wide, count, share = x.astype(np.float64), SIZES[-1], network.recipe.dropout
    masks = [
        dropout_mask(generator.random((count, width)), share) for width in network.recipe.hidden
    ]
    parts = [slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE)]
    return np.concatenate(
        [
            thinned_probabilities(
                architecture, parameters, wide, [mask[part] for mask in masks], running
            )
            for part in parts
        ]
    )


def _distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Total variation over the last axis."""
    return 0.5 * np.abs(first - second).sum(axis=-1)
