"""How a report or a study was done, in sentences and facts that come from the run itself."""

import platform
from importlib.metadata import version

from levelset.data import Dataset
from levelset.engine import available_threads
from levelset.report.baselines import Contest
from levelset.report.content import Methods
from levelset.report.rivals import INVERSE_PENALTIES, LEARNING_RATE, PATIENCE, TREES
from levelset.studies import BUDGETS, BudgetName

PACKAGES = ("levelset", "numpy", "scipy", "scikit-learn", "pandas")


def report_methods(
    dataset: Dataset,
    budget: BudgetName,
    seed: int,
    contest: Contest,
    test_rows: int,
    wall_seconds: float,
) -> Methods:
    """Say how a report was done.

    Args:
        dataset: The table.
        budget: How much work each part did.
        seed: Of everything random.
        contest: How the classifiers were compared.
        test_rows: Rows that no study saw.
        wall_seconds: How long the whole took.
    """
    unconverged = (
        f" {contest.unconverged} of its fits stopped at their limit of iterations."
        if contest.unconverged
        else ""
    )
    trees = " or ".join(f"{leaves} leaves of {rows} rows or more" for leaves, rows in TREES)
    paragraph = (
        f"{test_rows} of {dataset.rows} rows ({test_rows / dataset.rows:.0%}, stratified) were set "
        "aside before anything was trained, and serve the verdict alone. The studies share the "
        f"rest: {contest.replicates} stratified splits into training and validation rows, each "
        "with its own seed. Columns are standardized, and categories and missing values encoded, "
        "by the training rows of each split. Each study hands its choice to the next. The chosen "
        "recipe, logistic regression (scikit-learn, its penalty chosen among C = "
        f"{', '.join(f'{c:g}' for c in INVERSE_PENALTIES)} on the validation rows), gradient "
        f"boosting (scikit-learn's histogram trees, learning rate {LEARNING_RATE:g}, {trees} as "
        "the first split's validation rows choose, stopped where the validation loss is lowest, "
        f"patience {PATIENCE}) and the class frequencies then learn from the same "
        f"{contest.replicates} splits.{unconverged} Log losses carry bootstrap intervals (BCa) "
        "over test rows, accuracies Wilson's. A test set of this size is what limits the precision "
        "of the verdict; the studies' intervals are corrected for the rows that their splits "
        "share. Verdicts are adjusted for the number of claims within each study, not across "
        "studies: of twenty studies with nothing to find, one may still support a claim."
    )
    return Methods(paragraph, run_facts(dataset, budget, seed), wall_seconds)


def study_methods(
    dataset: Dataset, budget: BudgetName, seed: int, test_share: float, wall_seconds: float
) -> Methods:
    """Say what a study alone rests on.

    Args:
        dataset: The table.
        budget: It was run with.
        seed: It was run with.
        test_share: Share of the rows that it did not see.
        wall_seconds: How long it took.
    """
    seen = f"{1 - test_share:.0%} of the {dataset.rows}" if test_share else f"All {dataset.rows}"
    paragraph = (
        f"{seen} rows took part in the splits of this study. Nothing here was judged on rows "
        "outside of them, so it does not say how a network would do on new data beside other "
        "classifiers: that is what a report is for."
    )
    return Methods(paragraph, run_facts(dataset, budget, seed), wall_seconds)


def run_facts(dataset: Dataset, budget: BudgetName, seed: int) -> tuple[tuple[str, str], ...]:
    """List what a run can be repeated from: seed, budget, data, versions, machine.

    Args:
        dataset: The table.
        budget: It was run with.
        seed: It was run with.
    """
    work = BUDGETS[budget]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    provenance = dataset.provenance
    return (
        ("Seed", str(seed)),
        ("Budget", f"{budget} ({work.replicates} replicates, at most {work.epochs} epochs)"),
        ("Data", f"{provenance.source}, SHA-256 {provenance.digest[:16]}…"),
        ("Versions", f"{versions}, Python {platform.python_version()}"),
        ("Machine", f"{platform.machine()}, {available_threads()} cores, {platform.system()}"),
    )
