"""Diagnosis: a fault, the numbers that show it, its cause, and what to change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Confidence: TypeAlias = Literal["proved", "high", "moderate"]
DataChange: TypeAlias = Literal[
    "none", "standardize", "drop duplicates", "drop suspects", "temperature"
]
Aim: TypeAlias = Literal["lower", "higher", "as low"]

OURS = "ours, chosen on planted faults"
"""The source of a threshold for which the literature gives no number.

It was chosen while looking at cases with a fault by construction, and counted on others
(`tests/diagnostics/tuned.py` and `held_out.py`).
"""
BY_DEFINITION = "by definition"
"""The source of a threshold that could not be another."""

WEIGHTS: Mapping[Confidence, float] = {"proved": 1.0, "high": 0.9, "moderate": 0.6}
"""What an expected gain is multiplied by."""


@dataclass(frozen=True)
class Evidence:
    """A number beside the threshold that it passes.

    Attributes:
        measure: What was measured, with its unit.
        value: The number.
        above: Whether a fault lies above the threshold, or below.
        threshold: Where it begins; None for a number that only helps to read the others.
        source: Where the threshold is from.
    """

    measure: str
    value: float
    above: bool = True
    threshold: float | None = None
    source: str = ""


def above(measure: str, value: float, threshold: float, source: str = OURS) -> Evidence:
    """Put a number beside a threshold above which a fault lies."""
    return Evidence(measure, value, True, threshold, source)


def below(measure: str, value: float, threshold: float, source: str = OURS) -> Evidence:
    """Put a number beside a threshold below which a fault lies."""
    return Evidence(measure, value, False, threshold, source)


@dataclass(frozen=True)
class Remedy:
    """A change to the recipe or to the data, and what it should do.

    Attributes:
        text: What to do, in the imperative.
        changes: Fields of the recipe to change.
        data: What is done to the rows: columns "standardize"d by the training rows, training rows
            dropped that are duplicates of validation rows or whose labels are suspected, or
            logits divided by a "temperature" that is fitted on held-out rows.
        aim: What validation loss should become; "higher" where it is too low to be true, "as low"
            where the remedy saves work.
        balanced: Whether each class counts alike in the loss that judges it.
    """

    text: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    data: DataChange = "none"
    aim: Aim = "lower"
    balanced: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """A fault that was found.

    Attributes:
        fault: Its name in the catalog.
        evidence: The numbers that show it, those with a threshold first.
        cause: Why it comes about, in two sentences.
        remedies: What to change, the most promising first.
        confidence: "high" where a number passes its threshold by far, "moderate" where it does
            not; "proved" once a remedy for it was shown to do what it should.
        expected_gain: Validation loss that curing it may save, times the confidence's weight, in
            nats: an estimate, for the order of diagnoses. Several faults may have one cause, so
            that what they may save does not add up. Once proved, what its best remedy saved.
        rows: Row numbers in the table that the fault is about, the worst first; or none.
    """

    fault: str
    evidence: tuple[Evidence, ...]
    cause: str
    remedies: tuple[Remedy, ...]
    confidence: Confidence
    expected_gain: float
    rows: tuple[int, ...] = ()
