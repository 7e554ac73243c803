"""Which remedy is worth it here? The regularizers study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.engine import Member, Recipe
from levelset.studies.charts import Chart, Table
from levelset.studies.design import (
    VALIDATION_SHARE,
    Arm,
    BudgetName,
    Design,
    Replicates,
    Rows,
    Trial,
    replicates_of,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.questions.regularizers.ranking import (
    arms_of,
    chosen_by_remedy,
    dose_of,
    dose_table,
    fit_chart,
    how_often,
    ranked_chart,
    ranking_table,
)
from levelset.studies.questions.regularizers.remedies import (
    REMEDIES,
    dose_fields,
    treated,
    untreated,
)
from levelset.studies.ratios import log2_of
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.studies.thinning import Thinning, thinned
from levelset.studies.treated import at, best_or_none, chosen_arms, measured
from levelset.theory.numerals import numeral

DOSES: Mapping[BudgetName, int] = {"quick": 2, "standard": 2, "thorough": 3}
"""Strengths of each remedy that are tried."""

TEST_SHARE = 0.2
THINNING = Thinning(epochs=1.5, row_visits=1.5)


class RegularizersStudy(Study):
    """Give the same network every remedy, in as many strengths each, on paired splits and seeds.

    Each replicate chooses the strength of each remedy on its validation rows, and is judged on its
    test rows beside the same network without any remedy.
    """

    name = "regularizers"
    question = "Which remedy against overfitting is worth it here?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            *(f"{remedy.name}: the test log loss is lower than with none." for remedy in REMEDIES),
            "What the validation rows choose among all of them, or none, lowers the test log loss.",
            "What the validation rows choose among all of them, or none, raises the test accuracy.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Two fleets per replicate: one to the end, and one that its validation rows stop."""
        training = round(len(rows) * (1 - TEST_SHARE) * (1 - VALIDATION_SHARE))
        base = thinned(untreated(self.recipe), budget, training, THINNING)
        unwatched = base.changed(monitor="loss")
        to_the_end = (Arm("None", unwatched, "reference"), *_arms(unwatched, budget, False))
        stopped = _arms(base, budget, True)
        replicates = replicates_of(dataset, rows, budget, seed, TEST_SHARE)
        trials = tuple(
            _trial(replicates, number, arms)
            for number in range(len(replicates.splits))
            for arms in (to_the_end, stopped)
        )
        return Design(dataset, (*to_the_end, *stopped), trials)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge every remedy beside none, and the choice among them."""
        outcome, chosen = measured(results), chosen_by_remedy(results)
        policy = chosen_arms(outcome.validation, range(outcome.test.shape[1]))
        comparisons = [
            *(
                _in_log_loss(claim, remedy.name, results, arms)
                for claim, remedy, arms in zip(self.claims[:-2], REMEDIES, chosen, strict=True)
            ),
            _in_log_loss(self.claims[-2], "what is chosen", results, policy),
            Comparison(
                self.claims[-1],
                "test accuracy, what is chosen − none",
                at(outcome.test_accuracy, policy) - outcome.test_accuracy[:, 0],
                subject="accuracy",
            ),
        ]
        return judge(comparisons, outcome.test_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Every remedy beside none, ranked, in log loss and in accuracy; and what each fits."""
        return (
            ranked_chart(
                "What each remedy does to the test log loss",
                "Test log loss ÷ that of no remedy",
                results,
                log2_of(measured(results).test),
                is_log_ratio=True,
            ),
            ranked_chart(
                "What each remedy does to the test accuracy",
                "Test accuracy − that of no remedy",
                results,
                measured(results).test_accuracy,
            ),
            fit_chart(results),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """The ranking, and every dose."""
        return ranking_table(results), dose_table(results)

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The dose of lowest mean validation loss; none if what is so chosen gains too little."""
        arm = best_or_none(measured(results).validation, results.design.validation_share)
        return {} if arm == 0 else dose_fields(results.design.arms[0].recipe, dose_of(results, arm))

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        trial, recipe = results.design.trials[0], results.design.arms[0].recipe
        split = trial.split
        assert split is not None
        doses = max(len(arms_of(results, remedy)) for remedy in REMEDIES)
        fewer = " (normalization has only two)" if doses > 2 else ""
        return (
            f"{len(results.outcomes) // 2} replicates. A replicate is a stratified split "
            f"({len(split.training)} training, {len(split.validation)} validation, "
            f"{len(split.test)} test rows) and a seed, the same for all. Each of {len(REMEDIES)} "
            f"remedies has {doses} doses{fewer}; each replicate chooses that of each remedy on its "
            "validation rows and is judged on its test rows. The base recipe's own remedies are "
            "taken away first. All "
            f"train for {recipe.epochs} epochs, 2/3 of the budget's unless epochs were given, with "
            f"{recipe.optimizer} (learning rate {numeral(recipe.learning_rate)}, batches of "
            f"{recipe.batch_size}; weight decay with adamw in the place of adam), and are "
            "judged at the last epoch, save under early stopping, which ends sooner and keeps the "
            "best. A sharpness-aware step costs two gradients. Early stopping uses the validation "
            "rows twice, to stop and to choose; the test rows say what that is worth. The recipe's "
            "choice is the dose of lowest mean validation loss, if choosing so on all replicates "
            "but one gains more than a standard error (corrected for shared rows) on that one. "
            "Losses are compared by their ratio, a geometric mean over replicates. Intervals "
            f"of the charts are simultaneous over the {len(REMEDIES)} remedies (Bonferroni). "
            f"{METHODS}"
        )


def _arms(base: Recipe, budget: BudgetName, validates: bool) -> tuple[Arm, ...]:
    """Every dose of the remedies that do, or do not, need validation rows."""
    return tuple(
        Arm(f"{remedy.name}: {dose.label}", treated(base, dose), remedy.color_key)
        for remedy in REMEDIES
        if remedy.validates == validates
        for dose in remedy.doses[: DOSES[budget]]
    )


def _trial(replicates: Replicates, number: int, arms: tuple[Arm, ...]) -> Trial:
    encoding, training, validation, test = replicates.encoded(number)
    monitored = any(arm.recipe.patience is not None for arm in arms)
    return Trial(
        members=tuple(Member(arm.recipe, seed=replicates.seeds[number]) for arm in arms),
        training=training,
        judged=Rows(
            np.concatenate([validation.x, test.x]), np.concatenate([validation.labels, test.labels])
        ),
        monitored=validation if monitored else None,
        classes=len(replicates.dataset.classes),
        split=replicates.splits[number],
        encoding=encoding,
    )


def _in_log_loss(claim: str, name: str, results: Results, arms: np.ndarray) -> Comparison:
    """Compare the test log loss of the arm that each replicate chose with that of none."""
    test = measured(results).test
    own = at(test, arms)
    return Comparison(
        claim,
        f"test log loss, {name} ÷ none",
        log2_of(test[:, 0]) - log2_of(own),
        is_log_ratio=True,
        falls=True,
        note=(
            f"Means: {numeral(own.mean(), 3)} nats, and "
            f"{numeral(test[:, 0].mean(), 3)} with none. Chosen on validation rows: "
            f"{how_often(results, arms, whole=name == 'what is chosen')}."
        ),
        subject="log loss",
    )
