"""Decompositions of one row's expected loss by loops: r predictions of c classes, and the truth p.

Expected losses are sums over every label that may come, weighed by its probability.
"""

import math
from collections.abc import Callable, Sequence

from tests.reference.losses import divergence, entropy

Row = Sequence[float]
Terms = dict[str, float]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def brier_score(q: Row, label: int) -> float:
    """Σ꜀ (q꜀ − [c = label])²."""
    return sum((q[c] - (1.0 if c == label else 0.0)) ** 2 for c in range(len(q)))


def vote(q: Row) -> int:
    """The first of the likeliest classes."""
    return list(q).index(max(q))


def expected(loss: Callable[[Row, int], float], predictions: Sequence[Row], p: Row) -> float:
    total = 0.0
    for q in predictions:
        for label, chance in enumerate(p):
            if chance > 0.0:
                total += chance * loss(q, label)
    return total / len(predictions)


def arithmetic_center(predictions: Sequence[Row]) -> list[float]:
    return [mean([q[c] for q in predictions]) for c in range(len(predictions[0]))]


def geometric_center(predictions: Sequence[Row]) -> list[float]:
    raw = [
        math.exp(mean([math.log(q[c]) for q in predictions])) for c in range(len(predictions[0]))
    ]
    return [value / sum(raw) for value in raw]


def squared_distance(a: Row, b: Row) -> float:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def brier(predictions: Sequence[Row], p: Row) -> Terms:
    center = arithmetic_center(predictions)
    return {
        "expected_loss": expected(brier_score, predictions, p),
        "noise": expected(brier_score, [p], p),
        "bias": squared_distance(center, p),
        "variance": mean([squared_distance(q, center) for q in predictions]),
    }


def cross_entropy(predictions: Sequence[Row], p: Row) -> Terms:
    center = geometric_center(predictions)
    return {
        "expected_loss": expected(lambda q, label: -math.log(q[label]), predictions, p),
        "noise": entropy(p),
        "bias": divergence(p, center),
        "variance": mean([divergence(center, q) for q in predictions]),
    }


def zero_one_kohavi_wolpert(predictions: Sequence[Row], p: Row) -> Terms:
    classes = range(len(p))
    shares = [mean([1.0 if vote(q) == c else 0.0 for q in predictions]) for c in classes]
    return {
        "expected_loss": expected(lambda q, label: float(vote(q) != label), predictions, p),
        "noise": 0.5 * (1.0 - sum(chance**2 for chance in p)),
        "bias": 0.5 * sum((p[c] - shares[c]) ** 2 for c in classes),
        "variance": 0.5 * (1.0 - sum(share**2 for share in shares)),
    }


def zero_one_domingos(predictions: Sequence[Row], p: Row) -> Terms:
    """Conditional probabilities by counting the cases in which the condition holds."""
    ballots = [vote(q) for q in predictions]
    main = max(range(len(p)), key=lambda c: (ballots.count(c), -c))
    best = vote(p)
    right = ballots.count(best) / len(ballots)
    condition = together = 0.0
    for ballot in ballots:
        for label, chance in enumerate(p):
            if ballot != best and label != best:
                condition += chance
                together += chance if ballot == label else 0.0
    alike = together / condition if condition > 0.0 else 1.0
    others = [ballot for ballot in ballots if ballot != main]
    helps = others.count(best) / len(others) if others else 1.0
    return {
        "expected_loss": expected(lambda q, label: float(vote(q) != label), predictions, p),
        "noise": 1.0 - p[best],
        "bias": float(main != best),
        "variance": len(others) / len(ballots),
        "noise_coefficient": right - (1.0 - right) * alike,
        "variance_coefficient": 1.0 if main == best else -helps,
    }


DECOMPOSITIONS = {
    "brier": brier,
    "cross_entropy": cross_entropy,
    "zero_one_domingos": zero_one_domingos,
    "zero_one_kohavi_wolpert": zero_one_kohavi_wolpert,
}


def squared_error_parts(cells: Sequence[Sequence[Row]]) -> Terms:
    """Mean squares of the two-way layout cells[resample][seed]."""
    a, b = len(cells), len(cells[0])
    center = arithmetic_center([q for row in cells for q in row])
    by_data = [arithmetic_center(row) for row in cells]
    by_seed = [arithmetic_center([row[s] for row in cells]) for s in range(b)]
    interaction = 0.0
    for r in range(a):
        for s in range(b):
            for c in range(len(center)):
                rest = cells[r][s][c] - by_data[r][c] - by_seed[s][c] + center[c]
                interaction += rest**2
    return {
        "data": mean([squared_distance(q, center) for q in by_data]),
        "seed": mean([squared_distance(q, center) for q in by_seed]),
        "interaction": interaction / (a * b),
    }


def cross_entropy_parts(cells: Sequence[Sequence[Row]]) -> Terms:
    everything = [q for row in cells for q in row]
    center = geometric_center(everything)
    data = mean([divergence(center, geometric_center(row)) for row in cells])
    columns = [[row[s] for row in cells] for s in range(len(cells[0]))]
    seed = mean([divergence(center, geometric_center(column)) for column in columns])
    total = mean([divergence(center, q) for q in everything])
    return {"data": data, "seed": seed, "interaction": total - data - seed}


def kohavi_wolpert_parts(cells: Sequence[Sequence[Row]]) -> Terms:
    ballots = [
        [[1.0 if c == vote(q) else 0.0 for c in range(len(q))] for q in row] for row in cells
    ]
    return {name: value / 2.0 for name, value in squared_error_parts(ballots).items()}


PARTS = {
    "brier": squared_error_parts,
    "cross_entropy": cross_entropy_parts,
    "zero_one_kohavi_wolpert": kohavi_wolpert_parts,
}


def corrected_parts(parts: Terms, a: int, b: int) -> Terms:
    """Components of variance from the mean squares M = sum of squares / degrees of freedom."""
    m_data = b * (a * parts["data"]) / (a - 1)
    m_seed = a * (b * parts["seed"]) / (b - 1)
    m_both = a * b * parts["interaction"] / ((a - 1) * (b - 1))
    return {
        "data": (m_data - m_both) / b,
        "seed": (m_seed - m_both) / a,
        "interaction": m_both,
    }
