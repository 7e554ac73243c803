"""What is said to help a network that overfits, each in the strengths that are tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from levelset.engine import Recipe
from levelset.theory.numerals import numeral

UNTREATED: Mapping[str, Any] = {
    "l2": 0.0,
    "weight_decay": 0.0,
    "dropout": 0.0,
    "input_dropout": 0.0,
    "input_noise": 0.0,
    "weight_noise": 0.0,
    "label_smoothing": 0.0,
    "mixup": 0.0,
    "sam_radius": 0.0,
    "averaging": "none",
    "normalization": "none",
    "patience": None,
}
"""The fields of a recipe that treat with nothing."""


@dataclass(frozen=True)
class Dose:
    """One strength of a remedy.

    Attributes:
        label: What the reader sees.
        fields: What it changes in an untreated recipe.
    """

    label: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Remedy:
    """One remedy.

    Attributes:
        name: What the reader sees.
        color_key: What keeps its color the same throughout a page.
        doses: Its strengths, those that are tried first in front.
        validates: Whether it needs validation rows while it trains.
    """

    name: str
    color_key: str
    doses: tuple[Dose, ...]
    validates: bool = False


def _doses(field: str, symbol: str, *values: float) -> tuple[Dose, ...]:
    """Strengths that differ by one number."""
    return tuple(Dose(f"{symbol} = {numeral(value)}", {field: value}) for value in values)


REMEDIES: tuple[Remedy, ...] = (
    Remedy("L2 penalty", "l2", _doses("l2", "λ", 1e-3, 1e-2, 1e-4)),
    Remedy("Weight decay", "weight decay", _doses("weight_decay", "decay", 0.1, 1.0, 0.01)),
    Remedy("Dropout", "dropout", _doses("dropout", "share", 0.2, 0.5, 0.1)),
    Remedy("Input noise", "input noise", _doses("input_noise", "σ", 0.2, 0.5, 0.1)),
    Remedy("Weight noise", "weight noise", _doses("weight_noise", "σ", 0.03, 0.1, 0.01)),
    Remedy("Label smoothing", "label smoothing", _doses("label_smoothing", "s", 0.05, 0.2, 0.1)),
    Remedy("Mixup", "mixup", _doses("mixup", "α", 0.2, 1.0, 0.5)),
    Remedy("Sharpness-aware steps", "sharpness-aware", _doses("sam_radius", "ρ", 0.05, 0.2, 0.02)),
    Remedy(
        "Averaged weights",
        "averaging",
        (
            Dose("EMA, decay 0.99", {"averaging": "ema", "average_decay": 0.99}),
            Dose("SWA, last half", {"averaging": "swa", "average_start": 0.5}),
            Dose("EMA, decay 0.999", {"averaging": "ema", "average_decay": 0.999}),
        ),
    ),
    Remedy(
        "Normalization",
        "normalization",
        (Dose("batch", {"normalization": "batch"}), Dose("layer", {"normalization": "layer"})),
    ),
    Remedy(
        "Early stopping",
        "early stopping",
        tuple(Dose(f"patience = {k}", {"patience": k}) for k in (5, 20, 50)),
        validates=True,
    ),
)
"""Every remedy, in the order of the claims."""


def untreated(base: Recipe) -> Recipe:
    """Give a recipe without any of the remedies."""
    return base.changed(**UNTREATED)


def treated(recipe: Recipe, dose: Dose) -> Recipe:
    """Give an untreated recipe one dose of a remedy.

    Example:
        >>> decay = REMEDIES[1].doses[0]
        >>> treated(Recipe(), decay).changes()
        {'optimizer': 'adamw', 'weight_decay': 0.1}
    """
    return recipe.changed(**dose_fields(recipe, dose))


def dose_fields(recipe: Recipe, dose: Dose) -> Mapping[str, Any]:
    """Give what a dose changes in an untreated recipe, by field: a decay brings its optimizer."""
    decays = "weight_decay" in dose.fields and recipe.optimizer == "adam"
    return {**({"optimizer": "adamw"} if decays else {}), **dose.fields}
