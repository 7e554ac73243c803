"""What does λ do? The weight-penalty study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.studies.bending import GRID, Bending, measure_bending
from levelset.studies.charts import Chart, Table
from levelset.studies.choosing import honest_choice, one_standard_error
from levelset.studies.design import Arm, BudgetName, Design, paired_design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.planes import plane_chart
from levelset.studies.questions.weight_penalty.charts import (
    loss_chart,
    norm_chart,
    smoothness_charts,
)
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory import resampled_error
from levelset.theory.numerals import numeral

PATHS: Mapping[BudgetName, tuple[float, ...]] = {
    "quick": (0.0, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
    "standard": (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0),
    "thorough": (0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
}
"""λ of each arm, ascending from 0."""
MEASURED = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
"""λ whose level sets are measured; every path has them. From 1 on there is often none left."""
MODERATE = 1e-2
STRAIGHT = 1e-3
"""In 1 / standard deviations: what a smaller mean curvature counts as."""


class WeightPenaltyStudy(Study):
    """Train one recipe along a path of λ on paired splits and seeds; choose by one standard error.

    Every network trains for all its epochs and is judged as it is at the end, so that λ is the
    only thing that holds it back.
    """

    name = "weight-penalty"
    question = "What does the penalty λ Σ‖W‖² do, and how much of it is worth having?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            "The largest λ gives smaller weights than no penalty.",
            "The largest λ gives a higher training loss than no penalty.",
            "The largest λ gives a smaller gap of validation over training loss than no penalty.",
            "Some λ above 0 gives a lower validation loss than no penalty.",
            "Some λ above 0, chosen by loss, gives a higher validation accuracy than no penalty.",
            f"In a plane, the level sets of λ = {MODERATE:g} bend less than those of no penalty.",
            f"In the same plane, the level sets of λ = {MODERATE:g} are shorter.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every λ on every replicate."""
        # No validation rows take part in training, so there is nothing to monitor.
        base = self.budgeted(budget, len(rows)).changed(patience=None, monitor="loss")
        arms = [
            Arm(f"λ = {numeral(l2)}", base.changed(l2=l2), f"l2={l2:g}") for l2 in PATHS[budget]
        ]
        return paired_design(replicates_of(dataset, rows, budget, seed), arms, keep_best=False)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims between the ends of the path, at its best λ, and at a moderate one."""
        comparisons = [
            *self._ends(results),
            *self._worth(results),
            *self._smoothness(results),
        ]
        return judge(comparisons, results.design.test_share)

    def _ends(self, results: Results) -> list[Comparison]:
        norm = np.log2(_weight_norm(results))
        training = results.training_loss
        gap = results.validation_loss - training
        largest = f"λ = {numeral(_penalties(results)[-1])}"
        return [
            Comparison(
                self.claims[0],
                f"weight norm, {largest} ÷ λ = 0",
                norm[:, 0] - norm[:, -1],
                is_log_ratio=True,
                falls=True,
            ),
            Comparison(
                self.claims[1],
                f"training loss, {largest} − λ = 0 (nats)",
                training[:, -1] - training[:, 0],
            ),
            Comparison(
                self.claims[2],
                f"validation − training loss, {largest} − λ = 0 (nats)",
                gap[:, 0] - gap[:, -1],
                falls=True,
            ),
        ]

    def _worth(self, results: Results) -> list[Comparison]:
        gain, chosen = _honest_gain(results)
        accuracy = results.validation_accuracy
        path = _penalties(results)
        often = ", ".join(
            f"{numeral(float(path[arm]))} ({int((chosen == arm).sum())}×)"
            for arm in np.unique(chosen)
        )
        return [
            Comparison(
                self.claims[3],
                "validation loss, best λ − λ = 0 (nats)",
                gain,
                falls=True,
                note=(
                    "Each replicate is judged at the λ that is best on the others, on rows that "
                    f"do not judge it, so that choosing cannot flatter it: λ = {often}."
                ),
                subject="log loss",
            ),
            Comparison(
                self.claims[4],
                "validation accuracy, best λ − λ = 0",
                accuracy[np.arange(len(accuracy)), chosen] - accuracy[:, 0],
                note="The λ of each replicate is that of the claim before.",
                subject="accuracy",
            ),
        ]

    def _smoothness(self, results: Results) -> list[Comparison]:
        bending = _bending(results)
        moderate = MEASURED.index(MODERATE)
        curvature = np.log2(np.maximum(bending.curvature, STRAIGHT))
        gone = [int((~bending.found[:, arm]).sum()) for arm in (0, moderate)]
        note = (
            f"Without a level set in the window: {gone[0]} networks at λ = 0 and {gone[1]} at λ = "
            f"{MODERATE:g}, of {len(curvature)} each; they count as straight, of length 0."
            if any(gone)
            else ""
        )
        return [
            Comparison(
                self.claims[5],
                f"mean curvature, λ = {MODERATE:g} ÷ λ = 0",
                curvature[:, 0] - curvature[:, moderate],
                is_log_ratio=True,
                falls=True,
                note=note,
            ),
            Comparison(
                self.claims[6],
                f"length, λ = {MODERATE:g} − λ = 0 (standard deviations)",
                bending.length[:, 0] - bending.length[:, moderate],
                falls=True,
                note=note,
            ),
        ]

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Losses, weight norm and smoothness against λ, and the boundary at three of them."""
        path = _penalties(results)
        chosen = _one_standard_error(results)
        shown = sorted({0, chosen, len(path) - 1})
        plane = plane_chart(
            "Level sets as λ grows",
            results,
            {results.design.arms[arm].name: arm for arm in shown},
        )
        losses = loss_chart(
            path,
            results.training_loss,
            results.validation_loss,
            results.design.arms[chosen].name,
        )
        smoothness = smoothness_charts(MEASURED, _bending(results))
        return (losses, plane, *smoothness, norm_chart(path, _weight_norm(results)))

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per λ; and λ in other libraries' terms."""
        n = len(results.records)
        norm = _weight_norm(results)
        chosen = _one_standard_error(results)
        path = _penalties(results)
        best = int(results.validation_loss.mean(axis=0).argmin())
        bending = _bending(results)
        length = dict(zip(MEASURED, bending.length.mean(axis=0), strict=True))
        curvature = dict(zip(MEASURED, _mean_found(bending), strict=True))
        rows = tuple(
            (
                numeral(l2),
                float(results.training_loss[:, arm].mean()),
                float(results.validation_loss[:, arm].mean()),
                resampled_error(results.validation_loss[:, arm], results.design.test_share),
                float(norm[:, arm].mean()),
                float(length.get(l2, np.nan)),
                float(curvature.get(l2, np.nan)),
                ", ".join(
                    mark
                    for mark, marked in (("lowest", best), ("one-standard-error choice", chosen))
                    if marked == arm
                ),
            )
            for arm, l2 in enumerate(path)
        )
        columns = (
            "λ",
            "training loss",
            "validation loss",
            "standard error",
            "weight norm",
            "length",
            "curvature",
            "",
        )
        return (
            Table(
                "The path",
                f"Means over {n} replicates at the end of training; losses in nats. Length, in "
                "standard deviations, and mean curvature, in 1 / standard deviations, are those of "
                "the level sets in a plane, measured at some λ; curvature is the mean over "
                "networks that have a level set there.",
                columns,
                rows,
            ),
            _translation(results.design.arms[chosen].recipe.batch_size, float(path[chosen])),
        )

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The one-standard-error choice."""
        return {"l2": float(_penalties(results)[_one_standard_error(results)])}

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        recipe = results.design.arms[0].recipe
        width = "-".join(map(str, recipe.hidden)) or "no"
        activation = ", ".join(dict.fromkeys(recipe.activations)) or "linear"
        return (
            f"{results.design.methods} The arms are values of λ, for {activation} networks "
            f"of {width} hidden units. The one-standard-error rule takes the largest λ whose mean "
            "validation loss lies within one standard error of the lowest (Breiman, Friedman, "
            "Olshen and Stone, Classification and Regression Trees, 1984, section 3.4.3), an error "
            "that is corrected for the rows that replicates share. Level "
            "sets are measured where the two likeliest classes meet, in the plane of the first two "
            "principal components of the training rows, where these lie, on a grid of "
            f"{GRID} × {GRID}; curvature is ∫ |κ| ds / ∫ ds. "
            f"{METHODS}"
        )


def _penalties(results: Results) -> np.ndarray:
    return np.array([arm.recipe.l2 for arm in results.design.arms])


@measured_once
def _bending(results: Results) -> Bending:
    path = _penalties(results).tolist()
    return measure_bending(results, [path.index(l2) for l2 in MEASURED])


def _mean_found(bending: Bending) -> np.ndarray:
    """Mean curvature over the networks that have a level set, (k,); NaN without one."""
    count = bending.found.sum(axis=0)
    return np.where(count > 0, bending.curvature.sum(axis=0) / np.maximum(count, 1), np.nan)


def _weight_norm(results: Results) -> np.ndarray:
    """√Σ_l ‖W_l‖² at the end, (r, a)."""
    norms = results.over_epochs("weight_norm")[:, :, -1]
    return np.sqrt((norms**2).sum(axis=-1))


def _one_standard_error(results: Results) -> int:
    """Number of the largest λ within one standard error of the lowest mean validation loss."""
    loss = results.validation_loss
    largest_first = range(loss.shape[1] - 1, -1, -1)
    return one_standard_error(loss, results.design.test_share, largest_first)


def _honest_gain(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """Gain of the best λ > 0 over none in each replicate, chosen on the other replicates."""
    loss = results.validation_loss
    chosen = honest_choice(results.judged_rows, range(1, loss.shape[1]))
    return loss[:, 0] - loss[np.arange(len(loss)), chosen], chosen


def _translation(batch_size: int, l2: float) -> Table:
    rows = (
        ("levelset, Keras", "l2", l2),
        ("PyTorch", "weight_decay of SGD or Adam (2 λ; penalizes biases too)", 2 * l2),
        ("scikit-learn", f"alpha (2 λ · batch size {batch_size})", 2 * l2 * batch_size),
    )
    return Table(
        "The chosen λ in other libraries",
        "The same penalty under other conventions; levelset's objective is mean loss + λ Σ‖W‖².",
        ("library", "parameter", "value"),
        rows,
    )
