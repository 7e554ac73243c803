"""Fewer epochs or rows for a study of many networks, so that it costs no more than others."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from levelset.data import Dataset, stratified_split
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies.design import BUDGETS, BudgetName


@dataclass(frozen=True)
class Thinning:
    """What a budget's epochs and row visits are divided by."""

    epochs: float | int
    row_visits: float | int


def thinned(recipe: Recipe, budget: BudgetName, rows: int, thinning: Thinning) -> Recipe:
    """Give a recipe a part of the budget's epochs, unless its own were given.

    Args:
        recipe: The base.
        budget: How much work may be done.
        rows: That each network learns from.
        thinning: What the budget is divided by.

    Example:
        >>> thinned(Recipe(), "standard", 100, Thinning(epochs=2, row_visits=4)).epochs
        75
        >>> thinned(Recipe(epochs=7), "standard", 100, Thinning(epochs=2, row_visits=4)).epochs
        7
    """
    if "epochs" in recipe.model_fields_set:
        return recipe
    full = BUDGETS[budget]
    part = replace(
        full,
        epochs=round(full.epochs / thinning.epochs),
        row_visits=round(full.row_visits / thinning.row_visits),
    )
    return recipe.changed(epochs=part.epochs_for(rows))


def at_most(
    dataset: Dataset, rows: Int[np.ndarray, " n"], most: int, seed: int
) -> Int[np.ndarray, " k"]:
    """Give so many rows of a larger table, stratified; all of a smaller one.

    Args:
        dataset: The table.
        rows: Row numbers that may be used.
        most: How many are wanted.
        seed: Of the choice.
    """
    if len(rows) <= most:
        return rows
    share = most / len(rows)
    split = stratified_split(
        dataset.targets[rows],
        stream(seed, "part of the rows"),
        (share, 0.0, 1 - share),
        dataset.classes,
    )
    return rows[split.training]
