"""The doctor: from a trained fleet, or a table and a recipe, to diagnoses and proofs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from levelset.data import Dataset, Encoding, fit_encoding, stratified_split
from levelset.data.encoding import NumericEncoding
from levelset.diagnostics.faults import FAULTS, Case, Diagnosis
from levelset.diagnostics.proof import Proof, prove
from levelset.engine import Fleet, Member, Progress, Recipe, Record
from levelset.engine.heads import as_heads
from levelset.errors import RecipeError
from levelset.seeds import stream

VALIDATION_SHARE = 0.25
"""Share of a table's rows that the doctor holds out."""

MEMBERS = 4
"""Seeds that the doctor trains of a recipe before it looks."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What the doctor has to say.

    Attributes:
        case: What was looked at.
        diagnoses: Faults found, the largest expected gain first.
        proofs: What became of each remedy that was tried; none unless asked for.
        notes: What could not be looked at, and why.
    """

    case: Case
    diagnoses: tuple[Diagnosis, ...]
    proofs: tuple[Proof, ...] = ()
    notes: tuple[str, ...] = ()

    def as_mapping(self) -> dict[str, Any]:
        """Give everything in plain values, fit for JSON; what is not finite is None."""
        case = self.case
        summary = {
            "recipe": case.recipe.changes(),
            "members": len(case.networks),
            "training_rows": len(case.y),
            "validation_rows": len(case.y_validation),
            "training_loss": case.training_loss,
            "validation_loss": case.validation_loss,
            "prior_loss": case.prior_loss,
            "reference_loss": case.reference_loss,
            "reference": case.reference.name,
        }
        return _plain(
            {
                "case": summary,
                "diagnoses": [asdict(found) for found in self.diagnoses],
                "proofs": [asdict(proof) for proof in self.proofs],
                "notes": self.notes,
            }
        )


def diagnose(
    fleet: Fleet,
    *,
    recipe: Recipe | None = None,
    prove_remedies: bool = False,
    replicates: int = 8,
    progress: Callable[[str, Progress], None] | None = None,
) -> Examination:
    """Look for faults in a fleet that has been trained.

    Args:
        fleet: Members that have run; they learn from all rows of the fleet.
        recipe: Whose members to look at; needed if the fleet has several.
        prove_remedies: Whether to train with and without each remedy, on paired seeds.
        replicates: Seeds of a proof.
        progress: Called about 20 times a second with the name of the part and its progress.

    Returns:
        The faults found, ranked by expected gain, and the proofs.

    Raises:
        RecipeError: If the members cannot be looked at together, or have not run.

    Example:
        >>> from levelset.engine import Member
        >>> x = np.random.default_rng(0).uniform(100, 900, size=(300, 2))
        >>> y = (x[:, 0] > x[:, 1]).astype(int)
        >>> recipe = Recipe(hidden=(16,), activation="sigmoid", epochs=30)
        >>> fleet = Fleet([Member(recipe)], x[:200], y[:200], validation=(x[200:], y[200:]))
        >>> fleet.run()
        >>> "unscaled inputs" in [found.fault for found in diagnose(fleet).diagnoses]
        True
    """
    case = case_of(fleet, recipe)
    return _examined(case, prove_remedies, replicates, progress)


def examine(
    dataset: Dataset,
    recipe: Recipe,
    *,
    scale: bool = True,
    seed: int = 0,
    prove_remedies: bool = False,
    replicates: int = 8,
    progress: Callable[[str, Progress], None] | None = None,
) -> Examination:
    """Train a recipe on a table, and look for faults.

    Args:
        dataset: The table.
        recipe: How to train.
        scale: Whether numeric columns are standardized by the training rows; otherwise they stay
            in their units, a missing value being the column's mean.
        seed: Of the split, the networks and the reference.
        prove_remedies: Whether to train with and without each remedy, on paired seeds.
        replicates: Seeds of a proof.
        progress: Called about 20 times a second with the name of the part and its progress.

    Returns:
        The faults found, ranked by expected gain, and the proofs.

    Raises:
        DataError: If the table is too small to be split.

    Example:
        >>> from levelset.data import load
        >>> found = examine(load("wine"), Recipe(epochs=20), scale=False)
        >>> found.diagnoses[0].fault
        'unscaled inputs'
    """
    fractions = (1 - VALIDATION_SHARE, VALIDATION_SHARE, 0.0)
    split = stratified_split(dataset.targets, stream(seed, "split", 0), fractions, dataset.classes)
    encoding = fit_encoding(dataset, split.training)
    parts = split.training, split.validation
    x, x_validation = (_inputs(encoding, dataset, part, scale) for part in parts)
    fleet = Fleet(
        [Member(recipe, seed=seed + number) for number in range(MEMBERS)],
        x,
        dataset.targets[split.training],
        validation=(x_validation, dataset.targets[split.validation]),
        classes=len(dataset.classes) if recipe.heads == "softmax" else None,
    )
    fleet.run(progress=_part_of(progress, "examination"))
    case = case_of(fleet, names=encoding.names, row_numbers=np.concatenate(parts), seed=seed)
    return _examined(case, prove_remedies, replicates, progress)


def _inputs(encoding: Encoding, dataset: Dataset, rows: np.ndarray, scale: bool) -> np.ndarray:
    x = encoding.transform(dataset, rows)
    if scale:
        return x
    means, deviations = [], []
    for column in encoding.columns:
        numeric = isinstance(column, NumericEncoding)
        indicators = len(column.names) - numeric
        means += ([column.mean] if numeric else []) + [0.0] * indicators
        deviations += ([column.scale] if numeric else []) + [1.0] * indicators
    return (x * np.array(deviations) + np.array(means)).astype(np.float32)


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


def _members(fleet: Fleet, recipe: Recipe | None) -> tuple[Recipe, list[int]]:
    recipes = list(dict.fromkeys(member.recipe for member in fleet.members))
    if recipe is None and len(recipes) > 1:
        raise RecipeError(
            f"The doctor looks at members of one recipe, got {len(recipes)}; pass `recipe`."
        )
    chosen = recipe or recipes[0]
    numbers = [i for i, member in enumerate(fleet.members) if member.recipe == chosen]
    partial = [
        i
        for i in numbers
        if fleet.members[i].rows is not None or fleet.members[i].counts is not None
    ]
    heads = as_heads(chosen.heads)
    classifies = len(heads) == 1 and heads[0].classifies
    if not numbers or partial or not classifies:
        raise RecipeError(
            "The doctor looks at members that learn from all rows of their fleet to choose a "
            f"class, with one softmax or sigmoid head, got {len(numbers)} members of the recipe, "
            f"{len(partial)} with rows of their own and {len(heads)} heads; make a fleet of them."
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


def _part_of(
    progress: Callable[[str, Progress], None] | None, name: str
) -> Callable[[Progress], None] | None:
    return None if progress is None else partial(progress, name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def _examined(
    case: Case,
    prove_remedies: bool,
    replicates: int,
    progress: Callable[[str, Progress], None] | None,
) -> Examination:
    found = (look(case) for look in FAULTS.values())
    diagnoses = sorted(
        (one for one in found if one is not None), key=lambda one: -one.expected_gain
    )
    notes = (
        ()
        if case.validates
        else (
            "Without validation rows, overfitting, miscalibration and duplicates cannot be seen.",
        )
    )
    if not prove_remedies:
        return Examination(case, tuple(diagnoses), (), notes)
    proofs = prove(case, diagnoses, replicates, _part_of(progress, "proof"))
    gains = {one.fault: 0.0 for one in diagnoses}
    for proof in proofs:
        gains[proof.fault] = max(gains[proof.fault], proof.gain)
    diagnoses.sort(
        key=lambda one: -gains[one.fault]
    )  # stable: expected gain decides between equals
    return Examination(case, tuple(diagnoses), proofs, notes)
