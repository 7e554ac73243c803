"""The best linear model of every replicate, found without training, and networks beside it."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from levelset.diagnostics.losses import row_losses
from levelset.studies.results import Results, measured_once
from levelset.theory import (
    LEAST_PROBABILITY,
    LinearModel,
    logistic_regression,
    multiplied_out,
    smoothed_cross_entropy,
)


class LinearOptimum(NamedTuple):
    """Logistic regression on the training rows of one replicate."""

    model: LinearModel
    loss: float  # mean cross-entropy of the smoothed labels, in nats


@measured_once
def linear_optima(results: Results) -> tuple[LinearOptimum, ...]:
    """Find the linear model of least training objective for each replicate (r).

    Args:
        results: Whose arms all train with the same smoothed labels.
    """
    smoothing = results.design.arms[0].recipe.label_smoothing
    found = []
    for trial in results.design.trials:
        assert isinstance(trial.classes, int)
        rows = trial.training
        found.append(
            LinearOptimum(*logistic_regression(rows.x, rows.labels, trial.classes, smoothing))
        )
    return tuple(found)


def training_objective(results: Results) -> Float64[np.ndarray, "r a"]:
    """Measure what networks minimized: mean cross-entropy of smoothed labels, in nats."""
    smoothing = results.design.arms[0].recipe.label_smoothing
    losses = []
    for outcome in results.outcomes:
        assert outcome.training_probabilities is not None
        q = np.maximum(outcome.training_probabilities, LEAST_PROBABILITY)
        losses.append(smoothed_cross_entropy(q, outcome.trial.training.labels, smoothing))
    return np.stack(losses)


def linear_loss(results: Results) -> Float64[np.ndarray, " r"]:
    """Measure the log loss of each replicate's best linear model on its judged rows, in nats."""
    return np.array([row_losses(q, labels).mean() for q, labels in _judged(results)])


def linear_accuracy(results: Results) -> Float64[np.ndarray, " r"]:
    """Give the share of judged rows that each replicate's best linear model classifies rightly."""
    return np.array([(q.argmax(axis=-1) == labels).mean() for q, labels in _judged(results)])


def collapse_errors(results: Results, arm: int) -> Float64[np.ndarray, " r"]:
    """Compare an identity network with its layers multiplied out, on each replicate's judged rows.

    Args:
        results: Of the study.
        arm: Number of an arm whose networks have identity activations and nothing else.

    Returns:
        The largest absolute difference of a class probability, shape (r,).
    """
    errors = []
    for outcome in results.outcomes:
        network, (q, _) = outcome.networks[arm], outcome.judged
        assert outcome.trial.judged is not None
        model = multiplied_out(network.weights, network.biases)
        errors.append(np.abs(model.probabilities(outcome.trial.judged.x) - q[arm]).max())
    return np.array(errors, dtype=np.float64)


def _judged(results: Results) -> list[tuple[np.ndarray, np.ndarray]]:
    """Class probabilities of the best linear models, (n, c), and labels, of each replicate."""
    judged = []
    for optimum, trial in zip(linear_optima(results), results.design.trials, strict=True):
        assert trial.judged is not None
        judged.append((optimum.model.probabilities(trial.judged.x), trial.judged.labels))
    return judged
