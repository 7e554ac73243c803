"""What a trunk learns first and what it is wanted for, with how many rows."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from levelset.engine import Head, Network, Recipe
from levelset.seeds import stream
from levelset.studies.design import Rows
from levelset.studies.few_rows import usable_classes
from levelset.theory.initializers import DEFAULT_INITIALIZER, draw

LEAST_CLASSES = 4
"""Classes from which on some are the source and the others the target."""

LEAST_STEPS = 500
"""Steps that a network makes at least, however few its rows are."""

CORRUPTION = 0.25
"""Share of the inputs that is dropped where the source is to restore them."""

SOURCE, SHUFFLED = "source", "shuffled source"


@dataclass(frozen=True)
class Task:
    """What is learned first, and what is wanted.

    Attributes:
        source: Class numbers of the source; none where it is to restore inputs.
        target: Class numbers of the target.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]

    @property
    def pretraining(self) -> tuple[int, ...]:
        """Class numbers of the rows that the trunk is pretrained on."""
        return self.source or self.target


def task_of(labels: Int[np.ndarray, " n"], seed: int, replicate: int) -> Task:
    """Deal the classes to source and target, anew in each replicate.

    The target gets half of them, rounded down. Fewer than four classes are all the target's, and
    the source then is to restore the inputs of the same rows.

    Args:
        labels: Class numbers of all rows that may be used, shape (n,).
        seed: Of the study.
        replicate: Its number.

    Example:
        >>> task_of(np.repeat([0, 1, 2], 50), seed=0, replicate=0)
        Task(source=(), target=(0, 1, 2))
    """
    classes = usable_classes(labels)
    if len(classes) < LEAST_CLASSES:
        return Task((), classes)
    dealt = stream(seed, "source classes", replicate).permutation(classes).tolist()
    half = len(dealt) // 2
    return Task(tuple(sorted(dealt[half:])), tuple(sorted(dealt[:half])))


def only(rows: Rows, classes: tuple[int, ...]) -> Rows:
    """Keep the rows of some classes, and number these classes from 0.

    Args:
        rows: With class numbers.
        classes: Class numbers, ascending.
    """
    kept = np.isin(rows.labels, classes)
    return Rows(rows.x[kept], np.searchsorted(classes, rows.labels[kept]))


def source_recipe(base: Recipe, task: Task, inputs: int, target: str) -> Recipe:
    """Say how a trunk is pretrained.

    Args:
        base: Gives everything but the head, and what does not go with it.
        task: Whether it is to classify or to restore inputs.
        inputs: d, how many there are to restore.
        target: Name of what it learns from.

    Returns:
        The base with one head: a softmax, or the squared error of d inputs over d, of which a
        share was dropped.
    """
    if task.source:
        return base.changed(heads=(Head(target=target),))
    return base.changed(
        heads=(Head(target=target, loss="squared_error", weight=1 / inputs),),
        input_dropout=max(base.input_dropout, CORRUPTION),
        label_smoothing=0.0,
        class_weight=None,
    )


def lengthened(recipe: Recipe, rows: int, all_rows: int) -> Recipe:
    """Give few rows more epochs, so that a network with few rows does not just make fewer steps.

    The least number of steps is `LEAST_STEPS`, or what the recipe's epochs make of all rows if that
    is less.

    Args:
        recipe: Whose epochs are the least.
        rows: That the network learns from.
        all_rows: The most that any does.

    Example:
        >>> lengthened(Recipe(epochs=60, batch_size=32), rows=10, all_rows=100).epochs
        240
    """
    size = recipe.batch_size
    least = min(LEAST_STEPS, recipe.epochs * math.ceil(all_rows / size))
    return recipe.changed(epochs=max(recipe.epochs, math.ceil(least / math.ceil(rows / size))))


def frozen(recipe: Recipe) -> Recipe:
    """Freeze every layer but the last.

    Example:
        >>> frozen(Recipe(hidden=(8, 8))).learning_rate_factors
        (0.0, 0.0, 1.0)
    """
    last = 1.0 if recipe.learning_rate_factors is None else recipe.learning_rate_factors[-1]
    return recipe.changed(learning_rate_factors=(*(0.0 for _ in recipe.hidden), last))


def with_fresh_head(
    network: Network, recipe: Recipe, classes: int, generator: np.random.Generator
) -> Network:
    """Put a new last layer on a network's trunk.

    Args:
        network: Gives the hidden layers, as they are.
        recipe: Of the new network: its initializer and gain draw the weights of the last layer;
            biases are 0.
        classes: c of the new last layer.
        generator: Where its weights come from.
    """
    units = network.weights[-1].shape[0]
    name = recipe.initializer or DEFAULT_INITIALIZER["identity"]
    fresh = draw(name, units, classes, recipe.gain, generator).astype(network.dtype)
    return replace(
        network,
        recipe=recipe,
        weights=(*network.weights[:-1], fresh),
        biases=(*network.biases[:-1], np.zeros(classes, network.dtype)),
        head_columns=(),
    )
