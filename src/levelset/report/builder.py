"""From a table to the content of a report."""

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from levelset.data import Dataset
from levelset.engine import Progress, Recipe, available_threads
from levelset.report.baselines import INVERSE_PENALTIES, Contest, run_contest
from levelset.report.content import Conclusion, Methods, ReportContent
from levelset.report.numbers import interval_text
from levelset.studies import (
    BUDGETS,
    STUDIES,
    BudgetName,
    StudyResult,
    run_study,
    set_aside,
)
from levelset.theory.statistics import Interval

TEST_SHARE = 0.2
"""Share of the rows that no study of a report sees."""


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


def build_report(
    request: ReportRequest, progress: Callable[[str, Progress], None] | None = None
) -> ReportContent:
    """Run every study on a table, choose a recipe, and judge it beside the baselines.

    The studies see the same four fifths of the rows; the last fifth is for the verdict alone. Each
    study hands its choice to the next, so that the penalty is chosen for the chosen activation.

    Args:
        request: What to do.
        progress: Called about 20 times a second with the name of the part and its progress.

    Returns:
        Everything that the page prints.

    Raises:
        DataError: If the table is too small to be split, or a network diverged.
    """
    started = time.perf_counter()
    dataset = request.dataset
    studied, test = set_aside(dataset, TEST_SHARE, request.seed)

    def part(name: str) -> Callable[[Progress], None]:
        def show(inner: Progress) -> None:
            if progress is not None:
                progress(name, inner)

        return show

    recipe, results = request.recipe, []
    for name, study in STUDIES.items():
        result, choice = run_study(
            study(recipe),
            dataset,
            rows=studied,
            budget=request.budget,
            seed=request.seed,
            command=request.study_command(name, recipe),
            progress=part(name),
        )
        results.append(result)
        recipe = recipe.changed(**choice)
    recipe = _with_early_stopping(recipe, request.budget)
    contest = run_contest(
        dataset,
        studied,
        test,
        recipe,
        request.budget,
        request.seed,
        part("verdict"),
    )
    return ReportContent(
        title=dataset.name,
        summary=(dataset.summary,),
        notes=dataset.notes,
        conclusion=_conclusion(contest, recipe, results, request.seed),
        studies=tuple(results),
        methods=_methods(request, contest, len(test), time.perf_counter() - started),
        command=request.command,
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
    seen = f"{1 - test_share:.0%} of the {dataset.rows}" if test_share else f"All {dataset.rows}"
    paragraph = (
        f"{seen} rows took part in the splits of this study. Nothing here was judged on rows "
        "outside of them, so it does not say how a network would do on new data beside other "
        "classifiers: that is what a report is for."
    )
    return ReportContent(
        title=dataset.name,
        summary=(dataset.summary,),
        notes=dataset.notes,
        conclusion=None,
        studies=(result,),
        methods=Methods(paragraph, _facts(dataset, seed, budget), result.wall_seconds),
        command=result.command,
    )


def _with_early_stopping(recipe: Recipe, budget: BudgetName) -> Recipe:
    epochs = recipe.epochs if "epochs" in recipe.model_fields_set else BUDGETS[budget].epochs
    return recipe.changed(epochs=epochs, patience=recipe.patience or max(10, epochs // 5))


def _conclusion(
    contest: Contest, recipe: Recipe, results: list[StudyResult], seed: int
) -> Conclusion:
    beside_majority = contest.excess("majority", seed)
    beside_logistic = contest.excess("logistic", seed)
    return Conclusion(
        headline=_headline(beside_majority, beside_logistic),
        why=_why(beside_majority, beside_logistic, results, contest),
        baselines=contest.baselines(seed),
        recipe=_recipe_text(recipe),
    )


def _headline(beside_majority: Interval, beside_logistic: Interval) -> str:
    if beside_majority.high >= 0:
        return "Nothing is shown to be learnable here: the MLP does not beat the majority class."
    if beside_logistic.high < 0:
        return "An MLP is worth it here: it predicts better than logistic regression."
    if beside_logistic.low > 0:
        return "An MLP is not worth it here: logistic regression predicts better."
    return "An MLP is not shown to predict better than logistic regression here: use the simpler."


def _why(
    beside_majority: Interval,
    beside_logistic: Interval,
    results: list[StudyResult],
    contest: Contest,
) -> str:
    findings = [finding for result in results for finding in result.findings]
    supported = sum(finding.verdict == "supported" for finding in findings)
    return (
        f"On {beside_logistic.n} test rows that no study has seen, the log loss of the chosen MLP "
        f"differs from logistic regression's by {_text(beside_logistic)} nats and from the "
        f"majority class's by {_text(beside_majority)} nats (negative is better; 95 % intervals "
        f"over test rows, {contest.replicates} training runs each). Of the {len(findings)} claims "
        f"that the studies tested, {supported} are supported."
    )


def _text(interval: Interval) -> str:
    return interval_text(interval.estimate, interval.low, interval.high)


def _recipe_text(recipe: Recipe) -> str:
    fields = ", ".join(f"{name}={value!r}" for name, value in recipe.changes().items())
    return f"levelset.Recipe({fields})"


def _methods(
    request: ReportRequest, contest: Contest, test_rows: int, wall_seconds: float
) -> Methods:
    dataset = request.dataset
    unconverged = (
        f" {contest.unconverged} of its fits stopped at their limit of iterations."
        if contest.unconverged
        else ""
    )
    paragraph = (
        f"{test_rows} of {dataset.rows} rows ({TEST_SHARE:.0%}, stratified) were set aside before "
        "anything was trained, and serve the verdict alone. The studies share the rest: "
        f"{contest.replicates} stratified splits into training and validation rows, each with its "
        "own seed. Columns are standardized, and categories and missing values encoded, by the "
        "training rows of each split. Each study hands its choice to the next. The chosen recipe, "
        "logistic regression (scikit-learn, its penalty chosen among C = "
        f"{', '.join(f'{c:g}' for c in INVERSE_PENALTIES)} on the validation rows) and the class "
        f"frequencies then learn from the same {contest.replicates} splits.{unconverged} Log "
        "losses carry bootstrap intervals (BCa) over test rows, accuracies Wilson's. A test set "
        "of this size is what limits the precision of the verdict; the studies' intervals are "
        "corrected for the rows that their splits share."
    )
    return Methods(
        paragraph=paragraph,
        facts=_facts(dataset, request.seed, request.budget),
        wall_seconds=wall_seconds,
    )


def _facts(dataset: Dataset, seed: int, name: BudgetName) -> tuple[tuple[str, str], ...]:
    budget = BUDGETS[name]
    return (
        ("Seed", str(seed)),
        ("Budget", f"{name} ({budget.replicates} replicates, {budget.epochs} epochs)"),
        ("Data", f"{dataset.provenance.source}, SHA-256 {dataset.provenance.digest[:16]}…"),
        (
            "Versions",
            ", ".join(
                f"{name} {version(name)}"
                for name in ("levelset", "numpy", "scipy", "scikit-learn", "pandas")
            )
            + f", Python {platform.python_version()}",
        ),
        ("Machine", f"{platform.machine()}, {available_threads()} cores, {platform.system()}"),
    )
