"""`levelset doctor`."""

import json as json_format
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.padding import Padding

from levelset.cli.options import RecipeOptions, Seed, Source, Target
from levelset.cli.progress import progress_bars
from levelset.data import load
from levelset.diagnostics.doctor import Examination, examine
from levelset.diagnostics.faults import Diagnosis, Evidence
from levelset.diagnostics.proof import Proof
from levelset.engine import Recipe
from levelset.errors import RecipeError
from levelset.report import interval_text
from levelset.report.numbers import number

Scale = Annotated[
    bool, Parameter(help="Standardize numeric columns; --no-scale leaves them in their units.")
]
Prove = Annotated[
    bool, Parameter(help="Train with and without each remedy, on paired seeds.", negative=())
]
Replicates = Annotated[int, Parameter(help="Seeds of a proof.")]
Json = Annotated[bool, Parameter(help="Print JSON instead of text.", negative=())]

_MOST_ROWS = 10


def doctor(  # noqa: PLR0913 (a command has as many arguments as options)
    table: Source,
    /,
    *,
    target: Target = None,
    scale: Scale = True,
    prove: Prove = False,
    replicates: Replicates = 8,
    seed: Seed = 0,
    json: Json = False,
    recipe: RecipeOptions = None,
) -> None:
    """Train a recipe on a table, name its faults, and prove the cure.

    The recipe's options are what is examined.
    """
    if replicates < 2:
        raise RecipeError(f"`--replicates` must be >= 2, got {replicates}; 8 is the default.")
    dataset = load(table, target)
    with progress_bars() as show:
        found = examine(
            dataset,
            recipe or Recipe(),
            scale=scale,
            seed=seed,
            prove_remedies=prove,
            replicates=replicates,
            progress=show,
        )
    if json:
        print(json_format.dumps(found.as_mapping(), indent=2, ensure_ascii=False))
        return
    print(dataset.summary)
    for note in dataset.notes:
        print(f"  {note}")
    _print_examination(found)


def _print_examination(found: Examination) -> None:
    case, console = found.case, Console(markup=False, highlight=False, emoji=False)
    fields = ", ".join(f"{name}={value!r}" for name, value in case.recipe.changes().items())
    console.print(
        f"{len(case.networks)} networks of Recipe({fields}): {len(case.y)} training and "
        f"{len(case.y_validation)} validation rows. Validation loss {number(case.validation_loss)} "
        f"nats; class frequencies {number(case.prior_loss)}, reference ({case.reference.name}) "
        f"{number(case.reference_loss)}."
    )
    for note in found.notes:
        console.print(note)
    if not found.diagnoses:
        console.print("\nNo fault found.")
    for place, diagnosis in enumerate(found.diagnoses, start=1):
        _print_diagnosis(console, place, diagnosis, found.proofs)


def _print_diagnosis(
    console: Console, place: int, diagnosis: Diagnosis, proofs: tuple[Proof, ...]
) -> None:
    console.print(
        f"\n{place}. {diagnosis.fault.upper()} (confidence: {diagnosis.confidence}; expected gain: "
        f"{number(diagnosis.expected_gain)} nats)"
    )
    for evidence in diagnosis.evidence:
        _indented(console, _evidence(evidence), 3)
    _indented(console, f"Cause: {diagnosis.cause}", 3)
    if diagnosis.rows:
        shown = ", ".join(map(str, diagnosis.rows[:_MOST_ROWS]))
        rest = len(diagnosis.rows) - _MOST_ROWS
        more = f" and {rest} more (--json lists all)" if rest > 0 else ""
        _indented(console, f"Rows (counted from 0): {shown}{more}", 3)
    tried = [proof for proof in proofs if proof.fault == diagnosis.fault]
    for remedy in diagnosis.remedies:
        _indented(console, f"Remedy: {remedy.text}", 3)
        for proof in tried:
            if proof.remedy == remedy:
                _indented(console, _proof(proof), 5)


def _evidence(evidence: Evidence) -> str:
    text = f"{evidence.measure}: {number(evidence.value)}"
    if evidence.threshold is None:
        return text
    passed = (evidence.value > evidence.threshold) == evidence.above
    sign = (">" if evidence.above else "<") if passed else ("≤" if evidence.above else "≥")
    return f"{text} {sign} {number(evidence.threshold)} ({evidence.source})"


def _proof(proof: Proof) -> str:
    difference = proof.difference
    interval = interval_text(difference.estimate, difference.low, difference.high)
    loss = "Class-balanced validation loss" if proof.remedy.balanced else "Validation loss"
    wanted = {"lower": "", "higher": ", higher being honest", "as low": ", as low being enough"}
    return (
        f"{proof.verdict.upper()}: {loss} {number(proof.before)} → {number(proof.after)} nats; "
        f"difference {interval} ({difference.level:.0%} interval, n = {difference.n} seeds; "
        f"p = {proof.p_value:.2g} after Holm){wanted[proof.remedy.aim]}."
    )


def _indented(console: Console, text: str, by: int) -> None:
    console.print(Padding(text, (0, 0, 0, by), expand=False))
