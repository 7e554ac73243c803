"""Cases: from a fleet that has run to what the doctor looks at."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from levelset.diagnostics.faults import Case
from levelset.engine import Fleet, Recipe, Record
from levelset.engine.heads import as_heads
from levelset.errors import RecipeError


def case_of(
    fleet: Fleet,
    recipe: Recipe | None = None,
    *,
    names: Sequence[str] = (),
    row_numbers: np.ndarray | None = None,
    seed: int = 0,
) -> Case:
    """Gather what the doctor looks at from a fleet that has run.

    Args:
        fleet: Members that have run; they learn from all rows of the fleet.
        recipe: Whose members to look at; needed if the fleet has several.
        names: Of the features; x1, x2, … if not given.
        row_numbers: Where training rows, and then validation rows, stand in their table; 0, 1, …
            if not given.
        seed: Of what the doctor trains.

    Returns:
        The case.

    Raises:
        RecipeError: If the members cannot be looked at together, or have not run.
    """
    recipe, numbers = _members(fleet, recipe)
    table = fleet.table
    target = table.targets.of(recipe)[0]
    y, y_validation = (
        np.ravel(array).astype(np.int64) for array in (target.training, target.validation)
    )
    record = _part(fleet.record, numbers)
    if (record.epochs_run == 0).any() or (y < 0).any():
        raise RecipeError(
            "The doctor needs members that have run, on rows that all have a label, got "
            f"{int((record.epochs_run == 0).sum())} that have not and {int((y < 0).sum())} rows "
            "without; run the fleet, and leave such rows out."
        )
    rows = len(y) + len(y_validation)
    return Case(
        recipe=recipe,
        record=record,
        networks=tuple(fleet.networks[number] for number in numbers),
        x=table.x,
        y=y,
        x_validation=table.x_validation,
        y_validation=y_validation,
        classes=max(2, target.columns),
        names=tuple(names) or tuple(f"x{i + 1}" for i in range(fleet.features)),
        row_numbers=np.arange(rows) if row_numbers is None else row_numbers,
        sample_weight=table.sample_weight,
        seed=seed,
    )


def check_heads(recipe: Recipe) -> None:
    """Check that a recipe's networks choose one class for each row.

    Raises:
        RecipeError: If they do not.
    """
    losses = [head.loss for head in as_heads(recipe.heads)]
    if losses not in (["softmax"], ["sigmoid"]):
        given = ", ".join(f'"{loss}"' for loss in losses)
        raise RecipeError(
            'The doctor needs networks that choose a class, with one "softmax" head, or one '
            f'"sigmoid" head for two classes, got {given}; train with `heads="softmax"`.'
        )


def _members(fleet: Fleet, recipe: Recipe | None) -> tuple[Recipe, list[int]]:
    recipes = list(dict.fromkeys(member.recipe for member in fleet.members))
    if recipe is None and len(recipes) > 1:
        raise RecipeError(
            f"The doctor looks at members of one recipe, got {len(recipes)}; pass `recipe`."
        )
    chosen = recipe or recipes[0]
    numbers = [i for i, member in enumerate(fleet.members) if member.recipe == chosen]
    if not numbers:
        raise RecipeError(
            "`recipe` must be that of members of the fleet, got one that none of its "
            f"{len(fleet.members)} members has; pass `fleet.members[0].recipe` or another's."
        )
    check_heads(chosen)
    columns = fleet.table.targets.of(chosen)[0].columns
    if as_heads(chosen.heads)[0].loss == "sigmoid" and columns > 1:
        raise RecipeError(
            f"The doctor needs one yes or no for each row, got {columns}; look at one column's "
            "fleet at a time."
        )
    own = [
        fleet.members[i].rows is not None or fleet.members[i].counts is not None for i in numbers
    ]
    if any(own):
        raise RecipeError(
            f"The doctor needs members that learn from all rows of their fleet, got {sum(own)} of "
            f"{len(own)} with rows of their own; make a fleet of those rows."
        )
    return chosen, numbers


def _part(record: Record, numbers: list[int]) -> Record:
    """The record of some members."""
    if len(numbers) == len(record.epochs_run):
        return record
    cut = {
        field.name: getattr(record, field.name)[numbers]
        for field in fields(Record)
        if field.name != "stop_reason"
    }
    return Record(**cut, stop_reason=tuple(record.stop_reason[number] for number in numbers))
