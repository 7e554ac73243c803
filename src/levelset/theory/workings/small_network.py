"""A network small enough to be worked by hand, and one row for it to learn from."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from levelset.theory.activations import ACTIVATIONS
from levelset.theory.encoding import one_hot
from levelset.theory.losses import LOSSES
from levelset.theory.workings.inputs import LARGEST, array, label_fault, number_fault, require
from levelset.theory.workings.working import Quantity

MOST_UNITS = 8
MOST_LAYERS = 5
FIELDS = ("x", "weights", "biases", "activation", "loss", "label", "target", "learning_rate")

EXAMPLE: Mapping[str, Any] = MappingProxyType(
    {
        "x": [1.0, 0.5],
        "weights": [[[1.0, -1.0], [-2.0, 4.0]], [[2.0, -2.0], [1.0, 3.0]]],
        "biases": [[0.0, 0.0], [0.0, 0.0]],
        "activation": "sigmoid",
        "loss": "softmax_cross_entropy",
        "label": 1,
        "learning_rate": 0.5,
    }
)
"""Two inputs, two hidden sigmoid units, two classes; the first unit stands at z = 0."""


@dataclass(frozen=True)
class SmallNetwork:
    """A network, a row, and how far to step.

    Attributes:
        weights: W_1 … W_L, each (i, o).
        biases: b_1 … b_L, each (o,).
        activations: Keys of ACTIVATIONS, one for each hidden layer.
        x: The row's features, shape (d,).
        target: What the loss compares the outputs with, shape (c,).
        loss: A key of LOSSES.
        learning_rate: η.
    """

    weights: tuple[Quantity, ...]
    biases: tuple[Quantity, ...]
    activations: tuple[str, ...]
    x: Quantity
    target: Quantity
    loss: str
    learning_rate: float


def small_network(description: Mapping[str, Any]) -> SmallNetwork:
    """Read a small network from plain values, as a file or options give them.

    z_l = a_{l−1} W_l + b_l

    Args:
        description: `x` (d numbers); `weights` (for each layer a list of rows, one for each unit
            in); `biases` (for each layer a list; zeros if left out); `activation` (a name, or one
            for each hidden layer; sigmoid); `loss` (softmax_cross_entropy); `label` (a class,
            counted from 0) or `target` (c numbers); `learning_rate` (0.1).

    Returns:
        The network, checked: at most 5 layers of at most 8 units.

    Raises:
        DataError: What is missing or wrong; shapes are looked at when the values can be read.

    Example:
        >>> small_network(EXAMPLE).target
        array([0., 1.])

    Source: the shapes of `levelset.theory.backpropagation`.
    """
    require(*_field_faults(description))
    weights = _arrays("weights", description["weights"], axes=2)
    require(_layers_fault(weights))
    no_biases = [[0.0] * weight.shape[1] for weight in weights]
    biases = _arrays("biases", description.get("biases", no_biases), axes=1)
    (x,) = _arrays("x", [description["x"]], axes=1)
    activation = description.get("activation", "sigmoid")
    hidden = len(weights) - 1
    listed = list(activation) if isinstance(activation, list | tuple) else [activation] * hidden
    names = [str(each) for each in listed]
    loss = str(description.get("loss", "softmax_cross_entropy"))
    learning_rate = _number("learning_rate", description.get("learning_rate", 0.1))
    require(
        *_shape_faults(weights, biases, x),
        *_choice_faults(names, hidden, loss),
        "" if 0.0 < learning_rate <= 1e3 else _rate_fault(learning_rate),
    )
    target = _target(description, weights[-1].shape[1], loss)
    return SmallNetwork(tuple(weights), tuple(biases), tuple(names), x, target, loss, learning_rate)


def _field_faults(description: Mapping[str, Any]) -> list[str]:
    faults = []
    for name in description:
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "leave it out."
            faults.append(f"A network has the fields {', '.join(FIELDS)}, got `{name}`; {hint}")
    faults += [f"A network needs `{name}`." for name in ("x", "weights") if name not in description]
    if ("label" in description) == ("target" in description):
        both = "both" if "label" in description else "none"
        faults.append(f"A network needs `label` or `target`, one of the two, got {both}.")
    return faults


def _arrays(name: str, values: Any, axes: int) -> list[Quantity]:
    kind = "a list of rows of numbers" if axes == 2 else "a list of numbers"
    wanted = f"`{name}` must hold {kind}" + ("" if name == "x" else " for each layer")
    try:
        arrays = [array(each) for each in values]
    except (TypeError, ValueError, OverflowError):
        arrays = []
    good = bool(arrays) and all(each.ndim == axes and each.size for each in arrays)
    require("" if good else f"{wanted}, rows of equal length, got {values!r:.60}.")
    require(number_fault(name, [number for each in arrays for number in each.ravel().tolist()]))
    return arrays


def _number(name: str, value: Any) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    good = good and abs(value) <= LARGEST
    require("" if good else f"`{name}` must be a number, at most 1e6, got {value!r:.60}.")
    return float(value)


def _layers_fault(weights: Sequence[Quantity]) -> str:
    widest = max(max(weight.shape) for weight in weights)
    if len(weights) <= MOST_LAYERS and widest <= MOST_UNITS:
        return ""
    return (
        f"A network to be worked by hand must have at most {MOST_LAYERS} layers of at most "
        f"{MOST_UNITS} units, got {len(weights)} layers and {widest} units; take a smaller one."
    )


def _shape_faults(
    weights: Sequence[Quantity], biases: Sequence[Quantity], x: Quantity
) -> list[str]:
    faults = []
    if len(x) != weights[0].shape[0]:
        faults.append(
            f"`x` must hold one number for each row of the first weights = {weights[0].shape[0]}, "
            f"got {len(x)}; weights are rows of units in by columns of units out."
        )
    for layer, (below, above) in enumerate(pairwise(weights), start=1):
        if below.shape[1] != above.shape[0]:
            faults.append(
                f"Layer {layer + 1} must have as many rows of weights as layer {layer} has "
                f"columns = {below.shape[1]}, got {above.shape[0]}; is it transposed?"
            )
    widths, given = [weight.shape[1] for weight in weights], [len(bias) for bias in biases]
    if widths != given:
        faults.append(f"`biases` must hold one number a unit, {widths} by layer, got {given}.")
    return faults


def _choice_faults(activations: Sequence[str], hidden: int, loss: str) -> list[str]:
    faults = [
        f"`activation` must be one of {', '.join(ACTIVATIONS)}, got {name!r:.40}."
        for name in activations
        if name not in ACTIVATIONS
    ]
    if len(activations) != hidden:
        faults.append(
            f"`activation` must be one name, or one for each of the {hidden} hidden layers, got "
            f"{len(activations)}; the last layer is linear."
        )
    if loss not in LOSSES:
        faults.append(f"`loss` must be one of {', '.join(LOSSES)}, got {loss!r:.40}.")
    return faults


def _rate_fault(rate: float) -> str:
    return f"`learning_rate` must be above 0 and at most 1000, got {rate:g}; 0.1 is a usual one."


def _target(description: Mapping[str, Any], classes: int, loss: str) -> Quantity:
    if "label" in description:
        label = description["label"]
        whole = isinstance(label, int) and not isinstance(label, bool)
        require(
            label_fault(label, classes)
            if whole
            else f"`label` must be a whole number, got {label!r:.40}."
        )
        return one_hot(np.array(label), classes)
    (target,) = _arrays("target", [description["target"]], axes=1)
    require(_target_fault(target, classes, loss))
    return target


def _target_fault(target: Quantity, classes: int, loss: str) -> str:
    if len(target) != classes:
        return f"`target` must hold one number for each output = {classes}, got {len(target)}."
    if loss == "squared_error":
        return ""
    if target.min() < 0.0 or target.max() > 1.0:
        return f"`target` must hold probabilities from 0 to 1 for {loss}, got {target.tolist()}."
    if loss == "softmax_cross_entropy" and abs(target.sum() - 1.0) > 1e-6:
        return f"`target` must sum to 1 for {loss}, got the sum {target.sum():g}."
    return ""
