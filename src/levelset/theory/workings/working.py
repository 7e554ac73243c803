"""A calculation by hand as data: steps in order, each with its formula, its numbers and its reason.

Nothing is rounded here and nothing is drawn: `levelset.report.workings` writes a working as text,
HTML or LaTeX to the digits that a reader wants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.theory.workings.notation import Expression, Row

Quantity = Float64[np.ndarray, "..."]
Quantities = Mapping[str, Quantity]
Rule = Callable[[Quantities], np.ndarray | np.float64 | float]


@dataclass(frozen=True)
class Line:
    """One number of a step.

    Attributes:
        left: What the number is called.
        right: The formula with its numbers put in; None where there is nothing to calculate.
    """

    left: Expression
    right: Expression | None = None


@dataclass(frozen=True)
class Step:
    """One step of a working.

    Attributes:
        name: The key that other steps, answers and programs know it by.
        title: What is done, in a few words.
        formula: The equation in symbols.
        value: The result in float64, unrounded: shape () for a number, (c,) or (i, o).
        lines: One for each number of `value`, in its order; none where the value is shown whole.
        note: Why, in a sentence or two; notation stands between backticks.
        rule: Values of the steps before -> value of this one. It gives `value` again from the
            working's own numbers, and what follows from a reader's.
        section: The heading that the step stands under.
    """

    name: str
    title: str
    formula: Row
    value: Quantity
    lines: tuple[Line, ...]
    note: str
    rule: Rule
    section: str = ""

    def __post_init__(self) -> None:
        assert len(self.lines) in (0, self.value.size), self.name


@dataclass(frozen=True)
class Working:
    """A whole calculation.

    Attributes:
        topic: The command's name for it, for example "cross-entropy".
        title: Its heading.
        given: What the reader starts from, an equation each.
        inputs: The same as numbers, by name.
        steps: In the order of the calculation.
        conclusion: What to keep of it; notation stands between backticks.
    """

    topic: str
    title: str
    given: tuple[Row, ...]
    inputs: Quantities
    steps: tuple[Step, ...]
    conclusion: str

    @property
    def values(self) -> dict[str, Quantity]:
        """Every number of the working by name, inputs first."""
        return {**self.inputs, **{step.name: step.value for step in self.steps}}

    def step(self, name: str) -> Step:
        """Find a step by its name.

        Example:
            >>> from levelset.theory.workings import softmax_working
            >>> softmax_working([2.0, 2.0]).step("probabilities").value
            array([0.5, 0.5])
        """
        return next(step for step in self.steps if step.name == name)
