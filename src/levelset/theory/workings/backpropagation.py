"""Backpropagation by hand: forward, loss, backward and one step, unit by unit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from levelset.theory.activations import ACTIVATIONS
from levelset.theory.backpropagation import ForwardPass, backward, forward
from levelset.theory.losses import LOSSES
from levelset.theory.optimizers import SgdState, sgd_step
from levelset.theory.workings.inputs import array
from levelset.theory.workings.network_loss import delta_step, loss_steps, loss_value
from levelset.theory.workings.notation import (
    Exponential,
    Expression,
    Fraction,
    Name,
    Partial,
    Row,
    Table,
    Word,
    joined,
    write,
)
from levelset.theory.workings.small_network import EXAMPLE, SmallNetwork, small_network
from levelset.theory.workings.working import Line, Quantities, Quantity, Step, Working

FORWARD = "Forward"
BACKWARD = "Backward"
STEP = "One step of gradient descent"
_MOST_LINES = 16


def backpropagation_working(description: Mapping[str, Any] = EXAMPLE) -> Working:
    """Work out the forward pass, the gradient and one step of a small network.

    z_l = a_{l−1} W_l + b_l,  a_l = φ_l(z_l),  δ_l = (δ_{l+1} W_{l+1}ᵀ) ⊙ φ_l'(z_l)
    ∂ℓ/∂W_l = a_{l−1}ᵀ δ_l,  ∂ℓ/∂b_l = δ_l,  θ ← θ − η ∂ℓ/∂θ

    Args:
        description: What `small_network` reads; by default a network of 2, 2 and 2 units.

    Returns:
        Steps z1, a1, … zL, (probabilities,) loss, deltaL, dWL, dbL, then down the layers u, slope,
        delta, dW, db, then W1_after, b1_after, … and loss_after.

    Raises:
        DataError: What is missing or wrong in the description.

    Example:
        >>> working = backpropagation_working()
        >>> working.step("z1").value, working.step("loss").value > working.step("loss_after").value
        (array([0., 1.]), np.True_)

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), algorithms 6.3 and 6.4.
    """
    network = small_network(description)
    passed = _pass(network.weights, network.biases, network)
    delta = LOSSES[network.loss].gradient(passed.logits, network.target[np.newaxis])
    steps = (
        *_forward_steps(network, passed),
        *loss_steps(network, passed.logits[0]),
        *_backward_steps(network, passed, delta),
        *_update_steps(network, passed, delta),
    )
    return Working(
        topic="backpropagation",
        title="Backpropagation by hand",
        given=_given(network),
        inputs=_inputs(network),
        steps=steps,
        conclusion="Each layer needs what came in from below, `a^(l−1)`, and what comes back from "
        "above, `δ^(l)`. The gradient of a weight is their product: no unit needs to know more.",
    )


def _given(network: SmallNetwork) -> tuple[Row, ...]:
    layers = range(1, len(network.weights) + 1)
    weights = [
        write(f"W^({at}) =", Table(w)) for at, w in zip(layers, network.weights, strict=True)
    ]
    biases = [write(f"b^({at}) =", Table(b)) for at, b in zip(layers, network.biases, strict=True)]
    return (
        write("x = a^(0) =", Table(network.x)),
        *(each for pair in zip(weights, biases, strict=True) for each in pair),
        write("p =" if network.loss == "softmax_cross_entropy" else "y =", Table(network.target)),
        write("η =", network.learning_rate),
    )


def _inputs(network: SmallNetwork) -> dict[str, Quantity]:
    inputs = {"a0": network.x, "target": network.target}
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), 1):
        inputs |= {f"W{layer}": weight, f"b{layer}": bias}
    return {**inputs, "learning_rate": array(network.learning_rate)}


def _pass(
    weights: tuple[Quantity, ...], biases: tuple[Quantity, ...], network: SmallNetwork
) -> ForwardPass:
    activations = [ACTIVATIONS[name] for name in network.activations]
    return forward(weights, biases, activations, network.x[np.newaxis])


def _forward_steps(network: SmallNetwork, passed: ForwardPass) -> list[Step]:
    steps = []
    for layer in range(1, len(network.weights) + 1):
        below, z = passed.activations[layer - 1][0], passed.pre_activations[layer - 1][0]
        steps.append(_sum_step(network, layer, below, z))
        if layer < len(network.weights):
            steps.append(_activation_step(network, layer, z, passed.activations[layer][0]))
    return steps


def _sum_step(network: SmallNetwork, layer: int, below: Quantity, z: Quantity) -> Step:
    weight, bias = network.weights[layer - 1], network.biases[layer - 1]
    rights = []
    for column, shift in zip(weight.T.tolist(), bias.tolist(), strict=True):
        pairs = zip(below.tolist(), column, strict=True)
        products = [write(unit, "·", each) for unit, each in pairs]
        rights.append(joined("+", [*products, write(shift)]))
    last = layer == len(network.weights)
    return Step(
        name=f"z{layer}",
        title=f"Layer {layer}: weigh what comes in, and add the bias",
        formula=write(f"z^({layer}) = a^({layer - 1}) W^({layer}) + b^({layer})"),
        value=z,
        lines=_lines("z", layer, rights),
        note="The last layer is linear: these are the logits."
        if last
        else "Each unit takes a column of `W`.",
        rule=lambda values: values[f"a{layer - 1}"] @ values[f"W{layer}"] + values[f"b{layer}"],
        section=FORWARD,
    )


def _activation_step(network: SmallNetwork, layer: int, z: Quantity, a: Quantity) -> Step:
    activation = ACTIVATIONS[network.activations[layer - 1]]
    return Step(
        name=f"a{layer}",
        title=f"Layer {layer}: apply {activation.name}",
        formula=write(f"a^({layer}) =", Word(activation.name), f"( z^({layer}) )"),
        value=a,
        lines=_lines("a", layer, [_applied(activation.name, each) for each in z.tolist()]),
        note="Without it the layers would collapse into one linear map."
        if activation.name != "identity"
        else "The identity leaves the network linear, however deep.",
        rule=lambda values: activation.value(values[f"z{layer}"]),
        section=FORWARD,
    )


def _applied(name: str, z: float) -> Expression:
    if name == "sigmoid":
        return Fraction(write("1"), write("1 +", Exponential(write("−", z))))
    if name == "relu":
        return write("max ( 0 ,", z, ")")
    return write(Word(name), "(", z, ")")


def _backward_steps(network: SmallNetwork, passed: ForwardPass, delta: Quantity) -> list[Step]:
    activations = [ACTIVATIONS[name] for name in network.activations]
    gradient = backward(network.weights, activations, passed, delta, l2=0.0)
    steps = [delta_step(network, passed.logits[0], delta[0], BACKWARD)]
    for layer in range(len(network.weights), 0, -1):
        below, own = passed.activations[layer - 1][0], gradient.biases[layer - 1]
        steps += _gradient_steps(layer, below, own, gradient.weights[layer - 1])
        if layer > 1:
            z = passed.pre_activations[layer - 2][0]
            steps += _delta_steps(network, layer - 1, z, own, gradient.biases[layer - 2])
    return steps


def _gradient_steps(
    layer: int, below: Quantity, delta: Quantity, slopes: Quantity
) -> tuple[Step, Step]:
    rights = [write(unit, "·", each) for unit in below.tolist() for each in delta.tolist()]
    places = [f"{i}{o}" for i in range(len(below)) for o in range(len(delta))]
    weights = Step(
        name=f"dW{layer}",
        title=f"Layer {layer}: the gradient of its weights",
        formula=write(_slope("W", "", layer), f"= a^({layer - 1})ᵀ δ^({layer})"),
        value=slopes,
        lines=_few(
            [Line(_slope("w", at, layer), right) for at, right in zip(places, rights, strict=True)]
        ),
        note="What came in times what comes back." if layer == 1 else "",
        rule=lambda values: np.outer(values[f"a{layer - 1}"], values[f"delta{layer}"]),
        section=BACKWARD,
    )
    biases = Step(
        name=f"db{layer}",
        title=f"Layer {layer}: the gradient of its biases",
        formula=write(_slope("b", "", layer), f"= δ^({layer})"),
        value=delta,
        lines=tuple(Line(_slope("b", str(o), layer)) for o in range(len(delta))),
        note="",
        rule=lambda values: values[f"delta{layer}"],
        section=BACKWARD,
    )
    return weights, biases


def _delta_steps(
    network: SmallNetwork, layer: int, z: Quantity, above: Quantity, delta: Quantity
) -> tuple[Step, Step, Step]:
    activation = ACTIVATIONS[network.activations[layer - 1]]
    back, slope = _upstream_step(network.weights[layer], layer, above), activation.derivative(z)
    pairs = zip(back.value.tolist(), slope.tolist(), strict=True)
    slopes = Step(
        name=f"slope{layer}",
        title=f"Layer {layer}: the slope of {activation.name}",
        formula=write(f"s^({layer}) =", Word(f"{activation.name}′"), f"( z^({layer}) )"),
        value=slope,
        lines=_lines("s", layer, [_slope_applied(activation.name, each) for each in z.tolist()]),
        note="At most 1/4: every sigmoid layer shrinks the error that passes through it."
        if activation.name == "sigmoid"
        else "",
        rule=lambda values: activation.derivative(values[f"z{layer}"]),
        section=BACKWARD,
    )
    product = Step(
        name=f"delta{layer}",
        title=f"Layer {layer}: multiply the two",
        formula=write(f"δ^({layer}) = u^({layer}) ⊙ s^({layer})"),
        value=delta,
        lines=_lines("δ", layer, [write(a, "·", b) for a, b in pairs]),
        note="`⊙` multiplies unit by unit.",
        rule=lambda values: values[f"u{layer}"] * values[f"slope{layer}"],
        section=BACKWARD,
    )
    return back, slopes, product


def _upstream_step(weight: Quantity, layer: int, above: Quantity) -> Step:
    sums = [
        joined("+", [write(each, "·", w) for each, w in zip(above.tolist(), row, strict=True)])
        for row in weight.tolist()
    ]
    return Step(
        name=f"u{layer}",
        title=f"Layer {layer}: carry the error back through the weights",
        formula=write(f"u^({layer}) = δ^({layer + 1}) W^({layer + 1})ᵀ"),
        value=above @ weight.T,
        lines=_lines("u", layer, sums),
        note="Each unit takes a row of `W`: what it gave to every unit above.",
        rule=lambda values: values[f"delta{layer + 1}"] @ values[f"W{layer + 1}"].T,
        section=BACKWARD,
    )


def _slope_applied(name: str, z: float) -> Expression:
    if name == "sigmoid":
        a = float(ACTIVATIONS[name].value(np.array([z]))[0])
        return write(a, "·", "( 1 −", a, ")")
    return write(Word(f"{name}′"), "(", z, ")")


def _update_steps(network: SmallNetwork, passed: ForwardPass, delta: Quantity) -> list[Step]:
    activations = [ACTIVATIONS[name] for name in network.activations]
    gradient = backward(network.weights, activations, passed, delta, l2=0.0)
    rate, steps, weights, biases = network.learning_rate, [], [], []
    for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True), 1):
        slopes, shifts = gradient.weights[layer - 1], gradient.biases[layer - 1]
        weights.append(sgd_step(weight, slopes, SgdState.initial(weight), rate)[0])
        biases.append(sgd_step(bias, shifts, SgdState.initial(bias), rate)[0])
        steps.append(_moved("W", layer, (weight, slopes, weights[-1]), rate))
        steps.append(_moved("b", layer, (bias, shifts, biases[-1]), rate))
    after = _pass(tuple(weights), tuple(biases), network).logits[0]
    before, value = loss_value(network, passed.logits[0]), loss_value(network, after)
    fell = "The loss fell" if value < before else "The loss did not fall: the step was too long"
    steps.append(
        Step(
            name="loss_after",
            title="The loss after the step",
            formula=write("ℓ′ = ℓ ( θ′ )"),
            value=array(value),
            lines=(),
            note=f"The same row through the new network. {fell}.",
            rule=lambda values: _loss_after(network, values),
            section=STEP,
        )
    )
    return steps


def _moved(
    letter: str, layer: int, arrays: tuple[Quantity, Quantity, Quantity], rate: float
) -> Step:
    before, slopes, after = arrays
    pairs = zip(before.ravel().tolist(), slopes.ravel().tolist(), strict=True)
    rights = [write(old, "−", rate, "·", slope) for old, slope in pairs]
    places = ["".join(map(str, place)) for place in np.ndindex(before.shape)]
    small = letter.lower()
    key = f"{letter}{layer}"
    return Step(
        name=f"{key}_after",
        title=f"Layer {layer}: step against the gradient of its "
        + ("weights" if letter == "W" else "biases"),
        formula=write(f"{letter}′^({layer}) = {letter}^({layer}) − η", _slope(letter, "", layer)),
        value=after,
        lines=_few(
            [
                Line(Name(f"{small}′", at, f"({layer})"), right)
                for at, right in zip(places, rights, strict=True)
            ]
        ),
        note="",
        rule=lambda values: values[key] - values["learning_rate"] * values[f"d{key}"],
        section=STEP,
    )


def _loss_after(network: SmallNetwork, values: Quantities) -> float:
    layers = range(1, len(network.weights) + 1)
    weights = tuple(values[f"W{layer}_after"] for layer in layers)
    biases = tuple(values[f"b{layer}_after"] for layer in layers)
    return loss_value(network, _pass(weights, biases, network).logits[0])


def _slope(letter: str, below: str, layer: int) -> Partial:
    return Partial(write("ℓ"), Name(letter, below, f"({layer})"))


def _lines(letter: str, layer: int, rights: Sequence[Expression]) -> tuple[Line, ...]:
    return tuple(
        Line(Name(letter, str(unit), f"({layer})"), right) for unit, right in enumerate(rights)
    )


def _few(lines: list[Line]) -> tuple[Line, ...]:
    """Keep the lines of a small matrix; a large one is shown whole instead."""
    return tuple(lines) if len(lines) <= _MOST_LINES else ()
