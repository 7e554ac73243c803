"""Gradients of untrained deep networks, and how much the same networks then learn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64

from levelset.studies.results import Results, measured_once

DEPTHS = (1, 2, 4, 8, 16, 24)
"""Hidden layers of the networks whose gradient is measured."""
MOST_MEASURED = 256
"""Training rows of a replicate on which a gradient is measured."""

_LEAST = 1e-30  # below it a gradient counts as this much: a ReLU network may be dead from the start


@dataclass(frozen=True)
class Variant:
    """One way to build a deep network.

    Attributes:
        name: What the reader sees.
        fields: What it changes in the recipe.
        color_key: What keeps its color the same throughout a page.
    """

    name: str
    color_key: str
    fields: Mapping[str, Any] = field(hash=False)


_SIGMOID = {"activation": "sigmoid"}
_LARGE = {"activation": "relu", "gain": 2.0}

PLAIN = (
    Variant("Sigmoid", "sigmoid", _SIGMOID),
    Variant("Tanh", "tanh", {"activation": "tanh"}),
    Variant("ReLU", "relu", {"activation": "relu"}),
)
"""Each activation with its own initializer: Glorot's, and He's for ReLU."""

VANISHING = (
    Variant("Sigmoid, weights × 4", "weights × 4", _SIGMOID | {"gain": 4.0}),
    Variant("Sigmoid, batch norm", "batch norm", _SIGMOID | {"normalization": "batch"}),
    Variant("Sigmoid, layer norm", "layer norm", _SIGMOID | {"normalization": "layer"}),
    Variant("Sigmoid, residual", "residual", _SIGMOID | {"residual": True}),
)
"""What may be done about a gradient that vanishes."""

EXPLODING = (
    Variant("ReLU, Glorot", "glorot", {"activation": "relu", "initializer": "glorot_uniform"}),
    Variant("ReLU, weights × 2", "weights × 2", _LARGE),
    Variant("ReLU × 2, batch norm", "batch norm", _LARGE | {"normalization": "batch"}),
    Variant("ReLU × 2, layer norm", "layer norm", _LARGE | {"normalization": "layer"}),
    Variant("ReLU × 2, residual", "residual", _LARGE | {"residual": True}),
)
"""Weights that are too small or too large for ReLU, and what may be done about the latter."""

CLIPPED = Variant("ReLU × 2, clipped", "clipped", _LARGE | {"gradient_clip": 1.0})
"""Clipping changes steps and not the gradient, so that it stands only among what is trained."""

VARIANTS = (*PLAIN, *VANISHING, *EXPLODING)


@dataclass(frozen=True, eq=False)
class DeepGradients:
    """Root mean squares of ∂J/∂W over the weights of a layer, before training.

    Attributes:
        first: Of the first layer, (r, v, k), for v of `VARIANTS` at k of `DEPTHS`.
        last: Of the last layer, (r, v, k).
    """

    first: Float64[np.ndarray, "r v k"]
    last: Float64[np.ndarray, "r v k"]

    @property
    def ratio(self) -> Float64[np.ndarray, "r v k"]:
        """The first layer's over the last's."""
        return self.first / self.last


@measured_once
def deep_gradients(results: Results) -> DeepGradients:
    """Measure the gradients of the networks as they were before training.

    Args:
        results: Of trials whose first snapshot is before training, their first members every
            variant at every depth.
    """
    count = len(VARIANTS) * len(DEPTHS)
    measured = np.empty((len(results.outcomes), count, 2))
    for replicate, outcome in enumerate(results.outcomes):
        rows = outcome.trial.training
        x, labels = rows.x[:MOST_MEASURED], rows.labels[:MOST_MEASURED]
        for number, network in enumerate(outcome.snapshots[0][:count]):
            weights = network.objective_and_gradient(x, labels)[1].weights
            for end, weight in enumerate((weights[0], weights[-1])):
                measured[replicate, number, end] = np.sqrt((weight.astype(np.float64) ** 2).mean())
    shape = (len(measured), len(VARIANTS), len(DEPTHS))
    first, last = (np.maximum(measured[:, :, end], _LEAST).reshape(shape) for end in (0, 1))
    return DeepGradients(first, last)


def slope_per_layer(
    log_ratio: Float64[np.ndarray, "*r k"],
) -> Float64[np.ndarray | np.float64, "*r"]:
    """Give the slope of a quantity over depth: the median over all pairs of depths.

    median over i < j of (y_j − y_i) / (n_j − n_i)

    One network that is dead, and has no gradient at all, does not move a median.

    Args:
        log_ratio: y at each of `DEPTHS`, shape (..., k).

    Returns:
        The change for each further hidden layer, shape (...).

    Example:
        >>> slope_per_layer(-2.0 * np.array(DEPTHS)).item()
        -2.0

    Source: Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968).
    """
    low, high = np.triu_indices(len(DEPTHS), k=1)
    depths = np.array(DEPTHS, dtype=np.float64)
    rises = (log_ratio[..., high] - log_ratio[..., low]) / (depths[high] - depths[low])
    return np.median(rises, axis=-1)


def final_accuracy(results: Results, arms: range) -> Float64[np.ndarray, "r k"]:
    """Give the training accuracy in the last epoch; that of the commonest class after divergence.

    Args:
        results: Of the study.
        arms: Numbers of k arms.
    """
    shares = []
    for outcome in results.outcomes:
        record, labels = outcome.record, outcome.trial.training.labels
        commonest = np.bincount(labels).max() / len(labels)
        last = [record.training_accuracy[arm, record.epochs_run[arm] - 1] for arm in arms]
        diverged = record.diverged_epoch[list(arms)] >= 0
        shares.append(np.where(diverged, commonest, np.array(last, dtype=np.float64)))
    return np.stack(shares)


def diverged(results: Results, arms: range) -> Bool[np.ndarray, "r k"]:
    """Tell in which replicates each of some arms diverged."""
    return np.stack(
        [outcome.record.diverged_epoch[list(arms)] >= 0 for outcome in results.outcomes]
    )
