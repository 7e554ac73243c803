"""The loss of a small network on one row, and its derivative by the outputs."""

from levelset.theory.encoding import sigmoid, softmax
from levelset.theory.information import log_probabilities
from levelset.theory.losses import LOSSES
from levelset.theory.workings.inputs import array
from levelset.theory.workings.notation import (
    Exponential,
    Fraction,
    Group,
    Name,
    Number,
    Row,
    joined,
    write,
)
from levelset.theory.workings.small_network import SmallNetwork
from levelset.theory.workings.softmax import entries
from levelset.theory.workings.working import Line, Quantities, Quantity, Rule, Step

_SECTION = "Loss"


def loss_value(network: SmallNetwork, outputs: Quantity) -> float:
    """Compute the loss of the network's row at given outputs, shape (c,)."""
    return float(LOSSES[network.loss].value(outputs, network.target)) + 0.0


def loss_steps(network: SmallNetwork, outputs: Quantity) -> tuple[Step, ...]:
    """Give the steps from the outputs to the loss.

    Args:
        network: Its loss and target.
        outputs: z_L, shape (c,).

    Returns:
        Step "probabilities", where the loss has them, and step "loss".
    """
    last = f"z{len(network.weights)}"
    if network.loss == "softmax_cross_entropy":
        q = softmax(outputs)
        return _softmax_step(outputs, q, last), _softmax_loss(network, outputs, q)
    if network.loss == "sigmoid_cross_entropy":
        q = sigmoid(outputs)
        return _sigmoid_step(outputs, q, last), _sigmoid_loss(network, outputs, q)
    return (_squared_loss(network, outputs, last),)


def delta_step(network: SmallNetwork, outputs: Quantity, delta: Quantity, section: str) -> Step:
    """Give the step to the derivative of the loss by the outputs.

    Args:
        network: Its loss and target.
        outputs: z_L, shape (c,).
        delta: δ_L = ∂ℓ/∂z_L, shape (c,).
        section: The heading that it stands under.

    Returns:
        Step "deltaL".
    """
    layers = len(network.weights)
    squared = network.loss == "squared_error"
    given = outputs if squared else _probabilities(network, outputs)
    pairs = list(zip(given.tolist(), network.target.tolist(), strict=True))
    rights = [write("2 · (", a, "−", y, ")") if squared else write(a, "−", y) for a, y in pairs]
    right = {
        "softmax_cross_entropy": "q − p",
        "sigmoid_cross_entropy": "q − y",
        "squared_error": f"2 ( z^({layers}) − y )",
    }[network.loss]
    rule: Rule = (
        (lambda values: 2.0 * (values[f"z{layers}"] - values["target"]))
        if squared
        else (lambda values: values["probabilities"] - values["target"])
    )
    return Step(
        name=f"delta{layers}",
        title=f"Layer {layers}: differentiate the loss by the outputs",
        formula=write(f"δ^({layers}) =", right),
        value=delta,
        lines=tuple(Line(Name("δ", str(k), f"({layers})"), each) for k, each in enumerate(rights)),
        note="`δ^(l)` stands for the derivative of the loss by `z^(l)`.",
        rule=rule,
        section=section,
    )


def _probabilities(network: SmallNetwork, outputs: Quantity) -> Quantity:
    softened = network.loss == "softmax_cross_entropy"
    return softmax(outputs) if softened else sigmoid(outputs)


def _softmax_step(outputs: Quantity, q: Quantity, last: str) -> Step:
    numbers = outputs.tolist()
    total = joined("+", [write(Exponential(Number(each))) for each in numbers])
    top = f"z_k^({last[1:]})"
    bottom = write("Σ_j", Exponential(write(f"z_j^({last[1:]})")))
    return Step(
        name="probabilities",
        title="Softmax: turn the logits into probabilities",
        formula=write("q_k =", Fraction(Exponential(write(top)), bottom)),
        value=q,
        lines=entries("q", [Fraction(Exponential(Number(each)), total) for each in numbers]),
        note="They are positive and sum to 1.",
        rule=lambda values: softmax(values[last]),
        section=_SECTION,
    )


def _softmax_loss(network: SmallNetwork, outputs: Quantity, q: Quantity) -> Step:
    pairs = zip(network.target.tolist(), q.tolist(), strict=True)
    terms = [write(true, "· ln", predicted) for true, predicted in pairs if true]
    one = len(terms) == 1
    return Step(
        name="loss",
        title="Cross-entropy",
        formula=write("ℓ = − Σ_k p_k ln q_k"),
        value=array(loss_value(network, outputs)),
        lines=(Line(write("ℓ"), _negative(terms)),),
        note="Only the true class counts; the others are multiplied by 0." if one else "",
        rule=_cross_entropy,
        section=_SECTION,
    )


def _cross_entropy(values: Quantities) -> float:
    return float(-(values["target"] * log_probabilities(values["probabilities"])).sum()) + 0.0


def _negative(terms: list[Row]) -> Row:
    return write("−", *terms) if len(terms) == 1 else write("−", Group(joined("+", terms)))


def _sigmoid_step(outputs: Quantity, q: Quantity, last: str) -> Step:
    rights = [
        Fraction(write("1"), write("1 +", Exponential(write("−", each))))
        for each in outputs.tolist()
    ]
    power = Exponential(write(f"− z_k^({last[1:]})"))
    return Step(
        name="probabilities",
        title="Sigmoid: turn each output into a probability of yes",
        formula=write("q_k =", Fraction(write("1"), write("1 +", power))),
        value=q,
        lines=entries("q", rights),
        note="",
        rule=lambda values: sigmoid(values[last]),
        section=_SECTION,
    )


def _sigmoid_loss(network: SmallNetwork, outputs: Quantity, q: Quantity) -> Step:
    terms = []
    for answer, yes in zip(network.target.tolist(), q.tolist(), strict=True):
        if answer > 0.0:
            terms.append(write(answer, "· ln", yes))
        if answer < 1.0:
            terms.append(write(1.0 - answer, "· ln (", 1.0, "−", yes, ")"))
    return Step(
        name="loss",
        title="Binary cross-entropy, summed over the outputs",
        formula=write("ℓ = − Σ_k [ y_k ln q_k + ( 1 − y_k ) ln ( 1 − q_k ) ]"),
        value=array(loss_value(network, outputs)),
        lines=(Line(write("ℓ"), _negative(terms)),),
        note="",
        rule=_binary_cross_entropy,
        section=_SECTION,
    )


def _binary_cross_entropy(values: Quantities) -> float:
    y, q = values["target"], values["probabilities"]
    yes, no = y * log_probabilities(q), (1.0 - y) * log_probabilities(1.0 - q)
    return float(-(yes + no).sum()) + 0.0


def _squared_loss(network: SmallNetwork, outputs: Quantity, last: str) -> Step:
    pairs = zip(outputs.tolist(), network.target.tolist(), strict=True)
    terms = [write(Group(write(output, "−", wanted), above="2")) for output, wanted in pairs]
    inner = Group(write(f"z_k^({last[1:]}) − y_k"), above="2")
    return Step(
        name="loss",
        title="Squared error",
        formula=write("ℓ = Σ_k", inner),
        value=array(loss_value(network, outputs)),
        lines=(Line(write("ℓ"), joined("+", terms)),),
        note="Without the factor 1/2 that some books put before it.",
        rule=lambda values: ((values[last] - values["target"]) ** 2).sum(),
        section=_SECTION,
    )
