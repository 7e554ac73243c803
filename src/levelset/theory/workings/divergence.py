"""Entropy, cross-entropy and divergence by hand, and why minimizing one minimizes the other."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from levelset.theory.encoding import log_softmax, softmax
from levelset.theory.information import entropy, log_probabilities
from levelset.theory.losses import softmax_cross_entropy
from levelset.theory.workings.cross_entropy import (
    cross_terms,
    gradient_step,
    log_step,
    target_fault,
    truth_steps,
)
from levelset.theory.workings.inputs import (
    array,
    distribution_fault,
    logits_fault,
    require,
    settled,
)
from levelset.theory.workings.notation import (
    Fraction,
    Group,
    Name,
    Partial,
    Row,
    Table,
    joined,
    write,
)
from levelset.theory.workings.softmax import entries, softmax_steps
from levelset.theory.workings.working import Line, Quantity, Step, Working

_ENTROPY = "Entropy of the truth"
_CROSS = "Cross-entropy"
_DIVERGENCE = "Divergence"
_GRADIENTS = "The two gradients"


def kl_working(
    target: int | Sequence[float] | np.ndarray,
    *,
    logits: Sequence[float] | np.ndarray | None = None,
    prediction: Sequence[float] | np.ndarray | None = None,
) -> Working:
    """Work out H(p), H(p, q) and KL(p‖q), that they add up, and that gradients agree.

    H(p, q) = H(p) + KL(p‖q),  ∂H(p, q)/∂z_k = ∂KL(p‖q)/∂z_k = q_k − p_k

    Args:
        target: The label, counted from 0, or the true distribution p.
        logits: z, from 2 to 30 numbers, at most 1e6 in size; q is their softmax.
        prediction: q itself, in place of logits: positive and summing to 1. Then z = ln q.

    Returns:
        The steps of `softmax_working`, if from logits; (target,) entropy_terms, entropy,
        log_probabilities, cross_entropy_terms, cross_entropy, divergence_terms, divergence,
        difference, cross_entropy_gradient and divergence_gradient.

    Raises:
        DataError: What is wrong with them, or both or neither of logits and prediction are given.

    Example:
        >>> working = kl_working([0.5, 0.5], prediction=[0.25, 0.75])
        >>> [float(working.step(name).value.round(4)) for name in ("divergence", "difference")]
        [0.1438, 0.1438]

    Source: Cover and Thomas, "Elements of Information Theory" (2nd ed., 2006), equations 2.1 and
    2.26; Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 3.13.
    """
    numbers = _require_one(logits, prediction)
    require(_prediction_fault(prediction) if logits is None else logits_fault(numbers))
    require(target_fault(target, len(numbers)))
    z = array(numbers) if logits is not None else np.log(array(numbers))
    truth, inputs, given, p = truth_steps(target, len(z))
    symbol, name = ("z", "logits") if logits is not None else ("q", "probabilities")
    before = (*softmax_steps(z), *truth) if logits is not None else truth
    logs = log_step(z) if logits is not None else _log_step(array(numbers))
    return Working(
        topic="kl",
        title="Entropy, cross-entropy and KL divergence by hand",
        given=(*given, write(f"{symbol} =", Table(array(numbers)))),
        inputs={name: array(numbers), **inputs},
        steps=(
            *before,
            *_entropy_steps(p),
            replace(logs, section=_CROSS),
            *_cross_steps(z, p),
            *_divergence_steps(z, p),
            *_gradient_steps(z, p),
        ),
        conclusion="`H ( p , q ) = H ( p ) + KL ( p ‖ q )`, and no network can change `H ( p )`: "
        "cross-entropy and divergence differ by a constant, have the same gradient, and are least "
        "at the same network. For a one-hot target they are equal.",
    )


def _require_one(
    logits: Sequence[float] | np.ndarray | None, prediction: Sequence[float] | np.ndarray | None
) -> list[float]:
    given = [each for each in (logits, prediction) if each is not None]
    require(
        ""
        if len(given) == 1
        else f"One of `logits` and `prediction` must be given, got {'both' if given else 'none'}; "
        f"logits are what a softmax turns into the prediction q."
    )
    return list(given[0])


def _prediction_fault(prediction: Sequence[float] | np.ndarray | None) -> str:
    q = [] if prediction is None else list(prediction)
    fault = logits_fault(q).replace("`logits`", "`prediction`")
    fault = fault or distribution_fault("prediction", q, len(q))
    if fault or min(q) > 0.0:
        return fault
    return (
        "`prediction` must hold probabilities above 0, got 0, whose logarithm is not finite; give "
        "`logits` for predictions that are as sure as that."
    )


def _log_step(q: Quantity) -> Step:
    return Step(
        name="log_probabilities",
        title="Take logarithms",
        formula=write("ln q_k"),
        value=log_probabilities(q),
        lines=tuple(
            Line(write(f"ln q_{k}"), write("ln", each)) for k, each in enumerate(q.tolist())
        ),
        note="The natural logarithm, so everything below is in nats.",
        rule=lambda values: log_probabilities(values["probabilities"]),
    )


def _surprises(p: Quantity) -> Quantity:
    return -(p * log_probabilities(p)) + 0.0


def _entropy_steps(p: Quantity) -> tuple[Step, Step]:
    terms = Step(
        name="entropy_terms",
        title="Weigh the logarithms of the truth with the truth",
        formula=write("g_k = − p_k ln p_k"),
        value=_surprises(p),
        lines=entries(
            "g", [write("−", true, "· ln", true) if true else write(0.0) for true in p.tolist()]
        ),
        note="A class that never comes counts 0, the limit of `p ln p` at 0.",
        rule=lambda values: _surprises(values["target"]),
        section=_ENTROPY,
    )
    total = Step(
        name="entropy",
        title="Add them up: the entropy",
        formula=write("H ( p ) = Σ_k g_k"),
        value=array(entropy(p) + 0.0),
        lines=(Line(write("H ( p )"), joined("+", terms.value.tolist())),),
        note="What the truth itself leaves open. It does not depend on the network.",
        rule=lambda values: values["entropy_terms"].sum(),
        section=_ENTROPY,
    )
    return terms, total


def _cross_steps(z: Quantity, p: Quantity) -> tuple[Step, Step]:
    note = "The logarithms are of the prediction, the weights of the truth."
    terms = replace(cross_terms("cross_entropy_terms", z, p, "h", note), section=_CROSS)
    total = Step(
        name="cross_entropy",
        title="Add them up: the cross-entropy",
        formula=write("H ( p , q ) = Σ_k h_k"),
        value=array(softmax_cross_entropy(z, p) + 0.0),
        lines=(Line(write("H ( p , q )"), joined("+", terms.value.tolist())),),
        note="The mean surprise of one who believes `q` while `p` is true.",
        rule=lambda values: values["cross_entropy_terms"].sum(),
        section=_CROSS,
    )
    return terms, total


def _divergence_steps(z: Quantity, p: Quantity) -> tuple[Step, Step, Step]:
    logs, own = log_softmax(z), log_probabilities(p)
    parts = settled(np.where(p > 0.0, p * (own - logs), 0.0), p * own)
    rights: list[Row] = []
    for true, log_true, log in zip(p.tolist(), own.tolist(), logs.tolist(), strict=True):
        wide = Group(write(log_true + 0.0, "−", log))
        rights.append(write(true, "·", wide) if true else write(0.0))
    terms = Step(
        name="divergence_terms",
        title="Weigh the differences of the logarithms",
        formula=write(
            "r_k = p_k ln", Group(Fraction(write("p_k"), write("q_k"))), "= p_k ( ln p_k − ln q_k )"
        ),
        value=parts,
        lines=entries("r", rights),
        note="Single terms may be negative; their sum never is.",
        rule=lambda values: (
            values["target"] * (log_probabilities(values["target"]) - values["log_probabilities"])
            + 0.0
        ),
        section=_DIVERGENCE,
    )
    divergence = Step(
        name="divergence",
        title="Add them up: the KL divergence",
        formula=write("KL ( p ‖ q ) = Σ_k r_k"),
        value=array(parts.sum()),
        lines=(Line(write("KL ( p ‖ q )"), joined("+", parts.tolist())),),
        note="What believing `q` costs beyond believing the truth: 0 only where `q = p`.",
        rule=lambda values: values["divergence_terms"].sum(),
        section=_DIVERGENCE,
    )
    return terms, divergence, _difference_step(z, p)


def _difference_step(z: Quantity, p: Quantity) -> Step:
    crossed, left = float(softmax_cross_entropy(z, p)), float(entropy(p))
    return Step(
        name="difference",
        title="Compare with cross-entropy minus entropy",
        formula=write("H ( p , q ) − H ( p )"),
        value=settled(array(crossed - left), array(crossed)),
        lines=(Line(write("H ( p , q ) − H ( p )"), write(crossed, "−", left)),),
        note="The same number.",
        rule=lambda values: values["cross_entropy"] - values["entropy"],
        section=_DIVERGENCE,
    )


def _gradient_steps(z: Quantity, p: Quantity) -> tuple[Step, Step]:
    first = gradient_step("cross_entropy_gradient", z, p, write("H"))
    return replace(first, section=_GRADIENTS), _divergence_gradient(softmax(z), p)


def _divergence_gradient(q: Quantity, p: Quantity) -> Step:
    """The chain rule the long way: −Σⱼ pⱼ ([j = k] − q_k)."""
    rights: list[Row] = []
    for k, own in enumerate(q.tolist()):
        pairs = enumerate(p.tolist())
        terms = [write(true, "·", Group(write(float(j == k), "−", own))) for j, true in pairs]
        rights.append(write("−", Group(joined("+", terms))))
    return Step(
        name="divergence_gradient",
        title="Differentiate the divergence by the logits, the long way",
        formula=write(
            Partial(write("KL"), Name("z", "k")),
            "= − Σ_j p_j",
            Partial(write("ln q_j"), Name("z", "k")),
            "= − Σ_j p_j ( δ_jk − q_k )",
        ),
        value=_chain(q, p),
        lines=tuple(
            Line(Partial(write("KL"), Name("z", str(k))), right) for k, right in enumerate(rights)
        ),
        note="`δ_jk` is 1 where `j = k`, otherwise 0. The `p_j` sum to 1, so what remains is "
        "`q_k − p_k`: the gradient of the cross-entropy, for `H ( p )` has none.",
        rule=lambda values: _chain(values["probabilities"], values["target"]),
        section=_GRADIENTS,
    )


def _chain(q: Quantity, p: Quantity) -> Quantity:
    return settled(-(p @ (np.eye(len(q)) - q)), q)
