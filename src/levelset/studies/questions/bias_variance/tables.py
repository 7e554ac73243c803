"""What the bias-variance study has to say in numbers."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from levelset.diagnostics import BiasVariance
from levelset.studies.charts import Table
from levelset.studies.questions.bias_variance.complexity import Complexities
from levelset.studies.questions.bias_variance.expected_loss import ExpectedLoss, deviation
from levelset.theory import DECOMPOSITIONS, Interval
from levelset.theory.numerals import numeral

DISPLAY = {
    "brier": "Brier",
    "cross_entropy": "cross-entropy (nats)",
    "zero_one_domingos": "0-1, Domingos",
    "zero_one_kohavi_wolpert": "0-1, Kohavi and Wolpert",
}


def base_table(found: Sequence[BiasVariance]) -> Table:
    """The base recipe's expected loss in its parts: one row per loss and term."""
    first = found[0]
    noise = (
        "Noise is what the truth leaves open."
        if first.noise_known
        else "The class probabilities of this table are not known, so that noise is inside the "
        "bias and cannot be told apart."
    )
    caption = (
        f"Means over {first.rows} test rows, from {first.resamples} training sets with "
        f"{first.seeds} seeds each; 95 % intervals by the bootstrap over training sets. {noise} "
        "The three terms sum to the expected loss, but for Domingos': there variance helps where "
        "the main prediction is wrong, and the net terms sum."
    )
    rows = []
    for one in found:
        net = not one.terms_sum
        terms = (
            ("expected loss", one.expected_loss),
            *((("noise", one.noise),) if one.noise_known else ()),
            *((("net noise", one.net_noise),) if one.noise_known and net else ()),
            ("bias", one.bias),
            ("variance", one.variance),
            *((("net variance", one.net_variance),) if net else ()),
            ("variance by rows", one.data),
            ("variance by seed", one.seed),
            ("variance by both together", one.interaction),
        )
        rows += [_row(DISPLAY[one.loss], name, term) for name, term in terms if term is not None]
    columns = ("loss", "term", "estimate", "low", "high")
    return Table("The base, in every loss", caption, columns, tuple(rows))


def standing_table(around: Complexities, brier: ExpectedLoss, cross_entropy: ExpectedLoss) -> Table:
    """Where the base stands on each axis, and which way its expected loss would fall."""
    loss, nats = brier.estimate("expected loss"), cross_entropy.estimate("expected loss")
    rows = []
    for axis in around.axes:
        best, best_nats = (
            axis.values[int(np.argmin(one[list(axis.settings)]))] for one in (loss, nats)
        )
        own = axis.values[axis.settings.index(0)] if 0 in axis.settings else None
        base = "not on this axis" if own is None else numeral(own)
        rows.append((axis.name, base, numeral(best), _direction(own, best), numeral(best_nats)))
    caption = (
        "The value with the lowest expected loss, in hindsight: of several that are nearly alike "
        "it is the luckiest. More units or layers, or less λ, are the cures of underfitting; the "
        "contrary, and more rows, are those of overfitting."
    )
    columns = ("axis", "base", "lowest Brier at", "from the base", "lowest cross-entropy at")
    return Table("Where the base stands", caption, columns, tuple(rows))


def settings_table(
    around: Complexities, brier: ExpectedLoss, cross_entropy: ExpectedLoss, training_sets: int
) -> Table:
    """One row per setting."""
    columns = (
        "network",
        "Brier",
        "bias²",
        "variance",
        "by rows",
        "by seed",
        "cross-entropy",
        "its bias",
        "its variance",
    )
    numbers = [
        *(brier.estimate(term) for term in ("expected loss", "bias", "variance", "rows", "seed")),
        *(cross_entropy.estimate(term) for term in ("expected loss", "bias", "variance")),
    ]
    rows = tuple(
        (setting.arm.name, *(float(values[number]) for values in numbers))
        for number, setting in enumerate(around.settings)
    )
    caption = (
        f"Estimates from {training_sets} training sets; cross-entropies in nats. The base is the "
        "first. A corrected term below zero cannot be told from zero."
    )
    return Table("Every setting", caption, columns, rows)


def identity_table(cells: Float[np.ndarray, "r s a n c"], targets: np.ndarray) -> Table:
    """How exactly the terms of every row sum to its expected loss."""
    sets, seeds, settings, _, classes = cells.shape
    flat = cells.reshape(sets * seeds, -1, classes).astype(np.float64)
    truth = np.tile(targets, (settings,) + (1,) * (targets.ndim - 1))
    rows = tuple(
        (DISPLAY[loss], _identity(method.terms_sum), deviation(method.decompose(flat, truth)))
        for loss, method in DECOMPOSITIONS.items()
    )
    caption = (
        f"Over {settings} settings and {len(targets)} rows, in float64: the largest deviation of "
        "one row's expected loss from the sum of its terms. Rounding alone keeps it from zero."
    )
    return Table("Do the terms sum?", caption, ("loss", "sum", "largest deviation"), rows)


def _row(loss: str, term: str, interval: Interval) -> tuple[str, str, float, float, float]:
    return loss, term, interval.estimate, interval.low, interval.high


def _identity(terms_sum: bool) -> str:
    return "noise + bias + variance" if terms_sum else "net noise + bias + net variance"


def _direction(own: float | None, best: float) -> str:
    if own is None:
        return ""
    return "it is there" if best == own else ("more" if best > own else "less")
