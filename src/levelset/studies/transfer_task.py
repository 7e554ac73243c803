"""What a trunk learns first and what it is wanted for, with how many rows."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from levelset.engine import Head, Network, Recipe
from levelset.seeds import stream
from levelset.studies.design import VALIDATION_SHARE, Rows
from levelset.theory.initializers import DEFAULT_INITIALIZER, draw

LEAST_ROWS = 20
"""Classes with fewer rows take no part."""

LEAST_CLASSES = 4
"""Classes from which on some are the source and the others the target."""

LEVELS = (5, 10, 20, 50)
"""Rows per class that the target may be learned from; all there are comes last."""

MOST_PER_CLASS = 200
"""Rows per class that count as all there are."""

LEAST_STEPS = 500
"""Steps that a network makes at least, however few its rows are."""

DRAWN_ROWS = 20
"""Rows per class that the draws of a level have together, where there is more than one."""

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


def usable_classes(labels: Int[np.ndarray, " n"]) -> tuple[int, ...]:
    """Give the numbers of the classes that have enough rows.

    Example:
        >>> usable_classes(np.repeat([0, 1, 2], [30, 19, 20]))
        (0, 2)
    """
    counts = np.bincount(labels)
    return tuple(np.flatnonzero(counts >= LEAST_ROWS).tolist())


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


def levels_of(labels: Int[np.ndarray, " n"]) -> tuple[int | None, ...]:
    """Give the rows per class that the target is learned from; None, the last, is all there are.

    Args:
        labels: Class numbers of all rows that may be used, shape (n,).

    Example:
        >>> levels_of(np.repeat([0, 1, 2], 50))
        (5, 10, 20, None)
    """
    counts = np.bincount(labels)
    # A stratified split leaves every class its share, but for rounding.
    smallest = math.floor((1 - VALIDATION_SHARE) * int(counts[counts >= LEAST_ROWS].min()))
    return (*(level for level in LEVELS if level < smallest), None)


def draws_of(level: int | None, rows: int, classes: int) -> tuple[np.ndarray | None, ...]:
    """Give the rows of each draw of a level, as row numbers of a ranked table.

    So few rows as the lowest levels have say much about themselves and little about the level;
    these are drawn several times over, no row twice.

    Args:
        level: Rows per class; None for all.
        rows: Of the ranked table.
        classes: c.

    Example:
        >>> [draw.tolist() for draw in draws_of(10, rows=50, classes=2)]
        [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19], [20, ...]]
    """
    if level is None:
        return (None,)
    size = level * classes
    draws = max(1, min(DRAWN_ROWS // level, rows // size))
    return tuple(np.arange(size) + draw * size for draw in range(draws))


def only(rows: Rows, classes: tuple[int, ...]) -> Rows:
    """Keep the rows of some classes, and number these classes from 0.

    Args:
        rows: With class numbers.
        classes: Class numbers, ascending.
    """
    kept = np.isin(rows.labels, classes)
    return Rows(rows.x[kept], np.searchsorted(classes, rows.labels[kept]))


def ranked(rows: Rows, generator: np.random.Generator) -> Rows:
    """Order rows so that the first k · c are k of each class, for any k that all classes have.

    Args:
        rows: With class numbers 0 .. c−1.
        generator: Orders the rows of each class.

    Returns:
        At most `MOST_PER_CLASS` of each class.
    """
    order = generator.permutation(len(rows))
    labels = rows.labels[order]
    rank = np.empty(len(rows), dtype=np.int64)
    for label in np.unique(labels):
        own = labels == label
        rank[own] = np.arange(own.sum())
    places = np.lexsort((labels, rank))
    chosen = order[places[rank[places] < MOST_PER_CLASS]]
    return Rows(rows.x[chosen], rows.labels[chosen])


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


def rows_needed(
    accuracy: float, levels: Int[np.ndarray, " k"], reached: np.ndarray, beyond: str
) -> str:
    """Say how many rows a learning curve needs for an accuracy.

    Args:
        accuracy: Wanted.
        levels: Rows, ascending, shape (k,).
        reached: Accuracy with each, shape (k,); where it falls, the best so far counts.
        beyond: What to say where no level reaches it.

    Returns:
        A number, interpolated between levels on a logarithmic scale, or a bound.

    Example:
        >>> levels, reached = np.array([5, 10, 20]), np.array([0.6, 0.7, 0.8])
        >>> [rows_needed(a, levels, reached, "> 20") for a in (0.5, 0.7, 0.75, 0.9)]
        ['≤ 5', '10', '14', '> 20']
    """
    best = np.maximum.accumulate(reached)
    if accuracy > best[-1]:
        return beyond
    at = int((best >= accuracy).argmax())
    if at == 0:
        return f"≤ {levels[0]}"
    share = (accuracy - best[at - 1]) / (best[at] - best[at - 1])
    log = np.log(levels)
    return f"{math.exp(log[at - 1] + share * (log[at] - log[at - 1])):.0f}"
