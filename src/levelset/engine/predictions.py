"""Predictions: the columns of a network's last layer as the answers of its heads."""

from collections.abc import Sequence

import numpy as np

from levelset.engine.heads import Head
from levelset.errors import RecipeError


def by_target(
    outputs: np.ndarray, heads: Sequence[Head], columns: Sequence[int]
) -> dict[str, np.ndarray]:
    """Cut the outputs (n, k) of all heads into those of each, by target, as views."""
    parts = np.split(outputs, np.cumsum(columns)[:-1], axis=-1)
    return {head.target: part for head, part in zip(heads, parts, strict=True)}


def count_classes(heads: Sequence[Head], columns: Sequence[int]) -> int:
    """Count the classes among which a network chooses one.

    Raises:
        RecipeError: If it has several heads, or its one does not choose.
    """
    if len(heads) == 1 and heads[0].loss == "softmax":
        return columns[0]
    if len(heads) == 1 and heads[0].loss == "sigmoid" and columns[0] == 1:
        return 2
    given = ", ".join(f'"{head.loss}" of {own}' for head, own in zip(heads, columns, strict=True))
    raise RecipeError(
        'Class probabilities need one head, a "softmax" or a "sigmoid" of one column, got '
        f"{given}; `outputs` gives the answers of every head."
    )


def class_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Give the probabilities of classes (..., c), where one column is that of yes beside no."""
    return np.concatenate([1 - outputs, outputs], -1) if outputs.shape[-1] == 1 else outputs
