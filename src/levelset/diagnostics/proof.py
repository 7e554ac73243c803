"""Proof: the recipe with and without each remedy, on paired seeds."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from levelset.data import stratified_split
from levelset.diagnostics.faults import Case, Diagnosis, Remedy
from levelset.diagnostics.faults.inputs import duplicates
from levelset.diagnostics.faults.labels import suspected_rows
from levelset.diagnostics.faults.scaling import fit_scaling
from levelset.diagnostics.losses import class_balanced_mean, row_losses
from levelset.engine import Fleet, Member, Progress, Recipe
from levelset.seeds import stream
from levelset.theory import fit_temperature, tempered
from levelset.theory.statistics import Interval, holm, mean_interval, mean_p_value

SIGNIFICANCE = 0.05
MARGIN = 0.02
"""A remedy that saves work may cost this share of H(y) and still count as as good."""
WORTH = 0.01
"""Share of H(y) by which a loss must change to be worth a word, however sure the change is."""

Verdict: TypeAlias = Literal["shown", "not shown", "harmful"]
Trial: TypeAlias = tuple[Recipe, str]  # what is trained: a recipe, and what is done to the rows


@dataclass(frozen=True)
class Proof:
    """What became of a remedy.

    Attributes:
        fault: That it is for.
        remedy: What was changed.
        verdict: "shown" if the loss became what it should (p <= 0.05 after Holm's adjustment over
            all remedies tried) by 1 % of H(y) or more, "harmful" if it became the contrary,
            otherwise "not shown".
        difference: Validation loss with the remedy minus without it, in nats, with the interval of
            the paired t over seeds.
        before: Mean validation loss without the remedy.
        after: Mean validation loss with it.
        p_value: Adjusted.
    """

    fault: str
    remedy: Remedy
    verdict: Verdict
    difference: Interval
    before: float
    after: float
    p_value: float

    @property
    def gain(self) -> float:
        """Nats saved, where that is what was wanted and shown; otherwise 0."""
        wanted = self.verdict == "shown" and self.remedy.aim == "lower"
        return max(0.0, -self.difference.estimate) if wanted else 0.0


def prove(
    case: Case,
    diagnoses: Sequence[Diagnosis],
    replicates: int = 8,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Proof, ...]:
    """Train the recipe with and without every remedy on the same rows and seeds.

    All that can be trained on the same columns is one fleet; remedies that standardize are a second
    one. Without validation rows, a quarter of the training rows is held out, and networks are
    those of the last epoch.

    Args:
        case: What was looked at.
        diagnoses: Whose remedies to try.
        replicates: Seeds r >= 2, the same for all.
        progress: Called about 20 times a second.

    Returns:
        One proof for each remedy, in the order of the diagnoses. The seeds vary and the split does
        not: an interval is about these validation rows.
    """
    pairs = [(found.fault, remedy) for found in diagnoses for remedy in found.remedies]
    if not pairs:
        return ()
    bench = _Bench.of(case, replicates)
    base = (case.recipe, "none")
    trials = [_trial(case, remedy) for _, remedy in pairs]
    wanted = dict.fromkeys([base, *(trial for trial in trials if trial[1] != "temperature")])
    predicted = bench.train(list(wanted), progress)
    results = [
        bench.compare(remedy, predicted[base], predicted.get(trial))
        for (_, remedy), trial in zip(pairs, trials, strict=True)
    ]
    p_values = [
        mean_p_value(after - before - _allowed(case, remedy))
        for (_, remedy), (before, after) in zip(pairs, results, strict=True)
    ]
    tests = [
        (*trial, remedy.aim, remedy.balanced)
        for (_, remedy), trial in zip(pairs, trials, strict=True)
    ]
    # One remedy of two faults is one test.
    distinct = dict(zip(tests, p_values, strict=True))
    adjusted = dict(zip(distinct, holm(np.array(list(distinct.values()))), strict=True))
    return tuple(
        _proof(case, *pair, *result, float(adjusted[test]))
        for pair, result, test in zip(pairs, results, tests, strict=True)
    )


@dataclass(frozen=True, eq=False)
class _Bench:
    """Rows to learn from and rows to be judged on, and the seeds."""

    case: Case
    x: np.ndarray
    y: np.ndarray
    x_held_out: np.ndarray
    y_held_out: np.ndarray
    rows: np.ndarray  # of both, as indices into the case's training and then validation rows
    weights: np.ndarray | None
    replicates: int

    @classmethod
    def of(cls, case: Case, replicates: int) -> "_Bench":
        given = (case.x, case.y, case.x_validation, case.y_validation)
        if case.validates:
            rows = np.arange(len(case.y) + len(case.y_validation))
            return cls(case, *given, rows, case.sample_weight, replicates)
        split = stratified_split(case.y, stream(case.seed, "proof"), (0.75, 0.25, 0.0))
        part, held = split.training, split.validation
        weights = None if case.sample_weight is None else case.sample_weight[part]
        arrays = (case.x[part], case.y[part], case.x[held], case.y[held])
        return cls(case, *arrays, np.concatenate([part, held]), weights, replicates)

    def train(
        self, trials: Sequence[Trial], progress: Callable[[Progress], None] | None
    ) -> Mapping[Trial, np.ndarray]:
        """Give class probabilities of the held-out rows, (r, v, c), by trial."""
        predicted: dict[Trial, np.ndarray] = {}
        total = self.replicates * sum(recipe.epochs for recipe, _ in trials)
        done, started = 0, time.perf_counter()
        for scaled in (False, True):
            chosen = [trial for trial in trials if (trial[1] == "standardize") == scaled]
            if not chosen:
                continue
            show = _shifted(progress, done, total, started)
            fleet, x_held_out = self._fleet(chosen, scaled)
            fleet.run(progress=show)
            found = fleet.predict_proba(x_held_out)
            found = found.reshape(len(chosen), self.replicates, len(x_held_out), -1)
            predicted |= dict(zip(chosen, found, strict=True))
            done += self.replicates * sum(recipe.epochs for recipe, _ in chosen)
        return predicted

    def _fleet(self, trials: Sequence[Trial], scaled: bool) -> tuple[Fleet, np.ndarray]:
        x, x_held_out = self.x, self.x_held_out
        if scaled:
            scaling = fit_scaling(x)
            x, x_held_out = scaling.apply(x), scaling.apply(x_held_out)
        members = [
            Member(recipe, seed=self.case.seed + seed, rows=self._kept(data))
            for recipe, data in trials
            for seed in range(self.replicates)
        ]
        sigmoid = self.case.recipe.heads != "softmax"
        fleet = Fleet(
            members,
            x,
            self.y,
            validation=(x_held_out, self.y_held_out) if self.case.validates else None,
            sample_weight=self.weights,
            classes=None if sigmoid else self.case.classes,
            dtype="float64" if self.case.x.dtype == np.float64 else "float32",
        )
        return fleet, x_held_out

    def _kept(self, data: str) -> np.ndarray | None:
        """Training rows that a trial learns from; None for all."""
        if data == "drop duplicates":
            return np.flatnonzero(~duplicates(self.x_held_out, self.x))
        if data == "drop suspects":
            return np.flatnonzero(~self._suspected[: len(self.y)])
        return None

    @property
    def _suspected(self) -> np.ndarray:
        return np.isin(self.rows, suspected_rows(self.case))

    def compare(
        self, remedy: Remedy, before: np.ndarray, after: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the held-out loss of each seed without and with the remedy, both (r,)."""
        y = self.y_held_out
        judged = np.ones(len(y), dtype=bool)
        if remedy.data == "drop suspects":
            judged = ~self._suspected[len(self.y) :]
        if after is None:  # the temperature is fitted on one half of the rows, for the other
            after = cooled(before, y)
        own, with_remedy = (row_losses(q[:, judged], y[judged]) for q in (before, after))
        if not remedy.balanced:
            return own.mean(axis=1), with_remedy.mean(axis=1)
        own, with_remedy = (class_balanced_mean(losses, y[judged]) for losses in (own, with_remedy))
        return np.asarray(own), np.asarray(with_remedy)


def _trial(case: Case, remedy: Remedy) -> Trial:
    return case.recipe.changed(**remedy.changes), remedy.data


def _allowed(case: Case, remedy: Remedy) -> float:
    return MARGIN * case.prior_loss if remedy.aim == "as low" else 0.0


def _proof(
    case: Case, fault: str, remedy: Remedy, before: np.ndarray, after: np.ndarray, p: float
) -> Proof:
    difference = mean_interval(after - before)
    shifted = difference.estimate - _allowed(case, remedy)
    as_wanted = shifted > 0 if remedy.aim == "higher" else shifted < 0
    verdict: Verdict = "not shown"
    small = remedy.aim != "as low" and abs(shifted) < WORTH * case.prior_loss
    if p <= SIGNIFICANCE and not small:
        verdict = "shown" if as_wanted else "harmful"
    means = float(before.mean()), float(after.mean())
    return Proof(fault, remedy, verdict, difference, *means, p)


def _shifted(
    progress: Callable[[Progress], None] | None, done: int, total: int, started: float
) -> Callable[[Progress], None] | None:
    if progress is None:
        return None

    def show(inner: Progress) -> None:
        seconds = time.perf_counter() - started
        progress(
            Progress(
                done + inner.epochs_done, total, inner.members_done, inner.members_total, seconds
            )
        )

    return show


def cooled(probabilities: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Temper each half of the rows by the temperature that suits the other half.

    Args:
        probabilities: Of the held-out rows, by seed, shape (r, v, c).
        y: Their class numbers, shape (v,); each class is spread over both halves.

    Returns:
        Probabilities, shape (r, v, c).
    """
    half = np.empty(len(y), dtype=np.int64)
    half[np.argsort(y, kind="stable")] = np.arange(len(y)) % 2
    before = probabilities.astype(np.float64)
    after = np.empty_like(before)
    for q, tempered_q in zip(before, after, strict=True):
        for own in (half == 0, half == 1):
            temperature = fit_temperature(q[~own], y[~own])
            tempered_q[own] = tempered(q[own], temperature)
    return after
