"""Faults of the gradient's way through the layers: it vanishes, or it explodes."""

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
from levelset.diagnostics.faults.training import highest_loss
from levelset.theory.numerals import numeral

VANISHING = 1e-2
"""RMS gradient of the first layer over that of the last."""
EXPLODING = 1e2
"""The same."""
BLOWN_UP = 10.0
"""Training loss of an epoch over H(y)."""
_EARLY = 0.1

_RATIO = "RMS gradient, first layer / last layer, early in training"
_GLOROT = f"Glorot and Bengio (2010) describe it; the number is {OURS}"


def vanishing_gradient(case: Case) -> Diagnosis | None:
    """Find a first layer whose gradient is a small part of the last one's."""
    ratio = early_ratio(case)
    if not ratio < VANISHING:
        return None
    confidence = "high" if ratio < VANISHING / 10 else "moderate"
    layers = len(case.recipe.hidden)
    return Diagnosis(
        "vanishing gradient",
        (
            below(_RATIO, ratio, VANISHING, _GLOROT),
            Evidence(
                f"product of the steepest slopes of {layers} activations",
                float(np.median(case.flow.product_bound)),
            ),
        ),
        f"The gradient of the first layer is a product over {layers} layers of slopes and weights, "
        "and the factors are below 1. What is left at the first layer is too small to move it, so "
        "that it stays random.",
        _vanishing_remedies(case),
        confidence,
        case.gain(confidence),
    )


def _vanishing_remedies(case: Case) -> tuple[Remedy, ...]:
    remedies = []
    if set(case.recipe.activations) - {"relu"}:
        remedies.append(Remedy("Use ReLU.", {"activation": "relu", "initializer": None}))
    if case.recipe.gain < 1:
        remedies.append(Remedy("Start from larger weights: gain 1.", {"gain": 1.0}))
    if case.recipe.normalization == "none":
        remedies.append(Remedy("Normalize the layers over the batch.", {"normalization": "batch"}))
    if not case.recipe.residual:
        remedies.append(Remedy("Add residual connections.", {"residual": True}))
    return tuple(remedies[:3])


def exploding_gradient(case: Case) -> Diagnosis | None:
    """Find a loss that blew up, or a first layer whose gradient dwarfs the last one's."""
    diverged = float((case.record.diverged_epoch >= 0).mean())
    ratio = early_ratio(case)
    loss = highest_loss(case)
    if diverged == 0 and not (loss > BLOWN_UP or ratio > EXPLODING):
        return None
    confidence = "high" if diverged > 0 or loss > 10 * BLOWN_UP else "moderate"
    rate = case.recipe.learning_rate
    slower = Remedy(
        f"Lower the learning rate to {numeral(rate / 10)}.", {"learning_rate": rate / 10}
    )
    remedies = [slower]
    if case.recipe.gain > 1:
        remedies.insert(0, Remedy("Start from smaller weights: gain 1.", {"gain": 1.0}))
    if case.recipe.gradient_clip is None:
        remedies.append(Remedy("Clip the gradient to norm 1.", {"gradient_clip": 1.0}))
    return Diagnosis(
        "exploding gradient",
        (
            above("share of members that diverged", diverged, 0.0, BY_DEFINITION),
            above("largest training loss of an epoch / H(y)", loss, BLOWN_UP),
            above(_RATIO, ratio, EXPLODING),
        ),
        "Steps are too long for the steepness of the loss, or the factors of the gradient's "
        "product over layers lie above 1. Each step then lands higher than where it began.",
        tuple(remedies),
        confidence,
        case.gain(confidence, max(case.excess, case.prior_loss * diverged)),
    )


def early_ratio(case: Case) -> float:
    """First over last layer's RMS gradient: geometric mean over the first tenth of the epochs.

    NaN without hidden layers.
    """
    if not case.recipe.hidden:
        return np.nan
    epochs = max(1, round(_EARLY * case.recipe.epochs))
    ratio = case.flow.first_over_last[:, :epochs]
    ratio = ratio[np.isfinite(ratio) & (ratio > 0)]
    return float(np.exp(np.log(ratio).mean())) if ratio.size else np.nan
