"""What does dropout do? The dropout study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.studies.charts import Chart, Curve, CurveChart, Table
from levelset.studies.choosing import honest_choice, one_standard_error
from levelset.studies.convergence import TARGET_SHARE, epochs_to_target, own_targets
from levelset.studies.design import Arm, BudgetName, Design, paired_design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.limits import as_quantity, below
from levelset.studies.planes import plane_chart
from levelset.studies.questions.dropout.charts import average_chart, thinned_table
from levelset.studies.questions.dropout.thinned import (
    MOST_ROWS,
    SIZES,
    ThinnedComparison,
    compare_thinned,
)
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory import resampled_error
from levelset.theory.numerals import numeral

SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)
"""Dropout of each arm, ascending from none."""
USUAL = 0.5
_SHALLOW = len(SHARES)  # number of the arm with one hidden layer
_ARMS = range(len(SHARES))
_DEEP = (SHARES.index(0.3), SHARES.index(USUAL))
THINNED: Mapping[str, int] = {
    **{f"{SHARES[arm]:g}": arm for arm in _DEEP},
    f"{USUAL:g}, one hidden layer": _SHALLOW,
}
"""Numbers of the arms of which thinned networks are drawn."""
TEST_SHARE = 0.2
NEAR = 0.02
"""In nats: a difference of log loss between scaled weights and the average that is small."""


class DropoutStudy(Study):
    """Train one recipe with more and more dropout, and look at what its prediction stands for.

    Validation rows choose each network's epoch, and test rows judge it. One
    arm more has one hidden layer, for which theory says exactly what scaled weights stand for.
    """

    name = "dropout"
    question = "What does dropout cost in epochs, what is it worth, and what does it average?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            f"With dropout {USUAL:g}, a network needs more epochs to reach the target loss than "
            "without.",
            f"With dropout {USUAL:g}, test loss exceeds training loss by less than without.",
            "Some dropout gives a lower test log loss than none.",
            "Some dropout, chosen by log loss, gives a higher test accuracy than none.",
            f"At {USUAL:g} and one hidden layer, the network with scaled weights lies nearer to "
            "the normalized geometric mean of thinned networks than to their average.",
            f"At {USUAL:g}, the test log loss of scaled weights is within {NEAR:g} nats of that of "
            "the average of thinned networks.",
            f"At {USUAL:g}, the average of thinned networks has a lower test log loss than one of "
            "them.",
        )

    def reason_left_out(self, dataset: Dataset, rows: np.ndarray) -> str:
        """Without a hidden layer there is nothing to drop."""
        del dataset, rows
        if self.recipe.hidden:
            return ""
        return "dropout drops units of hidden layers, and the recipe has none; give it some."

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every share on every replicate."""
        # Patience would end slow arms early, and slowness is what is measured.
        base = self.budgeted(budget, len(rows)).changed(patience=None)
        arms = [
            Arm(
                "No dropout" if not share else f"Dropout {share:g}",
                base.changed(dropout=share),
                f"dropout={share:g}",
            )
            for share in SHARES
        ]
        shallow = base.changed(
            dropout=USUAL,
            hidden=base.hidden[:1],
            activation=base.activations[0],
            learning_rate_factors=None,
        )
        arms.append(Arm(f"Dropout {USUAL:g}, one hidden layer", shallow, "one hidden layer"))
        replicates = replicates_of(dataset, rows, budget, seed, TEST_SHARE)
        return paired_design(replicates, arms, keep_best=True)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge what dropout costs and is worth, and what scaled weights make of it."""
        slower, narrower, lower, better, *stands_for = self.claims
        usual = SHARES.index(USUAL)
        epochs, reached = _epochs_to_target(results)
        gap = results.validation_loss - results.training_loss
        gain, accuracy_gain, chosen = _honest_gains(results)
        often = ", ".join(
            f"{SHARES[arm]:g} ({int((chosen == arm).sum())}×)" for arm in np.unique(chosen)
        )
        comparisons = [
            Comparison(
                slower,
                f"epochs to target, dropout {USUAL:g} ÷ none",
                np.log2(epochs[:, usual] / epochs[:, 0]),
                is_log_ratio=True,
                note=_censoring(reached[:, [0, usual]]),
            ),
            Comparison(
                narrower,
                f"test − training loss, dropout {USUAL:g} − none (nats)",
                gap[:, 0] - gap[:, usual],
                falls=True,
            ),
            Comparison(
                lower,
                "test loss, best dropout − none (nats)",
                gain,
                falls=True,
                note=(
                    "Each replicate is judged at the dropout that is best on the others, on rows "
                    f"that do not judge it, so that choosing cannot flatter it: {often}."
                ),
                subject="log loss",
            ),
            Comparison(
                better,
                "test accuracy, best dropout − none",
                accuracy_gain,
                note="The dropout of each replicate is that of the claim before.",
                subject="accuracy",
            ),
            *_standing_for(stands_for, _thinned(results)),
        ]
        found = list(judge(comparisons, results.design.test_share))
        found[5] = as_quantity(found[5], NEAR)
        return tuple(found)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Curves, losses over the share, averages of thinned networks, and level sets."""
        arms = results.design.arms
        shown = {arms[arm].name: arm for arm in (0, SHARES.index(USUAL), _SHALLOW - 1)}
        return (
            _curves_chart(results),
            _share_chart(results),
            average_chart(_thinned(results), [f"{SHARES[arm]:g}" for arm in _DEEP]),
            plane_chart("Level sets as dropout grows", results, shown),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per share; and what scaled weights stand for."""
        return (_share_table(results), thinned_table(_thinned(results)))

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The least dropout within one standard error of the lowest mean test loss."""
        loss = results.validation_loss
        chosen = one_standard_error(loss, results.design.test_share, simplest_first=_ARMS)
        return {"dropout": SHARES[chosen]}

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        return (
            f"{results.design.methods} Here the rows that judge are test rows: a fifth of each "
            "replicate's rows, which neither train nor choose the epoch; other validation rows do "
            f"that. The target loss of a replicate lies {TARGET_SHARE:.0%} of the way from the "
            "loss of the class frequencies to the lowest validation loss of any of its networks. "
            "Dropout is inverted: "
            "outputs that are kept are scaled up in training, so that prediction with all units "
            "is the network with scaled weights (Srivastava et al., 2014, section 10). Thinned "
            f"networks are drawn with {SIZES[-1]} masks of the hidden layers, each for all of at "
            f"most {MOST_ROWS} test rows of a replicate, in double precision. {METHODS}"
        )


def _standing_for(claims: list[str], drawn: Mapping[str, ThinnedComparison]) -> list[Comparison]:
    nearer, near, lower = claims
    thinned, shallow = drawn[f"{USUAL:g}"], drawn[f"{USUAL:g}, one hidden layer"]
    average = thinned.averaged_loss[:, -1]
    difference = thinned.scaled_loss - average
    least = 1e-12  # distances of networks that answer the same whatever is dropped
    return [
        Comparison(
            nearer,
            "distance of scaled weights, geometric mean ÷ average",
            np.log2(
                np.maximum(shallow.scaled_distance, least)
                / np.maximum(shallow.geometric_distance, least)
            ),
            is_log_ratio=True,
            falls=True,
            note=(
                "Distances are total variation, ½ Σ|q − q'|. Over all masks the first would be 0; "
                f"over {SIZES[-1]} it is {numeral(shallow.geometric_distance.mean(), 2)}, and with "
                f"all hidden layers {numeral(thinned.geometric_distance.mean(), 2)} beside "
                f"{numeral(thinned.scaled_distance.mean(), 2)} from the average."
            ),
        ),
        below(
            NEAR,
            np.abs(difference),
            near,
            "size of the difference of test log loss (nats)",
            note=(
                f"Scaled weights less the average is {numeral(difference.mean(), 2)} nats on "
                "average."
            ),
        ),
        Comparison(
            lower,
            "test log loss, average ÷ one thinned network",
            np.log2(np.maximum(thinned.single_loss, least) / np.maximum(average, least)),
            is_log_ratio=True,
            falls=True,
            note="By Jensen's inequality it can never be higher: −ln q is convex.",
        ),
    ]


@measured_once
def _thinned(results: Results) -> Mapping[str, ThinnedComparison]:
    return {name: compare_thinned(results, arm) for name, arm in THINNED.items()}


def _epochs_to_target(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """Epochs until the validation loss reaches the target, or the budget; whether it did."""
    loss = results.over_epochs("validation_loss")[:, list(_ARMS)]
    labels = [trial.training.labels for trial in results.design.trials]
    return epochs_to_target(loss, own_targets(loss, labels))


def _censoring(reached: np.ndarray) -> str:
    without, usual = (int(column.sum()) for column in reached.T)
    return (
        f"Of {len(reached)} replicates, {without} reached it without dropout and {usual} with; one "
        "that did not counts as the whole budget of epochs, which moves the ratio towards 1."
    )


def _honest_gains(results: Results) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gains over none in loss and accuracy at the dropout that other replicates choose."""
    loss, accuracy = results.validation_loss[:, list(_ARMS)], results.validation_accuracy
    chosen = honest_choice(results.judged_rows, _ARMS[1:])
    rows = np.arange(len(loss))
    return (
        loss[:, 0] - loss[rows, chosen],
        accuracy[rows, chosen] - accuracy[:, 0],
        chosen,
    )


def _curves_chart(results: Results) -> CurveChart:
    loss = results.over_epochs("validation_loss")
    return CurveChart(
        title="Validation loss over the epochs",
        caption=(
            "The more is dropped, the slower the loss falls at first; overfitting, where there is "
            f"any, comes later (n = {len(loss)})."
        ),
        x_label="Epoch",
        y_label="Validation loss (nats)",
        curves=tuple(
            Curve(arm.name, np.arange(1.0, loss.shape[-1] + 1), loss[:, number], arm.color_key)
            for number, arm in enumerate(results.design.arms[:_SHALLOW])
        ),
        y_log=True,
    )


def _share_chart(results: Results) -> CurveChart:
    shares = np.array(SHARES)
    return CurveChart(
        title="Training and test loss over dropout",
        caption=(
            "Both with all units, at each network's best epoch on the validation rows "
            f"(n = {len(results.records)})."
        ),
        x_label="Share of units dropped",
        y_label="Cross-entropy (nats)",
        curves=(
            Curve("Training", shares, results.training_loss[:, list(_ARMS)], "training"),
            Curve("Test", shares, results.validation_loss[:, list(_ARMS)], "test"),
        ),
    )


def _share_table(results: Results) -> Table:
    n = len(results.records)
    epochs, reached = _epochs_to_target(results)
    loss = results.validation_loss
    best = np.stack([record.best_epoch for record in results.records]) + 1.0
    rows = tuple(
        (
            f"{share:g}",
            f"{int(reached[:, arm].sum())} of {n}",
            float(np.exp2(np.log2(epochs[:, arm]).mean())),
            float(best[:, arm].mean()),
            float(results.training_loss[:, arm].mean()),
            float(loss[:, arm].mean()),
            resampled_error(loss[:, arm], results.design.test_share),
            float(results.validation_accuracy[:, arm].mean()),
        )
        for arm, share in enumerate(SHARES)
    )
    caption = (
        f"Means over {n} replicates (geometric for epochs to target); losses in nats at each "
        "network's best epoch. Reached: replicates whose validation loss reached the target; "
        "epochs: until then, or the whole budget."
    )
    columns = (
        "dropout",
        "reached",
        "epochs to target",
        "best epoch",
        "training loss",
        "test loss",
        "standard error",
        "test accuracy",
    )
    return Table("Every share", caption, columns, rows)
