"""What cross-entropy is equal to on paper, measured on a trained network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from levelset.diagnostics.network import class_logits, forward_of, theory_of
from levelset.engine import Network
from levelset.studies.results import Outcome
from levelset.theory import (
    cross_entropy,
    entropy,
    kl_divergence,
    log_probabilities,
    log_softmax,
    network_forward,
    one_hot,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
)

SMOOTHING = 0.1
IDENTITY_TOLERANCE = 1e-9
GRADIENT_TOLERANCE = 1e-6
ENGINE_TOLERANCE = 1e-5
"""Of gradients in float32."""

STEP = 1e-5
MOST_ROWS = 40


@dataclass(frozen=True, eq=False)
class Deviations:
    """The largest deviations from what is equal on paper, one per replicate (r,).

    Attributes:
        engine: Of the engine's gradient by the last biases from the mean of softmax − one-hot.
        divergence: Of the gradients of H(p, q) and of KL(p‖q) by the logits from q − p.
        identity: Between H(p, q) and H(p) + KL(p‖q), in nats.
    """

    engine: np.ndarray
    divergence: np.ndarray
    identity: np.ndarray


def judged_logits(outcome: Outcome) -> tuple[np.ndarray, np.ndarray]:
    """Give the first network's logits of the judged rows, (n, c), and their labels, (n,)."""
    rows, network = outcome.trial.judged, outcome.networks[0]
    assert rows is not None
    return class_logits(network, forward_of(network, rows.x).logits), rows.labels


def deviations(outcomes: Sequence[Outcome]) -> Deviations:
    """Measure the identities on the first network of each replicate."""
    parts = [_deviations_of(outcome) for outcome in outcomes]
    return Deviations(*(np.array(part) for part in zip(*parts, strict=True)))


def _deviations_of(outcome: Outcome) -> tuple[float, float, float]:
    rows, network = outcome.trial.judged, outcome.networks[0]
    assert rows is not None
    x, labels = rows.x[:MOST_ROWS], rows.labels[:MOST_ROWS]
    logits = class_logits(network, forward_of(network, x).logits)
    y, q = one_hot(labels, logits.shape[1]), softmax(logits)
    p = smooth_labels(y, SMOOTHING)
    wanted = (softmax(_logits_as_in_training(network, x)) - y).mean(axis=0)
    given = network.objective_and_gradient(x, labels)[1].biases[-1]
    if given.size < wanted.size:  # one column stands for two classes
        wanted = wanted[1:]
    by_entropy, by_divergence = numerical_gradients(logits, p)
    identity = cross_entropy(p, q) - entropy(p) - kl_divergence(p, q)
    return (
        float(np.abs(given - wanted).max()),
        float(max(np.abs(by_entropy - (q - p)).max(), np.abs(by_divergence - (q - p)).max())),
        float(np.abs(identity).max()),
    )


def _logits_as_in_training(network: Network, x: np.ndarray) -> np.ndarray:
    """Logits by which the engine's gradient goes: batch normalization takes the rows' own means."""
    architecture, parameters, _ = theory_of(network)
    wide = x.astype(np.float64)
    return class_logits(network, network_forward(architecture, parameters, wide).logits)


def numerical_gradients(logits: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differentiate H(p, softmax(z)) and KL(p‖softmax(z)) by z, by central differences.

    (f(z + h e_c) − f(z − h e_c)) / 2h

    Args:
        logits: z, shape (n, c).
        p: Probabilities, shape (n, c).

    Returns:
        Both gradients, shape (n, c) each.

    Example:
        >>> p = np.array([[1.0, 0.0]])
        >>> by_entropy, by_divergence = numerical_gradients(np.zeros((1, 2)), p)
        >>> by_entropy.round(6), by_divergence.round(6)
        (array([[-0.5,  0.5]]), array([[-0.5,  0.5]]))
    """

    def divergence(logits: np.ndarray, p: np.ndarray) -> np.ndarray:
        # By the logits: probabilities of sure networks are too small to tell apart.
        return (p * (log_probabilities(p) - log_softmax(logits))).sum(axis=-1)

    gradients = []
    for function in (softmax_cross_entropy, divergence):
        columns = []
        for step in STEP * np.eye(logits.shape[1]):
            above, below = (function(logits + sign * step, p) for sign in (1, -1))
            columns.append((above - below) / (2 * STEP))
        gradients.append(np.stack(columns, axis=1))
    return gradients[0], gradients[1]
