"""Are the minima of regularized networks wider, and is that worth anything? The sharpness study."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from levelset.data import Dataset
from levelset.diagnostics.threads import one_blas_thread
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies.charts import Chart, Table
from levelset.studies.design import (
    BUDGETS,
    Arm,
    BudgetName,
    Design,
    Replicates,
    paired_design,
    paired_splits,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge, stated
from levelset.studies.questions.sharpness.charts import (
    attack_chart,
    remedies_chart,
    scatter_chart,
    slice_chart,
    surface_chart,
)
from levelset.studies.questions.sharpness.minima import (
    DRAWS,
    MEASURES,
    STEPS,
    clustered,
    log2_sharpness,
    minimum_of,
)
from levelset.studies.questions.sharpness.rescaling_attack import Attack, attacked, can_be_rescaled
from levelset.studies.results import Results, measured_once
from levelset.studies.study import Study
from levelset.theory import Interval, spearman
from levelset.theory.numerals import numeral

LEAST_REPLICATES = 12
"""So that at least 100 networks are correlated, whatever the budget."""

MOST_ROWS = 100
"""Training rows on which curvature is measured."""

_NEARLY_ONE = 1 - 1e-9


class SharpnessStudy(Study):
    """Train one recipe plainly and with each remedy, and measure the minima that they end in."""

    name = "sharpness"
    question = "Do remedies end in wider minima, and do wider minima generalize better?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        attack = (
            "Rescaling a layer and undoing it in the next makes a network sharper, though it "
            "computes the same.",
        )
        return (
            "Sharpness-aware steps end in a wider minimum than plain ones: a smaller largest "
            "eigenvalue.",
            "Sharpness-aware steps end in a wider minimum in the scale-invariant measure too.",
            "The other remedies end in wider minima than none, on average.",
            "The other remedies end in wider minima in the scale-invariant measure too.",
            "Over all networks, sharper minima go with a larger gap between validation and "
            "training loss.",
            "Scale-invariant sharpness goes with a larger gap too.",
            *(attack if can_be_rescaled(self.recipe) else ()),
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every remedy on every replicate, at least 100 networks."""
        # No validation rows take part in training, so there is nothing to monitor.
        base = self.budgeted(budget, len(rows)).changed(patience=None, monitor="loss")
        count = max(BUDGETS[budget].replicates, LEAST_REPLICATES)
        splits = paired_splits(dataset, rows, count, seed)
        replicates = Replicates(dataset, splits, tuple(range(seed, seed + count)))
        return paired_design(replicates, remedies(base), keep_best=False)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge what the remedies do, what sharpness says, and what rescaling does to it."""
        minima = _minima(results)
        raw, invariant = (log2_sharpness(minima[name]) for name in ("top", "invariant top"))
        names = [arm.name for arm in results.design.arms]
        gap = results.validation_loss - results.training_loss
        comparisons = [*_widening(raw, invariant, names), *_prediction(raw, invariant, gap)]
        if len(self.claims) > len(comparisons):
            comparisons.append(_rescaled(_attack(results)))
        found = judge(stated(self.claims, comparisons), results.design.test_share)
        return (*found[:4], *map(_as_correlation, found[4:6]), *found[6:])

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Every remedy's minimum, sharpness against the gap, the loss around, and the attack."""
        minima = _minima(results)
        return (
            remedies_chart(results, minima),
            scatter_chart(results, minima),
            surface_chart(results, _rows(results, 0), _index(results, "SAM")),
            slice_chart(results, lambda r: _rows(results, r), _index(results, "SAM")),
            *((attack_chart(_attack(results)),) if self._attacks(results) else ()),
        )

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per remedy, one per measure, and the attack."""
        minima = _minima(results)
        tables = (_remedies_table(results, minima), _correlation_table(results, minima))
        return (*tables, _attack(results).table) if self._attacks(results) else tables

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        rows = len(_rows(results, 0))
        return (
            f"{results.design.methods} The arms are the base and the base with one remedy each, "
            "at the same number of epochs: small batches take more steps, large ones fewer. "
            f"Curvature is that of the mean cross-entropy of {rows} training rows of the "
            "replicate, without penalty, smoothing, dropout or noise, in float64: the largest "
            f"eigenvalue of the Hessian H by {STEPS} products of Lanczos' method, its trace by "
            f"{DRAWS} draws of Hutchinson's (1990). The scale-invariant measures are those of "
            "|θ| H |θ|, which no rescaling of layers changes (Kwon, Kim, Park and Choi, ICML "
            "2021). Rank correlations are Spearman's (1904) over all networks, each less its "
            "replicate's mean, because replicates have easy and hard validation rows. Their "
            "intervals, on the scale of Fisher's z (Biometrika 10, 1915), leave out whole "
            "replicates (the jackknife: Efron and Tibshirani, An Introduction to the Bootstrap, "
            "1993, chapter 11), because networks of one replicate share its rows. "
            "Surfaces and slices move along random directions, scaled unit by unit to the weights "
            "(Li, Xu, Taylor, Studer and Goldstein, NeurIPS 2018). Rescaling is that of Dinh, "
            f"Pascanu, Bengio and Bengio (ICML 2017). {METHODS}"
        )

    def _attacks(self, results: Results) -> bool:
        return can_be_rescaled(results.design.arms[0].recipe)


def _widening(raw: np.ndarray, invariant: np.ndarray, names: list[str]) -> list[Comparison]:
    """What SAM, and the other remedies on average, do to sharpness (r, a), as log2 ratios."""
    sam = names.index("SAM")
    others = [number for number in range(1, len(names)) if number not in (sam, _large(names))]
    which = (
        f"The others: {', '.join(names[number] for number in others)}. The curvature of the "
        "cross-entropy holds p (1 − p): what keeps a network from being sure of its training "
        "rows, as λ and label smoothing do, keeps its minimum sharp by that alone."
    )
    measures = (("largest eigenvalue", raw), ("scale-invariant largest eigenvalue", invariant))
    return [
        Comparison(
            "",
            f"{measure}, {remedy} ÷ none",
            sharpness[:, 0] - sharpness[:, arms].mean(axis=1),
            is_log_ratio=True,
            falls=True,
            note=note,
        )
        for remedy, arms, note in (("SAM", [sam], ""), ("others", others, which))
        for measure, sharpness in measures
    ]


def _prediction(raw: np.ndarray, invariant: np.ndarray, gap: np.ndarray) -> list[Comparison]:
    """How sharpness (r, a) goes with the gap (r, a), on Fisher's scale."""
    networks = f"{gap.size} networks, each beside the others of its replicate."
    measures = (("largest eigenvalue", raw), ("scale-invariant eigenvalue", invariant))
    return [
        Comparison(
            "",
            f"rank correlation of {measure} and gap",
            clustered(_fisher_z, sharpness, gap),
            note=networks,
        )
        for measure, sharpness in measures
    ]


def _rescaled(attack: Attack) -> Comparison:
    """What rescaling does to raw sharpness, the function staying as it is."""
    return Comparison(
        "",
        f"largest eigenvalue, rescaled by {attack.factors[-1]:g} ÷ as it was",
        attack.log2_raw[:, -1] - attack.log2_raw[:, attack.unchanged],
        is_log_ratio=True,
        note=(
            "The largest change of a class probability is "
            f"{numeral(attack.difference.max(), 1)}, that of the scale-invariant measure "
            f"{numeral(attack.invariant_change, 1)} of itself."
        ),
    )


def remedies(base: Recipe) -> tuple[Arm, ...]:
    """Give the base, and the base with one remedy each.

    Example:
        >>> [arm.name for arm in remedies(Recipe())][:3]
        ['none', 'λ = 0.01', 'dropout 0.3']
    """
    small, large = max(1, base.batch_size // 4), 4 * base.batch_size
    changes: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
        ("none", "reference", {}),
        ("λ = 0.01", "l2", {"l2": 0.01}),
        ("dropout 0.3", "dropout", {"dropout": 0.3}),
        ("input noise 0.3", "input noise", {"input_noise": 0.3}),
        ("label smoothing 0.1", "label smoothing", {"label_smoothing": 0.1}),
        ("SAM", "sam", {"sam_radius": 0.1}),
        ("averaged weights", "averaging", {"averaging": "swa"}),
        (f"batches of {small}", "small batches", {"batch_size": small}),
        (f"batches of {large}", "large batches", {"batch_size": large}),
    )
    return tuple(Arm(name, base.changed(**change), key) for name, key, change in changes)


def _large(names: list[str]) -> int:
    """Number of the arm of large batches, which is no remedy but the contrary of one."""
    return len(names) - 1


def _index(results: Results, name: str) -> int:
    return [arm.name for arm in results.design.arms].index(name)


def _rows(results: Results, replicate: int) -> np.ndarray:
    """Give the numbers of the training rows on which curvature is measured."""
    count = len(results.design.trials[replicate].training)
    chosen = stream(replicate, "curvature rows").permutation(count)[:MOST_ROWS]
    return np.sort(chosen)


@measured_once
def _minima(results: Results) -> Mapping[str, np.ndarray]:
    """Each measure of every network, (r, a)."""
    found = np.empty((len(results.outcomes), len(results.design.arms), len(MEASURES)))
    with one_blas_thread():
        for replicate, outcome in enumerate(results.outcomes):
            rows = _rows(results, replicate)
            x, labels = outcome.trial.training.x[rows], outcome.trial.training.labels[rows]
            for arm, network in enumerate(outcome.networks):
                one = minimum_of(network, x, labels, seed=replicate)
                found[replicate, arm] = one.top, one.trace, one.invariant_top, one.invariant_trace
    return {name: found[:, :, number] for number, name in enumerate(MEASURES)}


@measured_once
def _attack(results: Results) -> Attack:
    """The base's network of every replicate, rescaled."""
    rows = [_rows(results, replicate) for replicate in range(len(results.outcomes))]
    with one_blas_thread():
        return attacked(
            [outcome.networks[0] for outcome in results.outcomes],
            [
                (outcome.trial.training.x[own], outcome.trial.training.labels[own])
                for outcome, own in zip(results.outcomes, rows, strict=True)
            ],
        )


def _spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Correlate the networks of all replicates, each less its replicate's mean, (r, a)."""
    first, second = (values - values.mean(axis=1, keepdims=True) for values in (x, y))
    return spearman(first.ravel(), second.ravel())


def _fisher_z(x: np.ndarray, y: np.ndarray) -> float:
    """Give artanh ρ, which has room to both sides where ρ is near 1 or −1."""
    return float(np.arctanh(np.clip(_spearman(x, y), -_NEARLY_ONE, _NEARLY_ONE)))


def _as_correlation(finding: Finding) -> Finding:
    """Give a finding on Fisher's scale as one of the correlation itself."""
    on_scale = finding.interval
    estimate, low, high = np.tanh([on_scale.estimate, on_scale.low, on_scale.high]).tolist()
    return replace(finding, interval=Interval(estimate, low, high, on_scale.level, on_scale.n))


def _remedies_table(results: Results, minima: Mapping[str, np.ndarray]) -> Table:
    n = len(results.outcomes)
    gap = results.validation_loss - results.training_loss
    rows = tuple(
        (
            arm.name,
            *(float(np.exp2(log2_sharpness(minima[name])[:, a].mean())) for name in MEASURES),
            float(gap[:, a].mean()),
            float(results.validation_loss[:, a].mean()),
            float(results.validation_accuracy[:, a].mean()),
        )
        for a, arm in enumerate(results.design.arms)
    )
    columns = ("remedy", *MEASURES, "gap", "validation loss", "accuracy")
    caption = (
        f"Geometric means of sharpness and means of the others over {n} replicates; losses in "
        "nats. The gap is validation less training loss."
    )
    return Table("Every remedy", caption, columns, rows)


def _correlation_table(results: Results, minima: Mapping[str, np.ndarray]) -> Table:
    gap, loss = results.validation_loss - results.training_loss, results.validation_loss
    rows = []
    for name in MEASURES:
        value = log2_sharpness(minima[name])
        along = np.mean([spearman(*pair) for pair in zip(value.T, gap.T, strict=True)])
        as_is = spearman(value.ravel(), gap.ravel())
        rows.append((name, _spearman(value, gap), as_is, float(along), _spearman(value, loss)))
    columns = ("sharpness", "with the gap", "not centered", "between replicates", "with the loss")
    caption = (
        f"Spearman's rank correlations over {gap.size} networks: with the gap, both less their "
        "replicate's mean, and as they are; within a remedy, between its replicates (a mean over "
        "remedies); and with the validation loss itself, both less their replicate's mean."
    )
    return Table("Does sharpness say what is not seen?", caption, columns, tuple(rows))
