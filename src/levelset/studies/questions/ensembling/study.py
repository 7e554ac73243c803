"""How many networks are enough? The ensembling study."""

from collections.abc import Mapping, Sequence

import numpy as np

from levelset.data import Dataset
from levelset.engine import Member, Recipe
from levelset.seeds import stream
from levelset.studies.charts import Chart, Curve, CurveChart, Table
from levelset.studies.design import (
    VALIDATION_SHARE,
    Arm,
    BudgetName,
    Design,
    Replicates,
    Trial,
    replicates_of,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.questions.ensembling.ensembles import Gain, Measured, measured
from levelset.studies.ratios import LEAST_LOSS, log2_of
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.studies.thinning import Thinning, at_most, thinned
from levelset.theory.numerals import numeral

MEMBERS: Mapping[BudgetName, int] = {"quick": 32, "standard": 64, "thorough": 64}
"""Networks of a replicate that differ by their seed alone."""

BAGGED_SHARE = 4
"""One network on bootstrap rows for so many that differ by their seed alone."""

SMALL = 8
LEAST_VARIANCE = LEAST_LOSS**2
"""Of probabilities: what a smaller one counts as."""
MOST_ROWS = 4000

EPOCHS_PART, VISITS_PART = 2, 8
"""What a study of so many networks divides the budget's epochs and row visits by."""


class EnsemblingStudy(Study):
    """Train many seeds on each replicate's rows, and average them in ensembles of every size.

    Beside them a quarter as many networks learn from bootstrap samples of the same rows (bagging).
    """

    name = "ensembling"
    question = "How many networks are enough, and what does averaging them gain?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            f"The probabilities of an ensemble of {SMALL} vary less over seeds than those of one "
            "network.",
            "The largest ensemble has a lower validation log loss than its members on average.",
            "The largest ensemble has a higher validation accuracy than its members on average.",
            f"Going from 1 network to {SMALL} lowers the validation log loss more than going from "
            f"{SMALL} to the largest ensemble.",
            "The probabilities of networks on bootstrap rows vary more than those of networks that "
            "differ by seed alone.",
            "An ensemble on bootstrap rows has a lower validation log loss than one of as many "
            "seeds.",
            "An ensemble on bootstrap rows has a higher validation accuracy than one of as many "
            "seeds.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Many seeds on every replicate, and a quarter as many of them on bootstrap rows."""
        used = at_most(dataset, rows, MOST_ROWS, seed)
        base = self.recipe.changed(patience=None, monitor="loss")  # nothing validates them
        training = round(len(used) * (1 - VALIDATION_SHARE))
        recipe = thinned(base, budget, training, Thinning(EPOCHS_PART, VISITS_PART))
        replicates = replicates_of(dataset, used, budget, seed)
        arms = (
            Arm("seeds", recipe, "ensemble"),
            Arm("seeds and bootstrap rows", recipe, "bagging"),
        )
        trials = tuple(
            _trial(replicates, number, recipe, MEMBERS[budget])
            for number in range(len(replicates.splits))
        )
        return Design(dataset, arms, trials)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge what averaging does to variance, loss and accuracy, and what bagging adds."""
        ensembles = measured(results)
        comparisons = [
            *_averaging(ensembles, self.claims[:4]),
            *_bagging(ensembles, self.claims[4:]),
        ]
        return judge(comparisons, results.design.test_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Loss, error, variance and disagreement against the size of the ensemble."""
        ensembles = measured(results)
        n = len(results.outcomes)
        return (
            _gain_chart(
                ensembles,
                "log_loss",
                f"Mean over {n} replicates; below 0 an ensemble is better than one network that "
                "differs by seed alone.",
                "Validation log loss − that of one network (nats)",
            ),
            _gain_chart(
                ensembles,
                "error",
                f"Mean over {n} replicates. Unlike the log loss, the error need not fall.",
                "Validation error − that of one network",
            ),
            _variance_chart(ensembles),
            _disagreement_chart(ensembles),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per size; and what theory says that averaging gains."""
        ensembles = measured(results)
        rows = (*_size_rows("seeds", ensembles), *_size_rows("bootstrap rows", ensembles))
        enough = _enough(ensembles)
        columns = (
            "networks differ by",
            "size",
            "log loss",
            "gain",
            "error",
            "variance",
            "× size",
            "disagree",
        )
        caption = (
            f"Means over {len(results.outcomes)} replicates and over the disjoint ensembles that "
            "the networks make, on validation rows; losses in nats. Gain: log loss of one network "
            "that differs by seed, less that of the ensemble. Variance: of the probabilities over "
            "ensembles, free of bias; times the size it stays the same for seeds, by theory. "
            "Disagree: share of pairs of ensembles that choose differently. The smallest ensemble "
            f"with 90 % of the largest one's gain has {enough} network{'s' if enough > 1 else ''}."
        )
        return (
            Table("Ensembles of every size", caption, columns, rows),
            _gain_table(ensembles.gains, ensembles.sizes[-1]),
        )

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        trial, recipe = results.design.trials[0], results.design.arms[0].recipe
        seeds = sum(member.rows is None for member in trial.members)
        bagged = len(trial.members) - seeds
        return (
            f"{len(results.outcomes)} replicates. A replicate is a stratified split "
            f"({len(trial.training)} training, {len(trial.judged or ())} validation rows), on "
            f"which {seeds} networks train that differ by their seed alone, and {bagged} more, "
            f"with the first {bagged} seeds, that see a bootstrap sample of the training rows "
            "(Breiman, Bagging predictors, 1996). All train for "
            f"{recipe.epochs} epochs with {recipe.optimizer} (learning rate "
            f"{numeral(recipe.learning_rate)}, batches of {recipe.batch_size}) and are judged at "
            f"the last; so many networks get 1/{EPOCHS_PART} of the budget's epochs and at most "
            f"1/{VISITS_PART} of its row visits, unless epochs were given. At most {MOST_ROWS} "
            "rows of a table are used. An ensemble averages probabilities; the networks of a "
            "replicate make as many ensembles of a size as they can without sharing a network. "
            f"A replicate's number is the mean over these. {METHODS}"
        )


def _trial(replicates: Replicates, number: int, recipe: Recipe, count: int) -> Trial:
    encoding, training, validation, _ = replicates.encoded(number)
    first, n = replicates.seeds[number], len(training)
    seeds = [first + 1000 * member for member in range(count)]
    bootstrap = [
        stream(first, "bootstrap", member).integers(0, n, n)
        for member in range(count // BAGGED_SHARE)
    ]
    bagged = zip(seeds[: len(bootstrap)], bootstrap, strict=True)
    return Trial(
        members=(
            *(Member(recipe, seed) for seed in seeds),
            *(Member(recipe, seed, rows=rows) for seed, rows in bagged),
        ),
        training=training,
        judged=validation,
        monitored=None,
        classes=len(replicates.dataset.classes),
        split=replicates.splits[number],
        encoding=encoding,
    )


def _averaging(ensembles: Measured, claims: Sequence[str]) -> tuple[Comparison, ...]:
    """What averaging does to networks that differ by seed alone."""
    seeds, sizes = ensembles.seeds, ensembles.sizes
    small = sizes.index(SMALL)
    variance, loss = log2_of(seeds.variance, LEAST_VARIANCE), seeds.log_loss
    gain = loss[:, 0] - loss[:, -1]
    return (
        Comparison(
            claims[0],
            f"variance of the probabilities, {SMALL} networks ÷ 1",
            variance[:, 0] - variance[:, small],
            is_log_ratio=True,
            falls=True,
            note=f"By theory it is 1/{SMALL} = {numeral(1 / SMALL)}.",
        ),
        Comparison(
            claims[1],
            f"validation log loss, {sizes[-1]} networks ÷ 1",
            log2_of(loss)[:, 0] - log2_of(loss)[:, -1],
            is_log_ratio=True,
            falls=True,
            note=(
                "Jensen's inequality lets the mean of probabilities lose on no rows: it gains "
                f"{numeral(gain.min(), 2)} to {numeral(gain.max(), 2)} nats."
            ),
            subject="log loss",
        ),
        Comparison(
            claims[2],
            f"validation accuracy, {sizes[-1]} networks − 1",
            seeds.error[:, 0] - seeds.error[:, -1],
            subject="accuracy",
        ),
        Comparison(
            claims[3],
            f"fall of the log loss, 1 to {SMALL} ÷ {SMALL} to {sizes[-1]}",
            log2_of(loss[:, 0] - loss[:, small]) - log2_of(loss[:, small] - loss[:, -1]),
            is_log_ratio=True,
            note=(
                "Neither fall can be below 0, by Jensen's inequality; means: "
                f"{numeral((loss[:, 0] - loss[:, small]).mean(), 2)} and "
                f"{numeral((loss[:, small] - loss[:, -1]).mean(), 2)} nats."
            ),
        ),
    )


def _bagging(ensembles: Measured, claims: Sequence[str]) -> tuple[Comparison, ...]:
    """What bootstrap rows do, beside as many networks with the same seeds."""
    bagged, peers = ensembles.bagged, ensembles.peers
    as_many = f"{ensembles.bagged_sizes[-1]} networks"
    return (
        Comparison(
            claims[0],
            "variance of the probabilities, bootstrap rows ÷ seeds",
            log2_of(bagged.variance, LEAST_VARIANCE)[:, 0]
            - log2_of(peers.variance, LEAST_VARIANCE)[:, 0],
            is_log_ratio=True,
            note=(
                f"Of pairs of networks, {bagged.disagreement[:, 0].mean():.1%} disagree on "
                f"bootstrap rows and {peers.disagreement[:, 0].mean():.1%} by seed alone."
            ),
        ),
        Comparison(
            claims[1],
            f"validation log loss, bootstrap rows ÷ seeds, {as_many}",
            log2_of(peers.log_loss)[:, -1] - log2_of(bagged.log_loss)[:, -1],
            is_log_ratio=True,
            falls=True,
            subject="log loss",
        ),
        Comparison(
            claims[2],
            f"validation accuracy, bootstrap rows − seeds, {as_many}",
            peers.error[:, -1] - bagged.error[:, -1],
            subject="accuracy",
        ),
    )


def _enough(ensembles: Measured) -> int:
    """The smallest size with nine tenths of the largest ensemble's gain in log loss."""
    loss = ensembles.seeds.log_loss.mean(axis=0)
    return ensembles.sizes[int((loss[0] - loss >= 0.9 * (loss[0] - loss[-1])).argmax())]


def _gain_chart(ensembles: Measured, field: str, caption: str, y_label: str) -> CurveChart:
    """A loss by size, less that of one network that differs by seed."""
    one = getattr(ensembles.seeds, field)[:, :1]
    lines = (
        ("Seeds", ensembles.sizes, ensembles.seeds, "ensemble"),
        ("Bootstrap rows", ensembles.bagged_sizes, ensembles.bagged, "bagging"),
    )
    return CurveChart(
        title=f"{y_label.split(' −')[0]} against the size of the ensemble",
        caption=caption,
        x_label="Networks in the ensemble",
        y_label=y_label,
        curves=tuple(
            Curve(name, np.array(sizes, dtype=np.float64), getattr(values, field) - one, key)
            for name, sizes, values, key in lines
        ),
        x_log=True,
    )


def _variance_chart(ensembles: Measured) -> CurveChart:
    sizes = np.array(ensembles.sizes[:-1], dtype=np.float64)  # of the largest there is only one
    variance = ensembles.seeds.variance[:, :-1]
    few = np.array(ensembles.bagged_sizes[:-1], dtype=np.float64)
    return CurveChart(
        title="Variance of the probabilities over ensembles",
        caption=(
            "Networks that differ by seed alone are independent given the rows, so that averaging "
            "them divides their variance by their number: the line should lie on that of theory."
        ),
        x_label="Networks in the ensemble",
        y_label="Variance, summed over classes",
        curves=(
            Curve("Seeds", sizes, variance, "ensemble"),
            Curve("Bootstrap rows", few, ensembles.bagged.variance[:, :-1], "bagging"),
            Curve(
                "1 ÷ size",
                sizes,
                np.exp2(log2_of(variance[:, :1], LEAST_VARIANCE).mean()) / sizes[None],
                "reference",
            ),
        ),
        x_log=True,
        y_log=True,
    )


def _disagreement_chart(ensembles: Measured) -> CurveChart:
    lines = (
        ("Seeds", ensembles.sizes, ensembles.seeds, "ensemble"),
        ("Bootstrap rows", ensembles.bagged_sizes, ensembles.bagged, "bagging"),
    )
    return CurveChart(
        title="How often two ensembles choose differently",
        caption=(
            "Two single networks at the left; two ensembles of half of all networks at the right. "
            "What a reader is told should not depend on the seed."
        ),
        x_label="Networks in the ensemble",
        y_label="Share of pairs that disagree",
        curves=tuple(
            Curve(name, np.array(sizes[:-1], dtype=np.float64), values.disagreement[:, :-1], key)
            for name, sizes, values, key in lines
        ),
        x_log=True,
    )


def _size_rows(kind: str, ensembles: Measured) -> tuple[tuple[str | float | int, ...], ...]:
    seeds = kind == "seeds"
    sizes = ensembles.sizes if seeds else ensembles.bagged_sizes
    values = ensembles.seeds if seeds else ensembles.bagged
    one = ensembles.seeds.log_loss[:, 0].mean()
    return tuple(
        (
            kind,
            size,
            float(values.log_loss[:, k].mean()),
            float(one - values.log_loss[:, k].mean()),
            float(values.error[:, k].mean()),
            float(values.variance[:, k].mean()),
            float(values.variance[:, k].mean() * size),
            float(values.disagreement[:, k].mean()),
        )
        for k, size in enumerate(sizes)
    )


def _gain_table(by_replicate: tuple[tuple[Gain, ...], ...], size: int) -> Table:
    """Means over replicates of what averaging gains, and how exactly theory says so."""
    rows = []
    for same_loss in zip(*by_replicate, strict=True):
        means = np.array([(g.members, g.ensemble, g.spread) for g in same_loss]).mean(axis=0)
        largest = max(gain.deviation for gain in same_loss)
        rows.append((same_loss[0].loss, *map(float, means), numeral(largest, 1)))
    return Table(
        title=f"What averaging {size} networks gains is how far they lie apart",
        caption=(
            "Mean loss of the members − loss of the ensemble = spread of the members, in every "
            f"replicate (means over {len(by_replicate)}). The first is the gap of Jensen's "
            "inequality; the others do not depend on the labels (Krogh and Vedelsby, 1995; "
            "Heskes, 1998). The last column is the largest deviation from the equation."
        ),
        columns=("loss", "members", "ensemble", "spread", "deviation"),
        rows=tuple(rows),
    )
