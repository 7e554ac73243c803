import doctest

import numpy as np
import pytest

from levelset.report import notation
from levelset.report.notation import LatexScript, MathScript, TextScript, drawn, rounded
from levelset.theory.workings.notation import (
    Exponential,
    Fraction,
    Group,
    Name,
    Number,
    Partial,
    Table,
    Word,
    write,
)

TEXT, LATEX, MATH = TextScript(4), LatexScript(4), MathScript(4)


def test_examples_of_module() -> None:
    outcome = doctest.testmod(notation)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("value", "digits", "text", "exact"),
    [
        (0.6590011388859679, 4, "0.6590", False),
        (0.6590011388859679, 1, "0.7", False),
        (0.5, 4, "0.5", True),
        (0.1 - 2.0, 4, "−1.9", True),
        (0.123456, 4, "0.123456", True),
        (10000.0, 4, "10000", True),
        (-0.0, 4, "0", True),
        (1.0 / 3.0e3, 4, "3.333×10⁻⁴", False),
        (-1.0 / 3.0e12, 4, "−3.333×10⁻¹³", False),
        (1.0 / 3.0e2, 4, "0.0033", False),
        (1.0 / 30.0, 2, "0.03", False),
        (1.0 / 300.0, 2, "3.3×10⁻³", False),
        (2.0**40 / 3.0, 4, "3.665×10¹¹", False),
        (1e9, 4, "1×10⁹", True),
        (0.99996, 4, "0.99996", True),
        (1.0 - 1e-9 / 3.0, 4, "1.0000", False),
        (float("inf"), 4, "inf", True),
    ],
)
def test_numbers(value: float, digits: int, text: str, exact: bool) -> None:
    number = rounded(value, digits)
    assert (number.text, number.exact) == (text, exact)


@pytest.mark.parametrize(
    ("expression", "text", "latex"),
    [
        (write("q_k"), "qₖ", "q_{k}"),
        (write("a^(1)ᵀ"), "a⁽¹⁾ᵀ", r"a^{(1)\top}"),
        (write("w′_01^(2)"), "w′⁽²⁾₀₁", "w'^{(2)}_{01}"),
        (write("x_c"), "x_c", "x_{c}"),
        (write("x^c"), "x^(c)", "x^{c}"),
        (write("Σ_k p̃_k"), "Σₖ p̃ₖ", r"\sum_{k} \tilde{p}_{k}"),
        (write("−", 0.25), "−0.25", "- 0.25"),
        (write(1.0, "− ln q"), "1 − ln q", r"1 - \ln q"),
        (write(2.0, "·", -0.5), "2 · (−0.5)", r"2 \cdot \left(-0.5\right)"),
        (write(-0.5, "+", 1.0), "−0.5 + 1", "-0.5 + 1"),
        (
            write("H ( p ) − H ( q )"),
            "H(p) − H(q)",
            r"\operatorname{H} ( p ) - \operatorname{H} ( q )",
        ),
        (write("KL ( p ‖ q )"), "KL(p‖q)", r"\operatorname{KL} ( p \| q )"),
        (Fraction(write("a + b"), write("S")), "(a + b) / S", r"\frac{a + b}{S}"),
        (Fraction(Number(1 / 3e9), Number(2.0)), "(3.333×10⁻¹⁰) / 2", None),
        (write("ln", 1.0 / 3.0e9), "ln (3.333×10⁻¹⁰)", None),
        (Exponential(write("− | z |")), "exp(−|z|)", "e^{- | z |}"),
        (Group(write("i − j"), above="2"), "(i − j)²", r"\left(i - j\right)^{2}"),
        (Partial(write("ℓ"), Name("z", "0")), "∂ℓ/∂z₀", r"\frac{\partial \ell}{\partial z_{0}}"),
        (Partial(write("ln q_j"), Name("z", "k")), "∂ln qⱼ/∂zₖ", None),
        (Table(np.array([1.0, -2.5])), "(1, −2.5)", r"\left(1, -2.5\right)"),
        (
            Table(np.array([[1.0, 2.0], [3.0, 4.0]])),
            "[1  2; 3  4]",
            r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
        ),
        (
            write(Word("leaky_relu′"), "( z )"),
            "leaky_relu′(z)",
            r"\operatorname{leaky\_relu}' ( z )",
        ),
        (write("p = 1 if k = t , otherwise 0"), "p = 1 if k = t, otherwise 0", None),
    ],
)
def test_one_tree_is_text_and_latex(expression, text: str, latex: str | None) -> None:
    assert drawn(expression, TEXT) == text
    if latex is not None:
        assert drawn(expression, LATEX) == latex


@pytest.mark.parametrize(
    ("expression", "markup"),
    [
        (write("q_k"), "<msub><mi>q</mi><mi>k</mi></msub>"),
        (write("z_0^(1)"), "<msubsup><mi>z</mi><mi>0</mi><mi>(1)</mi></msubsup>"),
        (write("a^2"), "<msup><mi>a</mi><mi>2</mi></msup>"),
        (Number(-0.5), "<mrow><mo form='prefix'>−</mo><mn>0.5</mn></mrow>"),
        (Exponential(write("d")), "<msup><mi>e</mi><mrow><mi>d</mi></mrow></msup>"),
        (
            Fraction(write("1"), write("S")),
            "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>S</mi></mrow></mfrac>",
        ),
        (Word("a<b"), "<mi mathvariant='normal'>a&lt;b</mi>"),
        (
            Table(np.array([1.0, 2.0])),
            "<mrow><mo>(</mo><mn>1</mn><mo>,</mo><mn>2</mn><mo>)</mo></mrow>",
        ),
    ],
)
def test_and_mathml(expression, markup: str) -> None:
    assert drawn(expression, MATH) == markup


def test_a_power_of_ten_in_each_script() -> None:
    small = Number(1.0 / 3.0e9)
    assert drawn(small, LATEX) == r"3.333 \times 10^{-10}"
    assert "<msup><mn>10</mn><mn>−10</mn></msup>" in drawn(small, MATH)
