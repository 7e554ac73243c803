"""Fault of the probabilities: they are surer, or less sure, than the labels bear out."""

import numpy as np

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import Diagnosis, Evidence, Remedy, above
from levelset.diagnostics.faults.training import late_fall
from levelset.diagnostics.losses import row_losses
from levelset.theory import TEMPERATURE_BOUNDS, fit_temperature, reliability, tempered, top_label

LIKELIHOOD_RATIO = 6.63
"""2 · rows · nats saved by the temperature."""
COST = 0.03
"""Nats that the best temperature saves, as a share of H(y)."""

STILL_LEARNING = 0.01
"""Share of H(y) by which the last quarter of training lowered the training loss."""

_RATIO = "2 · rows · nats that the best temperature saves (a likelihood ratio)"
_WILKS = "χ² with one degree of freedom at p = 0.01 (Wilks, 1938)"
_SOFTENING = ("label_smoothing", "mixup", "dropout", "input_noise", "weight_noise", "l2")


def miscalibration(case: Case) -> Diagnosis | None:
    """Find probabilities that one temperature would make much better on the validation rows."""
    if not case.validates or np.any(case.record.diverged_epoch >= 0):
        return None
    fits = [_fit(q.astype(np.float64), case.y_validation) for q in case.validation_probabilities]
    temperature, saved, gap = (float(np.median(column)) for column in zip(*fits, strict=True))
    ratio = 2 * len(case.y_validation) * saved
    if temperature < 1.1 * TEMPERATURE_BOUNDS[0]:
        return None  # every row is right: these rows cannot tell how sure is too sure
    if ratio <= LIKELIHOOD_RATIO or saved <= COST * case.prior_loss:
        return None
    if temperature < 1 and not _softened(case) and late_fall(case) > STILL_LEARNING:
        return None  # its logits are still growing: that is unfinished training
    confidence = "high" if saved > 3 * COST * case.prior_loss else "moderate"
    sure = "surer than" if temperature > 1 else "less sure than"
    return Diagnosis(
        "miscalibration",
        (
            above(_RATIO, ratio, LIKELIHOOD_RATIO, _WILKS),
            above("nats saved, share of H(y)", saved / case.prior_loss, COST),
            Evidence("best temperature (Guo et al., 2017)", temperature),
            Evidence("expected calibration error, 15 bins of equal width", gap),
        ),
        f"The probabilities are {sure} the validation labels bear out: dividing the logits by "
        f"{temperature:.3g} lowers their loss. {_why(case, temperature)}",
        _calibrating(case),
        confidence,
        case.gain(confidence, saved),
    )


def _fit(probabilities: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    temperature = fit_temperature(probabilities, y)
    before, after = (
        row_losses(q, y) for q in (probabilities, tempered(probabilities, temperature))
    )
    return (
        temperature,
        float((before - after).mean()),
        reliability(*top_label(probabilities, y)).error,
    )


def _why(case: Case, temperature: float) -> str:
    if temperature > 1:
        return "Networks that go on training after all rows are right only grow surer."
    if _softened(case):
        return f"They were taught to doubt, by {', '.join(_softened(case))}."
    return "Training ended before the logits had grown to the size that the rows allow."


def _softened(case: Case) -> list[str]:
    return [name for name in _SOFTENING if getattr(case.recipe, name) > 0]


def _calibrating(case: Case) -> tuple[Remedy, ...]:
    remedies = [
        Remedy("Divide the logits by a temperature fitted on held-out rows.", data="temperature")
    ]
    off = {name: 0.0 for name in ("label_smoothing", "mixup") if getattr(case.recipe, name) > 0}
    if off:
        remedies.append(Remedy(f"Leave out {', '.join(off)}.", off))
    if case.recipe.monitor == "accuracy":
        remedies.append(Remedy("Keep the epoch of the lowest loss.", {"monitor": "loss"}))
    return tuple(remedies)
