"""Faults of the course of training: a plateau, and steps that are too short or too long."""

import numpy as np

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import (
    BY_DEFINITION,
    OURS,
    Diagnosis,
    Evidence,
    Remedy,
    above,
    below,
)
from levelset.diagnostics.faults.inputs import STANDARDIZE, unscaled_inputs
from levelset.theory.numerals import numeral

EXPLAINED = 0.1
"""1 − training loss / H(y): below it a network says little more than the class frequencies."""
LEARNABLE = 0.2
"""The same of the reference: above it there is something to learn."""
STILL = 0.05
"""Share of H(y) by which the last quarter of training lowers a loss that stands still, at most."""
SHORT_STEP = 7e-4
"""‖ΔW‖ / ‖W‖ of a step, in the epoch and layer where it was largest."""
LONG_STEP = 0.05
"""The same."""
LEFT_TO_LEARN = 0.1
"""Training loss above the reference's, as a share of H(y); half of it for steps that are long."""
RESTLESS = 0.25
"""Share of epochs in which the training loss rose by more than 2 %."""
THROWN = 2.0
"""Training loss of an epoch over H(y)."""
_RISE = 0.02
_GOOD_STEP = 3e-3

_RULE = (
    f"the rule of thumb is 1e-3 (Karpathy, CS231n notes, Neural networks 3); the number is {OURS}"
)
_STEP = "longest step / length of the weights (‖ΔW‖ / ‖W‖, epoch means)"
_FALL = "share of H(y) by which the last quarter of training lowered the training loss"
_LEFT = "training loss above the reference's, share of H(y)"


def plateau(case: Case) -> Diagnosis | None:
    """Find a loss that stands still at that of the class frequencies, with more to be had."""
    explained = 1.0 - case.training_loss / case.prior_loss
    if not (explained < EXPLAINED and case.learnable > LEARNABLE):
        return None
    if late_fall(case) > STILL or np.any(case.record.diverged_epoch >= 0):
        return None
    confidence = "high" if explained < EXPLAINED / 2 else "moderate"
    others = f"the same of the reference ({case.reference.name}) on rows it did not learn from"
    right = case.training_probabilities.argmax(-1) == case.y
    return Diagnosis(
        "plateau taken for convergence",
        (
            below("share of H(y) explained, 1 − training loss / H(y)", explained, EXPLAINED),
            above(others, case.learnable, LEARNABLE),
            below(_FALL, late_fall(case), STILL),
            Evidence("training accuracy", float(right.mean())),
            Evidence("share of the largest class", float(case.frequencies.max())),
            Evidence("RMS gradient, first layer / last layer", _median_ratio(case)),
        ),
        "The loss stands still because the output bias has learned the class frequencies and the "
        "layers below receive too little gradient to add anything, not because there is no more to "
        "learn. Stopping rules take this for convergence.",
        _off_the_plateau(case),
        confidence,
        case.gain(confidence),
    )


def _off_the_plateau(case: Case) -> tuple[Remedy, ...]:
    remedies = [STANDARDIZE] if unscaled_inputs(case) else []
    names = set(case.recipe.activations)
    for name, text in (("relu", "Use ReLU."), ("tanh", "Use tanh.")):
        if case.recipe.hidden and name not in names:
            remedies.append(Remedy(text, {"activation": name, "initializer": None}))
    if len(remedies) < 3:
        rate = min(1.0, 10 * case.recipe.learning_rate)
        remedies.append(
            Remedy(f"Raise the learning rate to {numeral(rate)}.", {"learning_rate": rate})
        )
    return tuple(remedies[:3])


def rate_too_low(case: Case) -> Diagnosis | None:
    """Find weights that hardly move while there is much to learn."""
    step, left = longest_step(case), case.shortfall
    if not (step < SHORT_STEP and left > LEFT_TO_LEARN and case.learnable > LEARNABLE):
        return None
    confidence = "high" if step < SHORT_STEP / 3 else "moderate"
    rate = _rounded(case.recipe.learning_rate * min(_GOOD_STEP / max(step, 1e-9), 1e4))
    return Diagnosis(
        "learning rate too low",
        (
            below(_STEP, step, SHORT_STEP, _RULE),
            above(_LEFT, left, LEFT_TO_LEARN),
            Evidence(_FALL, late_fall(case)),
        ),
        "Each step changes the weights by a tiny part of their length, so that the epochs end long "
        "before the weights have got anywhere. The loss would go on falling if it had the time.",
        (Remedy(f"Raise the learning rate to {numeral(rate)}.", {"learning_rate": rate}),),
        confidence,
        case.gain(confidence),
    )


def rate_too_high(case: Case) -> Diagnosis | None:
    """Find a loss that leaps instead of falling, under long steps."""
    step, left, restless = longest_step(case), case.shortfall, _restlessness(case)
    loss, diverged = highest_loss(case), float((case.record.diverged_epoch >= 0).mean())
    leaping = step > LONG_STEP and left > LEFT_TO_LEARN / 2
    leaping &= restless > RESTLESS or loss > THROWN
    if not (diverged > 0 or leaping):
        return None
    confidence = "high" if diverged > 0 or step > 3 * LONG_STEP else "moderate"
    shorter = 0.01 if diverged > 0 else max(_GOOD_STEP / max(step, _GOOD_STEP), 1e-4)
    rate = _rounded(case.recipe.learning_rate * shorter)
    return Diagnosis(
        "learning rate too high",
        (
            above(_STEP, step, LONG_STEP, _RULE),
            above(_LEFT, left, LEFT_TO_LEARN / 2),
            above("share of epochs whose training loss rose by over 2 %", restless, RESTLESS),
            above("largest training loss of an epoch / H(y)", loss, THROWN),
            above("share of members that diverged", diverged, 0.0, BY_DEFINITION),
        ),
        "Steps are longer than the valleys of the loss are wide, so that the weights are thrown "
        "from one side to the other. The loss leaps about, or leaves for good.",
        _slower(case, rate),
        confidence,
        case.gain(confidence),
    )


def _slower(case: Case, rate: float) -> tuple[Remedy, ...]:
    remedies = [Remedy(f"Lower the learning rate to {numeral(rate)}.", {"learning_rate": rate})]
    if case.recipe.schedule != "cosine":
        remedies.append(Remedy("Let the rate fall along a cosine.", {"schedule": "cosine"}))
    return tuple(remedies)


def highest_loss(case: Case) -> float:
    """Largest training loss of an epoch, median over members, over H(y)."""
    loss = case.curve("training_loss")
    return float(loss[~np.isnan(loss)].max(initial=0.0)) / case.prior_loss


def longest_step(case: Case) -> float:
    """‖ΔW‖ / ‖W‖ in the epoch and the layer where it was largest, median over members.

    The first steps say how long a rate makes them: later, a network may be dead, or done.
    """
    ratios = case.curve("update_ratio")
    return float(ratios[np.isfinite(ratios)].max(initial=0.0))


def late_fall(case: Case) -> float:
    """By how much the last quarter of training lowered the training loss, as a share of H(y).

    Twice the difference of the means of its halves, so that one restless epoch decides nothing.
    """
    loss = case.curve("training_loss")
    loss = loss[np.isfinite(loss)]
    if len(loss) < 2:
        return 0.0
    tail = loss[-max(1, len(loss) // 4) - 1 :]
    half = max(1, len(tail) // 2)
    return float(2 * (tail[:half].mean() - tail[-half:].mean()) / case.prior_loss)


def _restlessness(case: Case) -> float:
    loss = case.record.training_loss.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        rises = loss[:, 1:] > (1 + _RISE) * loss[:, :-1]
    ran = np.isfinite(loss[:, 1:])
    return float(rises[ran].mean()) if ran.any() else 0.0


def _median_ratio(case: Case) -> float:
    ratio = case.flow.first_over_last
    ratio = ratio[np.isfinite(ratio)]
    return float(np.median(ratio)) if ratio.size else np.nan


def _rounded(rate: float) -> float:
    """To one significant digit, as a person would write it."""
    return float(f"{rate:.0e}")
