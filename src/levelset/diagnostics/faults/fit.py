"""Faults of the fit: too little, or too much."""

import numpy as np

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import Diagnosis, Evidence, Remedy, above

SHORTFALL = 0.1
"""Training loss above the reference's loss on new rows, as a share of H(y)."""
GENERALIZATION_LOSS = 0.05
"""Final over lowest validation loss, minus 1."""
RISE = 0.1
"""Final minus lowest validation loss, as a share of H(y)."""
GAP = 0.35
"""Validation minus training loss of the kept networks, as a share of H(y)."""

_PRECHELT = "Prechelt, Early stopping: but when? (1998), GL > 5 %"
_HOLDS = (
    "l2",
    "weight_decay",
    "dropout",
    "input_dropout",
    "input_noise",
    "weight_noise",
    "mixup",
    "label_smoothing",
)


def underfitting(case: Case) -> Diagnosis | None:
    """Find networks that do worse on rows they learned from than the reference on new ones."""
    shortfall = case.shortfall
    if not shortfall > SHORTFALL:
        return None
    confidence = "high" if shortfall > 2 * SHORTFALL else "moderate"
    reference = f"the reference ({case.reference.name}) on rows it did not learn from"
    return Diagnosis(
        "underfitting",
        (
            above(f"training loss above that of {reference}, share of H(y)", shortfall, SHORTFALL),
            Evidence("training loss (nats)", case.training_loss),
            Evidence("H(y), the loss of the class frequencies (nats)", case.prior_loss),
        ),
        "The networks do worse on the rows they learned from than another recipe on rows it has "
        "never seen. They are too small, too tightly held, or did not train long enough.",
        _loosening(case),
        confidence,
        case.gain(confidence),
    )


def _loosening(case: Case) -> tuple[Remedy, ...]:
    recipe, remedies = case.recipe, []
    held = {name: 0.0 for name in _HOLDS if getattr(recipe, name) > 0}
    if held:
        remedies.append(Remedy(f"Let go: {', '.join(held)} = 0.", held))
    if min(recipe.hidden, default=0) < 32:
        wider: dict[str, object] = {"hidden": (64, 64), "learning_rate_factors": None}
        if isinstance(recipe.activation, tuple):
            wider["activation"] = recipe.activation[0] if recipe.activation else "relu"
        remedies.append(Remedy("Use two layers of 64 units.", wider))
    epochs = 4 * recipe.epochs
    remedies.append(Remedy(f"Train for {epochs} epochs.", {"epochs": epochs}))
    return tuple(remedies[:3])


def overfitting(case: Case) -> Diagnosis | None:
    """Find a validation loss that turned and rose, or stayed far above the training loss."""
    loss = case.record.validation_loss.astype(np.float64)
    loss = loss[np.isfinite(loss[:, 0])]
    if not len(loss) or np.any(case.record.diverged_epoch >= 0):
        return None  # also without validation rows: all NaN
    lowest = float(np.median(np.nanmin(loss, axis=1)))
    final = float(np.median([_late(curve) for curve in loss]))
    relative, rise = final / lowest - 1.0, (final - lowest) / case.prior_loss
    gap = (case.validation_loss - case.training_loss) / case.prior_loss
    training = _late(case.curve("training_loss"))
    turned = relative > GENERALIZATION_LOSS and rise > RISE and training < lowest
    if not (turned or gap > GAP):
        return None
    confidence = "high" if rise > 3 * RISE or gap > 2 * GAP else "moderate"
    kept = "validation minus training loss of the kept networks, share of H(y)"
    return Diagnosis(
        "overfitting",
        (
            above("final validation loss / lowest − 1", relative, GENERALIZATION_LOSS, _PRECHELT),
            above("final minus lowest validation loss, share of H(y)", rise, RISE),
            above(kept, gap, GAP),
            Evidence("final training loss (nats)", training),
            Evidence("lowest validation loss (nats)", lowest),
        ),
        "The networks learn what is particular to the training rows and does not hold for others. "
        "The kept network is that of the best epoch, but a penalty could make a better one.",
        _holding(case),
        confidence,
        case.gain(confidence, max(case.excess, 0.1 * (final - lowest))),
    )


def _late(curve: np.ndarray) -> float:
    """Mean of the last twentieth of the epochs that ran."""
    ran = curve[np.isfinite(curve)]
    return float(ran[-max(1, len(ran) // 20) :].mean())


def _holding(case: Case) -> tuple[Remedy, ...]:
    recipe = case.recipe
    l2 = max(1e-2, min(1.0, 10 * recipe.l2))
    dropout = max(0.3, min(0.6, 1.5 * recipe.dropout))
    remedies = [
        Remedy(f"Penalize the weights: l2 = {l2:g}.", {"l2": l2}),
        Remedy(f"Drop hidden outputs: dropout = {dropout:g}.", {"dropout": dropout}),
    ]
    small = tuple(max(4, width // 4) for width in recipe.hidden)
    if small != recipe.hidden:
        remedies.append(Remedy(f"Narrow the layers to {small}.", {"hidden": small}))
    return tuple(remedies)
