"""Mathematics as a tree: what is written, before anybody decides how it looks.

One tree is read as a line of text, as LaTeX or as MathML, to any number of digits, because its
numbers are kept unrounded. `write` builds one from strings and numbers:

    write("q_k =", Fraction(write("e_k"), write("S")))
    write("ln", 0.25)

A string is cut at its spaces. Each piece is a sign, an upright word, a number, or a name with a
lower index after `_` and an upper one after `^`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

SIGNS = frozenset("+−·=≈≥⊙‖|()[],/")
WORDS = frozenset(("ln", "max", "min", "H", "KL", "if", "otherwise", "of", "classes"))


@dataclass(frozen=True)
class Number:
    """A number, to be rounded where it is shown."""

    value: float


@dataclass(frozen=True)
class Name:
    """A letter with its indices.

    Attributes:
        base: The letter, for example "z".
        below: Its lower index, or nothing.
        above: Its upper index or exponent, or nothing.
    """

    base: str
    below: str = ""
    above: str = ""


@dataclass(frozen=True)
class Word:
    """An upright word, for example "ln"."""

    text: str


@dataclass(frozen=True)
class Sign:
    """An operator, a relation or a bracket."""

    text: str


@dataclass(frozen=True)
class Fraction:
    """A quotient."""

    top: "Expression"
    bottom: "Expression"


@dataclass(frozen=True)
class Exponential:
    """The number e to a power."""

    power: "Expression"


@dataclass(frozen=True)
class Group:
    """Brackets that grow with what they hold.

    Attributes:
        inner: What they hold.
        above: An exponent, or nothing.
    """

    inner: "Expression"
    above: str = ""


@dataclass(frozen=True)
class Partial:
    """The derivative of a quantity by a name."""

    of: "Row"
    by: Name


@dataclass(frozen=True, eq=False)
class Table:
    """A vector of shape (c,) or a matrix of shape (i, o), number by number."""

    values: Float64[np.ndarray, "..."]


@dataclass(frozen=True)
class Row:
    """Parts written one after another."""

    parts: tuple["Expression", ...]


Expression = Number | Name | Word | Sign | Fraction | Exponential | Group | Partial | Table | Row


def write(*pieces: Expression | str | float | int) -> Row:
    """Write an expression from strings, numbers and parts that are expressions.

    Args:
        pieces: Strings are cut at spaces; see the module's text.

    Returns:
        The parts in one row.

    Example:
        >>> write("z_k −", 2.0).parts
        (Name(base='z', below='k', above=''), Sign(text='−'), Number(value=2.0))

    Source: notation only; there is no equation in it.
    """
    parts: list[Expression] = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.extend(_read(token) for token in piece.split())
        elif isinstance(piece, Row):
            parts.extend(piece.parts)
        elif isinstance(piece, float | int):
            parts.append(Number(float(piece)))
        else:
            parts.append(piece)
    return Row(tuple(parts))


def joined(sign: str, terms: Sequence[Row | float]) -> Row:
    """Write terms with a sign between each two.

    Args:
        sign: For example "+".
        terms: One or more.

    Returns:
        One row.

    Example:
        >>> len(joined("+", [1.0, 2.0, 3.0]).parts)
        5

    Source: notation only.
    """
    pieces: list[Expression | str | float] = []
    for place, term in enumerate(terms):
        pieces += [term] if place == 0 else [sign, term]
    return write(*pieces)


def _read(token: str) -> Expression:
    if token in SIGNS:
        return Sign(token)
    if token in WORDS:
        return Word(token)
    if token[0].isdigit():
        return Number(float(token))
    base, _, above = token.partition("^")
    base, _, below = base.partition("_")
    return Name(base, below, above)
