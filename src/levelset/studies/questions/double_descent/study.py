"""Past the point where a network fits everything: the double-descent study."""

from dataclasses import replace
from typing import ClassVar

import numpy as np

from levelset.data import Dataset
from levelset.engine import Recipe
from levelset.studies.charts import Chart, Table
from levelset.studies.design import BudgetName, Design
from levelset.studies.finding import Finding, Subject
from levelset.studies.judgement import Comparison, judge
from levelset.studies.questions.double_descent.charts import (
    epoch_chart,
    error_chart,
    loss_chart,
    surface_chart,
)
from levelset.studies.questions.double_descent.descents import INTERPOLATES, Descents, descents
from levelset.studies.questions.double_descent.grid import (
    LEARNING_RATE,
    NOISE,
    SCALES,
    Scale,
    grid_design,
    own_noise,
    rows_are_shared,
)
from levelset.studies.questions.double_descent.peaks import Peaks, honest_peaks, peak_of
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.theory import resampled_error
from levelset.theory.numerals import numeral


class DoubleDescentStudy(Study):
    """Train one recipe at widths from too narrow to far past interpolation, with wrong labels.

    What a network is at its last epoch counts. The test rows judge it after every epoch, so that
    the same runs show descent over widths and over epochs.

    Over epochs the rise and the fall are small where the rate is: they are plain with batch
    normalization, large batches and more wrong labels, as in

        levelset study double-descent mnist1d:rows=25000,label_noise=0.3 --budget thorough
            --epochs 120 --normalization batch --hidden 128 128 128 128 --learning-rate 0.005
            --batch-size 256
    """

    name = "double-descent"
    question = "Does the test error fall a second time, past the point where networks fit it all?"
    in_report: ClassVar[bool] = False  # it costs as much as many others together

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            "The widest network fits more of its training rows, wrong labels included, than the "
            "narrowest.",
            "As width grows, the test error rises to a peak after it had fallen.",
            "Past that peak the test error falls a second time: at the widest it is lower.",
            "As width grows, the test log loss rises to a peak after it had fallen.",
            "Past that peak the test log loss falls a second time: at the widest it is lower.",
            "The widest network's test error rises to a peak and falls again over epochs too.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every width of the budget's grid on every replicate."""
        scale, base = _scale(budget, self.recipe), _base(self.recipe)
        return grid_design(dataset, rows, scale, base, seed)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims; peaks are chosen on the other replicates."""
        found = descents(results)
        error, loss = (honest_peaks(values[:, :, -1]) for values in (found.error, found.loss))
        epochs, curves = found.over_epochs(found.error)
        late = honest_peaks(curves[:, -1])
        training = found.training[:, 0, -1] - found.training[:, -1, -1]
        fitted = f"The widest misses {found.training[:, -1, -1].mean():.1%} of its training rows."
        when = (
            "The peak, and which of the two is smaller, are chosen on the other replicates, about "
            f"epoch {np.median(epochs[late.peak]):.0f}. Below 0 the error rises or falls to the "
            "end."
            if len(epochs) > 2
            else "So few epochs have no place for a peak."
        )
        at_error, at_loss = (_chosen(peaks, found) for peaks in (error, loss))
        measured: tuple[tuple[str, np.ndarray, Subject, str], ...] = (
            ("training error, narrowest − widest", training, "mechanism", fitted),
            ("test error, peak − valley before it", error.rise, "accuracy", at_error),
            ("test error, peak − widest", error.fall, "accuracy", at_error),
            ("test log loss, peak − valley before it (nats)", loss.rise, "log loss", at_loss),
            ("test log loss, peak − widest (nats)", loss.fall, "log loss", at_loss),
            (
                "test error over epochs, the smaller of rise and fall",
                late.both,
                "accuracy",
                when,
            ),
        )
        comparisons = [
            Comparison(claim, effect, values, note=note, subject=subject)
            for claim, (effect, values, subject, note) in zip(self.claims, measured, strict=True)
        ]
        design = results.design
        return judge(comparisons, design.test_share if rows_are_shared(design) else None)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Error and loss against width, error over epochs, and both at once."""
        found = descents(results)
        return error_chart(found), loss_chart(found), epoch_chart(found), surface_chart(found)

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per width."""
        return (_widths_table(results, descents(results)),)

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        design = results.design
        trial, recipe = design.trials[0], design.arms[0].recipe
        assert trial.monitored is not None
        layers = len(recipe.hidden)
        rows = (
            "Replicates share rows, and intervals and p-values are those of the corrected "
            "resampled t (Nadeau and Bengio, 2003)"
            if rows_are_shared(design)
            else "No row is used by two replicates, and intervals and p-values are Student's"
        )
        return (
            f"{len(design.arms)} widths of {layers} hidden layer{'s' if layers > 1 else ''} on "
            f"{len(design.trials)} replicates, each with {len(trial.training)} training and "
            f"{len(trial.monitored)} test rows, for {recipe.epochs} epochs with "
            f"{recipe.optimizer} (learning rate {numeral(recipe.learning_rate)}, batches of "
            f"{recipe.batch_size}), without early stopping: every network is judged as it is at "
            f"its last epoch. {_noise_text(design.dataset)} {rows}; verdicts after Holm's "
            "adjustment. A replicate's peak, and the valley before it, are those of the mean "
            "curve of the other replicates, so that choosing among many cannot flatter them. The "
            "training error is that of the last epoch's mini-batches as they were learned from. "
            "After Belkin, Hsu, Ma and Mandal, PNAS 116 (2019), and Nakkiran, Kaplun, Bansal, "
            "Yang, Barak and Sutskever, Deep double descent (ICLR 2020). The full size, budget "
            "'thorough', is 28 widths, 5 seeds, 4,000 training rows and 1,000 epochs."
        )


def _scale(budget: BudgetName, recipe: Recipe) -> Scale:
    """Give a budget's grid, with the recipe's own epochs where it has some."""
    own = "epochs" in recipe.model_fields_set
    return replace(SCALES[budget], epochs=recipe.epochs) if own else SCALES[budget]


def _base(recipe: Recipe) -> Recipe:
    """Give the base, with a faster learning rate unless it has its own."""
    own = "learning_rate" in recipe.model_fields_set
    return recipe if own else recipe.changed(learning_rate=LEARNING_RATE)


def _chosen(peaks: Peaks, found: Descents) -> str:
    """Say where the peaks and valleys are that the replicates were judged at."""
    valleys, tops = (
        ", ".join(f"{width} ({int((places == width).sum())}×)" for width in np.unique(places))
        for places in (found.widths[peaks.valley], found.widths[peaks.peak])
    )
    return (
        "Each replicate is judged at the peak and the valley of the others: peak at "
        f"{tops}, valley at {valleys} units."
    )


def _noise_text(dataset: Dataset) -> str:
    own = own_noise(dataset)
    if own:
        return (
            f"The table came with {own:.0%} label noise, on test rows too: nothing can be right "
            "more often than they are."
        )
    return (
        f"{NOISE:.0%} of the training labels are replaced by another class, drawn anew for each "
        "replicate; test labels are as they were."
    )


def _standard_error(values: np.ndarray, results: Results) -> float:
    """Of a mean over replicates, corrected where they share rows."""
    if rows_are_shared(results.design):
        return resampled_error(values, results.design.test_share)
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _widths_table(results: Results, found: Descents) -> Table:
    n = len(results.outcomes)
    training, error, loss = (
        values[:, :, -1] for values in (found.training, found.error, found.loss)
    )
    places = (
        (found.threshold, "interpolates from here"),
        (peak_of(error.mean(axis=0))[1], "peak of the error"),
        (peak_of(loss.mean(axis=0))[1], "peak of the loss"),
    )
    rows = tuple(
        (
            int(found.widths[number]),
            int(network.flat().size),
            float(training[:, number].mean()),
            float(error[:, number].mean()),
            _standard_error(error[:, number], results),
            float(loss[:, number].mean()),
            ", ".join(words for place, words in places if place == number),
        )
        for number, network in enumerate(results.networks[0])
    )
    threshold = (
        f"No width fits all but {INTERPOLATES:.0%} of its training rows."
        if found.threshold is None
        else f"From {found.widths[found.threshold]} units on, networks fit all but "
        f"{INTERPOLATES:.0%} of their {len(results.design.trials[0].training)} training rows."
    )
    columns = (
        "width",
        "parameters",
        "training error",
        "test error",
        "standard error",
        "test loss",
        "",
    )
    caption = (
        f"Means over {n} replicates at the last epoch, losses in nats. {threshold} The peaks are "
        "those of the mean curves."
    )
    return Table("Every width", caption, columns, rows)
