"""What heads are asked: the arrays that a fleet is given as the columns of `levelset.theory`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from levelset.engine import Recipe
from levelset.engine.heads import as_heads
from levelset.theory import LOSSES, Head, head_columns, one_hot, smooth_labels

Answers = np.ndarray | Mapping[str, np.ndarray]
LOSS_OF_HEAD = {
    "softmax": "softmax_cross_entropy",
    "sigmoid": "sigmoid_cross_entropy",
    "squared_error": "squared_error",
}


@dataclass(frozen=True)
class Targets:
    """The answers to a recipe's heads; a target that is missing is NaN in all of its columns."""

    heads: tuple[Head, ...]
    values: np.ndarray  # (n, c): the heads' columns one after another
    present: np.ndarray  # (n, h)

    def smoothed(self, smoothing: float) -> np.ndarray:
        """The values with softmax heads' labels smoothed, (n, c)."""
        values = self.values.copy()
        for head, columns in zip(self.heads, head_columns(self.heads), strict=True):
            if head.loss.name == "softmax_cross_entropy":
                values[:, columns] = smooth_labels(values[:, columns], smoothing)
        return values


def make_targets(recipe: Recipe, y: Answers, widths: tuple[int, ...]) -> Targets:
    """The targets of a recipe whose heads have so many columns of the last layer."""
    heads = tuple(
        Head(head.target, LOSSES[LOSS_OF_HEAD[head.loss]], width, head.weight)
        for head, width in zip(as_heads(recipe.heads), widths, strict=True)
    )
    named = y if isinstance(y, Mapping) else {heads[0].name: y}
    values = np.hstack([_columns(head, named[head.name]) for head in heads])
    known = [~np.isnan(values[:, columns]).any(axis=1) for columns in head_columns(heads)]
    return Targets(heads, values, np.stack(known, axis=1))


def head_widths(recipe: Recipe, y: Answers, classes: int | Mapping[str, int]) -> tuple[int, ...]:
    """Columns of each head: as many as there are classes, or as the target has."""
    widths = []
    for head in as_heads(recipe.heads):
        answers = y[head.target] if isinstance(y, Mapping) else y
        if head.loss == "softmax":
            widths.append(classes if isinstance(classes, int) else classes[head.target])
        else:
            widths.append(1 if answers.ndim == 1 else answers.shape[1])
    return tuple(widths)


def _columns(head: Head, answers: np.ndarray) -> np.ndarray:
    """A target as its loss takes it, (n, width)."""
    if head.loss.name != "softmax_cross_entropy":
        return answers.reshape(len(answers), head.width).astype(np.float64)
    missing = np.isnan(answers)
    labels = np.where(missing, 0, answers).astype(np.int64)
    return np.where(missing[:, np.newaxis], np.nan, one_hot(labels, head.width))
