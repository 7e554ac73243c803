"""A reader's own numbers: reading them, with the digits they were given to."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from levelset.errors import DataError
from levelset.theory.workings.working import Quantity, Working

_ALIASES = {
    "m": "maximum",
    "d": "shifted",
    "e": "exponentials",
    "s": "sum",
    "q": "probabilities",
    "sigmoid": "probabilities",
    "softmax": "probabilities",
    "p": "target",
    "one_hot": "target",
    "onehot": "target",
    "logs": "log_probabilities",
    "ln_q": "log_probabilities",
    "h": "terms",
    "l": "loss",
    "ce": "loss",
    "kl": "divergence",
}
_EXACT = 1e-9
_MOST = 200


@dataclass(frozen=True)
class Written:
    """A number as somebody wrote it.

    Attributes:
        text: As it stands.
        value: What it says.
        unit: One in its last place, for example 0.001; very small for a fraction.
    """

    text: str
    value: float
    unit: float


@dataclass(frozen=True)
class Answer:
    """A line of a reader's working.

    Attributes:
        name: The step that it answers.
        numbers: As written, in the order of the step's value.
    """

    name: str
    numbers: tuple[Written, ...]

    @property
    def values(self) -> Quantity:
        """The numbers, shape (n,)."""
        return np.array([number.value for number in self.numbers], dtype=np.float64)


def read_answers(lines: Iterable[str], working: Working) -> tuple[Answer, ...]:
    """Read lines of "name = numbers".

    Args:
        lines: Numbers stand apart by commas or spaces, in brackets or not; a `#` begins a
            comment. A name is a step's, in upper or lower case, or a letter of its formula.
        working: The calculation that they answer.

    Returns:
        One answer for each line that is not empty.

    Raises:
        DataError: What cannot be read, all of it; nothing was given.

    Example:
        >>> from levelset.theory.workings.softmax import softmax_working
        >>> read_answers(["q = 0.50, 0.50"], softmax_working([0.0, 0.0]))[0].numbers[0]
        Written(text='0.50', value=0.5, unit=0.01)

    Source: there is no equation in it.
    """
    answers: dict[str, Answer] = {}
    faults = []
    for place, line in enumerate(lines, start=1):
        content = line.partition("#")[0].strip().lstrip("\ufeff")
        if not content:
            continue
        try:
            answer = _answer(content, working)
            if answer.name in answers:
                raise DataError(f"`{answer.name}` must be given once, got it again.")
            answers[answer.name] = answer
        except DataError as fault:
            faults.append(f"Line {place}: {fault}")
    if faults:
        raise DataError(" ".join(faults[:5]))
    if not answers:
        names = ", ".join(step.name for step in working.steps)
        raise DataError(
            f"Answers must be lines such as `{working.steps[-1].name} = 0.25`, got none; the lines "
            f"of this working are {names}."
        )
    return tuple(answers.values())


def _answer(content: str, working: Working) -> Answer:
    parts = re.split(r"[=:]", content, maxsplit=1)
    if len(parts) != 2:
        raise DataError(f"An answer must be `name = numbers`, got `{content:.40}`; add the name.")
    name = _name(parts[0], working)
    tokens = re.sub(r"[\[\](){},;]", " ", parts[1].replace("−", "-")).split()
    if not 0 < len(tokens) <= _MOST:
        raise DataError(f"`{name}` must have from 1 to {_MOST} numbers, got {len(tokens)}.")
    return Answer(name, tuple(_written(token) for token in tokens))


def _name(text: str, working: Working) -> str:
    key = re.sub(r"[\s-]+", "_", text.strip()).casefold()
    known = {step.name.casefold(): step.name for step in working.steps}
    found = known.get(key) or known.get(_ALIASES.get(key, ""))
    if found is None:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean `{known[near[0]]}`?" if near else "choose one of them."
        raise DataError(
            f"A line of this working is one of {', '.join(known.values())}, got "
            f"`{text.strip():.40}`; {hint}"
        )
    return found


def _written(token: str) -> Written:
    try:
        if "/" in token:
            top, bottom = (Decimal(part) for part in token.split("/"))
            return Written(token, float(top / bottom), _EXACT)
        number = Decimal(token)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and abs(number.adjusted()) <= 300 and abs(exponent) <= 300:
            return Written(token, float(number), float(Decimal(1).scaleb(exponent)))
    except (InvalidOperation, ValueError, ZeroDivisionError):
        pass
    raise DataError(
        f"A number must be written as 0.25, -1.5e-3 or 1/4, got `{token:.40}`; use a point before "
        f"decimals."
    )
