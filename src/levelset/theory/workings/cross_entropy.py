"""Cross-entropy by hand: from logits and a label to the loss and its gradient."""

from collections.abc import Sequence

import numpy as np

from levelset.theory.encoding import log_softmax
from levelset.theory.information import log_probabilities
from levelset.theory.losses import softmax_cross_entropy, softmax_cross_entropy_gradient
from levelset.theory.regularization import smooth_labels
from levelset.theory.workings.inputs import (
    array,
    distribution_fault,
    label_fault,
    logits_fault,
    require,
    settled,
    smoothing_fault,
)
from levelset.theory.workings.notation import Name, Partial, Row, Table, joined, write
from levelset.theory.workings.one_hot import label_given, target_step
from levelset.theory.workings.softmax import entries, softmax_steps
from levelset.theory.workings.working import Line, Quantities, Quantity, Step, Working

LOSS_SECTION = "Loss"
GRADIENT_SECTION = "Gradient"
_SMOOTHING = "Label smoothing"


def cross_entropy_working(
    logits: Sequence[float] | np.ndarray,
    target: int | Sequence[float] | np.ndarray,
    smoothing: float = 0.0,
) -> Working:
    """Work out a softmax cross-entropy and its gradient as a student would write it.

    H(p, q) = −Σ_k p_k ln q_k,  q = softmax(z),  ∂H/∂z_k = q_k − p_k

    Args:
        logits: z, from 2 to 30 numbers, at most 1e6 in size.
        target: The label, counted from 0, or the true distribution p, one probability a logit.
        smoothing: s in [0, 1): p̃ = (1 − s) p + s/c takes the place of p.

    Returns:
        The steps of `softmax_working`; then (target,) (smoothed,) log_probabilities, terms, loss
        and gradient. A distribution is an input named target, and no step.

    Raises:
        DataError: What is wrong with logits, target and smoothing, all of it.

    Example:
        >>> working = cross_entropy_working([0.0, 0.0], target=1)
        >>> float(working.step("loss").value.round(4)), working.step("gradient").value
        (0.6931, array([ 0.5, -0.5]))

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), equations 4.108 and 4.109;
    smoothing: Szegedy et al., CVPR 2016, section 7.
    """
    require(
        logits_fault(list(logits)) or target_fault(target, len(logits)), smoothing_fault(smoothing)
    )
    z = array(logits)
    steps, inputs, given, p = truth_steps(target, len(z), smoothing)
    return Working(
        topic="cross-entropy",
        title="Cross-entropy by hand",
        given=(write("z =", Table(z)), *given),
        inputs={"logits": z, **inputs},
        steps=(
            *softmax_steps(z),
            *steps,
            log_step(z),
            *_loss_steps(z, p),
            gradient_step("gradient", z, p, write("ℓ")),
        ),
        conclusion="The gradient is predicted minus true probability, and sums to 0. A step "
        "against it raises the logits of the classes that were given too little.",
    )


def target_fault(target: int | Sequence[float] | np.ndarray, classes: int) -> str:
    """Say if a label or a distribution does not belong to so many classes."""
    if isinstance(target, int | np.integer):
        return label_fault(int(target), classes)
    return distribution_fault("target", list(target), classes)


def truth_steps(
    target: int | Sequence[float] | np.ndarray, classes: int, smoothing: float = 0.0
) -> tuple[tuple[Step, ...], dict[str, Quantity], tuple[Row, ...], Quantity]:
    """Give the steps to the true distribution p, which a label needs and a distribution does not.

    p̃ = (1 − s) p + s/c

    Args:
        target: The label or the distribution.
        classes: c.
        smoothing: s.

    Returns:
        The steps, the inputs by name, the inputs as equations, and p.

    Example:
        >>> truth_steps(0, 2, smoothing=0.2)[-1]
        array([0.9, 0.1])

    Source: as for `cross_entropy_working`.
    """
    if isinstance(target, int | np.integer):
        steps, given = [target_step(int(target), classes)], [label_given(int(target), classes)]
        inputs, p = {"label": array(target)}, steps[0].value
    else:
        p = array(target)
        steps, given, inputs = [], [write("p =", Table(p))], {"target": p}
    if smoothing > 0.0:
        steps.append(_smoothing_step(p, smoothing))
        given.append(write("s =", smoothing))
        inputs["smoothing"] = array(smoothing)
        p = steps[-1].value
    return tuple(steps), inputs, tuple(given), p


def truth(values: Quantities) -> Quantity:
    """Find the distribution that the loss compares with: p, or p̃ where labels are smoothed."""
    return values.get("smoothed", values["target"])


def log_step(z: Quantity) -> Step:
    """Give the step from the softmax's parts to log probabilities.

    ln q_k = d_k − ln S

    Args:
        z: Logits, shape (c,).

    Returns:
        Step "log_probabilities".

    Example:
        >>> log_step(np.zeros(2)).value.round(4)
        array([-0.6931, -0.6931])

    Source: Blanchard, Higham and Higham (2021).
    """
    shifted = z - z.max()
    total = float(np.exp(shifted).sum())
    return Step(
        name="log_probabilities",
        title="Take logarithms",
        formula=write("ln q_k = d_k − ln S"),
        value=log_softmax(z),
        lines=tuple(
            Line(write(f"ln q_{k}"), write(d, "− ln", total))
            for k, d in enumerate(shifted.tolist())
        ),
        note="The natural logarithm, so the loss is in nats. It is taken from `d_k` and `S`, "
        "which stays exact where `q_k` would round to 0.",
        rule=lambda values: log_probabilities(values["probabilities"]),
        section=LOSS_SECTION,
    )


def gradient_step(name: str, z: Quantity, p: Quantity, loss: Row) -> Step:
    """Give the step to the gradient of a cross-entropy with respect to the logits.

    ∂ℓ/∂z_k = q_k − p_k

    Args:
        name: The name of the step.
        z: Logits, shape (c,).
        p: True probabilities, shape (c,).
        loss: The loss as it is called.

    Returns:
        The step.

    Example:
        >>> gradient_step("gradient", np.zeros(2), np.array([0.0, 1.0]), write("ℓ")).value
        array([ 0.5, -0.5])

    Source: Bishop (2006), equation 4.109.
    """
    q = softmax_steps(z)[-1].value
    pairs = zip(q.tolist(), p.tolist(), strict=True)
    return Step(
        name=name,
        title="Differentiate by the logits",
        formula=write(Partial(loss, Name("z", "k")), "= q_k − p_k"),
        value=settled(softmax_cross_entropy_gradient(z, p), p),
        lines=tuple(
            Line(Partial(loss, Name("z", str(k))), write(predicted, "−", true))
            for k, (predicted, true) in enumerate(pairs)
        ),
        note="No derivative of the softmax is left: a network that is wrong and sure of it still "
        "learns.",
        rule=lambda values: values["probabilities"] - truth(values),
        section=GRADIENT_SECTION,
    )


def cross_terms(name: str, z: Quantity, p: Quantity, letter: str, note: str) -> Step:
    """Give the step to the terms of a cross-entropy.

    −p_k ln q_k

    Args:
        name: The name of the step.
        z: Logits, shape (c,).
        p: True probabilities, shape (c,).
        letter: What a term is called.
        note: Why.

    Returns:
        The step.

    Example:
        >>> terms = cross_terms("terms", np.zeros(2), np.array([0.0, 1.0]), "h", "")
        >>> terms.value.round(4)
        array([0.    , 0.6931])

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), equation 3.51.
    """
    logs = log_softmax(z)
    pairs = zip(p.tolist(), logs.tolist(), strict=True)
    return Step(
        name=name,
        title="Weigh them with the true probabilities",
        formula=write(f"{letter}_k = − p_k ln q_k"),
        value=-(p * logs) + 0.0,
        lines=entries(letter, [write("−", true, "·", log) for true, log in pairs]),
        note=note,
        rule=lambda values: -(truth(values) * values["log_probabilities"]) + 0.0,
        section=LOSS_SECTION,
    )


def _loss_steps(z: Quantity, p: Quantity) -> tuple[Step, Step]:
    one_hot = sorted(p.tolist())[-1] == 1.0
    terms = cross_terms(
        "terms",
        z,
        p,
        "h",
        "All but the true class are multiplied by 0." if one_hot else "Every class counts.",
    )
    loss = Step(
        name="loss",
        title="Add them up: the cross-entropy",
        formula=write("ℓ = H ( p , q ) = Σ_k h_k"),
        value=array(softmax_cross_entropy(z, p) + 0.0),
        lines=(Line(write("ℓ"), joined("+", terms.value.tolist())),),
        note="It is the surprise at the class that came: 0 only if that class was certain."
        if one_hot
        else "It is the mean surprise at the classes that come, and least where `q_k = p_k`.",
        rule=lambda values: values["terms"].sum(),
        section=LOSS_SECTION,
    )
    return terms, loss


def _smoothing_step(p: Quantity, smoothing: float) -> Step:
    share = write(smoothing, "/", float(len(p)))
    rights = [write("( 1 −", smoothing, ") ·", each, "+", share) for each in p.tolist()]
    return Step(
        name="smoothed",
        title="Take some certainty from the target",
        formula=write("p̃_k = ( 1 − s ) p_k + s / c"),
        value=smooth_labels(p, smoothing),
        lines=entries("p̃", rights),
        note="With full certainty as the target, the logits would grow without end. From here on "
        "`p̃_k` takes the place of `p_k`.",
        rule=lambda values: smooth_labels(values["target"], smoothing),
        section=_SMOOTHING,
    )
