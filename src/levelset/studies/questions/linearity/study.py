"""What does non-linearity buy? The linearity study."""

from collections.abc import Mapping

import numpy as np

from levelset.data import Dataset
from levelset.engine import Recipe
from levelset.studies.bending import GRID, Bending, measure_bending
from levelset.studies.charts import Chart, Curve, CurveChart, IntervalChart, Table
from levelset.studies.design import (
    VALIDATION_SHARE,
    Arm,
    BudgetName,
    Design,
    paired_design,
    replicates_of,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.limits import (
    as_positive_quantity,
    as_quantity,
    below,
    ratio_above,
    ratio_below,
)
from levelset.studies.planes import plane_chart
from levelset.studies.points import resampled_point
from levelset.studies.questions.linearity.optimum import (
    collapse_errors,
    linear_accuracy,
    linear_loss,
    linear_optima,
    training_objective,
)
from levelset.studies.ratios import LEAST_LOSS, log2_of
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory.numerals import numeral

LINEAR_DEPTHS = (0, 1, 3)
RELU_DEPTHS = (1, 3)
TOLERANCE = 1e-3
"""In nats: how near to the least loss of a linear model counts as there."""
ALIKE = 1e-4
"""Of a probability: how near single precision must come to the layers multiplied out."""
STRAIGHT = 1e-3
"""In 1 / standard deviations: a curvature that counts as none."""
LEAST_CURVATURE = STRAIGHT / 1024
"""What a smaller one counts as: a straight network among bent ones should not outweigh them."""
SMOOTHING = 0.1
BATCH_SIZE = 256
STEPS: Mapping[BudgetName, int] = {"quick": 2_000, "standard": 4_000, "thorough": 8_000}
"""Least number of training steps of every network: what it takes to come within the tolerance."""
_DRAWN = 150  # epochs of a chart

_DEEP, _RELU = len(LINEAR_DEPTHS) - 1, len(LINEAR_DEPTHS) + len(RELU_DEPTHS) - 1
_BENT = (1, _DEEP, len(LINEAR_DEPTHS), _RELU)  # arms whose level sets are measured


class LinearityStudy(Study):
    """Compare identity networks of several depths with the best linear model, and with ReLU.

    All are trained on the same objective, cross-entropy of smoothed labels: with it even labels
    that a hyperplane separates have one least loss, which is found without training.
    """

    name = "linearity"
    question = "Is a network without non-linearity more than a linear model, and what does it buy?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        deepest, relu = LINEAR_DEPTHS[-1], RELU_DEPTHS[-1]
        converged = tuple(
            f"With {depth} hidden layer{'s' if depth > 1 else ''} of identity units, training ends "
            f"within {TOLERANCE:g} nats of the lowest loss of any linear model."
            for depth in LINEAR_DEPTHS[1:]
        )
        return (
            f"An identity network of {deepest} hidden layers gives the probabilities of one layer: "
            "its layers multiplied out.",
            *converged,
            f"With {relu} hidden layers of ReLU units, training ends below the lowest loss of any "
            "linear model.",
            f"In a plane, the level sets of the identity network of {deepest} hidden layers are "
            "straight.",
            f"In the same plane, the level sets of {relu} hidden layers of ReLU units are not; "
            "they bend.",
            f"{relu} hidden layers of ReLU units give a lower log loss on validation rows than "
            "logistic regression.",
            f"{relu} hidden layers of ReLU units classify more validation rows rightly than "
            "logistic regression.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Identity at every depth, and ReLU, on every replicate."""
        base = self._common(budget, len(rows))
        width = max(self.recipe.hidden[0] if self.recipe.hidden else 64, len(dataset.classes))
        arms = [
            Arm(
                "No hidden layer" if depth == 0 else f"Identity × {depth}",
                base.changed(hidden=(width,) * depth, activation="identity"),
                f"identity layers={depth}",
            )
            for depth in LINEAR_DEPTHS
        ]
        arms += [
            Arm(
                f"ReLU × {depth}",
                base.changed(hidden=(width,) * depth, activation="relu"),
                "relu" if depth == RELU_DEPTHS[-1] else f"relu × {depth}",
            )
            for depth in RELU_DEPTHS
        ]
        return paired_design(replicates_of(dataset, rows, budget, seed), arms, keep_best=False)

    def _common(self, budget: BudgetName, rows: int) -> Recipe:
        """What all arms share: chosen to converge, so that the base has no say but in size."""
        batches = -(-round(rows * (1 - VALIDATION_SHARE)) // BATCH_SIZE)
        given = "epochs" in self.recipe.model_fields_set
        return Recipe(
            epochs=self.recipe.epochs if given else max(10, -(-STEPS[budget] // batches)),
            batch_size=BATCH_SIZE,
            learning_rate=0.02,
            schedule="cosine",
            beta1=0.98,
            beta2=0.99,
            label_smoothing=SMOOTHING,
        )

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims: the first six are what mathematics says, the others are not."""
        collapsed, *converged, below_linear = self.claims[:4]
        excess = _excess(results)
        comparisons = [
            below(
                ALIKE,
                collapse_errors(results, _DEEP),
                collapsed,
                "largest difference of a probability",
                note=f"At most {ALIKE:g} counts as the same in single precision.",
            ),
            *(
                _at_the_optimum(claim, np.abs(excess[:, arm]))
                for arm, claim in enumerate(converged, start=1)
            ),
            Comparison(
                below_linear,
                "training loss, ReLU − best linear model (nats)",
                -excess[:, _RELU],
                falls=True,
            ),
            *_bends(self.claims[4:6], _bending(results)),
            *_worth(self.claims[6:], results),
        ]
        findings = list(judge(comparisons, results.design.test_share))
        for number, limit in {0: ALIKE, 4: STRAIGHT}.items():
            findings[number] = as_quantity(findings[number], limit)
        for number, limit in {1: TOLERANCE, 2: TOLERANCE, 5: STRAIGHT}.items():
            findings[number] = as_positive_quantity(findings[number], limit)
        return tuple(findings)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The level sets, the way to the least loss, and what it is worth on validation rows."""
        arms = results.design.arms
        plane = plane_chart(
            "Level sets: straight however deep, until a unit bends",
            results,
            {arms[arm].name: arm for arm in (0, _DEEP, *range(len(LINEAR_DEPTHS), len(arms)))},
        )
        return (plane, self._convergence_chart(results), self._worth_chart(results))

    def _convergence_chart(self, results: Results) -> CurveChart:
        least = np.array([optimum.loss for optimum in linear_optima(results)])
        loss = results.over_epochs("training_loss") - least[:, None, None]
        count = loss.shape[-1]
        shown = np.unique(np.linspace(0, count - 1, min(count, _DRAWN)).astype(np.int64))
        return CurveChart(
            title="How far the linear networks are from the least loss",
            caption=(
                "Training loss of each epoch above the lowest that any linear model has "
                f"(n = {len(loss)}). Every depth falls below {TOLERANCE:g} nats if it has "
                "converged; they are the same model, written with more or fewer matrices."
            ),
            x_label="Epoch",
            y_label="Training loss above the least (nats)",
            curves=tuple(
                Curve(arm.name, shown + 1.0, loss[:, number][:, shown], arm.color_key)
                for number, arm in enumerate(results.design.arms[: len(LINEAR_DEPTHS)])
            ),
            y_log=True,
            band="median and quartiles",
        )

    def _worth_chart(self, results: Results) -> IntervalChart:
        differences = results.validation_loss - linear_loss(results)[:, None]
        points = [
            resampled_point(arm.name, column, results.design.test_share, arm.color_key)
            for arm, column in zip(results.design.arms, differences.T, strict=True)
        ]
        return IntervalChart(
            title="Log loss on validation rows beside logistic regression",
            caption=(
                f"Each network less the best linear model of its replicate (n = "
                f"{len(differences)}, 95 % intervals). To the left of 0 is better. Linear networks "
                "may differ a little from 0: validation rows vary in directions in which training "
                "rows do not, or hardly, and of which the training loss says nothing."
            ),
            x_label="Log loss less that of logistic regression (nats)",
            points=tuple(points),
            reference=0.0,
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per arm, logistic regression first."""
        objective, bending = training_objective(results), _bending(results)
        least = np.array([optimum.loss for optimum in linear_optima(results)])
        bent = {arm: float(bending.curvature[:, column].mean()) for column, arm in enumerate(_BENT)}
        rows: list[tuple[str | float, ...]] = [
            (
                "Logistic regression",
                float(least.mean()),
                0.0,
                float(linear_loss(results).mean()),
                float(linear_accuracy(results).mean()),
                float("nan"),
            )
        ]
        for number, arm in enumerate(results.design.arms):
            rows.append(
                (
                    arm.name,
                    float(objective[:, number].mean()),
                    float((objective[:, number] - least).mean()),
                    float(results.validation_loss[:, number].mean()),
                    float(results.validation_accuracy[:, number].mean()),
                    bent.get(number, float("nan")),
                )
            )
        caption = (
            f"Means over {len(least)} replicates at the end of training; losses in nats. Training "
            "loss is that of smoothed labels, which all minimize; validation loss is that of the "
            "labels as they are. Curvature is the mean over the level sets in the plane, in "
            "1 / standard deviations; a straight line has 0."
        )
        columns = (
            "model",
            "training loss",
            "above the least",
            "validation loss",
            "accuracy",
            "curvature",
        )
        return (Table("Every model", caption, columns, tuple(rows)),)

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        hidden = results.design.arms[1].recipe.hidden[0]
        return (
            f"{results.design.methods} Of the base recipe only the first hidden layer's width "
            f"counts ({hidden}, never fewer than classes): the rest is chosen so that linear "
            "networks converge, with a falling rate and, unless epochs were given, at least "
            f"{STEPS['quick']:,} ({STEPS['standard']:,}, {STEPS['thorough']:,}) steps at the quick "
            "(standard, thorough) budget. Without smoothed labels, rows that a hyperplane "
            "separates would have no least loss. Logistic regression is the least mean "
            "cross-entropy of the same smoothed labels over all linear models, found by L-BFGS in "
            "double precision, without a penalty (Liu and Nocedal, 1989). Curvature is measured "
            "where the classes meet, as the grid shows it, in the plane of the "
            f"first two principal components of the training rows, on a grid of {GRID} × {GRID}. "
            f"{METHODS}"
        )


def _excess(results: Results) -> np.ndarray:
    """Training loss above the least of any linear model, (r, a), in nats."""
    least = np.array([optimum.loss for optimum in linear_optima(results)])
    return training_objective(results) - least[:, None]


def _at_the_optimum(claim: str, distance: np.ndarray) -> Comparison:
    within = int((distance <= TOLERANCE).sum())
    # By orders of magnitude: one network that is slow would hide how near the others came.
    return ratio_below(
        TOLERANCE,
        log2_of(distance),
        claim,
        "distance from the least loss (nats, geometric mean)",
        note=(
            f"{within} of {len(distance)} networks ended within {numeral(TOLERANCE)}; less than "
            f"{numeral(LEAST_LOSS, 2)}, the last digit of a loss, counts as that."
        ),
    )


def _bends(claims: tuple[str, ...], bending: Bending) -> list[Comparison]:
    straight, bent = claims
    identity, relu = _BENT.index(_DEEP), _BENT.index(_RELU)
    gone = int((~bending.found[:, [identity, relu]]).sum())
    without = (
        f" {gone} of {2 * len(bending.found)} networks have no level set in their window and "
        "count as straight."
        if gone
        else ""
    )
    return [
        below(
            STRAIGHT,
            bending.curvature[:, identity],
            straight,
            "mean curvature (1 / standard deviations)",
            note=f"At most {STRAIGHT:g} counts as straight.{without}",
        ),
        ratio_above(
            STRAIGHT,
            log2_of(bending.curvature[:, relu], LEAST_CURVATURE),
            bent,
            "mean curvature (1 / standard deviations)",
            note=(
                f"A geometric mean; less than {numeral(LEAST_CURVATURE, 1)} counts as that."
                f"{without}"
            ),
        ),
    ]


def _worth(claims: tuple[str, ...], results: Results) -> list[Comparison]:
    lower, more = claims
    return [
        Comparison(
            lower,
            "validation loss, ReLU − logistic regression (nats)",
            linear_loss(results) - results.validation_loss[:, _RELU],
            falls=True,
            subject="log loss",
        ),
        Comparison(
            more,
            "accuracy, ReLU − logistic regression",
            results.validation_accuracy[:, _RELU] - linear_accuracy(results),
            subject="accuracy",
        ),
    ]


@measured_once
def _bending(results: Results) -> Bending:
    return measure_bending(results, _BENT)
