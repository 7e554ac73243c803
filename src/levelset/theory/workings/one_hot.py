"""One-hot coding by hand, and what a number for a class would say instead."""

import numpy as np

from levelset.theory.encoding import one_hot
from levelset.theory.losses import squared_error
from levelset.theory.workings.inputs import array, classes_fault, label_fault, require
from levelset.theory.workings.notation import Fraction, Group, Row, write
from levelset.theory.workings.softmax import entries
from levelset.theory.workings.working import Quantity, Step, Working

SECTION = "One-hot"
_ORDINAL = "Why not simply the numbers 0, 1, 2"


def one_hot_working(label: int, classes: int) -> Working:
    """Work out the one-hot row of a label, and why an ordinal coding is wrong.

    p_k = 1 if k = t, else 0

    Args:
        label: t from 0 to classes − 1.
        classes: From 2 to 30.

    Returns:
        Steps target, distances, ordinal_distances and, of three classes or more, ordinal_mean and
        one_hot_mean.

    Raises:
        DataError: The label is not one of the classes, or there are too few or many.

    Example:
        >>> one_hot_working(1, 3).step("target").value
        array([0., 1., 0.])

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.1.2.
    """
    require(classes_fault(classes) or label_fault(label, classes))
    means = _mean_steps(classes) if classes > 2 else ()
    return Working(
        topic="one-hot",
        title="One-hot coding by hand",
        given=(label_given(label, classes),),
        inputs={"label": array(label)},
        steps=(target_step(label, classes), *_distance_steps(classes), *means),
        conclusion="A class has a name and no size. One-hot rows are all equally far from each "
        "other, so no class lies between two others and no mistake counts more than another."
        if classes > 2
        else "A class has a name and no size. Of two classes none lies between the others, so one "
        "number is enough for them; for three it no longer is.",
    )


def label_given(label: int, classes: int) -> Row:
    """Write a label as something given, for example "t = 0 of 3 classes"."""
    return write("t =", label, "of", classes, "classes")


def target_step(label: int, classes: int) -> Step:
    """Give the step from a label to its one-hot row.

    p_k = 1 if k = t, else 0

    Args:
        label: t from 0 to classes − 1.
        classes: c.

    Returns:
        Step "target".

    Example:
        >>> target_step(0, 2).value
        array([1., 0.])

    Source: as for `one_hot_working`.
    """
    return Step(
        name="target",
        title="Write the label as a one-hot row",
        formula=write("p_k = 1 if k = t , otherwise 0"),
        value=one_hot(np.array(label), classes),
        lines=(),
        note="It is the true distribution: all probability is on the class that came.",
        rule=lambda values: one_hot(values["label"].astype(np.int64), classes),
        section=SECTION,
    )


def _distance_steps(classes: int) -> tuple[Step, Step]:
    rows = one_hot(np.arange(classes), classes)
    codes = np.arange(classes, dtype=np.float64)[:, np.newaxis]
    return (
        Step(
            name="distances",
            title="Square the distances between one-hot rows",
            formula=write("D_ij = Σ_k", Group(write("p_k^(i) − p_k^(j)"), above="2")),
            value=_squared_distances(rows),
            lines=(),
            note="Two classes `i` and `j` differ in two places, by 1 in each: always 2.",
            rule=lambda _: _squared_distances(rows),
            section=SECTION,
        ),
        Step(
            name="ordinal_distances",
            title="Square the distances between the numbers",
            formula=write("D_ij =", Group(write("i − j"), above="2")),
            value=_squared_distances(codes),
            lines=(),
            note="The numbers make some classes neighbors and others strangers. Nothing in the "
            "data said so: number the classes otherwise and it changes."
            if classes > 2
            else "With two classes there is one distance, so nothing is wrong yet.",
            rule=lambda _: _squared_distances(codes),
            section=_ORDINAL,
        ),
    )


def _mean_steps(classes: int) -> tuple[Step, Step]:
    halves = 0.5 * (one_hot(np.array(0), classes) + one_hot(np.array(2), classes))
    ends = [(1, 0) if k == 0 else (0, 1) if k == 2 else (0, 0) for k in range(classes)]
    return (
        Step(
            name="ordinal_mean",
            title="Be unsure between classes 0 and 2, as a number",
            formula=write("m =", Fraction(write("0 + 2"), write("2"))),
            value=array(1.0),
            lines=(),
            note="The answer is 1: a class that was never considered.",
            rule=lambda _: 1.0,
            section=_ORDINAL,
        ),
        Step(
            name="one_hot_mean",
            title="Be unsure between classes 0 and 2, as one-hot rows",
            formula=write("m_k =", Fraction(write("p_k^(0) + p_k^(2)"), write("2"))),
            value=halves,
            lines=entries("m", [Fraction(write(a, "+", b), write("2")) for a, b in ends]),
            note="Half on class 0, half on class 2 and nothing on class 1: what was meant.",
            rule=lambda _: halves,
            section=_ORDINAL,
        ),
    )


def _squared_distances(rows: Quantity) -> Quantity:
    pairs = np.broadcast_arrays(rows[:, np.newaxis, :], rows[np.newaxis, :, :])
    return array(squared_error(*pairs))
