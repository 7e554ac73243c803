"""What can be worked by hand: every fault of what was given, said at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from levelset.errors import DataError
from levelset.theory.workings.working import Quantity

LARGEST = 1e6
MOST_CLASSES = 30
_TOLERANCE = 1e-6


def require(*faults: str) -> None:
    """Raise all the faults there are in one error.

    Args:
        faults: Sentences; an empty one says that there is no fault.

    Raises:
        DataError: One of them is not empty.
    """
    found = [fault for fault in faults if fault]
    if found:
        raise DataError(" ".join(found))


def array(numbers: Sequence[Any] | np.ndarray | np.float64 | float | int) -> Quantity:
    """Make numbers float64."""
    return np.asarray(numbers, dtype=np.float64)


def settled(difference: Quantity, scale: Quantity) -> Quantity:
    """Write 0 for a difference of equal numbers, where nothing but rounding remains.

    Args:
        difference: Any shape.
        scale: The size of what was subtracted, broadcast to it.
    """
    noise = 4.0 * np.finfo(np.float64).eps * np.abs(scale)
    return np.where(np.abs(difference) <= noise, 0.0, difference)


def number_fault(name: str, numbers: Iterable[float]) -> str:
    """Say if a number is not finite or too large to be written out."""
    wrong = [number for number in numbers if not abs(number) <= LARGEST]
    if not wrong:
        return ""
    return f"`{name}` must hold numbers from -1e6 to 1e6, got {wrong[0]:g}; correct or scale it."


def logits_fault(logits: Sequence[float], least: int = 2) -> str:
    """Say if logits are too few, too many, or no numbers.

    Args:
        logits: z, one a class.
        least: The smallest number of classes.
    """
    if not least <= len(logits) <= MOST_CLASSES:
        return (
            f"`logits` must hold from {least} to {MOST_CLASSES} numbers, one a class, "
            f"got {len(logits)}; give the last layer's outputs of one row."
        )
    return number_fault("logits", logits)


def classes_fault(classes: int) -> str:
    """Say if there are too few or too many classes to be written out."""
    if 2 <= classes <= MOST_CLASSES:
        return ""
    return f"`classes` must lie from 2 to {MOST_CLASSES}, got {classes}; choose an example's size."


def label_fault(label: int, classes: int) -> str:
    """Say if a label is not one of the classes."""
    if 0 <= label < classes:
        return ""
    return (
        f"`label` must lie from 0 to classes - 1 = {classes - 1}, got {label}; the first class is "
        f"number 0."
    )


def distribution_fault(name: str, p: Sequence[float], classes: int) -> str:
    """Say if numbers are not a distribution over the classes.

    Args:
        name: What the numbers are called.
        p: Probabilities.
        classes: How many there must be.
    """
    if len(p) != classes:
        return (
            f"`{name}` must hold one probability for each of the {classes} classes, got {len(p)}; "
            f"give as many as logits."
        )
    if not all(0.0 <= each <= 1.0 for each in p):
        wrong = next(each for each in p if not 0.0 <= each <= 1.0)
        return f"`{name}` must hold probabilities from 0 to 1, got {wrong:g}; divide by their sum."
    total = float(np.sum(p))
    if abs(total - 1.0) > _TOLERANCE:
        return f"`{name}` must sum to 1, got the sum {total:g}; divide each by that sum."
    return ""


def smoothing_fault(smoothing: float) -> str:
    """Say if a share of label smoothing is none."""
    if 0.0 <= smoothing < 1.0:
        return ""
    return f"`smoothing` must be >= 0 and < 1, got {smoothing:g}; 0.1 is usual."


def temperature_fault(temperature: float) -> str:
    """Say if a temperature is not positive or makes logits too large."""
    if 1e-3 <= temperature <= 1e3:
        return ""
    return f"`temperature` must lie from 0.001 to 1000, got {temperature:g}; 1 changes nothing."
