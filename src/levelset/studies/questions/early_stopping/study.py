"""What would each patience have cost and gained? The early-stopping study."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.engine import Member, Recipe
from levelset.studies.charts import (
    Chart,
    Cloud,
    Curve,
    CurveChart,
    IntervalChart,
    ScatterChart,
    Table,
)
from levelset.studies.design import Arm, BudgetName, Design, Trial, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.points import resampled_point
from levelset.studies.questions.early_stopping.patience import (
    Curves,
    Stops,
    cheapest_as_good,
    stops_of,
)
from levelset.studies.ratios import log2_of
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory.numerals import numeral

PATIENCES = (1, 2, 3, 5, 8, 13, 20, 30, 50)
USUAL = 8
SEEDS = 4
TEST_SHARE = 0.2


class EarlyStoppingStudy(Study):
    """Train networks to the end once, and read from their curves what every patience would do.

    The validation rows take no part in training, so the curves of one run to the end tell where
    each patience stops and which epoch it keeps. The same run is recorded twice: on the validation
    rows, which stop it, and on the test rows, which judge it.
    """

    name = "early-stopping"
    question = "What would each patience have cost and gained?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        patience = f"a patience of {_usual(self.recipe)}"
        return (
            f"{patience.capitalize()} ends training before its last epoch.",
            f"The network that {patience} keeps has a lower test log loss than that of the last "
            "epoch.",
            f"The network that {patience} keeps has a higher test accuracy than that of the last "
            "epoch.",
            f"Stopping by {patience} costs test log loss beside running to the end and then "
            "keeping the best epoch.",
            f"A patience of {PATIENCES[0]} costs more test log loss than a patience of "
            f"{_longer(_usual(self.recipe))}.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Train each replicate's seeds twice over, watched by its validation and its test rows."""
        recipe = self.budgeted(budget, len(rows)).changed(patience=None)
        replicates = replicates_of(dataset, rows, budget, seed, TEST_SHARE)
        trials = []
        for number in range(len(replicates.splits)):
            encoding, training, validation, test = replicates.encoded(number)
            first = replicates.seeds[number]
            for monitored in (validation, test):
                trial = Trial(
                    members=tuple(Member(recipe, seed=first + 1000 * s) for s in range(SEEDS)),
                    training=training,
                    judged=test if monitored is validation else None,
                    monitored=monitored,
                    classes=len(dataset.classes),
                    split=replicates.splits[number],
                    encoding=encoding,
                )
                trials.append(trial)
        return Design(dataset, (Arm("to the end", recipe, "reference"),), tuple(trials))

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims at one patience, and at the smallest."""
        stops, curves = self._stops(results), _curves(results)
        usual = _usual(self.recipe)
        comparisons = (
            *_beside_the_end(self.claims[:3], stops, curves, usual),
            *_beside_other_patiences(self.claims[3:], stops, usual),
        )
        return judge(comparisons, results.design.test_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The curves, what each patience spends and pays, and where it stops."""
        stops, curves = self._stops(results), _curves(results)
        return (
            _learning_chart(results, curves),
            _paid_chart(results, stops, curves),
            _spent_chart(stops, curves),
            _epochs_chart(stops),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per patience, and one for the last epoch's network."""
        stops, curves = self._stops(results), _curves(results)
        runs = stops.epochs_run[0].size
        chosen = cheapest_as_good(stops, results.design.validation_share)
        rows = [
            (_name(patience) + (" (chosen)" if patience == chosen else ""), *row)
            for patience, row in zip(stops.patiences, _patience_rows(stops, curves), strict=True)
        ]
        columns = (
            "patience",
            "stopped early",
            "epochs run",
            "epoch kept",
            "validation loss",
            "test loss",
            "paid",
            "test accuracy",
        )
        caption = (
            f"Means over {runs} runs ({len(curves.test)} replicates of {SEEDS} seeds). Losses are "
            "log losses in nats. Paid: test loss above that of running to the end and keeping the "
            "best epoch; a negative number is a gain. The validation loss of a kept network "
            "flatters it, since it was kept for that loss; the test rows had no say."
        )
        last = ("last epoch's network", *_last_epoch_row(stops, curves))
        return (Table("Every patience", caption, columns, (*rows, last)),)

    def choice(self, results: Results) -> Mapping[str, Any]:
        """The smallest patience whose validation loss is as good as that of never stopping."""
        return {"patience": cheapest_as_good(self._stops(results), results.design.validation_share)}

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        recipe, trial = results.design.arms[0].recipe, results.design.trials[0]
        watched = "loss" if recipe.monitor == "loss" else "accuracy"
        return (
            f"{len(results.records) // 2} replicates of {SEEDS} seeds. A replicate is a stratified "
            f"split ({len(trial.training)} training, {len(trial.monitored or ())} validation, "
            f"{len(trial.judged or ())} test rows). Each network trains for all {recipe.epochs} "
            f"epochs with {recipe.optimizer} (learning rate {numeral(recipe.learning_rate)}, "
            f"batches of {recipe.batch_size}), whatever patience the base recipe sets. What a "
            f"patience would have done is read from the curve of its validation {watched} "
            "(Prechelt, 1998), and judged by the test log loss of the epoch that it keeps. Every "
            "run was made twice, once watched by the validation rows and once by the test rows, "
            "which is the same run: the largest difference between the training losses of the two "
            f"is {numeral(_twins_apart(results), 2)}. A replicate's number is the mean over its "
            "seeds; log losses are compared by their ratio, a geometric mean over replicates. The "
            "patience chosen is the smallest whose mean validation loss lies within one standard "
            "error, that of the paired difference and corrected for shared rows, of never "
            f"stopping. {METHODS}"
        )

    def _stops(self, results: Results) -> Stops:
        recipe = results.design.arms[0].recipe
        return stops_of(_curves(results), _patiences(self.recipe, recipe.epochs), recipe.min_delta)


def _usual(recipe: Recipe) -> int:
    """The patience that the claims are about: the base recipe's own, if it has one."""
    return recipe.patience or USUAL


def _longer(usual: int) -> int:
    """What the smallest patience is compared with: the claims' own, unless it is the smallest."""
    return USUAL if usual == PATIENCES[0] else usual


def _patiences(recipe: Recipe, epochs: int) -> tuple[int, ...]:
    """The patiences that may stop so many epochs, and those of the claims, ascending."""
    possible = {patience for patience in PATIENCES if patience < epochs}
    usual = _usual(recipe)
    return tuple(sorted(possible | {PATIENCES[0], usual, _longer(usual)}))


@measured_once
def _curves(results: Results) -> Curves:
    """What was recorded on the validation rows (even trials) and on the test rows (odd ones)."""
    recipe = results.design.arms[0].recipe
    loss, accuracy = (
        results.over_epochs("validation_loss"),
        results.over_epochs("validation_accuracy"),
    )
    return Curves(
        monitored=loss[::2] if recipe.monitor == "loss" else 1 - accuracy[::2],
        validation=loss[::2],
        test=loss[1::2],
        test_accuracy=accuracy[1::2],
    )


def _beside_the_end(
    claims: Sequence[str], stops: Stops, curves: Curves, usual: int
) -> tuple[Comparison, ...]:
    """What a patience does beside training to the last epoch and keeping that."""
    k, epochs = stops.of(usual), curves.test.shape[-1]
    test, last = stops.test[k].mean(axis=-1), curves.test[:, :, -1].mean(axis=-1)
    early, runs = int((stops.epochs_run[k] < epochs).sum()), stops.epochs_run[k].size
    return (
        Comparison(
            claims[0],
            f"epochs run, patience {usual} ÷ to the end",
            np.log2(epochs / stops.epochs_run[k]).mean(axis=-1),
            is_log_ratio=True,
            falls=True,
            note=f"It stopped {early} of {runs} runs before their {epochs} epochs.",
        ),
        Comparison(
            claims[1],
            f"test log loss, patience {usual} ÷ last epoch",
            log2_of(last) - log2_of(test),
            is_log_ratio=True,
            falls=True,
            note=f"Means: {numeral(test.mean(), 3)} and {numeral(last.mean(), 3)} nats.",
            subject="log loss",
        ),
        Comparison(
            claims[2],
            f"test accuracy, patience {usual} − last epoch",
            (stops.test_accuracy[k] - curves.test_accuracy[:, :, -1]).mean(axis=-1),
            subject="accuracy",
        ),
    )


def _beside_other_patiences(
    claims: Sequence[str], stops: Stops, usual: int
) -> tuple[Comparison, ...]:
    """What a patience costs beside an endless one, and the smallest beside it."""
    k, test = stops.of(usual), log2_of(stops.test.mean(axis=-1))
    same, runs = int((stops.epoch_kept[k] == stops.epoch_kept[-1]).sum()), stops.epoch_kept[k].size
    return (
        Comparison(
            claims[0],
            f"test log loss, patience {usual} ÷ never stopping",
            test[k] - test[-1],
            is_log_ratio=True,
            note=f"Both keep the same epoch in {same} of {runs} runs.",
            subject="log loss",
        ),
        Comparison(
            claims[1],
            f"test log loss, patience {PATIENCES[0]} ÷ patience {_longer(usual)}",
            test[stops.of(PATIENCES[0])] - test[stops.of(_longer(usual))],
            is_log_ratio=True,
            subject="log loss",
        ),
    )


def _twins_apart(results: Results) -> float:
    """Largest difference between the training losses of a run's two recordings."""
    training = results.over_epochs("training_loss")
    return float(np.abs(training[::2] - training[1::2]).max())


def _name(patience: int | None) -> str:
    return "never stops" if patience is None else str(patience)


def _key(patience: int | None) -> str:
    return "reference" if patience is None else f"patience={patience}"


def _patience_rows(stops: Stops, curves: Curves) -> list[tuple[str | float, ...]]:
    epochs, runs = curves.test.shape[-1], stops.epochs_run[0].size
    return [
        (
            f"{int((stops.epochs_run[k] < epochs).sum())} of {runs}",
            float(stops.epochs_run[k].mean()),
            float(stops.epoch_kept[k].mean()),
            float(stops.validation[k].mean()),
            float(stops.test[k].mean()),
            float((stops.test[k] - stops.test[-1]).mean()),
            float(stops.test_accuracy[k].mean()),
        )
        for k in range(len(stops.patiences))
    ]


def _last_epoch_row(stops: Stops, curves: Curves) -> tuple[str | float, ...]:
    epochs, last = curves.test.shape[-1], curves.test[:, :, -1]
    return (
        f"0 of {last.size}",
        float(epochs),
        float(epochs),
        float(curves.validation[:, :, -1].mean()),
        float(last.mean()),
        float((last - stops.test[-1]).mean()),
        float(curves.test_accuracy[:, :, -1].mean()),
    )


def _learning_chart(results: Results, curves: Curves) -> CurveChart:
    epochs = np.arange(1.0, curves.test.shape[-1] + 1)
    training = results.over_epochs("training_loss")[::2]
    lines = (
        ("Training", training, "training"),
        ("Validation", curves.validation, "validation"),
        ("Test", curves.test, "test"),
    )
    return CurveChart(
        title="The runs that every patience is read from",
        caption=(
            f"Means of {curves.test.shape[1]} seeds, over {len(curves.test)} replicates. A "
            "patience ends a run where its validation loss no longer falls. The training loss is "
            "that of the mini-batches as they were trained."
        ),
        x_label="Epoch",
        y_label="Log loss (nats)",
        curves=tuple(Curve(name, epochs, loss.mean(axis=1), key) for name, loss, key in lines),
        y_log=True,
    )


def _paid_chart(results: Results, stops: Stops, curves: Curves) -> IntervalChart:
    epochs = curves.test.shape[-1]
    entries = [
        (
            f"patience {patience} ({stops.epochs_run[k].mean() / epochs:.0%} of the epochs)",
            stops.test[k],
            _key(patience),
        )
        for k, patience in enumerate(stops.patiences[:-1])
    ]
    entries.append(("last epoch's network", curves.test[:, :, -1], "last epoch"))
    points = []
    for name, loss, key in entries:
        paid = log2_of(loss.mean(axis=-1)) - log2_of(stops.test[-1].mean(axis=-1))
        share = results.design.test_share
        points.append(resampled_point(name, paid, share, key, is_log_ratio=True))
    return IntervalChart(
        title="The loss that each patience pays",
        caption=(
            "Beside running to the end and keeping the best epoch; 95 % intervals, each for "
            f"itself (n = {len(curves.test)} replicates). To the right of the line stopping costs."
        ),
        x_label="Test log loss ÷ that of never stopping",
        points=tuple(points),
        reference=1.0,
        x_log=True,
    )


def _spent_chart(stops: Stops, curves: Curves) -> ScatterChart:
    spent, loss = stops.epochs_run.mean(axis=(1, 2)), stops.test.mean(axis=(1, 2))
    labels = tuple(
        "never stops" if patience is None else f"patience {patience}"
        for patience in stops.patiences
    )
    last = np.array([curves.test[:, :, -1].mean()])
    end = np.array([float(curves.test.shape[-1])])
    return ScatterChart(
        title="Epochs spent against loss reached",
        caption=(
            "One point per patience, its means over all runs. A good patience lies low and to "
            "the left; the last epoch's network has spent every epoch and kept none."
        ),
        x_label="Epochs run",
        y_label="Test log loss (nats)",
        clouds=(
            Cloud("Patiences", spent, loss, "mlp", labels),
            Cloud("Last epoch's network", end, last, "last epoch", ("last epoch's network",)),
        ),
    )


def _epochs_chart(stops: Stops) -> CurveChart:
    patiences = np.array([float(patience or 0) for patience in stops.patiences[:-1]])
    lines = (
        ("Stopped after", stops.epochs_run, "epochs run"),
        ("Kept", stops.epoch_kept, "epoch kept"),
    )
    return CurveChart(
        title="Where each patience stops, and which epoch it keeps",
        caption=(
            "Means of the seeds, over the replicates. A patience stops at least so many epochs "
            "after the epoch that it keeps, or at the end."
        ),
        x_label="Patience (epochs)",
        y_label="Epoch",
        curves=tuple(
            Curve(name, patiences, values[:-1].mean(axis=-1).T.astype(np.float64), key)
            for name, values, key in lines
        ),
        x_log=True,
    )
