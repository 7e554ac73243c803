"""Faults of units: dead, saturated, or more of them than directions to fill."""

import numpy as np

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.diagnosis import OURS, Diagnosis, Evidence, Remedy, above, below
from levelset.diagnostics.faults.inputs import STANDARDIZE, unscaled_inputs
from levelset.theory.numerals import numeral

DEAD = 0.25
"""Share of a layer's units."""
SATURATED = 0.5
"""Share of a layer's outputs."""
USED = 0.1
"""Effective rank of the widest layer over its units."""
TAIL = 4
"""Hidden layers after the one with the largest effective rank."""
SHRUNK = 0.85
"""Effective rank of the last hidden layer over the largest."""
_FEW_UNITS = 32


def dead_units(case: Case) -> Diagnosis | None:
    """Find relu layers many of whose units answer 0 for every training row."""
    if "relu" not in case.recipe.activations:
        return None
    shares = np.median(case.dead_shares, axis=0)
    worst = int(shares.argmax())
    if shares[worst] <= DEAD:
        return None
    confidence = "high" if shares[worst] > 2 * DEAD else "moderate"
    start = float(case.curve("dead_share")[0, worst])
    rate = case.recipe.learning_rate
    return Diagnosis(
        "dead units",
        (
            above(
                f"share of layer {worst + 1}'s units that are 0 for every training row",
                float(shares[worst]),
                DEAD,
            ),
            Evidence("the same in the first epoch", start),
        ),
        "A ReLU unit whose input is negative for every row has no gradient and cannot come back. "
        "Long steps or inputs far from 0 push units there.",
        (
            Remedy("Use leaky ReLU.", {"activation": _leaky(case)}),
            Remedy(
                f"Lower the learning rate to {numeral(rate / 10)}.", {"learning_rate": rate / 10}
            ),
        ),
        confidence,
        case.gain(confidence),
    )


def _leaky(case: Case) -> str | tuple[str, ...]:
    names = case.recipe.activations
    if set(names) == {"relu"}:
        return "leaky_relu"
    return tuple("leaky_relu" if name == "relu" else name for name in names)


def saturated_units(case: Case) -> Diagnosis | None:
    """Find sigmoid or tanh layers most of whose outputs lie at the ends of the range."""
    shares = np.median(case.saturated_shares, axis=0)
    if not shares.size or np.isnan(shares).all():
        return None
    worst = int(np.nanargmax(shares))
    if shares[worst] <= SATURATED:
        return None
    confidence = "high" if shares[worst] > 0.8 else "moderate"
    return Diagnosis(
        "saturated units",
        (
            above(
                f"share of layer {worst + 1}'s outputs within 2.5 % of an end of the range",
                float(shares[worst]),
                SATURATED,
                f"Glorot and Bengio (2010), section 3, describe it; the number is {OURS}",
            ),
            Evidence("the same in the first epoch", float(case.curve("saturated_share")[0, worst])),
        ),
        "At the ends of its range an activation is flat: a tenth of its steepest slope at most. "
        "Inputs or weights that are too large push units there, and little gradient leads back.",
        _desaturating(case),
        confidence,
        case.gain(confidence),
    )


def _desaturating(case: Case) -> tuple[Remedy, ...]:
    remedies = [STANDARDIZE] if unscaled_inputs(case) else []
    if case.recipe.gain > 1:
        remedies.append(Remedy("Start from smaller weights: gain 1.", {"gain": 1.0}))
    if case.recipe.normalization == "none":
        remedies.append(Remedy("Normalize the layers over the batch.", {"normalization": "batch"}))
    remedies.append(Remedy("Use ReLU.", {"activation": "relu", "initializer": None}))
    return tuple(remedies[:3])


def wasted_width(case: Case) -> Diagnosis | None:
    """Find layers that are far wider than the directions they use, or that use one alone."""
    hidden = np.array(case.recipe.hidden)
    if not hidden.size or hidden.max() <= _FEW_UNITS:
        return None
    ranks = np.median(case.effective_ranks, axis=0)
    used = np.where(hidden > _FEW_UNITS, ranks / hidden, np.inf)
    worst = int(used.argmin())
    if used[worst] >= USED:
        return None
    confidence = "high" if used[worst] < USED / 2 else "moderate"
    narrow = tuple(
        int(max(4, 2 ** np.ceil(np.log2(2 * rank)))) if share < USED else int(width)
        for width, rank, share in zip(hidden, ranks, used, strict=True)
    )
    return Diagnosis(
        "wasted width",
        (
            below(
                f"effective rank of layer {worst + 1} / its {hidden[worst]} units",
                float(used[worst]),
                USED,
                f"Roy and Vetterli (2007) define the rank; the number is {OURS}",
            ),
            *(
                Evidence(f"effective rank of layer {layer + 1}, of {width} units", float(rank))
                for layer, (width, rank) in enumerate(zip(hidden, ranks, strict=True))
            ),
        ),
        "The outputs of the layer lie near few directions, so that most units say again what "
        "others say. A narrower network should learn as much for less work.",
        (Remedy(f"Narrow the layers to {narrow}.", {"hidden": narrow}, aim="as low"),),
        confidence,
        0.0,
    )


def wasted_depth(case: Case) -> Diagnosis | None:
    """Find layers at the end that only narrow down what the layers before them have found."""
    if len(case.recipe.hidden) <= TAIL:
        return None
    ranks = np.median(case.effective_ranks, axis=0)
    peak = int(ranks.argmax())
    tail, shrunk = len(ranks) - 1 - peak, float(ranks[-1] / max(ranks[peak], 1e-9))
    if tail < TAIL or shrunk >= SHRUNK:
        return None
    confidence = "high" if tail > 1.5 * TAIL and shrunk < 0.8 * SHRUNK else "moderate"
    kept = max(1, peak + 1)
    changes: dict[str, object] = {"hidden": case.recipe.hidden[:kept]}
    if isinstance(case.recipe.activation, tuple):
        changes["activation"] = case.recipe.activation[:kept]
    if case.recipe.learning_rate_factors is not None:
        factors = case.recipe.learning_rate_factors
        changes["learning_rate_factors"] = (*factors[:kept], factors[-1])
    source = f"Roy and Vetterli (2007) define the rank; the number is {OURS}"
    return Diagnosis(
        "wasted depth",
        (
            above(
                "hidden layers after that of the largest effective rank", float(tail), TAIL - 1.0
            ),
            below("effective rank of the last hidden layer / the largest", shrunk, SHRUNK, source),
            Evidence(f"effective rank of layer {peak + 1}, the largest", float(ranks[peak])),
        ),
        "The last layers add no directions and only narrow down those that the layers before them "
        "have found. A network without them should learn as much, and be easier to train.",
        (Remedy(f"Keep the first {kept} of the hidden layers.", changes, aim="as low"),),
        confidence,
        0.0,
    )
