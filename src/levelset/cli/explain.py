"""`levelset explain`: a calculation by hand, and `levelset explain check`: the reader's own."""

import json as json_format
import shlex
import sys
import textwrap
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from levelset.cli.explain_options import (
    MOST_BYTES,
    BackpropagationOptions,
    BinaryOptions,
    CrossEntropyOptions,
    KlOptions,
    OneHotOptions,
    SoftmaxOptions,
    Topic,
    read_text,
)
from levelset.cli.pages import page_path, write_page
from levelset.errors import DataError
from levelset.report.workings import working_latex, working_page, working_text
from levelset.theory.workings import Marking, mark_answers

app = App(name="explain", help="Work a calculation out by hand, and check your own.")
check = App(
    name="check",
    help="Mark your own numbers line by line. Exit status 0: all right; 1: something is wrong.",
)
app.command(check)

Lines = Annotated[
    tuple[str, ...],
    Parameter(help="Your numbers, such as q=0.66,0.24,0.10 loss=0.42; first, or after --lines."),
]

_SIGNS = {"right": "✓", "rounding": "≈", "follows": "↪", "wrong": "✗"}


@Parameter(name="*")
@dataclass(frozen=True)
class Writing:
    """How a working is written."""

    format: Annotated[
        Literal["text", "html", "latex"] | None,
        Parameter(help="By default as the ending of --out says, or text."),
    ] = None
    digits: Annotated[int, Parameter(help="Decimals, from 1 to 12.")] = 4
    out: Annotated[Path | None, Parameter(help="The file to write.")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class Given:
    """Where a reader's numbers are, and how they are marked."""

    answers: Annotated[
        Path | None,
        Parameter(
            help="A file with a line `name = numbers` each; - is standard input.",
            allow_leading_hyphen=True,
        ),
    ] = None
    reveal: Annotated[
        bool, Parameter(help="Show the right numbers beside wrong ones.", negative=())
    ] = False
    json: Annotated[bool, Parameter(help="Print JSON instead of text.", negative=())] = False


@app.command
def softmax(*, options: SoftmaxOptions, writing: Writing | None = None) -> None:
    """Logits to probabilities."""
    _explain(options, writing)


@app.command
def one_hot(*, options: OneHotOptions, writing: Writing | None = None) -> None:
    """A label to a row of zeros and a one, and why not to a number."""
    _explain(options, writing)


@app.command
def cross_entropy(*, options: CrossEntropyOptions, writing: Writing | None = None) -> None:
    """Logits and a label to the loss and its gradient."""
    _explain(options, writing)


@app.command
def binary_cross_entropy(*, options: BinaryOptions, writing: Writing | None = None) -> None:
    """Logits of yes-or-no questions to the loss and its gradient."""
    _explain(options, writing)


@app.command
def kl(*, options: KlOptions | None = None, writing: Writing | None = None) -> None:
    """Entropy, cross-entropy and KL divergence, and their gradients."""
    _explain(options or KlOptions(), writing)


@app.command
def backpropagation(
    *, options: BackpropagationOptions | None = None, writing: Writing | None = None
) -> None:
    """A small network forward, backward and one step; an example of 2-2-2 units by default."""
    _explain(options or BackpropagationOptions(), writing)


@check.command(name="softmax")
def check_softmax(lines: Lines = (), *, options: SoftmaxOptions, given: Given | None = None) -> int:
    """Logits to probabilities."""
    return _check(options, lines, given)


@check.command(name="one-hot")
def check_one_hot(lines: Lines = (), *, options: OneHotOptions, given: Given | None = None) -> int:
    """A label to a one-hot row."""
    return _check(options, lines, given)


@check.command(name="cross-entropy")
def check_cross_entropy(
    lines: Lines = (), *, options: CrossEntropyOptions, given: Given | None = None
) -> int:
    """Logits and a label to the loss and its gradient."""
    return _check(options, lines, given)


@check.command(name="binary-cross-entropy")
def check_binary_cross_entropy(
    lines: Lines = (), *, options: BinaryOptions, given: Given | None = None
) -> int:
    """Logits of yes-or-no questions to the loss and its gradient."""
    return _check(options, lines, given)


@check.command(name="kl")
def check_kl(
    lines: Lines = (), *, options: KlOptions | None = None, given: Given | None = None
) -> int:
    """Entropy, cross-entropy and KL divergence."""
    return _check(options or KlOptions(), lines, given)


@check.command(name="backpropagation")
def check_backpropagation(
    lines: Lines = (), *, options: BackpropagationOptions | None = None, given: Given | None = None
) -> int:
    """A small network forward, backward and one step."""
    return _check(options or BackpropagationOptions(), lines, given)


def _explain(options: Topic, writing: Writing | None) -> None:
    writing = writing or Writing()
    if not 1 <= writing.digits <= 12:
        raise DataError(f"`--digits` must lie from 1 to 12, got {writing.digits}; 4 is usual.")
    path = None if writing.out is None else page_path(writing.out)
    endings = {".html": "html", ".htm": "html", ".tex": "latex"}
    suffix = "" if path is None else path.suffix.lower()
    wanted = writing.format or endings.get(suffix, "text")
    working = options.working()
    if wanted == "html":
        asked = replace(writing, format="html", out=None)  # a page does not say where it lies
        text = working_page(working, writing.digits, _command(working.topic, options, asked))
    else:
        write = working_latex if wanted == "latex" else working_text
        text = write(working, writing.digits)
    if path is None:
        print(text, end="")
        return
    write_page(path, text)
    print(f"{working.title}: {path.resolve()}")


def _command(topic: str, options: Topic, writing: Writing) -> str:
    """Write the options back as the line that makes the same again, defaults left out."""
    words = ["levelset", "explain", topic]
    for name, value, default in [*_settings(options), *_settings(writing)]:
        if value != default:
            words.append("--" + name.replace("_", "-"))
            words += map(_word, value if isinstance(value, tuple) else (value,))
    return shlex.join(words)


def _settings(options: Any) -> list[tuple[str, object, object]]:
    return [(field.name, getattr(options, field.name), field.default) for field in fields(options)]


def _word(value: object) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _check(options: Topic, lines: tuple[str, ...], given: Given | None) -> int:
    given = given or Given()
    marking = mark_answers(options.working(), [*lines, *_answers(given.answers, bool(lines))])
    if given.json:
        print(json_format.dumps(marking.as_mapping(), indent=2, ensure_ascii=False))
    else:
        _print_marking(marking, given.reveal)
    return 0 if marking.all_good else 1


def _answers(path: Path | None, others: bool) -> list[str]:
    if path is not None and str(path) != "-":
        return read_text(path).splitlines()
    if path is not None or not (others or sys.stdin.isatty()):
        return sys.stdin.read(MOST_BYTES).splitlines()
    return []


def _print_marking(marking: Marking, reveal: bool) -> None:
    wide = max(len(mark.name) for mark in marking.marks)
    for mark in marking.marks:
        print(f"{_SIGNS[mark.verdict]} {mark.name:{wide}}  {', '.join(mark.given)}")
        said = f"{mark.verdict}: {mark.note}" if mark.note else mark.verdict
        if mark.verdict != "right" or mark.note:
            print(f"  {'':{wide}}  {said}")
        if reveal and not mark.good:
            print(f"  {'':{wide}}  expected {', '.join(mark.expected)}")
    if marking.missing:
        print()
        print(textwrap.fill(f"Not given: {', '.join(marking.missing)}", 80))
    good = sum(mark.good for mark in marking.marks)
    print(f"\n{good} of {len(marking.marks)} lines are right.", end="")
    print("" if marking.all_good else f" `levelset explain {marking.topic}` shows the working.")
