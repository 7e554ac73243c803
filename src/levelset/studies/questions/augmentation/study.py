"""Do changed copies of the rows help? The augmentation study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset, image_side
from levelset.studies.charts import Chart, Curve, CurveChart, IntervalChart, Table
from levelset.studies.design import VALIDATION_SHARE, Arm, BudgetName, Design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.points import resampled_point
from levelset.studies.questions.augmentation.augmented import (
    DIRECTIONS,
    JITTER,
    MIXUP,
    NONE,
    SHIFTS,
    augmented_trial,
    can_shift,
    changes_of,
    measured,
)
from levelset.studies.ratios import log2_of
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.studies.thinning import Thinning, at_most, thinned
from levelset.studies.treated import at, best_or_none, chosen_arms
from levelset.theory.numerals import numeral

SHARES = (0.1, 0.3, 1.0)
"""Of the training rows."""

TEST_SHARE = 0.2
THINNING = Thinning(epochs=1.5, row_visits=1.5)
MOST_SHIFTED_ROWS = 3000

_ABOUT_SHIFTS = (
    "Shifted copies lower the test log loss.",
    "A network that learned from shifted copies is more often right about shifted test rows.",
)


class AugmentationStudy(Study):
    """Train the same network on rows as they are and on rows that are changed, few and many.

    Jitter and mixup change every mini-batch; pictures and signals also get copies moved by a step.
    All networks visit as many rows.
    """

    name = "augmentation"
    question = "Do changed copies of the rows help: jitter, mixup, shifts?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            f"Mixup with α = {MIXUP[-1].fields['mixup']:g} leaves a higher training log loss than "
            "no change of the rows.",
            "Jitter lowers the test log loss.",
            "Mixup lowers the test log loss.",
            *_ABOUT_SHIFTS,
            "What the validation rows choose among all changes, or none, lowers the test log loss.",
            "What the validation rows choose among all changes, or none, raises the test accuracy.",
            f"With {SHARES[0]:.0%} of the rows, what the validation rows choose lowers the test "
            "log loss by a larger factor than with all rows.",
        )

    def claims_about(self, dataset: Dataset) -> tuple[str, ...]:
        """Leave out what shifts do where the columns make rows neither pictures nor signals."""
        left_out = () if can_shift(dataset) else _ABOUT_SHIFTS
        return tuple(claim for claim in self.claims if claim not in left_out)

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every change of the rows at every share of them, on every replicate."""
        used = at_most(dataset, rows, MOST_SHIFTED_ROWS, seed) if can_shift(dataset) else rows
        training = round(len(used) * (1 - TEST_SHARE) * (1 - VALIDATION_SHARE))
        plain = self.recipe.changed(input_noise=0.0, mixup=0.0, patience=None, monitor="loss")
        base = thinned(plain, budget, training, THINNING)
        replicates = replicates_of(dataset, used, budget, seed, TEST_SHARE)
        arms = tuple(
            Arm(change.name, base.changed(**change.fields), change.color_key)
            for change in changes_of(dataset)
        )
        numbers = range(len(replicates.splits))
        trials = tuple(augmented_trial(replicates, r, base, SHARES) for r in numbers)
        return Design(dataset, arms, trials)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge each change beside none, with all rows; and the choice among them with few."""
        fits, jitter, mixup, *shifting, loss, right, few = self.claims_about(results.design.dataset)
        comparisons = [
            _looser_fit(fits, results),
            _lower_loss(jitter, "jitter", results, _of_family(results, JITTER[0].family)),
            _lower_loss(mixup, "mixup", results, _of_family(results, MIXUP[0].family)),
            *_shifting(shifting, results),
            _lower_loss(loss, "what is chosen", results, _policy(results, -1)),
            *_choosing(right, few, results),
        ]
        return judge(comparisons, measured(results).test_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Each change beside none, in log loss and accuracy; and against the rows there are."""
        outcome = measured(results)
        return (
            _rows_chart(results),
            _beside_none_chart(
                results, log2_of(outcome.test[:, -1]), "Test log loss ÷ that of no change"
            ),
            _beside_none_chart(
                results, outcome.test_accuracy[:, -1], "Test accuracy − that of no change"
            ),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per change with all rows; and the test loss with fewer."""
        return _change_table(results), _share_table(results)

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The jitter or mixup of lowest mean validation loss; none if it gains too little.

        A recipe cannot shift copies; that is done to the table.
        """
        changes = changes_of(results.design.dataset)
        arms = [number for number, change in enumerate(changes) if not change.shifts]
        validation = measured(results).validation[:, -1][:, arms]
        best = best_or_none(validation, results.design.validation_share)
        return dict(changes[arms[best]].fields)

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        trial, recipe = results.design.trials[0], results.design.arms[0].recipe
        split, dataset = trial.split, results.design.dataset
        assert split is not None
        steps = (
            "one pixel left, right, up and down"
            if image_side(dataset) is not None
            else "one and two places each way"
        )
        shifts = (
            f" Shifted copies: {DIRECTIONS} of each training row, moved by {steps}, with 0 where "
            f"nothing comes from; at most {MOST_SHIFTED_ROWS} rows of a table are used, and "
            "features are scaled by the training rows and their copies."
            if can_shift(dataset)
            else " The columns' names make the rows neither pictures nor signals, so none are "
            "shifted and nothing is claimed of shifts."
        )
        shares = ", ".join(f"{share:.0%}" for share in SHARES)
        return (
            f"{len(results.outcomes)} replicates. A replicate is a stratified split "
            f"({len(split.training)} training, {len(split.validation)} validation, "
            f"{len(split.test)} test rows) and a seed, the same for all. Networks learn from "
            f"{shares} of the training rows (features are scaled by all of them): as they are, "
            "with Gaussian jitter of standard deviation σ on scaled features (new in every "
            f"mini-batch), or mixed (Zhang et al., 2018).{shifts} Each visits as many rows as "
            f"{recipe.epochs} epochs of all have, 2/3 of the budget's unless epochs were given: "
            "more epochs of few rows, fewer of many copies; "
            f"{recipe.optimizer}, learning rate {numeral(recipe.learning_rate)}, "
            f"batches of {recipe.batch_size}, judged at the last epoch. "
            "Where a change has strengths, each replicate chooses on its validation rows and is "
            "judged on its test rows. Log losses are compared by their ratio, a geometric mean "
            f"over replicates. {METHODS}"
        )


def _arms_of(results: Results, family: str) -> list[int]:
    changes = changes_of(results.design.dataset)
    return [number for number, change in enumerate(changes) if change.family == family]


def _of_family(results: Results, family: str) -> np.ndarray:
    """The arm of a family that each replicate chooses with all rows, (r,)."""
    return chosen_arms(measured(results).validation[:, -1], _arms_of(results, family))


def _policy(results: Results, share: int) -> np.ndarray:
    """The arm of all that each replicate chooses with a share of the rows, (r,)."""
    validation = measured(results).validation[:, share]
    return chosen_arms(validation, range(validation.shape[1]))


def _gain(results: Results, share: int, arms: np.ndarray) -> np.ndarray:
    """log₂ of none's test log loss over that of the arm of each replicate, (r,)."""
    test = log2_of(measured(results).test[:, share])
    return test[:, 0] - at(test, arms)


def _lower_loss(claim: str, name: str, results: Results, arms: np.ndarray) -> Comparison:
    numbers, counts = np.unique(arms, return_counts=True)
    chosen = ", ".join(
        f"{results.design.arms[number].name} ({count}×)"
        for number, count in zip(numbers, counts, strict=True)
    )
    test = measured(results).test[:, -1]
    return Comparison(
        claim,
        f"test log loss, {name} ÷ none",
        _gain(results, -1, arms),
        is_log_ratio=True,
        falls=True,
        note=(
            f"Means: {numeral(at(test, arms).mean(), 3)} nats, and "
            f"{numeral(test[:, 0].mean(), 3)} with none. Chosen on validation rows: {chosen}."
        ),
        subject="log loss",
    )


def _looser_fit(claim: str, results: Results) -> Comparison:
    """What the strongest mixup does to the training loss."""
    arm = changes_of(results.design.dataset).index(MIXUP[-1])
    training = log2_of(measured(results).training[:, -1])
    return Comparison(
        claim,
        f"training log loss, {MIXUP[-1].name} ÷ none",
        training[:, arm] - training[:, 0],
        is_log_ratio=True,
    )


def _shifting(claims: list[str], results: Results) -> tuple[Comparison, ...]:
    """What shifted copies do to the loss, and to the accuracy on shifted rows, if that is asked."""
    if not claims:
        return ()
    loss, steady = claims
    (arm,) = _arms_of(results, SHIFTS.family)
    right = measured(results).shifted_accuracy[:, -1]
    return (
        _lower_loss(loss, "shifted copies", results, np.full(len(results.outcomes), arm)),
        Comparison(
            steady,
            "accuracy on shifted test rows, shifted copies − none",
            right[:, arm] - right[:, 0],
        ),
    )


def _choosing(right: str, few: str, results: Results) -> tuple[Comparison, ...]:
    """What choosing by validation rows does to the accuracy, and with few rows to the loss."""
    accuracy, policy = measured(results).test_accuracy[:, -1], _policy(results, -1)
    with_few, with_all = (_gain(results, share, _policy(results, share)) for share in (0, -1))
    return (
        Comparison(
            right,
            "test accuracy, what is chosen − none",
            at(accuracy, policy) - accuracy[:, 0],
            subject="accuracy",
        ),
        Comparison(
            few,
            f"fall of the test log loss by what is chosen, {SHARES[0]:.0%} of the rows ÷ all",
            with_few - with_all,
            is_log_ratio=True,
            note=(
                f"With {SHARES[0]:.0%} of the rows the loss falls by a factor of "
                f"{numeral(np.exp2(with_few.mean()), 3)}, with all by "
                f"{numeral(np.exp2(with_all.mean()), 3)}; below 1 it rises."
            ),
            subject="log loss",
        ),
    )


def _rows_chart(results: Results) -> CurveChart:
    outcome = measured(results)
    n = np.array([len(member.row_numbers()) for member in _members_without_change(results)])
    families = (NONE.family, JITTER[0].family, MIXUP[0].family, SHIFTS.family)
    keys = tuple(change.color_key for change in (NONE, JITTER[0], MIXUP[0], SHIFTS))
    curves = []
    for family, key in zip(families, keys, strict=True):
        if arms := _arms_of(results, family):
            shares = range(len(SHARES))
            loss = [
                at(outcome.test[:, s], chosen_arms(outcome.validation[:, s], arms)) for s in shares
            ]
            curves.append(Curve(family, n.astype(np.float64), np.stack(loss, axis=1), key))
    return CurveChart(
        title="Test log loss against the rows there are to learn from",
        caption=(
            "Each change at the strength that validation rows choose. All networks visit as many "
            f"rows, so few rows are seen more often (n = {len(results.outcomes)} replicates)."
        ),
        x_label="Training rows",
        y_label="Test log loss (nats)",
        curves=tuple(curves),
        x_log=True,
        y_log=True,
    )


def _members_without_change(results: Results) -> list[Any]:
    """The first replicate's members that see rows as they are, one for each share."""
    return list(results.design.trials[0].members[:: len(results.design.arms)])


def _beside_none_chart(results: Results, values: np.ndarray, x_label: str) -> IntervalChart:
    """Every change beside none with all rows; of a ratio the values are log₂."""
    is_ratio = "÷" in x_label
    points = []
    for number, arm in enumerate(results.design.arms[1:], start=1):
        points.append(
            resampled_point(
                arm.name,
                values[:, number] - values[:, 0],
                _test_share(results),
                arm.color_key,
                is_log_ratio=is_ratio,
            )
        )
    return IntervalChart(
        title="What each change does to the test " + ("log loss" if is_ratio else "accuracy"),
        caption=(
            f"With all training rows; 95 % intervals, each for itself (n = {len(values)} "
            f"replicates). {'Left' if is_ratio else 'Right'} of the line is better."
        ),
        x_label=x_label,
        points=tuple(points),
        reference=1.0 if is_ratio else 0.0,
        x_log=is_ratio,
    )


def _test_share(results: Results) -> float:
    return measured(results).test_share


def _change_table(results: Results) -> Table:
    outcome = measured(results)
    shifts = can_shift(results.design.dataset)
    test = log2_of(outcome.test[:, -1])
    rows = []
    for number, arm in enumerate(results.design.arms):
        ratio = float(np.exp2((test[:, number] - test[:, 0]).mean()))
        means = [
            float(values[:, -1, number].mean())
            for values in (outcome.training, outcome.validation, outcome.test)
        ]
        right = [outcome.test_accuracy, *([outcome.shifted_accuracy] if shifts else [])]
        rows.append(
            (arm.name, *means, ratio, *(float(part[:, -1, number].mean()) for part in right))
        )
    columns = ("change", "training loss", "validation loss", "test loss", "÷ none", "test accuracy")
    return Table(
        title="Every change, with all rows",
        caption=(
            f"Means over {len(results.outcomes)} replicates; losses are log losses in nats, the "
            "training loss that of the rows as they are, with their copies where there are any. "
            "÷ none: geometric mean of the test loss's ratio to that of no change."
        ),
        columns=(*columns, *(("accuracy on shifted rows",) if shifts else ())),
        rows=tuple(rows),
    )


def _share_table(results: Results) -> Table:
    test = measured(results).test
    sizes = [len(member.row_numbers()) for member in _members_without_change(results)]
    return Table(
        title="Test log loss with fewer rows",
        caption=f"In nats; means over {len(test)} replicates, by the training rows there are.",
        columns=("change", *(f"{size} rows" for size in sizes)),
        rows=tuple(
            (arm.name, *(float(value) for value in test[:, :, number].mean(axis=0)))
            for number, arm in enumerate(results.design.arms)
        ),
    )
