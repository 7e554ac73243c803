"""What a line may show instead of the right numbers, and what that tells of how it came about.

Each step of a working has a family: its name without the number of a layer. A variant is computed
from the values that the reader had, so it is found behind an earlier mistake too.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from levelset.theory.encoding import softmax
from levelset.theory.information import log_probabilities
from levelset.theory.workings.cross_entropy import truth
from levelset.theory.workings.working import Quantities, Quantity, Step, Working

Formula = Callable[[Quantities, Quantity], np.ndarray | np.float64 | float]


@dataclass(frozen=True)
class Variant:
    """Another number that a line may show.

    Attributes:
        note: What it tells, for the reader.
        rule: (values before the step, what the step should give) -> what the line would show.
        right: Whether the line is as good as the working's.
    """

    note: str
    rule: Formula
    right: bool = False


_SIGN = Variant("the sign is wrong", lambda _, right: -right)
_MINUS = Variant("the minus sign is missing", lambda _, right: -right)
_LOGS = (
    Variant(
        "this is log10; take the natural logarithm, ln", lambda _, right: right / math.log(10.0)
    ),
    Variant("this is log2; take the natural logarithm, ln", lambda _, right: right / math.log(2.0)),
)
_SWAPPED = "p and q are swapped: the logarithm is of the prediction"
_BY_Q = "this differentiates by q; carry it on through the softmax to the logits"
_LEFT_OVER = "q (1 - q) is left over: it cancels against the derivative of the logarithm"
_GRADIENT = (
    Variant("this is p - q; the gradient is q - p", lambda _, right: -right),
    Variant("the true distribution is not subtracted", lambda v, _: v["probabilities"]),
    Variant(_BY_Q, lambda v, _: -truth(v) / v["probabilities"]),
    Variant(_LEFT_OVER, lambda v, right: right * v["probabilities"] * (1.0 - v["probabilities"])),
)

_FAMILIES: Mapping[str, tuple[Variant, ...]] = MappingProxyType(
    {
        "scaled": (
            Variant(
                "the logits are multiplied by the temperature; divide",
                lambda v, _: v["logits"] * v["temperature"],
            ),
        ),
        "maximum": (Variant("this is the smallest", lambda v, _: v["logits"].min()),),
        "shifted": (Variant("this is M - z; subtract M from z", lambda _, right: -right),),
        "exponentials": (
            Variant(
                "without subtracting the maximum first, which is fine here",
                lambda v, _: np.exp(_logits(v)),
                right=True,
            ),
            Variant(
                "without the absolute value, which is fine here",
                lambda v, _: np.exp(-_logits(v)),
                right=True,
            ),
        ),
        "sum": (
            Variant(
                "without subtracting the maximum first, which is fine here",
                lambda v, _: np.exp(_logits(v)).sum(),
                right=True,
            ),
            Variant("this adds the logits, not their exponentials", lambda v, _: _logits(v).sum()),
        ),
        "probabilities": (
            Variant("not divided by the sum of the exponentials", lambda v, _: v["exponentials"]),
            Variant("not divided by the sum of the exponentials", lambda v, _: np.exp(_logits(v))),
            Variant(
                "the logits are divided by their sum, without exponentials",
                lambda v, _: _logits(v) / _logits(v).sum(),
            ),
            Variant("powers of 10 in place of e", lambda v, _: softmax(_logits(v) * math.log(10))),
            Variant("powers of 2 in place of e", lambda v, _: softmax(_logits(v) * math.log(2))),
            Variant("the temperature is forgotten", lambda v, _: softmax(v["logits"])),
            Variant(
                "multiplied by the temperature; divide",
                lambda v, _: softmax(v["logits"] * v["temperature"]),
            ),
            Variant("the sign of the exponent is wrong", lambda v, _: softmax(-_logits(v))),
            Variant("the sign of the exponent is wrong", lambda _, right: 1.0 - right),
        ),
        "target": (Variant("0 and 1 are exchanged", lambda _, right: 1.0 - right),),
        "smoothed": (
            Variant(
                "shared among the other classes only; here s / c goes to all c classes",
                lambda v, _: (
                    (1.0 - v["smoothing"]) * v["target"]
                    + v["smoothing"] * (1.0 - v["target"]) / (v["target"].size - 1.0)
                ),
            ),
            Variant("s / c is not added", lambda v, _: (1.0 - v["smoothing"]) * v["target"]),
        ),
        "log_probabilities": (*_LOGS, _MINUS),
        "log_complements": (*_LOGS, _MINUS),
        "terms": (
            *_LOGS,
            _MINUS,
            Variant(
                "not weighed with the true probabilities", lambda v, _: -v["log_probabilities"]
            ),
            Variant(_SWAPPED, lambda v, _: -v["probabilities"] * log_probabilities(truth(v))),
        ),
        "loss": (
            *_LOGS,
            _MINUS,
            Variant(
                "every class is counted; weigh them with the true probabilities",
                lambda v, _: -_logs(v).sum(),
            ),
            Variant("divided by the number of classes", lambda v, right: right / truth(v).size),
            Variant(
                "this is 1 - q of the true class; take -ln q",
                lambda v, _: (truth(v) * (1.0 - v["probabilities"])).sum(),
            ),
            Variant(
                "this is the squared error",
                lambda v, _: ((v["probabilities"] - truth(v)) ** 2).sum(),
            ),
            Variant("only the yes part is counted", lambda v, _: -(truth(v) * _logs(v)).sum()),
        ),
        "gradient": _GRADIENT,
        "cross_entropy_gradient": _GRADIENT,
        "divergence_gradient": _GRADIENT,
        "entropy_terms": (*_LOGS, _MINUS),
        "entropy": (*_LOGS, _MINUS),
        "cross_entropy_terms": (*_LOGS, _MINUS),
        "cross_entropy": (
            *_LOGS,
            _MINUS,
            Variant(
                _SWAPPED, lambda v, _: -(v["probabilities"] * log_probabilities(truth(v))).sum()
            ),
        ),
        "divergence_terms": (*_LOGS, _SIGN),
        "divergence": (
            *_LOGS,
            _SIGN,
            Variant(
                "this is KL(q, p): the weights are those of the prediction; take the truth's",
                lambda v, _: (v["probabilities"] * (_logs(v) - log_probabilities(truth(v)))).sum(),
            ),
        ),
        "difference": (*_LOGS, Variant("this is H(p) - H(p, q)", lambda _, right: -right)),
    }
)


def variants_of(step: Step, working: Working) -> tuple[Variant, ...]:
    """Give what a line may show in place of a step's value.

    Args:
        step: One of the working's.
        working: The calculation.

    Returns:
        Variants, the likeliest first.

    Example:
        >>> from levelset.theory.workings.softmax import softmax_working
        >>> working = softmax_working([2.0, 1.0])
        >>> variants_of(working.step("shifted"), working)[0].note
        'this is M - z; subtract M from z'

    Source: mistakes that a course meets; there is no equation in it.
    """
    layered = re.fullmatch(r"([A-Za-z]+?)(\d+)(_after)?", step.name)
    if layered:
        family, layer, after = layered[1], int(layered[2]), layered[3] or ""
        return _layer_variants(family + after, layer, working)
    classes = working.values.get("target", np.zeros(0)).size
    return (*_FAMILIES.get(step.name, ()), *_other_classes(step.name, classes, working))


def _other_classes(name: str, classes: int, working: Working) -> tuple[Variant, ...]:
    """Give what a line shows when the label is taken for another class."""
    if "label" not in working.inputs or "smoothing" in working.inputs:
        return ()
    others = [k for k in range(classes) if k != int(working.inputs["label"])]
    rows = np.eye(classes)
    if name == "target":
        return tuple(_other(k, lambda _v, _r, k=k: rows[k]) for k in others)
    if name == "loss":
        return tuple(_other(k, lambda v, _r, k=k: -_logs(v)[k]) for k in others)
    if name.endswith("gradient"):
        return tuple(_other(k, lambda v, _r, k=k: v["probabilities"] - rows[k]) for k in others)
    return ()


def _other(label: int, rule: Formula) -> Variant:
    return Variant(f"this is for class {label}; the classes are counted from 0", rule)


def _layer_variants(family: str, layer: int, working: Working) -> tuple[Variant, ...]:
    last = f"W{layer + 1}" not in working.inputs
    if family == "delta" and last:
        return (
            *_GRADIENT[:2],
            Variant("the factor 2 is missing", lambda _, right: right / 2.0),
        )
    return {**_forward(layer), **_backward(layer)}.get(family, ())


def _forward(layer: int) -> dict[str, tuple[Variant, ...]]:
    below, own = layer - 1, layer
    return {
        "z": (
            Variant("the bias is missing", lambda v, right: right - v[f"b{own}"]),
            Variant(
                "the weights are transposed: each unit takes a column of W",
                lambda v, _: v[f"W{own}"] @ v[f"a{below}"] + v[f"b{own}"],
            ),
            Variant(
                "the activation of the layer below is not applied",
                lambda v, _: v[f"z{below}"] @ v[f"W{own}"] + v[f"b{own}"],
            ),
        ),
        "a": (
            Variant("the activation is not applied", lambda v, _: v[f"z{own}"]),
            Variant("the sign of the exponent is wrong", lambda _, right: 1.0 - right),
        ),
    }


def _backward(layer: int) -> dict[str, tuple[Variant, ...]]:
    below, own, above = layer - 1, layer, layer + 1
    return {
        "slope": (
            Variant("this is the activation itself, not its slope", lambda v, _: v[f"a{own}"]),
            Variant(
                "z (1 - z) in place of a (1 - a)", lambda v, _: v[f"z{own}"] * (1.0 - v[f"z{own}"])
            ),
        ),
        "u": (
            Variant(
                "the weights are not transposed: each unit takes a row of W",
                lambda v, _: v[f"delta{above}"] @ v[f"W{above}"],
            ),
        ),
        "delta": (
            Variant("the slope of the activation is missing", lambda v, _: v[f"u{own}"]),
            Variant(
                "multiplied by the activation; take its slope",
                lambda v, _: v[f"u{own}"] * v[f"a{own}"],
            ),
        ),
        "dW": (
            Variant("this is transposed", lambda _, right: right.T),
            _SIGN,
            Variant(
                "z of the layer below in place of a",
                lambda v, _: np.outer(v[f"z{below}"], v[f"delta{own}"]),
            ),
        ),
        "db": (_SIGN,),
        **{f"{each}_after": _step_variants(f"{each}{own}") for each in ("W", "b")},
    }


def _step_variants(key: str) -> tuple[Variant, ...]:
    return (
        Variant(
            "this steps along the gradient; step against it",
            lambda v, _: v[key] + v["learning_rate"] * v[f"d{key}"],
        ),
        Variant("the learning rate is forgotten", lambda v, _: v[key] - v[f"d{key}"]),
        Variant("this is the step alone", lambda v, _: v["learning_rate"] * v[f"d{key}"]),
    )


def _logits(values: Quantities) -> Quantity:
    return values.get("scaled", values["logits"])


def _logs(values: Quantities) -> Quantity:
    return values.get("log_probabilities", log_probabilities(values["probabilities"]))
