"""What is done to rows and targets, element by element."""

from collections.abc import Sequence

Matrix = list[list[float]]


def smooth_labels(target: Sequence[float], smoothing: float) -> list[float]:
    return [(1.0 - smoothing) * y + smoothing * (1.0 / len(target)) for y in target]


def mixup(rows: Matrix, permutation: Sequence[int], share: float) -> Matrix:
    mixed = []
    for i in range(len(rows)):
        partner = rows[permutation[i]]
        mixed.append([share * rows[i][k] + (1.0 - share) * partner[k] for k in range(len(partner))])
    return mixed


def balanced_class_weights(labels: Sequence[int], classes: int) -> list[float]:
    weights = []
    for c in range(classes):
        count = sum(1 for label in labels if label == c)
        weights.append(len(labels) / (classes * count) if count else 0.0)
    return weights
