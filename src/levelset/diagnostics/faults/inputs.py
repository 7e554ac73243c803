"""Faults of the features: columns that are not scaled, and rows that stand on both sides."""

import numpy as np

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import OURS, Diagnosis, Evidence, Remedy, above
from levelset.diagnostics.losses import row_losses

OFF_CENTER = 1.0
"""|mean| / standard deviation of a column."""
SPREAD = 3.0
"""Standard deviation of a column, or one over it."""
SHARED_ROWS = 0.02
"""Share of the validation rows that stand among the training rows."""
_BY_CHANCE = 0.05
_DIGITS = 6

_EFFICIENT = (
    "LeCun, Bottou, Orr and Müller, Efficient BackProp (1998), section 4.3, ask for means near 0 "
    f"and like variances, about 1; the number is {OURS}"
)

STANDARDIZE = Remedy("Standardize the columns by the training rows.", data="standardize")


def unscaled_inputs(case: Case) -> Diagnosis | None:
    """Find columns whose mean is far from 0, or whose spread is far from 1."""
    rows = case.x.astype(np.float64)
    counted = [i for i in range(rows.shape[1]) if len(np.unique(rows[:, i])) > 2]
    if not counted:
        return None  # indicators alone: 0 and 1 need no scale
    mean, deviation = rows.mean(axis=0)[counted], rows.std(axis=0)[counted]
    center = np.abs(mean) / deviation
    stretch = np.maximum(deviation, 1.0 / deviation)
    off = (center > OFF_CENTER) | (stretch > SPREAD)
    if not off.any():
        return None
    worst, widest = int(center.argmax()), int(stretch.argmax())
    by_far = center.max() > 3 * OFF_CENTER or stretch.max() > 10 * SPREAD
    confidence = "high" if by_far and case.excess > 0.05 * case.prior_loss else "moderate"
    return Diagnosis(
        "unscaled inputs",
        (
            above(
                f"|mean| / standard deviation of {case.names[counted[worst]]}",
                float(center[worst]),
                OFF_CENTER,
                _EFFICIENT,
            ),
            above(
                f"standard deviation of {case.names[counted[widest]]}, or one over it",
                float(stretch[widest]),
                SPREAD,
                _EFFICIENT,
            ),
            Evidence(
                f"columns that pass one or both, of {len(counted)} that are not indicators",
                float(off.sum()),
            ),
        ),
        "Inputs that are not centered push all units of the first layer the same way, and make the "
        "loss steep in a few directions and flat in the others. One learning rate cannot suit "
        "both, so that the network crawls along the flat ones, or stands still.",
        _scaling(case),
        confidence,
        case.gain(confidence),
    )


def _scaling(case: Case) -> tuple[Remedy, ...]:
    names = case.recipe.activations
    if "sigmoid" not in names:
        return (STANDARDIZE,)
    centered = tuple("tanh" if name == "sigmoid" else name for name in names)
    changes = {"activation": centered, "initializer": None}
    text = "Standardize the columns, and use tanh, which is centered, in the place of sigmoid."
    return STANDARDIZE, Remedy(text, changes, data="standardize")


def shared_rows(case: Case) -> Diagnosis | None:
    """Find validation rows that are training rows too, beyond what chance would repeat."""
    if not case.validates:
        return None
    shared = duplicates(case.x, case.x_validation)
    chance = _expected_repeats(case.x, case.x_validation)
    leaked = shared & (chance < _BY_CHANCE)
    share = float(leaked.mean())
    if share <= SHARED_ROWS or leaked.sum() < 2:
        return None
    confidence = "high" if share > 3 * SHARED_ROWS else "moderate"
    own = case.validation_probabilities
    return Diagnosis(
        "train-validation duplicates",
        (
            above("share of validation rows that are training rows too", share, SHARED_ROWS),
            Evidence("such rows", float(leaked.sum())),
        ),
        "The same rows stand on both sides of the split, so that the network is examined on what "
        "it has learned by heart. Its validation loss is lower than what new rows would show.",
        (
            Remedy(
                "Drop the training rows that stand among the validation rows (or split by group).",
                data="drop duplicates",
                aim="higher",
            ),
        ),
        confidence,
        case.gain(confidence, share * _optimism(case, own, leaked)),
        tuple(int(row) for row in case.row_numbers[len(case.y) :][leaked]),
    )


def duplicates(x: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Tell which rows of `others` stand among those of `x`, to six digits: (v,) of bool."""
    largest = np.abs(np.concatenate([x, others])).max(axis=0).astype(np.float64)
    unit = np.where(largest > 0, largest, 1.0) * 10.0**-_DIGITS
    known = {row.tobytes() for row in _rounded(x, unit)}
    return np.array([row.tobytes() in known for row in _rounded(others, unit)], dtype=bool)


def _rounded(x: np.ndarray, unit: np.ndarray) -> np.ndarray:
    return np.round(x / unit) + 0.0  # + 0.0 turns -0.0 into 0.0, whose bytes differ


def _expected_repeats(x: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How many training rows would equal each of `others` if columns were independent, (v,)."""
    expected = np.full(len(others), float(len(x)))
    for column in range(x.shape[1]):
        values, counts = np.unique(x[:, column], return_counts=True)
        at = np.clip(np.searchsorted(values, others[:, column]), 0, len(values) - 1)
        found = values[at] == others[:, column]
        expected *= np.where(found, counts[at], 1) / len(x)
    return expected


def _optimism(case: Case, probabilities: np.ndarray, leaked: np.ndarray) -> float:
    """Loss on the other validation rows minus that on the leaked ones, in nats."""
    losses = np.median(row_losses(probabilities, case.y_validation), axis=0)
    return 0.0 if leaked.all() else float(losses[~leaked].mean() - losses[leaked].mean())
