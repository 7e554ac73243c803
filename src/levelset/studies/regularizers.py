"""Which remedy is worth it here? The regularizers study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.engine import Member, Recipe
from levelset.studies.charts import Chart, Cloud, IntervalChart, Point, ScatterChart, Table
from levelset.studies.choosing import one_standard_error
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
from levelset.studies.remedies import REMEDIES, Remedy, dose_fields, treated, untreated
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.studies.thinning import Thinning, thinned
from levelset.studies.treated import Treated, at, chosen_arms, measured
from levelset.theory.statistics import Interval, resampled_interval

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
            *(f"{remedy.name}: lowers the test log loss." for remedy in REMEDIES),
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
        outcome = measured(results)
        comparisons = [
            Comparison(
                claim,
                f"test log loss, {remedy.name[0].lower() + remedy.name[1:]} − none (nats)",
                outcome.test[:, 0] - at(outcome.test, arms),
                falls=True,
                note=f"Chosen on validation rows: {_how_often(results, arms)}.",
                subject="log loss",
            )
            for claim, remedy, arms in zip(
                self.claims, REMEDIES, _chosen(results), strict=False
            )
        ]
        policy = chosen_arms(outcome.validation, range(outcome.test.shape[1]))
        comparisons += [
            Comparison(
                self.claims[-2],
                "test log loss, what is chosen − none (nats)",
                outcome.test[:, 0] - at(outcome.test, policy),
                falls=True,
                note=f"Chosen on validation rows: {_how_often(results, policy)}.",
                subject="log loss",
            ),
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
        outcome, order = measured(results), _ranking(results)
        return (
            _ranked_chart(
                "What each remedy does to the test log loss",
                "Test log loss − that of no remedy (nats); left is better",
                results,
                outcome.test,
            ),
            _ranked_chart(
                "What each remedy does to the test accuracy",
                "Test accuracy − that of no remedy; right is better",
                results,
                outcome.test_accuracy,
            ),
            _fit_chart(results, order),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """The ranking, and every dose."""
        return _ranking_table(results), _dose_table(results)

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The dose of lowest mean validation loss; none if its gain is within a standard error.

        The standard error is that of the paired difference from no remedy.
        """
        validation = measured(results).validation
        mean = validation.mean(axis=0)
        simplest_first = [0, *(int(arm) for arm in mean.argsort() if arm != 0)]
        arm = one_standard_error(validation - validation[:, :1], simplest_first)
        if arm == 0:
            return {}
        none = results.design.arms[0].recipe
        doses = {
            treated(none, dose).changed(monitor="loss"): dose
            for remedy in REMEDIES
            for dose in remedy.doses
        }
        return dose_fields(none, doses[results.design.arms[arm].recipe.changed(monitor="loss")])

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        trial, recipe = results.design.trials[0], results.design.arms[0].recipe
        split = trial.split
        assert split is not None
        arms = len(results.design.arms) - 1
        return (
            f"{len(results.outcomes) // 2} replicates. A replicate is a stratified split "
            f"({len(split.training)} training, {len(split.validation)} validation, "
            f"{len(split.test)} test rows) and a seed, the same for all. {len(REMEDIES)} remedies "
            f"have {arms} doses together, as many each, except that normalization has no more than "
            "two; each replicate chooses the dose of each remedy on its validation rows and is "
            "judged on its test rows. The base recipe's own remedies are taken away first. All "
            f"train for {recipe.epochs} epochs, 2/3 of the budget's unless epochs were given, with "
            f"{recipe.optimizer} (learning rate {recipe.learning_rate:g}, batches of "
            f"{recipe.batch_size}; weight decay with adamw in the place of adam), and are "
            "judged at the last epoch, save under early stopping, which ends sooner and keeps the "
            "best. A sharpness-aware step costs two gradients. Early stopping uses the validation "
            "rows twice, to stop and to choose; the test rows say what that is worth. Intervals "
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


def _arms_of(results: Results, remedy: Remedy) -> list[int]:
    """Numbers of a remedy's arms."""
    arms = results.design.arms
    return [number for number, arm in enumerate(arms) if arm.color_key == remedy.color_key]


def _chosen(results: Results) -> list[np.ndarray]:
    """The arm that each replicate chooses on its validation rows, of each remedy."""
    validation = measured(results).validation
    return [chosen_arms(validation, _arms_of(results, remedy)) for remedy in REMEDIES]
