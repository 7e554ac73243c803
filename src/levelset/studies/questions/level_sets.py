"""Where is the boundary, and what moved it? The level-sets study."""

import numpy as np

from levelset.data import Dataset
from levelset.diagnostics import Plane, boundary_distances, discriminant_plane
from levelset.engine import Network
from levelset.studies.bending import Bending, measure_bending
from levelset.studies.charts import (
    Chart,
    Curve,
    CurveChart,
    Panel,
    PlaneSlider,
    PlaneSliderRow,
    Table,
)
from levelset.studies.design import Arm, BudgetName, Design, Trial, paired_design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.planes import plane_chart, plane_panel
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study

PENALTIES = (0.003, 0.03)
DROPOUTS = (0.2, 0.5)
EARLY = 0.1
"""Share of the epochs that counts as early."""

SNAPSHOT_SHARES = (0.0, 0.01, 0.03, EARLY, 0.3, 1.0)
GRID = 48
"""Positions along each axis of the grid in which curves are looked for."""

SLIDER_GRID = 64
MOST_ROWS = 50
"""Validation rows of a replicate whose distance to the boundary is measured."""

_PLAIN = 0
_MEASURED = (_PLAIN, len(PENALTIES), len(PENALTIES) + len(DROPOUTS))
"""Numbers of the arms whose boundary is measured: none, the strongest λ and dropout."""


class LevelSetsStudy(Study):
    """Follow the decision boundary through training, and compare it under λ and dropout.

    Every network trains for all its epochs and is judged as it is at the end.
    """

    name = "level-sets"
    question = "Where is the boundary, and what moved it?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            "More validation rows change class in the first tenth of training than in the rest.",
            f"λ = {PENALTIES[-1]:g} gives a shorter boundary than no remedy.",
            f"λ = {PENALTIES[-1]:g} gives a boundary that turns less than no remedy.",
            f"Dropout {DROPOUTS[-1]:g} gives a boundary that turns less than no remedy.",
            "Validation rows near the boundary are misclassified more often than rows far from it.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """No remedy, λ and dropout on every replicate, kept at six moments of training."""
        # No validation rows take part in training, so there is nothing to monitor.
        base = self.budgeted(budget, len(rows)).changed(
            patience=None, monitor="loss", l2=0.0, dropout=0.0
        )
        arms = [
            Arm("No remedy", base, "plain"),
            *(Arm(f"λ = {l2:g}", base.changed(l2=l2), f"l2={l2:g}") for l2 in PENALTIES),
            *(Arm(f"Dropout {p:g}", base.changed(dropout=p), f"dropout={p:g}") for p in DROPOUTS),
        ]
        epochs = {round(share * base.epochs) for share in SNAPSHOT_SHARES}
        return paired_design(
            replicates_of(dataset, rows, budget, seed),
            arms,
            keep_best=False,
            snapshots=tuple(sorted(epochs | {early_epoch(base.epochs), base.epochs})),
        )

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims."""
        early, late = _moved(results)
        length, turning_of = _boundaries(results).length, _boundaries(results).turning
        near, far = _errors_by_distance(results)
        turning = "turning of the boundary, {} − no remedy (radians)"
        differences = (
            Comparison(
                self.claims[0],
                "share of validation rows that change class, first tenth − rest",
                early - late,
                note=f"Without a remedy: {early.mean():.1%} against {late.mean():.1%}.",
            ),
            Comparison(
                self.claims[1],
                f"length of the boundary, λ = {PENALTIES[-1]:g} − no remedy (standard deviations)",
                length[:, 0] - length[:, 1],
                falls=True,
            ),
            Comparison(
                self.claims[2],
                turning.format(f"λ = {PENALTIES[-1]:g}"),
                turning_of[:, 0] - turning_of[:, 1],
                falls=True,
            ),
            Comparison(
                self.claims[3],
                turning.format(f"dropout {DROPOUTS[-1]:g}"),
                turning_of[:, 0] - turning_of[:, 2],
                falls=True,
            ),
            Comparison(
                self.claims[4],
                "share misclassified, nearer half − farther half",
                near - far,
                note=f"{near.mean():.1%} of the nearer rows, {far.mean():.1%} of the farther.",
                subject="accuracy",
            ),
        )
        return judge(differences, results.design.test_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The boundary through training, at its end under each remedy, and how rows settle."""
        plane = plane_of(results.design.trials[0])
        arms = {arm.name: number for number, arm in enumerate(results.design.arms)}
        settled = CurveChart(
            title="Validation rows that are not yet in the class they end in",
            caption="Before training stands at the left edge, at 0.5 of the logarithmic axis.",
            x_label="Epoch",
            y_label="Share of validation rows",
            curves=tuple(
                Curve(
                    arm.name,
                    np.maximum(np.array(results.design.trials[0].snapshots, dtype=float), 0.5),
                    unsettled(results, number),
                    arm.color_key,
                )
                for number, arm in enumerate(results.design.arms)
            ),
            x_log=True,
        )
        return (
            _slider(results, plane),
            plane_chart("Level sets after training", results, arms, plane),
            settled,
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per arm whose boundary was measured."""
        measured = _boundaries(results)
        n = len(results.outcomes)
        rows = tuple(
            (
                results.design.arms[arm].name,
                float(measured.length[:, number].mean()),
                float(measured.turning[:, number].mean()),
                float(results.training_loss[:, arm].mean()),
                float(results.validation_loss[:, arm].mean()),
                float(results.validation_accuracy[:, arm].mean()),
            )
            for number, arm in enumerate(_MEASURED)
        )
        columns = (
            "network",
            "length (sd)",
            "turning (rad)",
            "training loss",
            "validation loss",
            "accuracy",
        )
        caption = (
            f"Means over {n} replicates at the end of training; losses in nats. Length and "
            "turning ∫ |κ| ds are those of the curves p_a = p_b in each replicate's plane; turning "
            "grows with a boundary's length and with its bends."
        )
        return (Table("The boundary", caption, columns, rows),)

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        snapshots = ", ".join(map(str, results.design.trials[0].snapshots))
        plane = plane_of(results.design.trials[0])
        return (
            f"{results.design.methods} Networks are kept after epochs {snapshots}. "
            f"{plane.description} Curves are found on a grid of {GRID} × {GRID} in the window of "
            "the training rows by marching squares (Lorensen and Cline, 1987). Near and far "
            f"are the halves, by distance to the nearest boundary in all features, of up to "
            f"{MOST_ROWS} validation rows of each replicate, without a remedy. {METHODS}"
        )


def early_epoch(epochs: int) -> int:
    """Give the epoch that ends the early part of training."""
    return max(1, round(EARLY * epochs))


def plane_of(trial: Trial) -> Plane:
    """Give the plane of a replicate: that of its linear discriminants."""
    assert trial.encoding is not None
    return discriminant_plane(trial.training.x, trial.training.labels, trial.encoding.names)


def unsettled(results: Results, arm: int) -> np.ndarray:
    """Share of judged rows whose class at each snapshot is not that of the end, (r, s)."""
    shares = []
    for outcome in results.outcomes:
        rows = outcome.trial.judged
        assert rows is not None
        last = outcome.networks[arm].predict(rows.x)
        kept = [networks[arm].predict(rows.x) for networks in outcome.snapshots]
        shares.append([float((labels != last).mean()) for labels in kept])
    return np.array(shares)


def _moved(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """Share of judged rows that change class in the early part of training, and in the rest."""
    trial = results.design.trials[0]
    at = trial.snapshots.index(early_epoch(trial.members[_PLAIN].recipe.epochs))
    early, late = [], []
    for outcome in results.outcomes:
        rows = outcome.trial.judged
        assert rows is not None
        first, middle, last = (
            outcome.snapshots[number][_PLAIN].predict(rows.x) for number in (0, at, -1)
        )
        early.append(float((first != middle).mean()))
        late.append(float((middle != last).mean()))
    return np.array(early), np.array(late)


@measured_once
def _boundaries(results: Results) -> Bending:
    """Length and turning of the measured arms' boundaries."""
    return measure_bending(results, _MEASURED, plane_of, GRID)


def _errors_by_distance(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """Share misclassified among the rows nearer to the boundary and those farther, (r,) each."""
    near, far = [], []
    for outcome in results.outcomes:
        rows = outcome.trial.judged
        assert rows is not None
        some = evenly(len(rows), MOST_ROWS)
        others = outcome.trial.training.x
        nearer, farther = errors_of_halves(
            outcome.networks[_PLAIN],
            rows.x[some],
            rows.labels[some],
            others[evenly(len(others), 4 * MOST_ROWS)],
        )
        near.append(nearer)
        far.append(farther)
    return np.array(near), np.array(far)


def evenly(rows: int, at_most: int) -> np.ndarray:
    """Choose some rows evenly, since a table may be sorted by class."""
    return np.unique(np.linspace(0, rows - 1, min(rows, at_most)).round().astype(np.int64))


def errors_of_halves(
    network: Network, x: np.ndarray, labels: np.ndarray, others: np.ndarray
) -> tuple[float, float]:
    """Give the share of rows misclassified in the half nearer to the boundary, and in the other.

    A row for which no boundary is found lies farthest.
    """
    wrong = network.predict(x) != labels
    distances = np.nan_to_num(boundary_distances(network, x, others=others).distances, nan=np.inf)
    order = np.argsort(distances, kind="stable")
    half = len(order) // 2
    return float(wrong[order[:half]].mean()), float(wrong[order[-half:]].mean())


def _slider(results: Results, plane: Plane) -> PlaneSlider:
    outcome = results.outcomes[0]
    trial = outcome.trial
    steps = tuple(
        "before training" if epoch == 0 else f"epoch {epoch}" for epoch in trial.snapshots
    )

    def panels(arm: int) -> tuple[Panel, ...]:
        x, labels = trial.training.x, trial.training.labels
        return tuple(
            plane_panel(plane, step, networks[arm], x, labels, SLIDER_GRID)
            for step, networks in zip(steps, outcome.snapshots, strict=True)
        )

    return PlaneSlider(
        title="The boundary before, during and after training",
        caption=(
            "The same initial weights in every panel. Points are the training rows of the first "
            f"replicate. {plane.description}"
        ),
        x_label=plane.labels[0],
        y_label=plane.labels[1],
        rows=tuple(PlaneSliderRow(results.design.arms[arm].name, panels(arm)) for arm in _MEASURED),
        steps=steps,
        classes=results.design.dataset.classes,
    )
