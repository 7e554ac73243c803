import math
import re

import numpy as np
import pytest

from levelset.errors import DataError
from levelset.theory import (
    Working,
    backpropagation_working,
    binary_cross_entropy_working,
    cross_entropy_working,
    kl_working,
    mark_answers,
    one_hot_working,
    softmax_working,
)
from levelset.theory.workings import Mark

LOGITS, TRUTH = [2.0, 1.0, 0.1], [0.7, 0.2, 0.1]
SOFTMAX = softmax_working(LOGITS)
TEMPERED = softmax_working(LOGITS, temperature=2.0)
CROSS_ENTROPY = cross_entropy_working(LOGITS, 0)
SOFT = cross_entropy_working(LOGITS, TRUTH)
SMOOTHED = cross_entropy_working(LOGITS, 0, smoothing=0.3)
BINARY = binary_cross_entropy_working([2.0, -1.0], [1.0, 0.0])
KL = kl_working(TRUTH, logits=LOGITS)
ONE_HOT = one_hot_working(1, 3)
NETWORK = backpropagation_working()
TWO_HIDDEN = backpropagation_working(
    {
        "x": [1.0, 2.0],
        "weights": [
            [[0.5, -1.0], [1.0, 0.25]],
            [[1.0, 0.5], [-0.5, 2.0]],
            [[1.0, 2.0], [0.5, 0.1]],
        ],
        "biases": [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]],
        "activation": "sigmoid",
        "loss": "squared_error",
        "label": 0,
    }
)
EVERY = {
    "softmax": SOFTMAX,
    "tempered": TEMPERED,
    "cross-entropy": CROSS_ENTROPY,
    "soft": SOFT,
    "smoothed": SMOOTHED,
    "binary": BINARY,
    "kl": KL,
    "one-hot": ONE_HOT,
    "network": NETWORK,
    "two hidden": TWO_HIDDEN,
}


def line(name: str, values: object, decimals: int = 4) -> str:
    numbers = np.asarray(values, dtype=np.float64).ravel().tolist()
    return f"{name} = {', '.join(f'{number:.{decimals}f}' for number in numbers)}"


def only_mark(working: Working, text: str) -> Mark:
    (mark,) = mark_answers(working, [text]).marks
    return mark


@pytest.mark.parametrize("decimals", [2, 3, 4, 9])
@pytest.mark.parametrize("working", EVERY.values(), ids=EVERY)
def test_right_numbers_are_right_to_any_digits(working: Working, decimals: int) -> None:
    lines = [line(step.name, step.value, decimals) for step in working.steps]
    marking = mark_answers(working, lines)
    assert {mark.verdict for mark in marking.marks} == {"right"}
    assert marking.all_good
    assert marking.missing == ()


@pytest.mark.parametrize("working", EVERY.values(), ids=EVERY)
def test_each_line_alone_that_is_far_off_is_wrong(working: Working) -> None:
    for step in working.steps:
        marking = mark_answers(working, [line(step.name, step.value + 7.7)])
        assert [mark.verdict for mark in marking.marks] == ["wrong"]
        assert not marking.all_good
        assert len(marking.missing) == len(working.steps) - 1


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("loss = 0.417", "right"),
        ("loss = 0.4170", "right"),
        ("loss = 0.42", "right"),
        ("loss = 0.4", "right"),
        ("loss = 4.17e-1", "right"),
        ("loss = 0.418", "rounding"),
        ("loss = 0.416", "rounding"),
        ("loss = 0.41", "rounding"),
        ("loss = 0.419", "wrong"),
        ("loss = 0.5", "wrong"),
        ("loss = 0", "wrong"),
        ("target = 1, 0, 0", "right"),
        ("target = 1.00, 0.00, 0.01", "wrong"),
        ("target = 2/2, 0/3, 0", "right"),
        ("shifted = 0, -1, -1.9", "right"),
        ("shifted = 0, -1, -1.8", "wrong"),
        ("shifted = 0, −1, −1.9", "right"),
        ("probabilities = [0.659, 0.242, 0.099]", "right"),
        ("Probabilities: .659 .242 .099  # by calculator", "right"),
        ("q = (0.659; 0.242; 0.099)", "right"),
        ("ln-q = -0.417, -1.417, -2.317", "right"),
    ],
)
def test_digits_decide_what_is_right(text: str, verdict: str) -> None:
    mark = only_mark(CROSS_ENTROPY, text)
    assert mark.verdict == verdict
    assert mark.good == (verdict in ("right", "rounding"))


def test_too_few_digits_are_said_to_be() -> None:
    assert "too few digits" in only_mark(CROSS_ENTROPY, "loss = 0").note


def test_the_right_numbers_are_kept_to_the_digits_given() -> None:
    mark = only_mark(CROSS_ENTROPY, "gradient = 0.34, -0.242, 9.9e-2")
    assert mark.given == ("0.34", "-0.242", "9.9e-2")
    assert mark.expected == ("-0.34", "0.242", "9.9e-02")


q = SOFTMAX.values["probabilities"]
z = np.array(LOGITS)
p = np.array(TRUTH)
network = NETWORK.values
deep = TWO_HIDDEN.values


@pytest.mark.parametrize(
    ("working", "name", "values", "note"),
    [
        (TEMPERED, "scaled", z * 2.0, "multiplied by the temperature"),
        (TEMPERED, "probabilities", q, "temperature is forgotten"),
        (SOFTMAX, "maximum", 0.1, "the smallest"),
        (SOFTMAX, "shifted", 2.0 - z, "M - z"),
        (SOFTMAX, "sum", 3.1, "adds the logits"),
        (SOFTMAX, "probabilities", np.exp(z), "not divided by the sum"),
        (SOFTMAX, "probabilities", np.exp(z - 2.0), "not divided by the sum"),
        (SOFTMAX, "probabilities", z / 3.1, "without exponentials"),
        (SOFTMAX, "probabilities", 10.0**z / (10.0**z).sum(), "powers of 10"),
        (SOFTMAX, "probabilities", 2.0**z / (2.0**z).sum(), "powers of 2"),
        (SOFTMAX, "probabilities", np.exp(-z) / np.exp(-z).sum(), "sign of the exponent"),
        (CROSS_ENTROPY, "target", [0, 1, 0], "for class 1; the classes are counted from 0"),
        (CROSS_ENTROPY, "target", [0, 1, 1], "exchanged"),
        (SMOOTHED, "smoothed", [0.7, 0.15, 0.15], "among the other classes only"),
        (SMOOTHED, "smoothed", [0.7, 0.0, 0.0], "s / c is not added"),
        (CROSS_ENTROPY, "log_probabilities", np.log10(q), "log10"),
        (CROSS_ENTROPY, "log_probabilities", -np.log(q), "minus sign is missing"),
        (SOFT, "terms", -np.log(q), "not weighed"),
        (SOFT, "terms", -q * np.log(p), "swapped"),
        (CROSS_ENTROPY, "loss", -math.log10(q[0]), "log10"),
        (CROSS_ENTROPY, "loss", -math.log2(q[0]), "log2"),
        (CROSS_ENTROPY, "loss", math.log(q[0]), "minus sign is missing"),
        (CROSS_ENTROPY, "loss", -math.log(q[2]), "for class 2"),
        (CROSS_ENTROPY, "loss", -np.log(q).sum(), "every class is counted"),
        (CROSS_ENTROPY, "loss", -math.log(q[0]) / 3.0, "number of classes"),
        (CROSS_ENTROPY, "loss", 1.0 - q[0], "1 - q of the true class"),
        (CROSS_ENTROPY, "loss", ((q - [1, 0, 0]) ** 2).sum(), "squared error"),
        (CROSS_ENTROPY, "gradient", [1, 0, 0] - q, "p - q; the gradient is q - p"),
        (CROSS_ENTROPY, "gradient", q, "is not subtracted"),
        (CROSS_ENTROPY, "gradient", q - [0, 0, 1], "for class 2"),
        (CROSS_ENTROPY, "gradient", [-1.0 / q[0], 0.0, 0.0], "differentiates by q"),
        (SOFT, "gradient", (q - p) * q * (1.0 - q), "left over"),
        (BINARY, "probabilities", 1.0 - BINARY.values["probabilities"], "sign of the exponent"),
        (BINARY, "loss", 0.126928, "only the yes part"),
        (BINARY, "gradient", -BINARY.values["gradient"], "p - q"),
        (KL, "entropy", -(p * np.log2(p)).sum(), "log2"),
        (KL, "cross_entropy", -(q * np.log(p)).sum(), "swapped"),
        (KL, "divergence", (q * np.log(q / p)).sum(), "KL.q, p."),
        (KL, "divergence", -(p * np.log(p / q)).sum(), "sign is wrong"),
        (KL, "difference", -KL.values["difference"], "H.p. - H.p, q."),
        (TWO_HIDDEN, "z1", deep["z1"] - deep["b1"], "bias is missing"),
        (TWO_HIDDEN, "z1", deep["W1"] @ deep["a0"] + deep["b1"], "transposed"),
        (TWO_HIDDEN, "z2", deep["z1"] @ deep["W2"] + deep["b2"], "activation of the layer below"),
        (TWO_HIDDEN, "a1", deep["z1"], "activation is not applied"),
        (TWO_HIDDEN, "slope1", deep["a1"], "the activation itself"),
        (TWO_HIDDEN, "u1", deep["delta2"] @ deep["W2"], "not transposed"),
        (TWO_HIDDEN, "delta1", deep["u1"], "slope of the activation is missing"),
        (TWO_HIDDEN, "delta1", deep["u1"] * deep["a1"], "take its slope"),
        (TWO_HIDDEN, "delta3", deep["z3"] - deep["target"], "factor 2"),
        (NETWORK, "delta2", -network["delta2"], "p - q"),
        (NETWORK, "dW2", network["dW2"].T, "transposed"),
        (NETWORK, "dW2", np.outer(network["z1"], network["delta2"]), "in place of a"),
        (NETWORK, "db1", -network["db1"], "sign"),
        (NETWORK, "W2_after", network["W2"] + 0.5 * network["dW2"], "along the gradient"),
        (NETWORK, "W2_after", network["W2"] - network["dW2"], "learning rate is forgotten"),
        (NETWORK, "W1_after", 0.5 * network["dW1"], "the step alone"),
    ],
)
def test_likely_mistakes_are_named(working: Working, name: str, values: object, note: str) -> None:
    mark = only_mark(working, line(name, values))
    assert mark.verdict == "wrong"
    assert re.search(note, mark.note), mark.note


@pytest.mark.parametrize(
    ("working", "name", "values"),
    [
        (SOFTMAX, "exponentials", np.exp(z)),
        (SOFTMAX, "sum", np.exp(z).sum()),
        (BINARY, "exponentials", [math.exp(-2.0), math.exp(1.0)]),
    ],
)
def test_exponentials_without_the_shift_are_fine(
    working: Working, name: str, values: object
) -> None:
    mark = only_mark(working, line(name, values))
    assert mark.verdict == "right"
    assert "fine here" in mark.note


def test_a_whole_working_without_the_shift_is_right() -> None:
    lines = [line("E", np.exp(z)), line("S", np.exp(z).sum(), 2), line("q", q)]
    assert {mark.verdict for mark in mark_answers(SOFTMAX, lines).marks} == {"right"}


def verdicts(working: Working, *lines: str) -> list[str]:
    return [mark.verdict for mark in mark_answers(working, lines).marks]


def test_a_mistake_that_is_carried_on_rightly_is_counted_once() -> None:
    wrong = ["q = 0.9, 0.05, 0.05", "loss = 0.105", "gradient = -0.10, 0.05, 0.05"]
    assert verdicts(CROSS_ENTROPY, *wrong) == ["wrong", "follows", "follows"]
    assert not mark_answers(CROSS_ENTROPY, wrong).all_good


def test_a_mistake_on_top_of_a_carried_one_is_named() -> None:
    marks = mark_answers(CROSS_ENTROPY, ["q = 0.9, 0.05, 0.05", "loss = 0.0458"]).marks
    assert marks[1].verdict == "wrong"
    assert "log10" in marks[1].note


def test_full_precision_behind_a_rounded_line_is_carried_too() -> None:
    # The first line is rounded and wrong in its label, the third from the unrounded numbers.
    lines = ["q = 0.66, 0.24, 0.10", "target = 0, 1, 0", "gradient = 0.6590, -0.7576, 0.0986"]
    assert verdicts(CROSS_ENTROPY, *lines) == ["right", "wrong", "follows"]


def test_rounding_on_the_way_is_forgiven_where_it_does_little_harm() -> None:
    little = mark_answers(CROSS_ENTROPY, ["q = 0.66, 0.24, 0.10", "loss = 0.41552"]).marks[1]
    assert (little.verdict, little.good) == ("rounding", True)
    assert "go on with more digits" in little.note
    much = mark_answers(CROSS_ENTROPY, ["q = 0.7, 0.2, 0.1", "loss = 0.357"]).marks[1]
    assert (much.verdict, much.good) == ("follows", False)


def test_a_line_of_the_wrong_length_is_wrong_and_not_carried_on() -> None:
    marks = mark_answers(CROSS_ENTROPY, ["q = 0.659, 0.242", "loss = 0.417"]).marks
    assert (marks[0].verdict, marks[0].note) == ("wrong", "3 numbers expected, got 2")
    assert marks[1].verdict == "right"


def test_which_numbers_of_a_line_are_wrong_is_said() -> None:
    note = only_mark(CROSS_ENTROPY, "q = 0.659, 0.300, 0.500").note
    assert note == "look at numbers 2, 3 of the line"


def test_marks_come_in_the_order_of_the_calculation() -> None:
    marking = mark_answers(CROSS_ENTROPY, ["loss = 0.417", "", "# note", "q = 0.659 0.242 0.099"])
    assert [mark.name for mark in marking.marks] == ["probabilities", "loss"]
    assert "gradient" in marking.missing
    mapping = marking.as_mapping()
    assert mapping["topic"] == "cross-entropy"
    assert mapping["all_good"] is True


@pytest.mark.parametrize("text", ["loss = 1e9", "q = 0, 0, 0", "q = -1, 2, 1e300", "E = 0, 0, 0"])
def test_absurd_numbers_are_marked_without_a_warning(text: str) -> None:
    lines = [text, "terms = 1, 1, 1", "gradient = 0.1, 0.1, 0.1"]
    assert verdicts(CROSS_ENTROPY, *lines)[0] == "wrong"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "Answers must be lines such as `gradient = 0.25`, got none"),
        (["# nothing"], "got none; the lines of this working are maximum,"),
        (["0.417"], "Line 1: An answer must be `name = numbers`, got `0.417`; add the name"),
        (["los = 1"], "one of .* got `los`; did you mean `loss`"),
        (["xyz = 1"], "got `xyz`; choose one of them"),
        (["loss ="], "`loss` must have from 1 to 200 numbers, got 0"),
        (["loss = " + "1 " * 201], "got 201"),
        (["loss = a"], "written as 0.25, -1.5e-3 or 1/4, got `a`; use a point"),
        (["loss = 1/0"], "got `1/0`"),
        (["loss = nan"], "got `nan`"),
        (["loss = inf"], "got `inf`"),
        (["loss = 1e999999"], "got `1e999999`"),
        (["loss = 1", "loss = 2"], "Line 2: `loss` must be given once"),
        (["loss = a", "q = b"], "Line 1: .* Line 2: "),
    ],
)
def test_what_cannot_be_read_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        mark_answers(CROSS_ENTROPY, lines)
