"""Study: a question, what it needs trained, and what it makes of the results.

A study never trains. It states its claims, designs the comparison (`Design`), and reads the
`Results`; `run_study` joins the three.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from levelset.data import Dataset
from levelset.engine import Progress, Recipe
from levelset.errors import DataError, RecipeError
from levelset.studies.charts import Chart, Table
from levelset.studies.design import BUDGETS, VALIDATION_SHARE, BudgetName, Design
from levelset.studies.finding import Finding, StudyResult
from levelset.studies.results import Results
from levelset.studies.running import run_design


class Study(ABC):
    """A question that a fleet can answer.

    Args:
        recipe: The base that the study varies; its epochs are replaced by the budget's unless
            they were given.

    Raises:
        RecipeError: If its networks do not choose one class by a softmax head.
    """

    name: ClassVar[str]
    question: ClassVar[str]
    in_report: ClassVar[bool] = True
    """Whether a report runs it; one that costs as much as all others is for its own command."""

    def __init__(self, recipe: Recipe | None = None) -> None:
        self.recipe = recipe if recipe is not None else Recipe()
        if self.recipe.heads != "softmax":
            raise RecipeError(
                f'A study compares class probabilities, so `heads` must be "softmax", got '
                f"{self.recipe.heads!r}; leave it out."
            )

    @property
    @abstractmethod
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""

    def claims_about(self, dataset: Dataset) -> tuple[str, ...]:
        """Give those of `claims` that a table can answer; all by default.

        What it has in its columns may decide, and never its labels or its values.
        """
        del dataset
        return self.claims

    @abstractmethod
    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Say what must be trained on these rows of the table."""

    @abstractmethod
    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge each claim about the table, in the order of `claims_about`."""

    @abstractmethod
    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Say what is worth drawing."""

    @abstractmethod
    def tables(self, results: Results) -> tuple[Table, ...]:
        """Say what is worth reading as numbers."""

    @abstractmethod
    def methods(self, results: Results) -> str:
        """Say in sentences how it was done."""

    def choice(self, results: Results) -> Mapping[str, Any]:
        """Give the recipe's fields that this study would choose, by name; none by default."""
        del results
        return {}

    def reason_left_out(self, dataset: Dataset, rows: np.ndarray) -> str:
        """Say in a sentence why the table cannot answer the question; empty if it can."""
        del dataset, rows
        return ""

    def next_design(self, results: Results, budget: BudgetName, seed: int) -> Design | None:
        """Say what must be trained after these results; by default nothing more.

        The results of that will hold these as their `earlier`.
        """
        del results, budget, seed
        return None

    def budgeted(self, budget: BudgetName, rows: int) -> Recipe:
        """Give the base recipe with the budget's epochs, unless its own were given.

        Args:
            budget: How much work may be done.
            rows: How many may be used, of which a share is held out from training.
        """
        if "epochs" in self.recipe.model_fields_set:
            return self.recipe
        training = round(rows * (1 - VALIDATION_SHARE))
        return self.recipe.changed(epochs=BUDGETS[budget].epochs_for(training))


def run_study(
    study: Study,
    dataset: Dataset,
    *,
    rows: np.ndarray | None = None,
    budget: BudgetName = "standard",
    seed: int = 0,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
) -> tuple[StudyResult, Mapping[str, Any]]:
    """Ask a study's question of a table.

    Args:
        study: The question.
        dataset: The table.
        rows: Row numbers that it may use, shape (n,); None for all.
        budget: How much work it may do.
        seed: Of every split and network.
        command: The line that reproduces it, to be printed.
        progress: Called about 20 times a second while networks train.

    Returns:
        What the study has to say, and the recipe's fields that it would choose.

    Raises:
        DataError: If the table cannot answer the question, is too small for the design, or a
            network diverged.
    """
    started = time.perf_counter()
    used = np.arange(dataset.rows) if rows is None else rows
    if reason := study.reason_left_out(dataset, used):
        raise DataError(f"The study {study.name} cannot run on {dataset.name}: {reason}")
    results = run_design(study.design(dataset, used, budget, seed), progress)
    while (following := study.next_design(results, budget, seed)) is not None:
        results = run_design(following, progress, results)
    result = StudyResult(
        name=study.name,
        question=study.question,
        claims=study.claims_about(dataset),
        findings=study.findings(results),
        charts=study.charts(results),
        tables=study.tables(results),
        command=command,
        methods=study.methods(results),
        wall_seconds=time.perf_counter() - started,
    )
    return result, study.choice(results)
