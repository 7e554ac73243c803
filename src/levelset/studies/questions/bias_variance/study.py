"""Under- or overfitting? The bias-variance study."""

from collections.abc import Mapping

import numpy as np

from levelset.data import Dataset, Split, fit_encoding, stratified_split
from levelset.diagnostics import BiasVariance, bias_variance
from levelset.engine import Member
from levelset.seeds import stream
from levelset.studies.charts import Chart, Curve, CurveChart, Table
from levelset.studies.design import VALIDATION_SHARE, BudgetName, Design, Rows, Trial
from levelset.studies.finding import Finding
from levelset.studies.judgement import Comparison, judge
from levelset.studies.questions.bias_variance.complexity import (
    Axis,
    Complexities,
    complexities_around,
)
from levelset.studies.questions.bias_variance.expected_loss import ExpectedLoss, expected_loss
from levelset.studies.questions.bias_variance.tables import (
    base_table,
    identity_table,
    settings_table,
    standing_table,
)
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory import DECOMPOSITIONS
from levelset.theory.decomposition import DecompositionName
from levelset.theory.numerals import numeral

TWO_WAY: Mapping[BudgetName, tuple[int, int]] = {
    "quick": (8, 2),
    "standard": (10, 2),
    "thorough": (24, 4),
}
"""Training sets, and seeds that each is trained with."""

MOST_PROBABILITIES = 2_000
"""Test rows times classes, at most: what the cost of the measures grows with."""

LOSSES: tuple[DecompositionName, ...] = ("brier", "cross_entropy")
"""The losses whose terms every setting has."""

_COMPLEX = "Where the bias falls complexity pays, where the variance grows it costs"
_TO_SEE: Mapping[str, str] = {
    "width": _COMPLEX,
    "depth": _COMPLEX,
    "λ": "To the right networks are held back: the variance shrinks and the bias grows",
    "training rows": "More rows are a cure of variance; what they leave is bias",
}
"""What to see along each axis."""

_DRAWS = 100  # bootstrap samples behind the intervals of the base


class BiasVarianceStudy(Study):
    """Train settings of growing complexity on many training sets with several seeds each.

    Training sets are bootstrap samples of one pool of rows, and every setting learns from each with
    every seed. The test rows are the same for all.
    """

    name = "bias-variance"
    question = "Under- or overfitting: what is the expected error made of, and what changes it?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        around = complexities_around(self.recipe)
        widths, path = around.axis("width").values, around.axis("λ").values
        smallest, largest = numeral(path[0]), numeral(path[-1])
        return (
            "The variance is smaller with all training rows than with an eighth of them.",
            f"The bias is smaller with {widths[-1]:g} units in a hidden layer than with "
            f"{widths[0]:g}.",
            f"The variance is smaller with λ = {largest} than with λ = {smallest}.",
            f"The bias is larger with λ = {largest} than with λ = {smallest}.",
            "Other rows move the base network's predictions more than another seed does.",
            "The base network overfits more than it underfits: its variance is above its bias.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every setting on every training set, with every seed."""
        # No validation rows take part in training, so there is nothing to monitor.
        base = self.budgeted(budget, len(rows)).changed(patience=None, monitor="loss")
        around = complexities_around(base)
        sets, seeds = TWO_WAY[budget]
        share = min(VALIDATION_SHARE, MOST_PROBABILITIES / len(dataset.classes) / len(rows))
        part = stratified_split(
            dataset.targets[rows], stream(seed, "test rows"), (1 - share, 0.0, share)
        )
        pool, test = rows[part.training], rows[part.test]

        def trial(number: int) -> Trial:
            generator = stream(seed, "training set", number)
            drawn = pool[generator.integers(len(pool), size=len(pool))]
            encoding = fit_encoding(dataset, drawn)
            training, judged = (
                Rows(encoding.transform(dataset, one), dataset.targets[one])
                for one in (drawn, test)
            )
            members = tuple(
                Member(setting.arm.recipe, seed=seed + s, rows=_first(len(drawn), setting.share))
                for s in range(seeds)
                for setting in around.settings
            )
            return Trial(
                members=members,
                training=training,
                judged=judged,
                monitored=None,
                classes=len(dataset.classes),
                split=Split(drawn, rows[:0], test),
                encoding=encoding,
            )

        arms = tuple(setting.arm for setting in around.settings)
        return Design(dataset, arms, tuple(trial(r) for r in range(sets)))

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims in Brier's score, whose terms are estimated without bias."""
        around, brier = _around(results), _measured(results)["brier"]
        bias, variance, ratio = (
            brier.values[term] for term in ("bias", "variance", "log2 variance")
        )
        width, path, share = (
            around.axis(name).settings for name in ("width", "λ", "training rows")
        )
        below = (
            "Below 0 it underfits."
            if brier.noise_known
            else "Below 0 it underfits or its labels are noisy: on this table the noise cannot be "
            "told apart, it is inside the bias, which is too large here and never too small."
        )
        verdict = (
            "Above 0 it overfits, and more rows, a larger λ or an average of networks would help. "
            + below
        )
        rows, seed = brier.values["rows"][:, 0], brier.values["seed"][:, 0]
        effects = (
            ("variance, all rows ÷ an eighth", ratio[:, [share[0], share[-1]]], True),
            ("bias², widest − narrowest", bias[:, [width[0], width[-1]]], True),
            ("variance, largest λ ÷ smallest", ratio[:, [path[0], path[-1]]], True),
            ("bias², largest λ − smallest", bias[:, [path[-1], path[0]]], False),
            ("variance, by rows − by seed", np.stack([rows, seed], axis=1), False),
            ("variance − bias² of the base", np.stack([variance[:, 0], bias[:, 0]], 1), False),
        )
        notes = ("",) * 5 + (verdict,)
        return judge(
            [
                Comparison(
                    claim,
                    f"{effect} (Brier)",
                    pair[:, 0] - pair[:, 1],
                    is_log_ratio="÷" in effect,
                    falls=falls,
                    note=note,
                )
                for claim, (effect, pair, falls), note in zip(
                    self.claims, effects, notes, strict=True
                )
            ],
            test_share=None,
        )

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The terms along each axis, and what makes the variance."""
        around, measured = _around(results), _measured(results)
        return (
            *(_axis_chart(axis, measured["brier"], results) for axis in around.axes),
            _variance_chart(around.axis("training rows"), measured["brier"], results),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """The base in every loss, where it stands, every setting, and the identities."""
        around, measured = _around(results), _measured(results)
        cells, targets = _cells(results), _targets(results)
        return (
            base_table([_base(cells[:, :, 0], targets, loss) for loss in DECOMPOSITIONS]),
            standing_table(around, measured["brier"], measured["cross_entropy"]),
            settings_table(around, measured["brier"], measured["cross_entropy"], len(cells)),
            identity_table(cells, targets),
        )

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        sets, trial = len(results.outcomes), results.design.trials[0]
        seeds = len(trial.members) // len(results.design.arms)
        recipe = results.design.arms[0].recipe
        assert trial.judged is not None
        return (
            f"{len(results.design.arms)} settings, each trained on {sets} training sets with "
            f"{seeds} seeds ({sets * seeds * len(results.design.arms)} networks), to the last of "
            f"{recipe.epochs} epochs ({recipe.optimizer}, learning rate "
            f"{numeral(recipe.learning_rate)}, batches of {recipe.batch_size}). A training set is "
            f"a bootstrap sample of {len(trial.training)} from as many rows, about 63 % of them "
            "distinct, with its own encoding; a share of the rows is its first ones. All are "
            f"judged on the same {len(trial.judged)} test rows. Widths "
            "are those of one hidden layer; λ and rows vary at the base. Terms are means over "
            "test rows, corrected for the center having been estimated from the same networks; "
            "the parts of the variance are the components of a two-way design (Searle, Casella "
            "and McCulloch, Variance Components, 1992, chapter 4), and 'seed' holds all that "
            "training again on the same rows varies. Brier: Geman, Bienenstock and Doursat "
            "(1992); cross-entropy about the geometric mean: Heskes (1998); 0-1: Domingos (2000), "
            "Kohavi and Wolpert (1996). Differences between settings are paired by training set, "
            "with the jackknife's standard errors and Student's t over training sets (Efron and "
            "Tibshirani, An Introduction to the Bootstrap, 1993, chapters 11 and 12); verdicts "
            "after Holm's adjustment. They hold for this pool of rows and these test rows. With "
            "fewer than 24 training sets such intervals of a variance are somewhat too narrow: in "
            "simulations, 95 % intervals hold the truth about nine times in ten at 12."
        )


def _first(rows: int, share: float) -> np.ndarray | None:
    """Give the numbers of the first rows of a training set; None for all."""
    return None if share == 1.0 else np.arange(max(1, round(share * rows)))


def _around(results: Results) -> Complexities:
    return complexities_around(results.design.arms[0].recipe)


def _cells(results: Results) -> np.ndarray:
    """Class probabilities of the test rows by training set, seed and setting, (r, s, a, n, c)."""
    stacked = np.stack([outcome.judged[0] for outcome in results.outcomes])
    settings = len(results.design.arms)
    return stacked.reshape(len(stacked), -1, settings, *stacked.shape[2:])


def _targets(results: Results) -> np.ndarray:
    """The truth of the test rows: class probabilities where they are known, else labels."""
    trial, dataset = results.design.trials[0], results.design.dataset
    assert trial.split is not None
    truth = dataset.class_probabilities
    return (dataset.targets if truth is None else truth)[trial.split.test]


@measured_once
def _measured(results: Results) -> Mapping[DecompositionName, ExpectedLoss]:
    cells, targets = _cells(results), _targets(results)
    return {loss: expected_loss(cells, targets, loss) for loss in LOSSES}


def _base(cells: np.ndarray, targets: np.ndarray, loss: DecompositionName) -> BiasVariance:
    generator = stream(0, "bias-variance", loss)
    return bias_variance(cells, targets, loss, generator=generator, draws=_DRAWS)


def _axis_chart(axis: Axis, brier: ExpectedLoss, results: Results) -> CurveChart:
    """The terms along one axis."""
    shown = [at for at, value in enumerate(axis.values) if not axis.log or value > 0]
    settings = [axis.settings[at] for at in shown]
    terms = ("expected loss", "bias", "variance", *(("noise",) if brier.noise_known else ()))
    names = {"expected loss": "Expected loss", "bias": "Bias²", "variance": "Variance"}
    left_out = len(axis.values) - len(shown)
    without = f" {axis.name} = 0 is in the table." if left_out else ""
    return CurveChart(
        title=f"What the expected loss is made of, against {axis.name}",
        caption=f"{_TO_SEE[axis.name]} (n = {len(results.outcomes)} training sets).{without}",
        x_label=axis.label,
        y_label="Brier score",
        curves=tuple(
            Curve(
                names.get(term, "Noise"),
                np.array([axis.values[at] for at in shown], dtype=np.float64),
                brier.values[term][:, settings],
                term,
            )
            for term in terms
        ),
        x_log=axis.log,
    )


def _variance_chart(axis: Axis, brier: ExpectedLoss, results: Results) -> CurveChart:
    """The two parts of the variance along the training rows."""
    settings = list(axis.settings)
    return CurveChart(
        title="What makes the variance: the rows drawn, or the seed",
        caption=(
            "The seed's part is what training again on the same rows would vary; an average over "
            f"seeds removes it and leaves the other (n = {len(results.outcomes)} training sets)."
        ),
        x_label=axis.label,
        y_label="Variance (Brier score)",
        curves=tuple(
            Curve(name, np.array(axis.values), brier.values[term][:, settings], f"{term} part")
            for name, term in (("Rows", "rows"), ("Seed", "seed"))
        ),
        x_log=True,
    )
