"""Claims that a quantity stays below a limit, told as the quantity."""

import math
from dataclasses import replace

import numpy as np

from levelset.studies.finding import Finding, Subject
from levelset.studies.judgement import Comparison
from levelset.theory import Interval


def below(
    limit: float,
    quantity: np.ndarray,
    claim: str,
    effect: str,
    note: str = "",
    subject: Subject = "mechanism",
) -> Comparison:
    """Put the claim that a quantity lies below a limit as a difference that it says is above zero.

    The limit is stated before the data is seen; of two things that should be equal it is the
    largest difference that nobody would mind. For a difference of either sign, give its size.

    Args:
        limit: In the unit of the quantity.
        quantity: One number per replicate, shape (r,).
        claim: The sentence.
        effect: What the quantity is, with its unit.
        note: Anything the reader must know to read the number.
        subject: As in a Finding.

    Example:
        >>> below(0.1, np.array([0.02, 0.04]), "They agree.", "difference (nats)").differences
        array([0.08, 0.06])
    """
    return Comparison(claim, effect, limit - quantity, falls=True, note=note, subject=subject)


def ratio_below(
    limit: float,
    log_quantity: np.ndarray,
    claim: str,
    effect: str,
    note: str = "",
) -> Comparison:
    """Put the claim that a positive quantity lies below a limit, judged by its logarithm.

    Args:
        limit: Above 0.
        log_quantity: log2 of one number per replicate, shape (r,).
        claim: The sentence.
        effect: What the quantity is; it is reported as a geometric mean.
        note: Anything the reader must know to read the number.

    Example:
        >>> ratio_below(0.5, np.array([-2.0]), "It is less than half.", "share").differences
        array([1.])
    """
    differences = math.log2(limit) - log_quantity
    return Comparison(claim, effect, differences, is_log_ratio=True, falls=True, note=note)


def ratio_above(
    limit: float,
    log_quantity: np.ndarray,
    claim: str,
    effect: str,
    note: str = "",
) -> Comparison:
    """Put the claim that a positive quantity lies above a limit; as `ratio_below`.

    Example:
        >>> ratio_above(0.5, np.array([2.0]), "It is more than half.", "share").differences
        array([3.])
    """
    differences = log_quantity - math.log2(limit)
    return Comparison(claim, effect, differences, is_log_ratio=True, note=note)


def as_quantity(finding: Finding, limit: float) -> Finding:
    """Report the finding of a comparison made by `below` as the quantity itself.

    Args:
        finding: What became of it; its interval is that of the quantity less the limit.
        limit: As given to `below`.
    """
    one = finding.interval
    interval = Interval(one.estimate + limit, one.low + limit, one.high + limit, one.level, one.n)
    return replace(finding, interval=interval)


def as_positive_quantity(finding: Finding, limit: float) -> Finding:
    """Report the finding of a comparison made by `ratio_below` or `ratio_above` as the quantity.

    Args:
        finding: What became of it; its interval is that of the quantity over the limit.
        limit: As given.
    """
    one = finding.interval
    interval = Interval(one.estimate * limit, one.low * limit, one.high * limit, one.level, one.n)
    return replace(finding, interval=interval)
