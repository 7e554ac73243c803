"""What does λ do? The weight-penalty study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.studies.charts import Chart, Curve, CurveChart, Table
from levelset.studies.choosing import honest_choice, one_standard_error
from levelset.studies.design import Arm, BudgetName, Design, paired_design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.planes import plane_chart
from levelset.studies.results import Results
from levelset.studies.study import Study

PATHS: Mapping[BudgetName, tuple[float, ...]] = {
    "quick": (0.0, 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
    "standard": (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 1.0),
    "thorough": (0.0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0),
}
"""λ of each arm, ascending from 0."""


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
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every λ on every replicate."""
        # No validation rows take part in training, so there is nothing to monitor.
        base = self.budgeted(budget, len(rows)).changed(patience=None, monitor="loss")
        arms = [Arm(f"λ = {l2:g}", base.changed(l2=l2), f"l2={l2:g}") for l2 in PATHS[budget]]
        return paired_design(replicates_of(dataset, rows, budget, seed), arms, keep_best=False)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims between the ends of the path, and at its best λ."""
        norm = np.log2(_weight_norm(results))
        training, validation = results.training_loss, results.validation_loss
        gap = validation - training
        gain, chosen = _honest_gain(validation)
        path = _penalties(results)
        often = ", ".join(
            f"{path[arm]:g} ({int((chosen == arm).sum())}×)" for arm in np.unique(chosen)
        )
        return judge(
            [
                Comparison(
                    self.claims[0],
                    f"weight norm, λ = {path[-1]:g} ÷ λ = 0",
                    norm[:, 0] - norm[:, -1],
                    is_log_ratio=True,
                    falls=True,
                ),
                Comparison(
                    self.claims[1],
                    f"training loss, λ = {path[-1]:g} − λ = 0 (nats)",
                    training[:, -1] - training[:, 0],
                ),
                Comparison(
                    self.claims[2],
                    f"validation − training loss, λ = {path[-1]:g} − λ = 0 (nats)",
                    gap[:, 0] - gap[:, -1],
                    falls=True,
                ),
                Comparison(
                    self.claims[3],
                    "validation loss, best λ − λ = 0 (nats)",
                    gain,
                    falls=True,
                    note=(
                        "Each replicate is judged at the λ that is best on the others, so that "
                        f"choosing among several cannot flatter it: λ = {often}."
                    ),
                ),
            ],
            results.design.test_share,
        )

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Losses and weight norm against λ, and the boundary at three of them."""
        path = _penalties(results)[1:]
        training, validation = results.training_loss, results.validation_loss
        norm = _weight_norm(results)
        chosen = _one_standard_error(results)
        loss_chart = CurveChart(
            title="Loss against λ, at the end of training",
            caption=(
                "The level line is the mean without a penalty. The one-standard-error choice is "
                f"{results.design.arms[chosen].name}."
            ),
            x_label="Penalty λ",
            y_label="Cross-entropy (nats)",
            curves=(
                Curve("Training", path, training[:, 1:], "training"),
                Curve("Validation", path, validation[:, 1:], "validation"),
                Curve("Validation, λ = 0", path, _level(validation[:, 0], path), "reference"),
            ),
            x_log=True,
            y_log=True,
        )
        norm_chart = CurveChart(
            title="Size of the weights against λ, at the end of training",
            caption="The level line is the mean without a penalty.",
            x_label="Penalty λ",
            y_label="Weight norm √Σ‖W‖²",
            curves=(
                Curve("Weight norm", path, norm[:, 1:], "weight norm"),
                Curve("Weight norm, λ = 0", path, _level(norm[:, 0], path), "reference"),
            ),
            x_log=True,
            y_log=True,
        )
        shown = sorted({0, chosen, len(path) - 1})
        plane = plane_chart(
            "Level sets as λ grows",
            results,
            {results.design.arms[arm].name: arm for arm in shown},
        )
        return (loss_chart, norm_chart, plane)

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per λ; and λ in other libraries' terms."""
        n = len(results.records)
        norm = _weight_norm(results)
        chosen = _one_standard_error(results)
        path = _penalties(results)
        best = int(results.validation_loss.mean(axis=0).argmin())
        rows = tuple(
            (
                f"{l2:g}",
                float(results.training_loss[:, arm].mean()),
                float(results.validation_loss[:, arm].mean()),
                float(results.validation_loss[:, arm].std(ddof=1) / np.sqrt(n)),
                float(norm[:, arm].mean()),
                ", ".join(
                    mark
                    for mark, marked in (("lowest", best), ("one-standard-error choice", chosen))
                    if marked == arm
                ),
            )
            for arm, l2 in enumerate(path)
        )
        columns = ("λ", "training loss", "validation loss", "standard error", "weight norm", "")
        return (
            Table(
                "The path",
                f"Means over {n} replicates at the end of training; losses in nats.",
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
            "Olshen and Stone, Classification and Regression Trees, 1984, section 3.4.3). "
            f"{METHODS}"
        )


def _penalties(results: Results) -> np.ndarray:
    return np.array([arm.recipe.l2 for arm in results.design.arms])


def _weight_norm(results: Results) -> np.ndarray:
    """√Σ_l ‖W_l‖² at the end, (r, a)."""
    norms = results.over_epochs("weight_norm")[:, :, -1]
    return np.sqrt((norms**2).sum(axis=-1))


def _level(values: np.ndarray, path: np.ndarray) -> np.ndarray:
    """The geometric mean of the replicates, once for each λ of a chart: (1, k)."""
    return np.full((1, len(path)), np.exp(np.log(values).mean()))


def _one_standard_error(results: Results) -> int:
    """Number of the largest λ within one standard error of the lowest mean validation loss."""
    loss = results.validation_loss
    return one_standard_error(loss, simplest_first=range(loss.shape[1] - 1, -1, -1))


def _honest_gain(loss: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gain of the best λ > 0 over none in each replicate, chosen on the other replicates."""
    chosen = 1 + honest_choice(loss[:, 1:])
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
