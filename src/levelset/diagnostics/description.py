"""Description: what the doctor found, as a text for people."""

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase

from levelset.diagnostics.faults import FAULTS, Case, Diagnosis, Evidence
from levelset.diagnostics.proof import Proof
from levelset.theory.numerals import numeral
from levelset.theory.statistics import Interval

WIDTH = 88
"""Columns of a text, unless it is told otherwise."""
_MOST_ROWS = 10
_AIMS = {
    "lower": "",
    "higher": " Higher is what was expected: it is the honest number.",
    "as low": " As low is enough.",
}


def describe(
    case: Case,
    diagnoses: Sequence[Diagnosis],
    proofs: Sequence[Proof] = (),
    notes: Sequence[str] = (),
    width: int = WIDTH,
) -> str:
    """Write down what was looked at, what is wrong with it, and what helps.

    Args:
        case: What was looked at.
        diagnoses: Faults that were found, in the order of the text.
        proofs: What became of their remedies.
        notes: What could not be looked at, and why.
        width: Columns of a line.

    Returns:
        Lines, the last without an end.
    """
    sources = dict.fromkeys(
        one.source for found in diagnoses for one in found.evidence if one.threshold is not None
    )
    letters = dict(zip(sources, ascii_lowercase, strict=False))
    lines = [*_summary(case), *notes, "", _count(diagnoses)]
    for place, diagnosis in enumerate(diagnoses, start=1):
        earlier = {one.fault: number for number, one in enumerate(diagnoses[: place - 1], start=1)}
        lines += ["", f"{place}. {diagnosis.fault.upper()} ({_sureness(diagnosis, proofs)})"]
        lines += _findings(diagnosis, letters)
        lines += _remedies(diagnosis, proofs, earlier)
    if letters:
        lines += ["", "Where the thresholds are from:"]
        lines += [f"   ({letter}) {source}" for source, letter in letters.items()]
    lines += _best(proofs)
    return "\n".join(_folded(line, width) for line in lines)


def _summary(case: Case) -> Iterator[str]:
    fields = ", ".join(f"{name}={value!r}" for name, value in case.recipe.changes().items())
    many = f"{len(case.networks)} networks" if len(case.networks) > 1 else "One network"
    yield (
        f"{many} of Recipe({fields}): {len(case.y)} training and {len(case.y_validation)} "
        "validation rows."
    )
    yield "Mean loss of a row, in nats (−ln of its class's probability; 0 is best):"
    own = case.validation_loss if case.validates else case.training_loss
    median = f", median of {len(case.networks)}" if len(case.networks) > 1 else ""
    who = "these networks" if median else "this network"
    kind = "validation" if case.validates else "training"
    yield f"   {_figure(own):>8}  {who}, {kind} rows{median}"
    yield f"   {_figure(case.prior_loss):>8}  H(y): the class frequencies, whatever the row"
    if case.reference.name == "class frequencies":
        yield f"   {'':8}  no reference network, cross-validated, does better than that"
    else:
        yield (
            f"   {_figure(case.reference_loss):>8}  the reference: {case.reference.name}, "
            "columns standardized, cross-validated"
        )


def _count(diagnoses: Sequence[Diagnosis]) -> str:
    if not diagnoses:
        return f"No fault found, of the {len(FAULTS)} that the doctor looks for."
    if len(diagnoses) == 1:
        return f"1 fault found, of the {len(FAULTS)} that the doctor looks for."
    return (
        f"{len(diagnoses)} faults found, the one whose cure may save most first. They may share a "
        "cause: what curing each may save does not add up."
    )


def _sureness(diagnosis: Diagnosis, proofs: Sequence[Proof]) -> str:
    gain = _figure(diagnosis.expected_gain)
    tried = [one for one in proofs if one.fault == diagnosis.fault]
    if diagnosis.confidence == "proved":
        saves = any(one.gain > 0 for one in tried)
        return f"cure proved: it saves {gain} nats" if saves else "cure proved"
    sure = f"confidence: {diagnosis.confidence}"
    if tried:
        return f"{sure}; no remedy is shown to help"
    return f"{sure}; a cure may save {gain} nats" if diagnosis.expected_gain > 0 else sure


def _findings(diagnosis: Diagnosis, letters: Mapping[str, str]) -> Iterator[str]:
    for evidence in diagnosis.evidence:
        yield f"   - {_evidence(evidence, letters)}"
    yield f"   Cause: {diagnosis.cause}"
    if diagnosis.rows:
        shown = ", ".join(map(str, diagnosis.rows[:_MOST_ROWS]))
        rest = len(diagnosis.rows) - _MOST_ROWS
        more = f" and {rest} more (`rows` has all; --json lists them)" if rest > 0 else ""
        yield f"   Rows (counted from 0): {shown}{more}"


def _evidence(evidence: Evidence, letters: Mapping[str, str]) -> str:
    text = f"{evidence.measure}: {_figure(evidence.value)}"
    if evidence.threshold is None:
        return text
    passed = (evidence.value > evidence.threshold) == evidence.above
    sign = f"{'' if passed else 'not '}{'>' if evidence.above else '<'}"
    return f"{text}, {sign} {_figure(evidence.threshold)} ({letters[evidence.source]})"


def _remedies(
    diagnosis: Diagnosis, proofs: Sequence[Proof], earlier: Mapping[str, int]
) -> Iterator[str]:
    for remedy in diagnosis.remedies:
        yield f"   Remedy: {remedy.text}"
        same = [one for one in proofs if one.remedy == remedy]
        before = [earlier[one.fault] for one in same if one.fault in earlier]
        for proof in same:
            if proof.fault != diagnosis.fault:
                continue
            known = f", as under {before[0]}." if before else f": {_change(proof)}"
            yield f"     {proof.verdict.upper()}{known}"


def _change(proof: Proof) -> str:
    difference = proof.difference
    loss = "class-balanced validation loss" if proof.remedy.balanced else "validation loss"
    return (
        f"{loss} {_figure(proof.before)} → {_figure(proof.after)}, a difference of "
        f"{_interval(difference)} ({difference.level:.0%} interval, means of "
        f"n = {difference.n} paired seeds; p = {numeral(proof.p_value, 1)} after Holm)."
        f"{_AIMS[proof.remedy.aim]}"
    )


def _best(proofs: Sequence[Proof]) -> Iterator[str]:
    """The remedy that was shown to save most, and what to do with it."""
    best = max(proofs, key=lambda one: one.gain, default=None)
    if best is None:
        return
    yield ""
    if best.gain == 0:
        yield "No remedy is shown to lower the validation loss."
        return
    yield (
        f"What helps most: {best.remedy.text} Validation loss {_figure(best.before)} → "
        f"{_figure(best.after)}."
    )


def _figure(value: float) -> str:
    """Three significant digits, whole numbers as they are."""
    if not math.isfinite(value):
        return "—" if math.isnan(value) else "∞"
    if value == round(value) or abs(value) >= 1000:
        text = f"{value:,.0f}" if abs(value) < 1e7 else numeral(value, 3)
    else:
        text = f"{value:.3g}" if abs(value) >= 1e-4 else numeral(value, 3)
    return text.replace("-", "−")


def _interval(interval: Interval) -> str:
    """To two digits of the interval's half width."""
    half = (interval.high - interval.low) / 2
    decimals = min(9, max(0, 1 - math.floor(math.log10(half)))) if half > 0 else 3
    estimate, low, high = (
        f"{value:.{decimals}f}".replace("-", "−")
        for value in (interval.estimate, interval.low, interval.high)
    )
    return f"{estimate} [{low}, {high}]"


def _folded(line: str, width: int) -> str:
    """A line in columns, what follows standing under where its text begins."""
    indent = len(line) - len(line.lstrip(" -")) if line.lstrip() else 0
    return textwrap.fill(
        line,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
