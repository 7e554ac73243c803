"""What ensembles of each size make of the same rows, and what averaging is sure to gain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from levelset.studies.results import Results, measured_once
from levelset.theory import (
    disagreement,
    divergence_spread,
    log_loss_gain,
    log_probabilities,
    log_softmax,
    normalized_logs,
    one_hot,
    squared_spread,
)

Probabilities = Float64[np.ndarray, "m n c"]
Labels = Int[np.ndarray, " n"]


def sizes_up_to(members: int) -> tuple[int, ...]:
    """Give the powers of two from 1 to a number of members.

    Example:
        >>> sizes_up_to(20)
        (1, 2, 4, 8, 16)
    """
    return tuple(2**power for power in range(members.bit_length()))


@dataclass(frozen=True, eq=False)
class BySize:
    """Measures of ensembles of k sizes, means over the disjoint ensembles that m members make.

    Attributes:
        log_loss: Log loss of the mean probabilities, in nats.
        error: Share of rows whose likeliest class is wrong.
        variance: Variance of the probabilities over ensembles, free of bias, summed over classes
            and averaged over rows; NaN where there is one ensemble.
        disagreement: Share of pairs of ensembles that choose differently, mean over rows; NaN
            where there is one ensemble.
    """

    log_loss: Float64[np.ndarray, "*r k"]
    error: Float64[np.ndarray, "*r k"]
    variance: Float64[np.ndarray, "*r k"]
    disagreement: Float64[np.ndarray, "*r k"]


def by_size(probabilities: Probabilities, labels: Labels, sizes: Sequence[int]) -> BySize:
    """Measure ensembles of each size: members 1 … s, s + 1 … 2s and so on, no member in two.

    Args:
        probabilities: Of each member, shape (m, n, c).
        labels: The classes that came, shape (n,).
        sizes: Members of an ensemble, each from 1 to m.

    Returns:
        One number for each size.

    Example:
        >>> two = np.array([[[0.8, 0.2]], [[0.4, 0.6]]])
        >>> measured = by_size(two, np.array([0]), (1, 2))
        >>> measured.error.tolist(), measured.log_loss.round(4).tolist()
        ([0.5, 0.0], [0.5697, 0.5108])
    """
    measures = [_measures(_ensembles(probabilities, size), labels) for size in sizes]
    return BySize(*np.array(measures).T)


def stacked(parts: Sequence[BySize]) -> BySize:
    """Put the measures of r replicates together, each of shape (r, k)."""
    fields = ("log_loss", "error", "variance", "disagreement")
    return BySize(*(np.stack([getattr(part, field) for part in parts]) for field in fields))


def _ensembles(probabilities: np.ndarray, size: int) -> np.ndarray:
    """Mean probabilities of the disjoint ensembles of a size, (g, n, c)."""
    groups = len(probabilities) // size
    members = probabilities[: groups * size]
    return members.reshape(groups, size, *probabilities.shape[1:]).mean(axis=1)


def _measures(q: np.ndarray, labels: np.ndarray) -> tuple[float, float, float, float]:
    choices = q.argmax(axis=-1)
    log_loss = -log_probabilities(q[:, np.arange(len(labels)), labels]).mean()
    error = (choices != labels).mean()
    if len(q) < 2:
        return float(log_loss), float(error), float("nan"), float("nan")
    variance = squared_spread(q).mean() * len(q) / (len(q) - 1)
    differ = disagreement(choices, q.shape[-1]).mean()
    return float(log_loss), float(error), float(variance), float(differ)


@dataclass(frozen=True)
class Gain:
    """A mean loss of members beside the loss of their ensemble, and what theory says it gains.

    Attributes:
        loss: Which loss, and which mean makes the ensemble.
        members: Mean loss of the members.
        ensemble: Loss of the ensemble.
        spread: What the difference must be.
        deviation: |members − ensemble − spread|.
    """

    loss: str
    members: float
    ensemble: float
    spread: float
    deviation: float


def gains(probabilities: Probabilities, labels: Labels) -> tuple[Gain, Gain, Gain]:
    """Compare the loss of an ensemble with the mean loss of its members, in three ways.

    Args:
        probabilities: Of each member, shape (m, n, c).
        labels: The classes that came, shape (n,).

    Returns:
        Log loss of the mean, Brier score of the mean, log loss of the geometric mean.
    """
    rows, classes = np.arange(len(labels)), probabilities.shape[-1]
    mean = probabilities.mean(axis=0)
    own = probabilities[:, rows, labels]
    truth = one_hot(labels, classes)
    logs = normalized_logs(probabilities)
    geometric = log_softmax(logs.mean(axis=0))
    return (
        _gain(
            "log loss, mean of probabilities",
            -log_probabilities(own),
            -log_probabilities(mean[rows, labels]),
            log_loss_gain(own),
        ),
        _gain(
            "Brier score, mean of probabilities",
            ((probabilities - truth) ** 2).sum(axis=-1),
            ((mean - truth) ** 2).sum(axis=-1),
            squared_spread(probabilities),
        ),
        _gain(
            "log loss, normalized geometric mean",
            -logs[:, rows, labels],
            -geometric[rows, labels],
            divergence_spread(logs),
        ),
    )


def _gain(loss: str, members: np.ndarray, ensemble: np.ndarray, spread: np.ndarray) -> Gain:
    of_members, of_ensemble, expected = members.mean(), ensemble.mean(), spread.mean()
    deviation = abs(of_members - of_ensemble - expected)
    return Gain(loss, float(of_members), float(of_ensemble), float(expected), float(deviation))


@dataclass(frozen=True, eq=False)
class Measured:
    """Measures of all replicates.

    Attributes:
        sizes: Of the ensembles of seeds (k).
        seeds: Networks that differ by seed alone, (r, k).
        bagged_sizes: Of the ensembles on bootstrap rows (j).
        bagged: Networks on bootstrap rows, (r, j).
        peers: As many networks with the same seeds, that see all rows, (r, j).
        gains: What the largest ensemble gains, by replicate and loss.
    """

    sizes: tuple[int, ...]
    seeds: BySize
    bagged_sizes: tuple[int, ...]
    bagged: BySize
    peers: BySize
    gains: tuple[tuple[Gain, ...], ...]


@measured_once
def measured(results: Results) -> Measured:
    """Measure the networks of every replicate: those with rows of their own are the bagged ones."""
    members = results.design.trials[0].members
    count = sum(member.rows is None for member in members)
    sizes, bagged_sizes = sizes_up_to(count), sizes_up_to(len(members) - count)
    judged = [outcome.judged for outcome in results.outcomes]
    rows = [(q.astype(np.float64), labels) for q, labels in judged]
    few = bagged_sizes[-1]
    return Measured(
        sizes=sizes,
        seeds=stacked([by_size(q[:count], labels, sizes) for q, labels in rows]),
        bagged_sizes=bagged_sizes,
        bagged=stacked([by_size(q[count:], labels, bagged_sizes) for q, labels in rows]),
        peers=stacked([by_size(q[:few], labels, bagged_sizes) for q, labels in rows]),
        gains=tuple(gains(q[:count], labels) for q, labels in rows),
    )
