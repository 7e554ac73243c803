"""From a table to the content of a report."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.engine import Progress, Recipe
from levelset.errors import LevelsetError
from levelset.report.baselines import run_contest
from levelset.report.conclusion import conclude
from levelset.report.content import ReportContent
from levelset.report.methods import report_methods, study_methods
from levelset.studies import (
    BUDGETS,
    STUDIES,
    BudgetName,
    Study,
    StudyResult,
    run_study,
    set_aside,
)
from levelset.studies.design import VALIDATION_SHARE

TEST_SHARE = 0.2
"""Share of the rows that no study of a report sees."""

Show = Callable[[str, Progress], None]


@dataclass(frozen=True)
class ReportRequest:
    """What a report is made of.

    Attributes:
        dataset: The table.
        recipe: The base that the studies vary.
        budget: How much work each part may do.
        seed: Of every split, network and resample.
        command: The line that reproduces the report.
        study_command: Gives the line that reproduces a study alone, from its name and the recipe
            it was given.
    """

    dataset: Dataset
    recipe: Recipe
    budget: BudgetName
    seed: int
    command: str
    study_command: Callable[[str, Recipe], str]


@dataclass(frozen=True)
class _Studied:
    """What came of the studies, and the recipe after the last of them."""

    recipe: Recipe
    results: tuple[StudyResult, ...]
    choices: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]


def build_report(request: ReportRequest, progress: Show | None = None) -> ReportContent:
    """Run every study on a table, choose a recipe, and judge it beside the baselines.

    The studies see the same four fifths of the rows; the last fifth is for the verdict alone. Each
    study hands its choice to the next, so that the penalty is chosen for the chosen activation. A
    study that the table cannot answer, or that fails on it, is left out with its reason.

    Args:
        request: What to do.
        progress: Called about 20 times a second with the name of the part and its progress.

    Returns:
        Everything that the page prints.

    Raises:
        DataError: If the table is too small to be split, or the chosen network diverged.
        RecipeError: If no study can vary the recipe.
    """
    started = time.perf_counter()
    dataset, budget, seed = request.dataset, request.budget, request.seed
    studied, test = set_aside(dataset, TEST_SHARE, seed)
    told = _run_studies(request, studied, progress)
    recipe = _with_early_stopping(told.recipe, budget, len(studied))
    contest = run_contest(dataset, studied, test, recipe, budget, seed, _part(progress, "verdict"))
    wall_seconds = time.perf_counter() - started
    return ReportContent(
        title=dataset.name,
        summary=(dataset.summary,),
        notes=dataset.notes,
        conclusion=conclude(contest, recipe, told.results, told.choices, seed),
        studies=told.results,
        methods=report_methods(dataset, budget, seed, contest, len(test), wall_seconds),
        command=request.command,
        left_out=told.left_out,
    )


def study_content(
    dataset: Dataset, result: StudyResult, seed: int, budget: BudgetName, test_share: float
) -> ReportContent:
    """Give the content of a page about one study.

    Args:
        dataset: The table.
        result: What the study has to say.
        seed: It was run with.
        budget: It was run with.
        test_share: Share of the rows that it did not see.

    Returns:
        Everything that the page prints; it has no conclusion, since nothing was judged on test
        rows.
    """
    return ReportContent(
        title=dataset.name,
        summary=(dataset.summary,),
        notes=dataset.notes,
        conclusion=None,
        studies=(result,),
        methods=study_methods(dataset, budget, seed, test_share, result.wall_seconds),
        command=result.command,
    )


def _run_studies(request: ReportRequest, studied: np.ndarray, progress: Show | None) -> _Studied:
    recipe, results, choices, left_out = request.recipe, [], [], []
    for name, kind in STUDIES.items():
        study, command = kind(recipe), request.study_command(name, recipe)
        if reason := _reason_left_out(study, request.dataset, studied, command):
            left_out.append((name, reason))
            continue
        try:
            result, choice = run_study(
                study,
                request.dataset,
                rows=studied,
                budget=request.budget,
                seed=request.seed,
                command=command,
                progress=_part(progress, name),
            )
        except LevelsetError as error:
            # One study that fails must not cost the reader the others.
            left_out.append((name, str(error)))
            continue
        results.append(result)
        if choice:
            choices.append((name, _in_words(choice)))
        recipe = recipe.changed(**choice)
    return _Studied(recipe, tuple(results), tuple(choices), tuple(left_out))


def _reason_left_out(study: Study, dataset: Dataset, rows: np.ndarray, command: str) -> str:
    if not study.in_report:
        return f"It costs as much as all others together; run it alone: {command}"
    return study.reason_left_out(dataset, rows)


def _part(progress: Show | None, name: str) -> Callable[[Progress], None] | None:
    return None if progress is None else lambda inner: progress(name, inner)


def _in_words(choice: Mapping[str, Any]) -> str:
    return ", ".join(f"{field} = {value}" for field, value in choice.items())


def _with_early_stopping(recipe: Recipe, budget: BudgetName, rows: int) -> Recipe:
    """Let the chosen network train as long as a study's, and stop where it no longer learns."""
    epochs = recipe.epochs
    if "epochs" not in recipe.model_fields_set:
        epochs = BUDGETS[budget].epochs_for(round(rows * (1 - VALIDATION_SHARE)))
    return recipe.changed(epochs=epochs, patience=recipe.patience or max(10, epochs // 5))
