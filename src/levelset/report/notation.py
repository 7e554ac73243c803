"""Mathematics written out: one tree as a line of text, as LaTeX or as MathML.

A number is rounded here and nowhere before. One that is exact in a few digits is written whole and
without zeros behind it: 0.5 is a half, 0.5000 was rounded.
"""

import html
import math
from dataclasses import dataclass

import numpy as np

from levelset.theory.workings.notation import (
    Exponential,
    Expression,
    Fraction,
    Group,
    Name,
    Number,
    Partial,
    Row,
    Sign,
    Table,
    Word,
)

_EXACT_DIGITS = 7
_RAISED = dict(zip("0123456789()−+ijklzMTᵀ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾⁻⁺ⁱʲᵏˡᶻᴹᵀᵀ", strict=True))
_LOWERED = dict(zip("0123456789ijkl", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗ", strict=True))
# fmt: off
_LATEX = {
    "σ": r"\sigma", "δ": r"\delta", "η": r"\eta", "θ": r"\theta", "ℓ": r"\ell", "Σ": r"\sum",
    "∂": r"\partial", "−": "-", "·": r"\cdot", "≈": r"\approx", "≥": r"\ge", "⊙": r"\odot",
    "‖": r"\|", "ᵀ": r"\top", "p̃": r"\tilde{p}",
}
# fmt: on


@dataclass(frozen=True)
class Rounded:
    """A number in digits.

    Attributes:
        digits: The number, or its mantissa, with a true minus sign.
        power: The power of ten that multiplies it; None where there is none.
        exact: Whether nothing was lost.
    """

    digits: str
    power: int | None
    exact: bool

    @property
    def negative(self) -> bool:
        """Whether it has a minus sign."""
        return self.digits.startswith("−")

    @property
    def text(self) -> str:
        """The number in one line."""
        if self.power is None:
            return self.digits
        return f"{self.digits}×10{_moved(str(self.power).replace('-', '−'), _RAISED)}"


def rounded(value: float, decimals: int) -> Rounded:
    """Round a number to so many decimals, or as many digits in powers of ten where it is small.

    Args:
        value: Any number.
        decimals: 1 or more.

    Example:
        >>> rounded(0.65900114, 4).text, rounded(-1.9, 4).text, rounded(0.0000454, 4).text
        ('0.6590', '−1.9', '0.0000454')
        >>> rounded(1 / 3e5, 4).text
        '3.333×10⁻⁶'
    """
    if value == 0.0 or not math.isfinite(value):
        return Rounded("0" if value == 0.0 else f"{value}".replace("-", "−"), None, True)
    power = math.floor(math.log10(abs(value)))
    mantissa, exponent = f"{value:.12e}".split("e")
    significant = mantissa.rstrip("0").rstrip(".")
    exact = len(significant.lstrip("-").replace(".", "")) <= _EXACT_DIGITS and math.isclose(
        float(f"{mantissa}e{exponent}"), value, rel_tol=1e-13
    )
    if exact and -6 <= int(exponent) < 7:
        places = max(len(significant.partition(".")[2]) - int(exponent), 0)
        return Rounded(f"{value:.{places}f}".replace("-", "−"), None, True)
    if exact:
        return Rounded(significant.replace("-", "−"), int(exponent), True)
    # Two digits must be left of a small number, or one where few are wanted.
    if (-decimals if decimals <= 3 else 1 - decimals) <= power < 7:
        return Rounded(f"{value:.{decimals}f}".replace("-", "−"), None, False)
    mantissa, exponent = f"{value:.{max(decimals - 1, 1)}e}".split("e")
    return Rounded(mantissa.replace("-", "−"), int(exponent), False)


@dataclass(frozen=True)
class TextScript:
    """Mathematics in one line of Unicode."""

    digits: int

    def number(self, number: Rounded) -> str:
        """Write a number."""
        return number.text

    def name(self, base: str, below: str, above: str) -> str:
        """Write a letter; indices without a small form stand after _ and ^."""
        lower = "" if not below else _moved(below, _LOWERED) or f"_{below}"
        return base + (_moved(above, _RAISED) or f"^({above})" if above else "") + lower

    def word(self, text: str) -> str:
        """Write an upright word."""
        return text

    def sign(self, text: str) -> str:
        """Write a sign."""
        return text

    def fraction(self, top: str, bottom: str, partial: bool) -> str:
        """Write a quotient with a slash."""
        return f"{top}/{bottom}" if partial else f"{top} / {bottom}"

    def exponential(self, power: str) -> str:
        """Write e to a power as a function."""
        return f"exp({power})"

    def group(self, inner: str, above: str) -> str:
        """Write brackets."""
        return f"({inner}){_moved(above, _RAISED)}"

    def table(self, rows: list[list[str]], vector: bool) -> str:
        """Write a vector as (a, b) and a matrix as [a b; c d]."""
        if vector:
            return f"({', '.join(rows[0])})"
        return f"[{'; '.join('  '.join(row) for row in rows)}]"

    def row(self, parts: list[tuple[Expression, str]]) -> str:
        """Write parts with spaces where a hand would leave them."""
        text = ""
        for at, (part, piece) in enumerate(parts):
            loose = at > 0 and not _touches([each for each, _ in parts[max(at - 2, 0) : at]], part)
            text += f" {piece}" if loose else piece
        return text


@dataclass(frozen=True)
class LatexScript:
    """Mathematics for LaTeX with amsmath."""

    digits: int

    def number(self, number: Rounded) -> str:
        """Write a number."""
        digits = number.digits.replace("−", "-")
        return digits if number.power is None else rf"{digits} \times 10^{{{number.power}}}"

    def name(self, base: str, below: str, above: str) -> str:
        """Write a letter; the upper index first, so that a prime may stand before it."""
        prime = "'" if base.endswith("′") else ""
        letter = _LATEX.get(base.removesuffix("′"), base.removesuffix("′"))
        upper, lower = ("".join(_LATEX.get(sign, sign) for sign in each) for each in (above, below))
        return (
            f"{letter}{prime}"
            + (f"^{{{upper}}}" if upper else "")
            + (f"_{{{lower}}}" if lower else "")
        )

    def word(self, text: str) -> str:
        """Write an upright word."""
        if text in ("ln", "max", "min", "tanh"):
            return f"\\{text}"
        if text in ("if", "otherwise", "of", "classes"):
            return rf"\text{{ {text} }}"
        escaped = text.replace("_", r"\_").replace("′", "'")
        prime = "'" if escaped.endswith("'") else ""
        return rf"\operatorname{{{escaped.removesuffix(chr(39))}}}{prime}"

    def sign(self, text: str) -> str:
        """Write a sign."""
        return _LATEX.get(text, text)

    def fraction(self, top: str, bottom: str, partial: bool) -> str:  # noqa: ARG002
        """Write a quotient."""
        return rf"\frac{{{top}}}{{{bottom}}}"

    def exponential(self, power: str) -> str:
        """Write e to a power."""
        return f"e^{{{power}}}"

    def group(self, inner: str, above: str) -> str:
        """Write brackets that grow."""
        return rf"\left({inner}\right)" + (f"^{{{above}}}" if above else "")

    def table(self, rows: list[list[str]], vector: bool) -> str:
        """Write a vector as a tuple and a matrix in brackets."""
        if vector:
            return rf"\left({', '.join(rows[0])}\right)"
        lines = r" \\ ".join(" & ".join(row) for row in rows)
        return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"

    def row(self, parts: list[tuple[Expression, str]]) -> str:
        """Write parts side by side; LaTeX spaces them."""
        return " ".join(piece for _, piece in parts)


@dataclass(frozen=True)
class MathScript:
    """Mathematics in MathML Core, which browsers draw themselves."""

    digits: int

    def number(self, number: Rounded) -> str:
        """Write a number."""
        plain = f"<mn>{number.digits.removeprefix('−')}</mn>"
        signed = f"<mo form='prefix'>−</mo>{plain}" if number.negative else plain
        if number.power is not None:
            power = str(number.power).replace("-", "−")
            signed += f"<mo>×</mo><msup><mn>10</mn><mn>{power}</mn></msup>"
        return f"<mrow>{signed}</mrow>" if signed != plain else plain

    def name(self, base: str, below: str, above: str) -> str:
        """Write a letter with its indices."""
        tag = "mo" if base in ("Σ", "∂") else "mi"
        letter = f"<{tag}>{html.escape('∑' if base == 'Σ' else base)}</{tag}>"
        lower, upper = f"<mi>{html.escape(below)}</mi>", f"<mi>{html.escape(above)}</mi>"
        if below and above:
            return f"<msubsup>{letter}{lower}{upper}</msubsup>"
        if below:
            return f"<msub>{letter}{lower}</msub>"
        return f"<msup>{letter}{upper}</msup>" if above else letter

    def word(self, text: str) -> str:
        """Write an upright word."""
        if text in ("if", "otherwise", "of", "classes"):
            return f"<mtext>&nbsp;{text}&nbsp;</mtext>"
        return f"<mi mathvariant='normal'>{html.escape(text)}</mi>"

    def sign(self, text: str) -> str:
        """Write a sign."""
        return f"<mo>{html.escape(text)}</mo>"

    def fraction(self, top: str, bottom: str, partial: bool) -> str:  # noqa: ARG002
        """Write a quotient."""
        return f"<mfrac><mrow>{top}</mrow><mrow>{bottom}</mrow></mfrac>"

    def exponential(self, power: str) -> str:
        """Write e to a power."""
        return f"<msup><mi>e</mi><mrow>{power}</mrow></msup>"

    def group(self, inner: str, above: str) -> str:
        """Write brackets that grow."""
        brackets = f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"
        return f"<msup>{brackets}<mn>{above}</mn></msup>" if above else brackets

    def table(self, rows: list[list[str]], vector: bool) -> str:
        """Write a vector as a tuple and a matrix in brackets."""
        if vector:
            return f"<mrow><mo>(</mo>{'<mo>,</mo>'.join(rows[0])}<mo>)</mo></mrow>"
        cells = ["".join(f"<mtd>{cell}</mtd>" for cell in row) for row in rows]
        lines = "".join(f"<mtr>{row}</mtr>" for row in cells)
        return f"<mtable class='matrix'>{lines}</mtable>"  # its brackets are drawn by the style

    def row(self, parts: list[tuple[Expression, str]]) -> str:
        """Write parts side by side, with a thin space between words and letters."""
        pieces = []
        for at, (part, piece) in enumerate(parts):
            before = parts[at - 1][0] if at else None
            if isinstance(before, Word) and not isinstance(part, Sign):
                pieces.append("<mspace width='0.17em'/>")
            if isinstance(part, Word) and isinstance(before, Name | Number):
                pieces.append("<mspace width='0.17em'/>")
            pieces.append(piece)
        return "".join(pieces)


Script = TextScript | LatexScript | MathScript


def drawn(expression: Expression, script: Script) -> str:
    """Write an expression in a script.

    Example:
        >>> from levelset.theory.workings.notation import write
        >>> drawn(write("q_k − ", -0.25), TextScript(4))
        'qₖ − (−0.25)'
    """
    match expression:
        case Number(value):
            return script.number(rounded(value, script.digits))
        case Name(base, below, above):
            return script.name(base, below, above)
        case Word(text):
            return script.word(text)
        case Sign(text):
            return script.sign(text)
        case Row(parts):
            return script.row([(part, _part(parts, at, script)) for at, part in enumerate(parts)])
        case _:
            return _compound(expression, script)


def _compound(expression: Expression, script: Script) -> str:
    match expression:
        case Fraction(top, bottom):
            wrapped = [_bracketed(side, script) for side in (top, bottom)]
            return script.fraction(*wrapped, partial=False)
        case Exponential(power):
            return script.exponential(drawn(power, script))
        case Group(inner, above):
            return script.group(drawn(inner, script), above)
        case Partial(of, by):
            above, below = (
                script.row([(Name("∂"), script.name("∂", "", "")), (part, drawn(part, script))])
                for part in (of, by)
            )
            return script.fraction(above, below, partial=True)
        case Table(values):
            rows = [[drawn(Number(v), script) for v in row] for row in np.atleast_2d(values)]
            return script.table(rows, vector=values.ndim < 2)
        case _:
            raise TypeError(expression)


def _part(parts: tuple[Expression, ...], at: int, script: Script) -> str:
    """Write one part of a row; some numbers stand in brackets.

    One is negative and comes after an operator, another is a product with a power of ten and comes
    after a word.
    """
    part, text = parts[at], drawn(parts[at], script)
    if at == 0 or not isinstance(part, Number):
        return text
    before, number = parts[at - 1], rounded(part.value, script.digits)
    negative = number.negative and isinstance(before, Sign) and before.text in "+−·/"
    product = number.power is not None and (isinstance(before, Word) or before == Sign("/"))
    return script.group(text, "") if negative or product else text


def _bracketed(side: Expression, script: Script) -> str:
    """Write a side of a quotient; only a line of text needs brackets around a sum."""
    text = drawn(side, script)
    if not isinstance(script, TextScript):
        return text
    return f"({text})" if "×" in text or (isinstance(side, Row) and len(side.parts) > 1) else text


def _touches(before: list[Expression], part: Expression) -> bool:
    """Say if no space stands before a part of a line of text."""
    last = before[-1]
    if isinstance(part, Sign) and part.text in "),‖|]":
        return True
    if isinstance(part, Sign) and part.text == "(" and isinstance(last, Name | Word):
        return True
    if isinstance(last, Name) and last.base == "∂":
        return True
    if not isinstance(last, Sign):
        return False
    starts = len(before) == 1 or (isinstance(before[0], Sign) and before[0].text not in ")]|")
    unary = last.text == "−" and starts
    return last.text in "(‖|[" or unary


def _moved(text: str, alphabet: dict[str, str]) -> str:
    """Raise or lower a text by letters that exist for it, or give nothing."""
    if any(sign not in alphabet for sign in text):
        return ""
    return "".join(alphabet[sign] for sign in text)
