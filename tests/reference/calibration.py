"""Calibration by loops: bins as lists of rows, and scores split over groups of rows."""

import math
from collections.abc import Sequence

from tests.reference.decomposition import (
    Row,
    Terms,
    arithmetic_center,
    geometric_center,
    mean,
    squared_distance,
)
from tests.reference.losses import divergence, entropy


def members_of_bins(scores: Sequence[float], edges: Sequence[float]) -> list[list[int]]:
    """Rows of each bin (lower, upper]; the first bin holds its lower end too."""
    members: list[list[int]] = [[] for _ in edges[1:]]
    for row, score in enumerate(scores):
        for k in range(len(members)):
            above = score > edges[k] or (k == 0 and score == edges[0])
            if above and score <= edges[k + 1]:
                members[k].append(row)
    return members


def calibration_error(
    scores: Sequence[float], events: Sequence[int], edges: Sequence[float]
) -> float:
    total = 0.0
    for members in members_of_bins(scores, edges):
        if members:
            predicted = mean([scores[i] for i in members])
            observed = mean([float(events[i]) for i in members])
            total += len(members) / len(scores) * abs(observed - predicted)
    return total


def one_hot(labels: Sequence[int], classes: int) -> list[list[float]]:
    return [[1.0 if c == label else 0.0 for c in range(classes)] for label in labels]


def groups_of(groups: Sequence[int]) -> list[list[int]]:
    return [[i for i, g in enumerate(groups) if g == group] for group in sorted(set(groups))]


def split_brier_score(q: Sequence[Row], labels: Sequence[int], groups: Sequence[int]) -> Terms:
    y, n = one_hot(labels, len(q[0])), len(q)
    shares = arithmetic_center(y)
    terms = dict.fromkeys(
        ("reliability", "resolution", "within_variance", "within_covariance"), 0.0
    )
    for members in groups_of(groups):
        predicted = arithmetic_center([q[i] for i in members])
        observed = arithmetic_center([y[i] for i in members])
        terms["reliability"] += len(members) / n * squared_distance(predicted, observed)
        terms["resolution"] += len(members) / n * squared_distance(observed, shares)
        for i in members:
            terms["within_variance"] += squared_distance(q[i], predicted) / n
            for c in range(len(shares)):
                product = (q[i][c] - predicted[c]) * (y[i][c] - observed[c])
                terms["within_covariance"] += 2.0 * product / n
    terms["uncertainty"] = sum(share * (1.0 - share) for share in shares)
    terms["score"] = mean([squared_distance(a, b) for a, b in zip(q, y, strict=True)])
    return terms


def split_log_loss(q: Sequence[Row], labels: Sequence[int], groups: Sequence[int]) -> Terms:
    y, n = one_hot(labels, len(q[0])), len(q)
    shares = arithmetic_center(y)
    terms = dict.fromkeys(
        ("reliability", "resolution", "within_variance", "within_covariance"), 0.0
    )
    for members in groups_of(groups):
        predicted = geometric_center([q[i] for i in members])
        observed = arithmetic_center([y[i] for i in members])
        terms["reliability"] += len(members) / n * divergence(observed, predicted)
        terms["resolution"] += len(members) / n * divergence(observed, shares)
        for i in members:
            terms["within_variance"] += divergence(predicted, q[i]) / n
            for c in range(len(shares)):
                center = mean([math.log(q[j][c]) for j in members])
                product = (y[i][c] - observed[c]) * (math.log(q[i][c]) - center)
                terms["within_covariance"] += product / n
    terms["uncertainty"] = entropy(shares)
    terms["score"] = mean([-math.log(row[label]) for row, label in zip(q, labels, strict=True)])
    return terms


def tempered_log_loss(q: Sequence[Row], labels: Sequence[int], temperature: float) -> float:
    total = 0.0
    for row, label in zip(q, labels, strict=True):
        powers = [value ** (1.0 / temperature) for value in row]
        total -= math.log(powers[label] / sum(powers))
    return total / len(q)


def temperature_by_halving(q: Sequence[Row], labels: Sequence[int]) -> float:
    """Where the slope of the log loss in 1/T, which only rises, is zero.

    d/dβ of −log(q_y^β / Σ q^β) is −log q_y + Σ꜀ q꜀(β) log q꜀.
    """

    def slope(inverse: float) -> float:
        total = 0.0
        for row, label in zip(q, labels, strict=True):
            powers = [value**inverse for value in row]
            mixed = [power * math.log(v) for power, v in zip(powers, row, strict=True)]
            total += sum(mixed) / sum(powers) - math.log(row[label])
        return total

    low, high = 1e-2, 1e2
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if slope(middle) < 0.0 else (low, middle)
    return 1.0 / low
