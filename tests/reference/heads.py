"""The loss of several heads: head by head, row by row."""

from dataclasses import dataclass

from tests.reference.losses import LOSSES

Matrix = list[list[float]]


@dataclass(frozen=True)
class Head:
    loss: str
    width: int
    weight: float


def multi_head_loss(
    outputs: Matrix,
    targets: Matrix,
    heads: list[Head],
    sample_weights: list[float],
    present: list[list[bool]],
) -> tuple[float, list[float], Matrix]:
    """J, each head's own mean, and ∂J/∂outputs."""
    value, means, first = 0.0, [], 0
    gradient = [[0.0 for _ in row] for row in outputs]
    for number, head in enumerate(heads):
        loss, slope = LOSSES[head.loss]
        last = first + head.width
        rows = [row for row in range(len(outputs)) if present[row][number]]
        weight_sum = sum(sample_weights[row] for row in rows)
        mean = 0.0
        for row in rows:
            share = sample_weights[row] / weight_sum
            given = outputs[row][first:last], targets[row][first:last]
            mean += share * loss(*given)
            for column, each in enumerate(slope(*given)):
                gradient[row][first + column] += head.weight * share * each
        means.append(mean)
        value += head.weight * mean
        first = last
    return value, means, gradient
