"""What a study says beside its claims, each thing once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ADJUSTED = re.compile(r"(p [=<] [\d.]+) \(Holm over (\d+) claims\)\.\s*")
_AS_ABOVE = "The note above holds here too."


@dataclass(frozen=True)
class Notes:
    """The notes of a study's claims without what they share.

    Attributes:
        p_values: "p = 0.31" of each claim; "" where its note names none.
        texts: What else each note says; may be empty.
        shared: How the p-values came about, said once for all claims; "" where there are none.
    """

    p_values: tuple[str, ...]
    texts: tuple[str, ...]
    shared: str


def told_once(notes: Sequence[str]) -> Notes:
    """Take apart the notes of a study's claims, so that nothing is said twice.

    Args:
        notes: One of each claim, in reading order; may be empty texts.

    Example:
        >>> told = told_once(["p = 1 (Holm over 2 claims). Twelve runs.", "Twelve runs."])
        >>> told.p_values, told.texts
        (('p = 1', ''), ('Twelve runs.', 'The note above holds here too.'))
    """
    p_values, texts, counts = [], [], set[int]()
    last = ""
    for note in notes:
        found = _ADJUSTED.match(note)
        text = note[found.end() :] if found else note
        p_values.append(found[1] if found else "")
        if found:
            counts.add(int(found[2]))
        texts.append(_AS_ABOVE if text and text == last else text)
        last = text
    return Notes(tuple(p_values), tuple(texts), _shared(counts, "p = 1" in p_values))


def _shared(counts: set[int], some_are_one: bool) -> str:
    if not counts:
        return ""
    over = " or ".join(str(count) for count in sorted(counts))
    said = f"p-values are those after Holm's adjustment for {over} claims"
    return f"{said}; 1 is the most there can be." if some_are_one else f"{said}."
