"""From paired differences to verdicts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from levelset.studies.finding import Finding, Subject, Verdict
from levelset.theory.statistics import (
    Interval,
    holm,
    mean_interval,
    mean_p_value,
    resampled_interval,
    resampled_p_value,
)

SIGNIFICANCE = 0.05

METHODS = (
    "Intervals and p-values: corrected resampled t (Nadeau and Bengio, 2003); verdicts after "
    "Holm's adjustment."
)
"""What `judge` does, in one sentence for a page."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """A claim put as a paired difference that it says is above zero.

    Attributes:
        claim: The sentence.
        effect: What is reported, with its unit.
        differences: One number per replicate, shape (r,).
        is_log_ratio: Whether the differences are log2 ratios, reported as ratios.
        falls: Whether the effect is reported with the opposite sign, because the claim says that
            it is below zero.
        note: Anything the reader must know to read the number.
        subject: What the claim is about, as in a Finding.
    """

    claim: str
    effect: str
    differences: np.ndarray
    is_log_ratio: bool = False
    falls: bool = False
    note: str = ""
    subject: Subject = "mechanism"


def stated(claims: Sequence[str], comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Give comparisons that were made without their claims the claims, in order.

    Args:
        claims: One for each comparison.
        comparisons: Whose own claims are replaced.
    """
    pairs = zip(claims, comparisons, strict=True)
    return [replace(comparison, claim=claim) for claim, comparison in pairs]


def judge(comparisons: Sequence[Comparison], test_share: float | None) -> tuple[Finding, ...]:
    """Give each claim its verdict.

    Intervals and p-values are those of the corrected resampled t, since replicates share rows
    (Nadeau and Bengio, 2003), or of Student's t where replicates are independent. A claim is
    supported if its effect lies on its side and p <= 0.05 after Holm's adjustment over all claims
    given; refuted if it lies on the other side; otherwise it is not shown. Where all replicates
    differ by the same, the interval has no width and the note says so.

    Args:
        comparisons: The claims of one study.
        test_share: Validation rows per training row; None for independent replicates.

    Returns:
        One finding per comparison, in their order.
    """
    p_values = [_p_value(c.differences, test_share) for c in comparisons]
    adjusted = holm(np.array(p_values))
    return tuple(
        _finding(comparison, float(p), test_share, len(comparisons))
        for comparison, p in zip(comparisons, adjusted, strict=True)
    )


def _p_value(differences: np.ndarray, test_share: float | None) -> float:
    if test_share is None:
        return mean_p_value(differences)
    return resampled_p_value(differences, test_share)


def _interval(differences: np.ndarray, test_share: float | None) -> Interval:
    if test_share is None:
        return mean_interval(differences)
    return resampled_interval(differences, test_share)


def _finding(comparison: Comparison, p: float, test_share: float | None, claims: int) -> Finding:
    interval = _interval(comparison.differences, test_share)
    verdict: Verdict = "not shown"
    if p <= SIGNIFICANCE:
        verdict = "supported" if interval.estimate > 0 else "refuted"
    read = ""
    if interval.low == interval.high != 0:
        read = f"All {interval.n} replicates give the same number: p is the sign test's."
    elif verdict == "not shown" and not interval.low <= 0 <= interval.high:
        read = "Alone, its interval would decide the claim; among so many claims it may not."
    return Finding(
        claim=comparison.claim,
        verdict=verdict,
        effect=comparison.effect,
        interval=_reported(interval, comparison),
        note=f"{read} {comparison.note}".strip(),
        subject=comparison.subject,
        p_value=p,
        judged_together=claims,
    )


def _reported(interval: Interval, comparison: Comparison) -> Interval:
    low, estimate, high = interval.low, interval.estimate, interval.high
    if comparison.falls:
        low, estimate, high = -high, -estimate, -low
    if comparison.is_log_ratio:
        low, estimate, high = (math.exp2(value) for value in (low, estimate, high))
    return Interval(estimate, low, high, interval.level, interval.n)
