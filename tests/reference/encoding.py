"""Encodings of one row, from their equations and without protection against overflow."""

import math
from collections.abc import Sequence


def one_hot(label: int, classes: int) -> list[float]:
    return [1.0 if c == label else 0.0 for c in range(classes)]


def log_sum_exp(logits: Sequence[float]) -> float:
    total = 0.0
    for logit in logits:
        total += math.exp(logit)
    return math.log(total)


def softmax(logits: Sequence[float]) -> list[float]:
    total = 0.0
    for logit in logits:
        total += math.exp(logit)
    return [math.exp(logit) / total for logit in logits]


def log_softmax(logits: Sequence[float]) -> list[float]:
    return [math.log(probability) for probability in softmax(logits)]
