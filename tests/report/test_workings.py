import doctest
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import pytest

from levelset.report import workings
from levelset.report.workings import working_fragment, working_latex, working_page, working_text
from levelset.theory import (
    Working,
    backpropagation_working,
    binary_cross_entropy_working,
    cross_entropy_working,
    kl_working,
    one_hot_working,
    softmax_working,
)

LOGITS, TRUTH = [2.0, 1.0, 0.1], [0.7, 0.2, 0.1]
WORKINGS = {
    "softmax": softmax_working(LOGITS, temperature=2.0),
    "many classes": softmax_working([0.1 * k - 1.0 for k in range(30)]),
    "large logits": softmax_working([1e4, -1e4, 0.0]),
    "one-hot": one_hot_working(1, 4),
    "cross-entropy": cross_entropy_working(LOGITS, 0),
    "smoothed": cross_entropy_working(LOGITS, TRUTH, smoothing=0.1),
    "binary": binary_cross_entropy_working([2.0, -1.0, -40.0], [1.0, 0.0, 0.3]),
    "kl": kl_working(TRUTH, logits=LOGITS),
    "prediction": kl_working(2, prediction=[0.6, 0.3, 0.1]),
    "backpropagation": backpropagation_working(),
    "sigmoid": backpropagation_working(
        {
            "x": [1.0],
            "weights": [[[0.3, -0.7]]],
            "target": [1.0, 0.2],
            "loss": "sigmoid_cross_entropy",
        }
    ),
    "squares": backpropagation_working(
        {
            "x": [1.0, -2.0],
            "weights": [[[0.3] * 8, [0.1] * 8], [[0.5, -0.5]] * 8],
            "activation": "leaky_relu",
            "label": 0,
            "loss": "squared_error",
        }
    ),
}
every_working = pytest.mark.parametrize("working", WORKINGS.values(), ids=WORKINGS)
every_count = pytest.mark.parametrize("digits", [1, 4, 12])


def test_examples_of_module() -> None:
    outcome = doctest.testmod(workings)
    assert outcome.attempted > 0
    assert outcome.failed == 0


def equations(text: str) -> Iterator[tuple[str, str]]:
    """The right sides and results of a text's lines, put together where they were wrapped."""
    joined = re.sub(r"\n {8,}(?=\S)", " ", text)
    for line in joined.splitlines():
        if not line.startswith("      ") or line.count("=") + line.count("≈") < 2:
            continue
        middle, _, result = re.sub(" +", " ", line).strip().replace("≈", "=").rpartition(" = ")
        yield middle.partition(" = ")[2], result


def evaluated(right: str) -> float:
    """Calculate a line of text, as a reader would."""
    plain = right.replace("−", "-").replace("·", "*").replace("[", "(").replace("]", ")")
    plain = plain.replace("²", "**2")
    plain = re.sub(r"×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda power: "e" + power[1].translate(_LOWERED), plain)
    plain = re.sub(r"ln (-?[\d.]+(?:e-?\d+)?)", r"ln(\1)", plain)
    names = {"exp": math.exp, "ln": math.log, "max": max, "min": min, "tanh": math.tanh}
    names["leaky_relu"] = lambda z: z if z > 0.0 else 0.01 * z
    names["slope"] = lambda z: 1.0 if z > 0.0 else 0.01
    return eval(plain.replace("leaky_relu′", "slope"), {"__builtins__": {}}, names)


_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@every_working
def test_every_line_gives_its_result_when_it_is_calculated(working: Working) -> None:
    lines = list(equations(working_text(working, digits=12)))
    assert len(lines) >= 3
    for right, result in lines:
        assert evaluated(right) == pytest.approx(evaluated(result), rel=1e-9, abs=1e-10), right


@every_count
@every_working
def test_text_fits_a_terminal_and_names_every_step(working: Working, digits: int) -> None:
    text = working_text(working, digits)
    assert max(map(len, text.splitlines())) <= 80
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "`" not in text
    for place, step in enumerate(working.steps, start=1):
        assert f"{place:>2}  {step.title}" in text


def test_the_text_of_a_cross_entropy() -> None:
    text = working_text(cross_entropy_working(LOGITS, 0), digits=4)
    lines = [
        "Given  z = (2, 1, 0.1)",
        "       t = 0 of 3 classes",
        " 5  Divide by the sum                                                qₖ = Eₖ / S",
        "      E₁ = exp(−1)   ≈ 0.3679",
        "      q₀ = 1 / 1.5174      ≈ 0.6590",
        "      p = (1, 0, 0)",
        "      ln q₂ = −1.9 − ln 1.5174 ≈ −2.3170",
        "      ℓ = 0.4170 + 0 + 0 ≈ 0.4170",
        "      ∂ℓ/∂z₀ = 0.6590 − 1 ≈ −0.3410",
        "      ∂ℓ/∂z₁ = 0.2424 − 0 ≈  0.2424",
    ]
    assert all(f"\n{line}\n" in text for line in lines)


def test_digits_are_those_asked_for() -> None:
    assert "≈ 0.66\n" in working_text(softmax_working(LOGITS), digits=2)
    assert "≈ 0.65900114\n" in working_text(softmax_working(LOGITS), digits=8)


def test_an_exponential_too_small_for_a_number_is_not_said_to_be_0() -> None:
    text = working_text(softmax_working([0.0, -1e4]))
    assert "E₁ = exp(−10000) ≈ 0" in text
    assert r"e^{-10000} \approx 0" in working_latex(softmax_working([0.0, -1e4]))


COMMANDS = re.compile(
    r"section|subsection|paragraph|begin|end|sum|ell|cdot|approx|ge|sigma|delta|eta|theta|partial|"
    r"odot|top|tilde|frac|left|right|ln|max|min|tanh|text|operatorname|times|textit|usepackage"
)


@every_count
@every_working
def test_latex_uses_amsmath_alone_and_closes_what_it_opens(working: Working, digits: int) -> None:
    latex = working_latex(working, digits)
    assert latex.isascii()
    assert all(COMMANDS.fullmatch(word) for word in re.findall(r"\\([A-Za-z]+)", latex))
    body = latex.replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for sign in body:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    for environment in ("align*", "bmatrix"):
        opened, closed = (latex.count(rf"\{word}{{{environment}}}") for word in ("begin", "end"))
        assert opened == closed
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert latex.count("$") % 2 == 0
    assert latex.count(r"\paragraph{") == len(working.steps)
    # Outside of mathematics no sign has a meaning of its own.
    prose = re.sub(r"\$.*?\$|\\begin\{align\*\}.*?\\end\{align\*\}|%.*", "", latex, flags=re.S)
    assert not set(prose) & set("_^&#~")
    # A row of equations is aligned at one sign.
    for block in re.findall(r"\\begin\{align\*\}(.*?)\\end\{align\*\}", latex, re.S):
        for row in re.sub(r"\\begin\{bmatrix\}.*?\\end\{bmatrix\}", "", block).split(r" \\" + "\n"):
            assert row.count("&") <= 1


def test_the_latex_of_a_softmax() -> None:
    latex = working_latex(softmax_working(LOGITS))
    assert "  q_{k} &= \\frac{E_{k}}{S} \\\\\n" in latex
    assert "  q_{0} &= \\frac{1}{1.5174} \\approx 0.6590 \\\\\n" in latex
    assert "  E_{2} &= e^{-1.9} \\approx 0.1496\n\\end{align*}" in latex


@every_count
@every_working
def test_html_is_well_formed_and_needs_nothing_else(working: Working, digits: int) -> None:
    page = working_page(working, digits)
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["']?https?://|url\(""", page)
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page
    fragment = working_fragment(working, digits)
    assert fragment in page
    root = ElementTree.fromstring(fragment.replace("&nbsp;", " "))
    assert len(root.findall(".//li")) == len(working.steps)
    assert all(HTML_OR_MATHML_CORE.fullmatch(element.tag) for element in root.iter())


HTML_OR_MATHML_CORE = re.compile(
    r"div|p|section|h2|h3|ol|li|span|table|tr|td|math|mrow|mi|mn|mo|msub|msup|msubsup|mfrac|mtext|"
    r"mspace|mtable|mtr|mtd|mphantom"
)


def test_the_page_shows_its_command_and_nothing_where_there_is_none() -> None:
    working = softmax_working(LOGITS)
    assert "--logits" in working_page(working, command="levelset explain softmax --logits 2 1 0.1")
    assert "<pre" not in working_page(working)
    assert "&lt;b&gt;" in working_page(working, command="levelset <b>")


def test_points_stand_under_each_other() -> None:
    fragment = working_fragment(softmax_working(LOGITS))
    assert "<mn>1</mn><mphantom><mn>.0000</mn></mphantom>" in fragment
    assert "<mn>0.3679</mn></mrow></math></td>" in fragment
