"""A calculation by hand as a reader wants it: text for a terminal, a page, or LaTeX.

    working_text      80 columns of Unicode
    working_latex     a fragment for a document that loads amsmath
    working_page      an HTML page that needs nothing else; mathematics is MathML
    working_fragment  what stands between the page's head and feet, to be put into another page

Every number is rounded as it is written; the working itself holds them unrounded.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from levelset.report.markup import render
from levelset.report.notation import LatexScript, MathScript, Rounded, TextScript, drawn, rounded
from levelset.theory.workings.notation import (
    Exponential,
    Expression,
    Name,
    Number,
    Row,
    Sign,
    Table,
    write,
)
from levelset.theory.workings.working import Line, Step, Working

DIGITS = 4
WIDTH = 80
ROUNDING = (
    "Numbers are rounded only where they are written; every step goes on with the unrounded ones. "
    "What is exact is written with = and without zeros at the end."
)


def working_text(working: Working, digits: int = DIGITS) -> str:
    """Write a working as text of 80 columns.

    Args:
        working: What to write.
        digits: Decimals of what is not exact, from 1.

    Returns:
        Lines, with one line break at the end.

    Example:
        >>> from levelset.theory.workings import softmax_working
        >>> print(working_text(softmax_working([1.0, 0.0]), digits=3).splitlines()[0])
        Softmax by hand
    """
    script, place = TextScript(digits), 0
    lines = [working.title, "=" * len(working.title), ""]
    given = [drawn(each, script) for each in working.given]
    for first, row in zip(["Given", *[""] * len(given)], given, strict=False):
        lines += textwrap.wrap(row, WIDTH, initial_indent=f"{first:7}", subsequent_indent=" " * 11)
    for section, steps in groupby(working.steps, key=lambda step: step.section):
        lines += ["", section.upper()] if section else [""]
        for step in steps:
            place += 1
            lines += ["", *_step_text(step, place, script)]
    lines += ["", *_paragraph(working.conclusion, script), "", *_paragraph(ROUNDING, script)]
    return "\n".join(lines) + "\n"


def working_latex(working: Working, digits: int = DIGITS) -> str:
    r"""Write a working as a fragment of LaTeX.

    Args:
        working: What to write.
        digits: Decimals of what is not exact, from 1.

    Returns:
        What may be put into a document, or read by `\input`, after `\usepackage{amsmath}`.

    Example:
        >>> from levelset.theory.workings import softmax_working
        >>> print(working_latex(softmax_working([1.0, 0.0])).splitlines()[1])
        \section*{Softmax by hand}
    """
    script, place = LatexScript(digits), 0
    lines = [r"% needs \usepackage{amsmath}", rf"\section*{{{working.title}}}", "Given:"]
    lines += _aligned([_equation(each, script) for each in working.given])
    for section, steps in groupby(working.steps, key=lambda step: step.section):
        lines += ["", rf"\subsection*{{{section}}}"] if section else [""]
        for step in steps:
            place += 1
            note = _inline(step.note, script)
            lines += [rf"\paragraph{{{place}. {step.title}.}} {note}".rstrip()]
            rows = [_equation(step.formula, script)]
            lines += _aligned([*rows, *_value_rows(step, script)])
    lines += ["", _inline(working.conclusion, script), "", r"\textit{" + ROUNDING + "}"]
    return "\n".join(lines) + "\n"


def working_page(working: Working, digits: int = DIGITS, command: str = "") -> str:
    """Write a working as one HTML page without scripts.

    Args:
        working: What to write.
        digits: Decimals of what is not exact, from 1.
        command: The line that makes the page again; none is shown where it is empty.

    Returns:
        The page; write it to a file as UTF-8.
    """
    body = working_fragment(working, digits)
    values = {"working": working, "body": body, "command": command, "rounding": ROUNDING}
    return render("working.html.j2", values)


def working_fragment(working: Working, digits: int = DIGITS) -> str:
    """Write a working as a part of a page, which must also hold `templates/working.css`.

    Args:
        working: What to write.
        digits: Decimals of what is not exact, from 1.

    Returns:
        A `<div class="working">` without a heading of its own.
    """
    script = MathScript(digits)
    places = {step.name: place for place, step in enumerate(working.steps, start=1)}
    return render(
        "working_steps.html.j2",
        {
            "given": [_math(drawn(each, script)) for each in working.given],
            "sections": [
                (section, [_step_markup(step, places[step.name], script) for step in steps])
                for section, steps in groupby(working.steps, key=lambda step: step.section)
            ],
            "conclusion": _markup(working.conclusion, script),
        },
    )


def _step_text(step: Step, place: int, script: TextScript) -> list[str]:
    label = f"{place:>2}  {step.title}"
    formula = drawn(step.formula, script)
    gap = WIDTH - len(label) - len(formula)
    head = [label + " " * gap + formula] if gap >= 3 else [label, formula.rjust(WIDTH)]
    note = _paragraph(step.note, script, indent=4)
    return [*head, *(note and ["", *note]), "", *_lines_text(step, script)]


def _lines_text(step: Step, script: TextScript) -> list[str]:
    if not step.lines:
        return _table_text(step, script)
    numbers = _results(step, script.digits)
    lefts = [drawn(line.left, script) for line in step.lines]
    rights = [drawn(line.right, script) if line.right else "" for line in step.lines]
    values = _pointed([number.text for number in numbers])
    wide, left = max(map(len, rights)), max(map(len, lefts))
    if 6 + left + 6 + wide + max(map(len, values)) > WIDTH:
        return _wrapped(lefts, rights, numbers)
    lines = []
    for name, right, number, value in zip(lefts, rights, numbers, values, strict=True):
        middle = f"= {right:{wide}} {_relation(number)}" if right else "="
        if number.text == right:  # nothing was calculated
            middle = f"= {'':{wide}}  " if wide else "="
        lines.append(f"      {name:{left}} {middle} {value}".rstrip())
    return lines


def _wrapped(lefts: list[str], rights: list[str], numbers: list[Rounded]) -> list[str]:
    lines = []
    for name, right, number in zip(lefts, rights, numbers, strict=True):
        text = f"{name} = {right} {_relation(number)}\u00a0{number.text}"
        indent = " " * (6 + len(name) + 1)
        wrapped = textwrap.wrap(text, WIDTH, initial_indent=" " * 6, subsequent_indent=indent)
        lines += [line.replace("\u00a0", " ") for line in wrapped]
    return lines


def _results(step: Step, digits: int) -> list[Rounded]:
    """Round the results of a step's lines; an exponential of 0 is one too small for float64."""
    numbers = []
    for line, value in zip(step.lines, step.value.ravel().tolist(), strict=True):
        vanished = value == 0.0 and isinstance(line.right, Exponential)
        numbers.append(
            replace(rounded(value, digits), exact=False) if vanished else rounded(value, digits)
        )
    return numbers


def _table_text(step: Step, script: TextScript) -> list[str]:
    left = f"      {drawn(_symbol(step), script)} {_relation_of(step, script.digits)} "
    if step.value.ndim < 2:
        return [left + drawn(_whole(step), script)]
    texts = [[rounded(value, script.digits).text for value in row] for row in step.value.tolist()]
    columns = [_pointed(list(column)) for column in zip(*texts, strict=True)]
    padded = [[cell.ljust(max(map(len, column))) for cell in column] for column in columns]
    lines = ["  ".join(row).rstrip() for row in zip(*padded, strict=True)]
    return [(left if at == 0 else " " * len(left)) + line for at, line in enumerate(lines)]


def _symbol(step: Step) -> Row:
    """Give the left side of a step's equation, without the index that runs."""
    left = _left(step.formula)
    return Row(
        tuple(Name(part.base, "", part.above) if isinstance(part, Name) else part for part in left)
    )


def _relation_of(step: Step, digits: int) -> str:
    numbers = [rounded(value, digits) for value in step.value.ravel().tolist()]
    return "=" if all(number.exact for number in numbers) else "≈"


def _left(formula: Row) -> Iterator[Expression]:
    for part in formula.parts:
        if part == Sign("="):
            return
        yield part


def _pointed(texts: list[str]) -> list[str]:
    """Put numbers under each other by their points."""
    whole = max(len(text.partition(".")[0]) for text in texts)
    return [" " * (whole - len(text.partition(".")[0])) + text for text in texts]


def _relation(number: Rounded) -> str:
    return "=" if number.exact else "≈"


def _paragraph(text: str, script: TextScript, indent: int = 0) -> list[str]:
    space = " " * indent
    return textwrap.wrap(
        _inline(text, script), WIDTH, initial_indent=space, subsequent_indent=space
    )


def _inline(text: str, script: TextScript | LatexScript) -> str:
    """Write a sentence whose notation stands between backticks."""
    pieces = [
        drawn(write(piece), script) if at % 2 else piece for at, piece in enumerate(text.split("`"))
    ]
    if isinstance(script, LatexScript):
        pieces = [f"${piece}$" if at % 2 else piece for at, piece in enumerate(pieces)]
    return "".join(pieces)


def _equation(formula: Row, script: LatexScript) -> str:
    left = tuple(_left(formula))
    right = Row(formula.parts[len(left) + 1 :])
    if not right.parts:
        return drawn(formula, script)
    return f"{drawn(Row(left), script)} &= {drawn(right, script)}"


def _value_rows(step: Step, script: LatexScript) -> list[str]:
    if not step.lines:
        relation = "=" if _relation_of(step, script.digits) == "=" else r"\approx"
        return [f"{drawn(_symbol(step), script)} &{relation} {drawn(_whole(step), script)}"]
    rows = []
    values, numbers = step.value.ravel().tolist(), _results(step, script.digits)
    for line, value, number in zip(step.lines, values, numbers, strict=True):
        relation = "=" if number.exact else r"\approx"
        right = "" if _settled(line, value) else f"{drawn(_right(line), script)} {relation} "
        rows.append(f"{drawn(line.left, script)} &= {right}{script.number(number)}")
    return rows


def _settled(line: Line, value: float) -> bool:
    """Whether a line has nothing to calculate."""
    return line.right is None or line.right in (Number(value), write(value))


def _right(line: Line) -> Expression:
    return line.right or write("")


def _whole(step: Step) -> Table | Number:
    return Table(step.value) if step.value.ndim else Number(float(step.value))


def _aligned(rows: list[str]) -> list[str]:
    body = [f"  {row}" + (r" \\" if at < len(rows) - 1 else "") for at, row in enumerate(rows)]
    return [r"\begin{align*}", *body, r"\end{align*}"]


def _step_markup(step: Step, place: int, script: MathScript) -> dict[str, object]:
    values = step.value.ravel().tolist() if step.lines else []
    numbers = _results(step, script.digits) if step.lines else []
    rows = [
        {
            "left": _math(drawn(line.left, script)),
            "right": "" if _settled(line, value) else _math(drawn(_right(line), script)),
            "relation": _relation(number),
            "value": _math(script.number(number) + _filling(number, numbers)),
        }
        for line, value, number in zip(step.lines, values, numbers, strict=True)
    ]
    whole = write(_symbol(step), _relation_of(step, script.digits), _whole(step))
    return {
        "place": place,
        "title": step.title,
        "formula": _math(drawn(step.formula, script), block=True),
        "rows": rows,
        "whole": "" if rows else _math(drawn(whole, script), block=True),
        "note": _markup(step.note, script),
    }


def _filling(number: Rounded, column: list[Rounded]) -> str:
    """Fill a number up with digits that are not seen, so that points stand under each other."""
    if any(each.power is not None for each in column):
        return ""
    own, longest = _decimals(number), max(map(_decimals, column))
    zeros = ("" if own else ".") + "0" * (longest - own)
    return f"<mphantom><mn>{zeros}</mn></mphantom>" if longest > own else ""


def _decimals(number: Rounded) -> int:
    return len(number.digits.partition(".")[2])


def _math(inside: str, block: bool = False) -> str:
    display = ' display="block"' if block else ' displaystyle="true"'
    return f"<math{display}><mrow>{inside}</mrow></math>"


def _markup(text: str, script: MathScript) -> str:
    pieces = text.split("`")
    return "".join(
        _math(drawn(write(piece), script)) if at % 2 else piece for at, piece in enumerate(pieces)
    )
