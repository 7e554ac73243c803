"""What a study says beside its claims, each thing once."""

from collections.abc import Sequence
from dataclasses import dataclass

from levelset.studies.finding import Finding, p_text

_AS_ABOVE = "The note above holds here too."


@dataclass(frozen=True)
class Notes:
    """The notes of a study's claims without what they share.

    Attributes:
        texts: What the note of each claim says; may be empty.
        shared: How the p-values came about, said once for all claims; "" where there are none.
    """

    texts: tuple[str, ...]
    shared: str


def told_once(findings: Sequence[Finding | None]) -> Notes:
    """Take the notes of a study's claims so that nothing is said twice.

    Args:
        findings: Of each claim, in reading order; None where there is none.

    Example:
        >>> from levelset.theory import Interval
        >>> interval = Interval(0.0, -1.0, 1.0, 0.95, 3)
        >>> one = Finding("It helps.", "not shown", "gain", interval, "Of three.")
        >>> told_once([one, one]).texts
        ('Of three.', 'The note above holds here too.')
    """
    texts, last = [], ""
    for finding in findings:
        note = finding.note if finding else ""
        texts.append(_AS_ABOVE if note and note == last else note)
        last = note
    tested = [each for each in findings if each is not None and each.p_value is not None]
    return Notes(tuple(texts), _shared(tested))


def _shared(tested: Sequence[Finding]) -> str:
    if not tested:
        return ""
    over = " or ".join(str(count) for count in sorted({each.judged_together for each in tested}))
    said = f"p-values are those after Holm's adjustment for {over} claims"
    some_are_one = any(p_text(each.p_value or 0.0) == "p = 1" for each in tested)
    return f"{said}; 1 is the most there can be." if some_are_one else f"{said}."
