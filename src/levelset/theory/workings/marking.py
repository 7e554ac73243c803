"""Marking a reader's own working line by line: what is right, and where it went wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from levelset.theory.workings.answers import Answer, Written, read_answers
from levelset.theory.workings.variants import variants_of
from levelset.theory.workings.working import Quantity, Step, Working

Verdict = Literal["right", "rounding", "follows", "wrong"]
_SLOP = 1e-9


@dataclass(frozen=True)
class Mark:
    """What is said of one line.

    Attributes:
        name: The step.
        verdict: "right" (to the digits given); "rounding" (off by one in the last place, or by
            numbers rounded on the way); "follows" (right, but from an earlier mistake); "wrong".
        note: Why, or what the mistake probably was; may be empty.
        given: The numbers as the reader wrote them.
        expected: The right ones, to the same digits; unrounded where the count is wrong.
    """

    name: str
    verdict: Verdict
    note: str
    given: tuple[str, ...]
    expected: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether nothing is to be put right: right, or off by rounding."""
        return self.verdict in ("right", "rounding")


@dataclass(frozen=True)
class Marking:
    """What is said of a whole working.

    Attributes:
        topic: Of the working.
        marks: One for each line that was given, in the order of the calculation.
        missing: The names of the steps that were not.
    """

    topic: str
    marks: tuple[Mark, ...]
    missing: tuple[str, ...]

    @property
    def all_good(self) -> bool:
        """Whether every line that was given is right, or off by rounding only."""
        return all(mark.good for mark in self.marks)

    def as_mapping(self) -> dict[str, object]:
        """Everything as plain values, for JSON."""
        marks = [{**vars(mark), "good": mark.good} for mark in self.marks]
        return {
            "topic": self.topic,
            "all_good": self.all_good,
            "marks": marks,
            "missing": self.missing,
        }


def mark_answers(working: Working, lines: Iterable[str]) -> Marking:
    """Mark a reader's own numbers, line by line.

    |given − right| ≤ half a unit in the last place that was given

    Args:
        working: The calculation.
        lines: "name = numbers", as `read_answers` takes them.

    Returns:
        The marks, and which lines are missing.

    Raises:
        DataError: The lines cannot be read.

    Example:
        >>> from levelset.theory.workings import cross_entropy_working
        >>> working = cross_entropy_working([2.0, 1.0, 0.1], target=0)
        >>> marking = mark_answers(working, ["probabilities = 0.659, 0.242, 0.099", "loss = 0.181"])
        >>> [(mark.verdict, mark.note) for mark in marking.marks]
        [('right', ''), ('wrong', 'this is log10; take the natural logarithm, ln')]

    Source: there is no equation in it but that of rounding.
    """
    answers = {answer.name: answer for answer in read_answers(lines, working)}
    marks: dict[str, Mark] = {}
    for step in working.steps:
        if step.name in answers:
            before = _worlds(working, step, answers, marks)
            marks[step.name] = _mark(working, step, answers[step.name], before)
    missing = tuple(step.name for step in working.steps if step.name not in answers)
    return Marking(working.topic, tuple(marks.values()), missing)


@dataclass(frozen=True)
class _World:
    """The values that a reader may have gone on with.

    Attributes:
        values: By name, before the step.
        should: What the step gives from them.
        mistaken: Whether a mistake is among them.
    """

    values: dict[str, Quantity]
    should: Quantity
    mistaken: bool


def _worlds(
    working: Working, step: Step, answers: Mapping[str, Answer], marks: Mapping[str, Mark]
) -> list[_World]:
    """Give the working's own values, then those with what the reader wrote down before the step."""
    usable = [
        name for name, mark in marks.items() if len(mark.given) == working.step(name).value.size
    ]
    wrong = [name for name in usable if not marks[name].good]
    worlds = [_World(working.values, step.value, mistaken=False)]
    # Full precision may have been kept behind numbers that were written down rounded.
    for names in dict.fromkeys((tuple(wrong), tuple(usable))):
        if names:
            taken = {name: answers[name].values for name in names}
            worlds.append(_follow(working, step, taken, mistaken=bool(wrong)))
    return worlds


def _follow(working: Working, until: Step, taken: dict[str, Quantity], mistaken: bool) -> _World:
    values: dict[str, Quantity] = dict(working.inputs)
    changed = False
    with np.errstate(all="ignore"):
        for step in working.steps:
            if step.name == until.name:
                break
            if step.name in taken:
                values[step.name] = taken[step.name].reshape(step.value.shape)
                changed = True
            else:
                values[step.name] = np.asarray(step.rule(values)) if changed else step.value
        return _World(values, np.asarray(until.rule(values), dtype=np.float64), mistaken)


def _mark(working: Working, step: Step, answer: Answer, worlds: list[_World]) -> Mark:
    true = step.value.ravel()
    given = tuple(number.text for number in answer.numbers)
    if len(given) != true.size:
        note = f"{true.size} number{'s' if true.size > 1 else ''} expected, got {len(given)}"
        return Mark(step.name, "wrong", note, given, tuple(f"{each:.6g}" for each in true))
    expected = tuple(map(_to_digits_of, answer.numbers, true.tolist()))
    verdict, note = _judge(working, step, answer, worlds)
    return Mark(step.name, verdict, note, given, expected)


def _judge(
    working: Working, step: Step, answer: Answer, worlds: list[_World]
) -> tuple[Verdict, str]:
    numbers, own = answer.numbers, worlds[0]
    if _agree(numbers, own.should):
        return "right", ""
    recognized = _recognized(working, step, answer, worlds)
    if recognized and recognized[0] == "right":
        return recognized
    followed = [world for world in worlds[1:] if _agree(numbers, world.should, units=1.5)]
    if _agree(numbers, own.should, units=1.5):
        return "rounding", _ROUNDED if followed else "off by one in the last place"
    if followed and followed[0].mistaken:
        return "follows", "follows from your earlier mistake"
    if followed:
        return "rounding" if _close(followed[0].should, own.should) else "follows", _ROUNDED
    return recognized or ("wrong", _where(numbers, own.should))


def _close(value: Quantity, right: Quantity) -> bool:
    """Say if rounding on the way has done no more than a hundredth of harm."""
    return bool(np.abs(value - right).max() <= 0.01 * np.abs(right).max())


_ROUNDED = "follows from numbers rounded on the way; go on with more digits"


def _recognized(
    working: Working, step: Step, answer: Answer, worlds: list[_World]
) -> tuple[Verdict, str] | None:
    for variant in variants_of(step, working):
        for world in worlds:
            try:
                with np.errstate(all="ignore"):
                    shown = np.asarray(variant.rule(world.values, world.should), dtype=np.float64)
            except (KeyError, ValueError):  # it needs a step or a shape that is not here
                continue
            if shown.size == len(answer.numbers) and _agree(answer.numbers, shown):
                return ("right" if variant.right else "wrong"), variant.note
    return None


def _agree(numbers: Sequence[Written], wanted: Quantity, units: float = 0.5) -> bool:
    pairs = zip(numbers, wanted.ravel().tolist(), strict=True)
    return all(_near(number, value, units) for number, value in pairs)


def _near(number: Written, value: float, units: float) -> bool:
    """Say if a number is as near to a value as so many units in its last place allow."""
    if not np.isfinite(value):
        return False
    slop = _SLOP * max(abs(value), number.unit)
    distance = abs(number.value - value)
    if distance <= slop:
        return True
    # A single digit is no rounding: 1 for 0.66, or 0.1 for 0.05, shows too little to be judged.
    coarse = number.unit > 0.1 and abs(value) < 10.0 * number.unit
    exact = abs(value / number.unit - round(value / number.unit)) < _SLOP
    loose = number.unit > 0.01 and abs(value) < 10.0 * number.unit
    if coarse or (units > 0.5 and (exact or loose)):
        return False
    return distance <= units * number.unit + slop


def _where(numbers: Sequence[Written], wanted: Quantity) -> str:
    """Say which numbers of a line are wrong, where not all are."""
    values = np.array([number.value for number in numbers])
    if all(number.unit >= 1.0 for number in numbers) and np.all(
        np.abs(values - wanted.ravel()) <= 0.5
    ):
        return "too few digits to tell; give two decimals or more"
    pairs = zip(numbers, wanted.ravel().tolist(), strict=True)
    wrong = [place for place, (number, value) in enumerate(pairs) if not _near(number, value, 0.5)]
    if len(wrong) == len(numbers):
        return ""
    plural = "s" if len(wrong) > 1 else ""
    return f"look at number{plural} {', '.join(str(place + 1) for place in wrong)} of the line"


def _to_digits_of(number: Written, value: float) -> str:
    if number.unit >= 1.0 or "/" in number.text:
        return f"{value:.6g}"
    if "e" in number.text.lower():
        mantissa = number.text.lower().partition("e")[0]
        return f"{value:.{len(mantissa.partition('.')[2])}e}"
    return f"{value:.{len(number.text.partition('.')[2])}f}"
