"""The doctor: from a trained fleet, or a table and a recipe, to diagnoses and proofs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from levelset.data import Dataset, Encoding, fit_encoding, stratified_split
from levelset.data.encoding import NumericEncoding
from levelset.diagnostics.cases import case_of, check_heads
from levelset.diagnostics.examination import Examination
from levelset.diagnostics.faults import FAULTS, Case, Diagnosis
from levelset.diagnostics.proof import Proof, prove
from levelset.engine import Fleet, Member, Progress, Recipe
from levelset.errors import RecipeError
from levelset.seeds import stream

VALIDATION_SHARE = 0.25
"""Share of a table's rows that the doctor holds out."""

MEMBERS = 4
"""Seeds that the doctor trains of a recipe before it looks."""


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
    return examine_case(
        case, prove_remedies=prove_remedies, replicates=replicates, progress=progress
    )


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
        RecipeError: If the recipe's networks do not choose a class.

    Example:
        >>> from levelset.data import load
        >>> found = examine(load("wine"), Recipe(epochs=20), scale=False)
        >>> found.diagnoses[0].fault
        'unscaled inputs'
    """
    check_heads(recipe)
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
    return examine_case(
        case, prove_remedies=prove_remedies, replicates=replicates, progress=progress
    )


def examine_case(
    case: Case,
    *,
    prove_remedies: bool = False,
    replicates: int = 8,
    progress: Callable[[str, Progress], None] | None = None,
) -> Examination:
    """Look for faults in what was trained, wherever that was.

    Args:
        case: Networks, their record and their rows.
        prove_remedies: Whether to train with and without each remedy, on paired seeds.
        replicates: Seeds of a proof, at least 2.
        progress: Called about 20 times a second with the name of the part and its progress.

    Returns:
        The faults found, ranked by expected gain, and the proofs.

    Raises:
        RecipeError: If there are fewer than 2 replicates.
    """
    if replicates < 2:
        raise RecipeError(f"`replicates` must be >= 2, got {replicates}; 8 is the default.")
    found = [look(case) for look in FAULTS.values()]
    diagnoses = sorted(
        (one for one in found if one is not None), key=lambda one: -one.expected_gain
    )
    notes = _notes(case)
    if not prove_remedies:
        return Examination(case, tuple(diagnoses), (), notes)
    proofs = prove(case, diagnoses, replicates, _part_of(progress, "proof"))
    gains = {one.fault: 0.0 for one in diagnoses}
    for proof in proofs:
        gains[proof.fault] = max(gains[proof.fault], proof.gain)
    # Stable: between equals, expected gain decides.
    diagnoses.sort(key=lambda one: -gains[one.fault])
    proved = tuple(_with_proof(one, proofs) for one in diagnoses)
    return Examination(case, proved, proofs, notes)


def _with_proof(diagnosis: Diagnosis, proofs: tuple[Proof, ...]) -> Diagnosis:
    """What was proved is surer than any threshold, and its gain is measured."""
    shown = [one for one in proofs if one.fault == diagnosis.fault and one.verdict == "shown"]
    if not shown:
        return diagnosis
    measured = max(one.gain for one in shown)
    return replace(
        diagnosis, confidence="proved", expected_gain=measured or diagnosis.expected_gain
    )


def _notes(case: Case) -> tuple[str, ...]:
    if case.validates:
        return ()
    return ("Without validation rows, overfitting, miscalibration and duplicates cannot be seen.",)


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


def _part_of(
    progress: Callable[[str, Progress], None] | None, name: str
) -> Callable[[Progress], None] | None:
    return None if progress is None else partial(progress, name)
