"""Binary cross-entropy by hand: one yes-or-no question a logit."""

from collections.abc import Sequence

import numpy as np

from levelset.theory.encoding import sigmoid
from levelset.theory.information import log_probabilities
from levelset.theory.losses import sigmoid_cross_entropy, sigmoid_cross_entropy_gradient
from levelset.theory.workings.inputs import array, logits_fault, require
from levelset.theory.workings.notation import (
    Exponential,
    Expression,
    Fraction,
    Name,
    Number,
    Partial,
    Row,
    Table,
    joined,
    write,
)
from levelset.theory.workings.softmax import entries
from levelset.theory.workings.working import Line, Quantity, Rule, Step, Working

_SIGMOID = "Sigmoid"
_LOSS = "Loss"
_GRADIENT = "Gradient"


def binary_cross_entropy_working(
    logits: Sequence[float] | np.ndarray, target: Sequence[float] | np.ndarray
) -> Working:
    """Work out a sigmoid cross-entropy and its gradient as a student would write it.

    ℓ = −Σ_k [y_k ln σ(z_k) + (1 − y_k) ln(1 − σ(z_k))],  ∂ℓ/∂z_k = σ(z_k) − y_k

    Args:
        logits: z, from 1 to 30 log odds of yes, at most 1e6 in size.
        target: y, the probability of yes for each, 0 or 1 where the answer is known.

    Returns:
        Steps exponentials, probabilities, log_probabilities, log_complements, terms, loss and
        gradient.

    Raises:
        DataError: What is wrong with logits and target.

    Example:
        >>> float(binary_cross_entropy_working([0.0], [1.0]).step("loss").value.round(4))
        0.6931

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), equations 4.59, 4.90, 4.91.
    """
    require(logits_fault(list(logits), least=1) or _target_fault(list(target), len(logits)))
    z, y = array(logits), array(target)
    return Working(
        topic="binary-cross-entropy",
        title="Binary cross-entropy by hand",
        given=(write("z =", Table(z)), write("y =", Table(y))),
        inputs={"logits": z, "target": y},
        steps=(*_sigmoid_steps(z), *_log_steps(z), *_loss_steps(z, y), _gradient_step(z, y)),
        conclusion="A sigmoid is a softmax over two classes whose logits are `z` and 0, so this is "
        "the same loss with the same gradient: predicted minus true probability.",
    )


def _target_fault(target: Sequence[float], questions: int) -> str:
    if len(target) != questions:
        return (
            f"`target` must hold one number for each of the {questions} logits, got {len(target)}; "
            f"give 1 for yes and 0 for no."
        )
    wrong = [each for each in target if not 0.0 <= each <= 1.0]
    if wrong:
        return f"`target` must hold probabilities from 0 to 1, got {wrong[0]:g}; 1 is yes, 0 is no."
    return ""


def _sigmoid_steps(z: Quantity) -> tuple[Step, Step]:
    small = np.exp(-np.abs(z))
    rights: list[Fraction] = []
    for logit, power in zip(z.tolist(), small.tolist(), strict=True):
        rights.append(Fraction(write(1.0 if logit >= 0.0 else power), write("1 +", power)))
    exponentials = Step(
        name="exponentials",
        title="Take exponentials",
        formula=write("E_k =", Exponential(write("− | z_k |"))),
        value=small,
        lines=entries("E", [Exponential(Number(-abs(logit))) for logit in z.tolist()]),
        note="Of the negative size of the logit, so that none overflows.",
        rule=lambda values: np.exp(-np.abs(values["logits"])),
        section=_SIGMOID,
    )
    probabilities = Step(
        name="probabilities",
        title="Turn them into probabilities of yes",
        formula=write(
            "σ ( z_k ) =",
            Fraction(write("1"), write("1 + E_k")),
            "if z_k ≥ 0 , otherwise",
            Fraction(write("E_k"), write("1 + E_k")),
        ),
        value=sigmoid(z),
        lines=entries("q", rights),
        note="Both are `1 / ( 1 + e^−z )`; the second is expanded with `e^z`.",
        rule=lambda values: np.where(
            values["logits"] >= 0.0,
            1.0 / (1.0 + values["exponentials"]),
            values["exponentials"] / (1.0 + values["exponentials"]),
        ),
        section=_SIGMOID,
    )
    return exponentials, probabilities


def _log_steps(z: Quantity) -> tuple[Step, Step]:
    return (
        _log_step(
            "log_probabilities",
            "Take the logarithm of yes",
            ("ln q_k", "z_k"),
            z,
            lambda values: log_probabilities(values["probabilities"]),
        ),
        _log_step(
            "log_complements",
            "Take the logarithm of no",
            ("ln ( 1 − q_k )", "− z_k"),
            -z,
            lambda values: log_probabilities(1.0 - values["probabilities"]),
        ),
    )


def _log_step(name: str, title: str, symbols: tuple[str, str], z: Quantity, rule: Rule) -> Step:
    """Min(z, 0) − ln(1 + E); no probability of 0 comes into it."""
    left, argument = symbols
    lines = tuple(
        Line(
            write(left.replace("_k", f"_{k}")),
            write(min(logit, 0.0) + 0.0, "− ln (", 1.0, "+", float(np.exp(-abs(logit))), ")"),
        )
        for k, logit in enumerate(z.tolist())
    )
    return Step(
        name=name,
        title=title,
        formula=write(left, f"= min ( {argument} , 0 ) − ln ( 1 + E_k )"),
        value=-np.logaddexp(0.0, -z) + 0.0,
        lines=lines,
        note="This form stays exact where the probability would round to 0.",
        rule=rule,
        section=_LOSS,
    )


def _loss_steps(z: Quantity, y: Quantity) -> tuple[Step, Step]:
    yes, no = -np.logaddexp(0.0, -z), -np.logaddexp(0.0, z)
    rights: list[Row] = []
    for answer, log_yes, log_no in zip(y.tolist(), yes.tolist(), no.tolist(), strict=True):
        pieces: list[Expression | str | float] = ["− [", answer, "·", log_yes + 0.0, "+"]
        rights.append(write(*pieces, 1.0 - answer, "·", log_no + 0.0, "]"))
    terms = Step(
        name="terms",
        title="Weigh them with the answers",
        formula=write("h_k = − [ y_k ln q_k + ( 1 − y_k ) ln ( 1 − q_k ) ]"),
        value=-(y * yes + (1.0 - y) * no) + 0.0,
        lines=entries("h", rights),
        note="Where the answer is yes the first part counts, where it is no the second.",
        rule=lambda values: (
            -(
                values["target"] * values["log_probabilities"]
                + (1.0 - values["target"]) * values["log_complements"]
            )
            + 0.0
        ),
        section=_LOSS,
    )
    loss = Step(
        name="loss",
        title="Add them up: the binary cross-entropy",
        formula=write("ℓ = Σ_k h_k"),
        value=array(sigmoid_cross_entropy(z, y) + 0.0),
        lines=(Line(write("ℓ"), joined("+", terms.value.tolist())),),
        note="In nats, summed over the questions.",
        rule=lambda values: values["terms"].sum(),
        section=_LOSS,
    )
    return terms, loss


def _gradient_step(z: Quantity, y: Quantity) -> Step:
    pairs = zip(sigmoid(z).tolist(), y.tolist(), strict=True)
    return Step(
        name="gradient",
        title="Differentiate by the logits",
        formula=write(Partial(write("ℓ"), Name("z", "k")), "= q_k − y_k"),
        value=sigmoid_cross_entropy_gradient(z, y),
        lines=tuple(
            Line(Partial(write("ℓ"), Name("z", str(k))), write(predicted, "−", answer))
            for k, (predicted, answer) in enumerate(pairs)
        ),
        note="The derivative of the sigmoid cancels against that of the logarithm.",
        rule=lambda values: values["probabilities"] - values["target"],
        section=_GRADIENT,
    )
