"""Softmax by hand: logits to probabilities, without an exponential that could overflow."""

from collections.abc import Sequence

import numpy as np

from levelset.theory.encoding import softmax
from levelset.theory.workings.inputs import array, logits_fault, require, temperature_fault
from levelset.theory.workings.notation import (
    Exponential,
    Fraction,
    Name,
    Number,
    Row,
    Table,
    joined,
    write,
)
from levelset.theory.workings.working import Line, Quantities, Quantity, Step, Working

SECTION = "Softmax"


def softmax_working(logits: Sequence[float] | np.ndarray, temperature: float = 1.0) -> Working:
    """Work out a softmax as a student would write it.

    q_k = exp(z_k/T − M) / Σ_j exp(z_j/T − M),  M = max_k z_k/T

    Args:
        logits: z, from 2 to 30 numbers, at most 1e6 in size.
        temperature: T from 0.001 to 1000; above 1 makes the probabilities more equal.

    Returns:
        Steps (scaled,) maximum, shifted, exponentials, sum, probabilities.

    Raises:
        DataError: The logits or the temperature cannot be worked with.

    Example:
        >>> softmax_working([0.0, 0.0]).step("probabilities").value
        array([0.5, 0.5])

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), equation 4.62; the shift:
    Blanchard, Higham and Higham (2021).
    """
    require(logits_fault(list(logits)), temperature_fault(temperature))
    z = array(logits)
    given, inputs = [write("z =", Table(z))], {"logits": z, "temperature": array(temperature)}
    if temperature != 1.0:
        given.append(write("T =", temperature))
    return Working(
        topic="softmax",
        title="Softmax by hand",
        given=tuple(given),
        inputs=inputs,
        steps=softmax_steps(z, temperature),
        conclusion="The probabilities are positive and sum to 1. Only differences of logits "
        "matter: adding a constant to all of them changes nothing.",
    )


def softmax_steps(logits: Quantity, temperature: float = 1.0) -> tuple[Step, ...]:
    """Give the steps from logits to probabilities.

    q_k = exp(z_k/T − M) / Σ_j exp(z_j/T − M)

    Args:
        logits: z, shape (c,).
        temperature: T > 0. At 1 there is no step for it.

    Returns:
        Steps (scaled,) maximum, shifted, exponentials, sum, probabilities.

    Example:
        >>> [step.name for step in softmax_steps(np.array([2.0, 1.0]))][:2]
        ['maximum', 'shifted']

    Source: as for `softmax_working`.
    """
    if temperature == 1.0:
        return _steps(logits, "z")
    scaled = logits / temperature
    lines = tuple(
        Line(indexed("s", k), Fraction(Number(z), Number(temperature)))
        for k, z in enumerate(logits.tolist())
    )
    first = Step(
        name="scaled",
        title="Divide by the temperature",
        formula=write("s_k =", Fraction(write("z_k"), write("T"))),
        value=scaled,
        lines=lines,
        note="A temperature above 1 brings the logits nearer to each other, and so the "
        "probabilities; one below 1 drives them apart. Their order stays.",
        rule=lambda values: values["logits"] / values["temperature"],
        section=SECTION,
    )
    return (first, *_steps(scaled, "s"))


def indexed(base: str, k: int) -> Name:
    """Name one entry of a vector.

    Example:
        >>> indexed("q", 2)
        Name(base='q', below='2', above='')
    """
    return Name(base, str(k))


def entries(base: str, rights: Sequence[Row | Fraction | Exponential]) -> tuple[Line, ...]:
    """Write a line for each entry of a vector."""
    return tuple(Line(indexed(base, k), right) for k, right in enumerate(rights))


def _logits(values: Quantities) -> Quantity:
    return values.get("scaled", values["logits"])


def _steps(z: Quantity, letter: str) -> tuple[Step, ...]:
    shifted = z - z.max()
    powers = np.exp(shifted)
    return (*_shift(z, letter), *_normalize(shifted, powers, softmax(z)))


def _shift(z: Quantity, letter: str) -> tuple[Step, Step]:
    largest, numbers = z.max(), z.tolist()
    listed = write("max (", joined(",", numbers), ")")
    maximum = Step(
        name="maximum",
        title="Find the largest logit",
        formula=write(f"M = max {letter}_k"),
        value=array(largest),
        lines=(Line(write("M"), listed),),
        note="It is subtracted first: then the largest exponential is 1, and none overflows.",
        rule=lambda values: _logits(values).max(),
        section=SECTION,
    )
    shift = Step(
        name="shifted",
        title="Subtract it",
        formula=write(f"d_k = {letter}_k − M"),
        value=z - largest,
        lines=entries("d", [write(number, "−", float(largest)) for number in numbers]),
        note="The factor `e^−M` stands above and below the fraction bar and cancels.",
        rule=lambda values: _logits(values) - values["maximum"],
        section=SECTION,
    )
    return maximum, shift


def _normalize(
    shifted: Quantity, powers: Quantity, probabilities: Quantity
) -> tuple[Step, Step, Step]:
    total = powers.sum()
    exponentials = Step(
        name="exponentials",
        title="Take exponentials",
        formula=write("E_k =", Exponential(write("d_k"))),
        value=powers,
        lines=entries("E", [Exponential(Number(d)) for d in shifted.tolist()]),
        note="They are positive, and larger for a larger logit.",
        rule=lambda values: np.exp(values["shifted"]),
        section=SECTION,
    )
    summed = Step(
        name="sum",
        title="Add them up",
        formula=write("S = Σ_k E_k"),
        value=array(total),
        lines=(Line(write("S"), joined("+", powers.tolist())),),
        note="",
        rule=lambda values: values["exponentials"].sum(),
        section=SECTION,
    )
    quotients = [Fraction(Number(power), Number(float(total))) for power in powers.tolist()]
    divided = Step(
        name="probabilities",
        title="Divide by the sum",
        formula=write("q_k =", Fraction(write("E_k"), write("S"))),
        value=probabilities,
        lines=entries("q", quotients),
        note="Now they sum to 1.",
        rule=lambda values: values["exponentials"] / values["sum"],
        section=SECTION,
    )
    return exponentials, summed, divided
