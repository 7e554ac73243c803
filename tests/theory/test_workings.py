import doctest
import importlib
import math
import pkgutil
from itertools import pairwise

import numpy as np
import pytest

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    LOSSES,
    Working,
    backpropagation_working,
    binary_cross_entropy_working,
    cross_entropy,
    cross_entropy_working,
    entropy,
    kl_divergence,
    kl_working,
    one_hot_working,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_gradient,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    softmax_working,
    workings,
)
from levelset.theory.workings import small_network
from levelset.theory.workings.notation import Fraction, Name, Number, Sign, joined, write
from levelset.theory.workings.small_network import EXAMPLE
from tests.reference import backpropagation as reference
from tests.reference import finite_differences
from tests.reference import losses as reference_losses
from tests.reference.encoding import softmax as reference_softmax

MODULES = [module.name for module in pkgutil.iter_modules(workings.__path__)]
LOGITS, TRUTH = [2.0, 1.0, 0.1], [0.7, 0.2, 0.1]


def network(hidden=(3,), activation="tanh", loss="softmax_cross_entropy", **changes):
    generator = stream(0, "workings", "network")
    sizes = (2, *hidden, 3)
    weights = [
        generator.normal(size=(below, above)).round(2).tolist() for below, above in pairwise(sizes)
    ]
    biases = [generator.normal(size=above).round(2).tolist() for above in sizes[1:]]
    return {
        "x": [0.5, -1.5],
        "weights": weights,
        "biases": biases,
        "activation": activation,
        "loss": loss,
        "label": 2,
        **changes,
    }


WORKINGS = {
    "softmax": softmax_working(LOGITS),
    "tempered": softmax_working(LOGITS, temperature=2.0),
    "one-hot": one_hot_working(1, 4),
    "one-hot of two": one_hot_working(0, 2),
    "cross-entropy": cross_entropy_working(LOGITS, 0),
    "soft targets": cross_entropy_working(LOGITS, TRUTH),
    "smoothed": cross_entropy_working(LOGITS, 1, smoothing=0.1),
    "binary": binary_cross_entropy_working([2.0, -1.0, 0.0], [1.0, 0.0, 0.3]),
    "kl": kl_working(TRUTH, logits=LOGITS),
    "kl of a label": kl_working(2, logits=LOGITS),
    "kl of a prediction": kl_working(TRUTH, prediction=[0.6, 0.3, 0.1]),
    "backpropagation": backpropagation_working(),
    "deep": backpropagation_working(network((3, 2), ["relu", "gelu"])),
    "linear": backpropagation_working(network((), "tanh")),
    "sigmoid loss": backpropagation_working(network(loss="sigmoid_cross_entropy")),
    "squared error": backpropagation_working(network(loss="squared_error")),
}
every_working = pytest.mark.parametrize("working", WORKINGS.values(), ids=WORKINGS)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module(name: str) -> None:
    module = importlib.import_module(f"levelset.theory.workings.{name}")
    assert doctest.testmod(module).failed == 0


@every_working
class TestEveryWorking:
    def test_each_step_follows_from_those_before_it(self, working: Working) -> None:
        values = dict(working.inputs)
        for step in working.steps:
            again = np.asarray(step.rule(values))
            np.testing.assert_allclose(again, step.value, rtol=1e-11, atol=1e-14)
            assert again.shape == step.value.shape
            values[step.name] = step.value

    def test_names_are_unique_and_every_step_has_a_title(self, working: Working) -> None:
        names = [*working.inputs, *(step.name for step in working.steps)]
        assert len(names) == len(set(names))
        assert all(step.title and step.formula.parts for step in working.steps)
        assert list(working.values) == names

    def test_every_number_is_finite_and_not_minus_zero(self, working: Working) -> None:
        for step in working.steps:
            assert step.value.dtype == np.float64
            assert np.isfinite(step.value).all()

    def test_prose_is_plain_where_it_is_not_notation(self, working: Working) -> None:
        texts = [working.title, working.conclusion]
        texts += [text for step in working.steps for text in (step.title, step.note, step.section)]
        for text in texts:
            assert text.count("`") % 2 == 0
            assert "".join(text.split("`")[::2]).isascii()


def value(working: Working, name: str) -> np.ndarray:
    return working.step(name).value


def test_softmax_by_a_hand_that_has_a_table_of_exponentials() -> None:
    working = softmax_working(LOGITS)
    assert value(working, "maximum") == 2.0
    np.testing.assert_allclose(value(working, "shifted"), [0.0, -1.0, -1.9])
    np.testing.assert_allclose(value(working, "exponentials"), [1, 0.367879, 0.149569], atol=5e-7)
    assert value(working, "sum") == pytest.approx(1.517448, abs=5e-7)
    np.testing.assert_allclose(
        value(working, "probabilities"), [0.659001, 0.242433, 0.098566], atol=5e-7
    )
    np.testing.assert_array_equal(value(working, "probabilities"), softmax(np.array(LOGITS)))


def test_a_temperature_divides_the_logits_first() -> None:
    working = softmax_working([4.0, 0.0], temperature=4.0)
    np.testing.assert_array_equal(value(working, "scaled"), [1.0, 0.0])
    assert value(working, "probabilities")[0] == pytest.approx(math.e / (math.e + 1.0))
    names = [step.name for step in softmax_working(LOGITS).steps]
    assert "scaled" not in names


def test_one_hot_rows_are_equally_far_and_numbers_are_not() -> None:
    working = one_hot_working(2, 3)
    np.testing.assert_array_equal(value(working, "target"), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(
        value(working, "distances"), [[0.0, 2.0, 2.0], [2.0, 0.0, 2.0], [2.0, 2.0, 0.0]]
    )
    np.testing.assert_array_equal(
        value(working, "ordinal_distances"), [[0.0, 1.0, 4.0], [1.0, 0.0, 1.0], [4.0, 1.0, 0.0]]
    )
    assert value(working, "ordinal_mean") == 1.0
    np.testing.assert_array_equal(value(working, "one_hot_mean"), [0.5, 0.0, 0.5])
    assert [step.name for step in one_hot_working(0, 2).steps][-1] == "ordinal_distances"


def test_cross_entropy_by_hand() -> None:
    working = cross_entropy_working(LOGITS, 0)
    np.testing.assert_allclose(
        value(working, "log_probabilities"), [-0.417030, -1.417030, -2.317030], atol=5e-7
    )
    assert value(working, "loss") == pytest.approx(0.417030, abs=5e-7)
    np.testing.assert_allclose(
        value(working, "gradient"), [-0.340999, 0.242433, 0.098566], atol=5e-7
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("target", [1, TRUTH], ids=["label", "distribution"])
def test_cross_entropy_is_that_of_theory(target: int | list[float], smoothing: float) -> None:
    working = cross_entropy_working(LOGITS, target, smoothing)
    p = np.eye(3)[target] if isinstance(target, int) else np.array(target)
    p = smooth_labels(p, smoothing)
    z = np.array(LOGITS)
    assert value(working, "loss") == softmax_cross_entropy(z, p)
    np.testing.assert_array_equal(value(working, "gradient"), softmax_cross_entropy_gradient(z, p))
    assert value(working, "loss") == pytest.approx(
        reference_losses.softmax_cross_entropy(LOGITS, p.tolist())
    )


def test_binary_cross_entropy_by_hand_and_of_theory() -> None:
    working = binary_cross_entropy_working([2.0, -1.0], [1.0, 0.0])
    # σ(2) = 0.880797, σ(−1) = 0.268941; −ln 0.880797 − ln 0.731059
    np.testing.assert_allclose(value(working, "probabilities"), [0.880797, 0.268941], atol=5e-7)
    assert value(working, "loss") == pytest.approx(0.126928 + 0.313262, abs=1e-6)
    z, y = np.array([2.0, -1.0]), np.array([1.0, 0.0])
    assert value(working, "loss") == sigmoid_cross_entropy(z, y)
    np.testing.assert_array_equal(value(working, "gradient"), sigmoid_cross_entropy_gradient(z, y))


def test_entropies_and_divergence_add_up_and_are_those_of_theory() -> None:
    working = kl_working(TRUTH, logits=LOGITS)
    p, q = np.array(TRUTH), softmax(np.array(LOGITS))
    # −(0.7 ln 0.7 + 0.2 ln 0.2 + 0.1 ln 0.1)
    assert value(working, "entropy") == pytest.approx(0.801819, abs=5e-7)
    assert value(working, "entropy") == entropy(p)
    assert value(working, "cross_entropy") == pytest.approx(cross_entropy(p, q), rel=1e-14)
    assert value(working, "divergence") == pytest.approx(kl_divergence(p, q), rel=1e-12)
    assert value(working, "difference") == pytest.approx(value(working, "divergence"), rel=1e-12)
    assert value(working, "divergence") == pytest.approx(
        reference_losses.divergence(TRUTH, reference_softmax(LOGITS))
    )


def test_the_gradients_of_cross_entropy_and_divergence_are_equal() -> None:
    working = kl_working(TRUTH, logits=LOGITS)
    np.testing.assert_allclose(
        value(working, "divergence_gradient"), value(working, "cross_entropy_gradient"), atol=1e-15
    )
    differences = finite_differences.gradient(
        lambda z: float(kl_divergence(np.array(TRUTH), softmax(z))), np.array(LOGITS)
    )
    np.testing.assert_allclose(value(working, "divergence_gradient"), differences, atol=1e-8)


def test_a_prediction_may_be_given_in_place_of_logits() -> None:
    working = kl_working([0.5, 0.5], prediction=[0.25, 0.75])
    # ½ ln 2 + ½ ln ⅔
    assert value(working, "divergence") == pytest.approx(
        0.5 * math.log(2.0) + 0.5 * math.log(2 / 3)
    )
    np.testing.assert_allclose(value(working, "cross_entropy_gradient"), [-0.25, 0.25])
    assert "maximum" not in working.values


def test_a_prediction_that_is_the_truth_has_a_divergence_and_gradients_of_0() -> None:
    working = kl_working(TRUTH, prediction=TRUTH)
    for name in ("divergence", "difference", "cross_entropy_gradient", "divergence_gradient"):
        np.testing.assert_array_equal(value(working, name), np.zeros_like(value(working, name)))


def test_large_logits_stay_exact() -> None:
    logits = [1e4, -1e4, 0.0]
    working = cross_entropy_working(logits, 1)
    assert value(working, "loss") == 2e4
    np.testing.assert_array_equal(value(working, "gradient"), [1.0, -1.0, 0.0])
    assert value(kl_working(1, logits=logits), "divergence") == 2e4
    assert value(binary_cross_entropy_working([1e4, -1e4], [0.0, 0.0]), "loss") == 1e4


def test_backpropagation_by_hand() -> None:
    working = backpropagation_working()
    # z₁ = (1 − 1, −1 + 2), a₁ = (½, σ(1)), z₂ = (1 + σ(1), −1 + 3σ(1)); the label is 1.
    a = 1.0 / (1.0 + math.exp(-1.0))
    z = (1.0 + a, 3.0 * a - 1.0)
    q = math.exp(z[0]) / (math.exp(z[0]) + math.exp(z[1]))
    np.testing.assert_array_equal(value(working, "z1"), [0.0, 1.0])
    np.testing.assert_allclose(value(working, "a1"), [0.5, a])
    np.testing.assert_allclose(value(working, "z2"), z)
    assert value(working, "loss") == pytest.approx(-math.log(1.0 - q))
    np.testing.assert_allclose(value(working, "delta2"), [q, -q])
    np.testing.assert_allclose(value(working, "u1"), [4.0 * q, -2.0 * q])
    np.testing.assert_allclose(value(working, "slope1"), [0.25, a * (1.0 - a)])
    np.testing.assert_allclose(value(working, "delta1"), [q, -2.0 * q * a * (1.0 - a)])
    np.testing.assert_allclose(value(working, "dW1")[:, 0], [q, 0.5 * q])
    np.testing.assert_allclose(value(working, "W1_after")[:, 0], [1.0 - 0.5 * q, -2.0 - 0.25 * q])
    assert value(working, "loss_after") < value(working, "loss")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [(), (3,), (4, 2)], ids=str)
def test_gradients_are_those_of_the_slow_twin(loss: str, hidden: tuple[int, ...]) -> None:
    description = network(hidden, "tanh", loss)
    working = backpropagation_working(description)
    problem = reference.Problem(
        weights=description["weights"],
        biases=description["biases"],
        activations=["tanh"] * len(hidden),
        loss=loss,
        x=[description["x"]],
        targets=[[0.0, 0.0, 1.0]],
        l2=0.0,
        sample_weights=[1.0],
        masks=[[[1.0] * width] for width in hidden],
    )
    objective, weights, biases = reference.objective_and_gradient(problem)
    assert value(working, "loss") == pytest.approx(objective)
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        np.testing.assert_allclose(value(working, f"dW{layer}"), weight, rtol=1e-10)
        np.testing.assert_allclose(value(working, f"db{layer}"), bias, rtol=1e-10)
        moved = np.array(description["weights"][layer - 1]) - 0.1 * np.array(weight)
        np.testing.assert_allclose(value(working, f"W{layer}_after"), moved)


def test_a_step_that_is_too_long_is_said_to_be() -> None:
    far = backpropagation_working(network(loss="squared_error", learning_rate=100.0))
    assert "did not fall" in far.step("loss_after").note
    assert "The loss fell" in backpropagation_working().step("loss_after").note


def test_a_large_matrix_is_shown_whole() -> None:
    wide = backpropagation_working(network((8,)))
    assert value(wide, "dW2").shape == (8, 3)
    assert wide.step("dW2").lines == ()
    assert len(wide.step("z2").lines) == 3


def test_a_description_without_biases_or_activation_has_defaults() -> None:
    given = network()
    read = small_network({name: given[name] for name in ("x", "weights", "label")})
    assert read.activations == ("sigmoid",)
    assert read.loss == "softmax_cross_entropy"
    assert all(not bias.any() for bias in read.biases)


def test_a_formula_is_read_from_its_pieces() -> None:
    assert write("z_k^(1) −", 2.0).parts == (Name("z", "k", "(1)"), Sign("−"), Number(2.0))
    assert write(Fraction(write("1"), write("2"))).parts[0].top.parts == (Number(1.0),)
    assert joined("+", [1.0, write("a")]).parts == (Number(1.0), Sign("+"), Name("a"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: softmax_working([1.0]), "`logits` must hold from 2 to 30 numbers"),
        (lambda: softmax_working([1.0] * 31), "got 31; give the last layer's outputs"),
        (lambda: softmax_working([1.0, math.nan]), "numbers from -1e6 to 1e6, got nan"),
        (lambda: softmax_working([1.0, 1e7]), "got 1e.07; correct or scale it"),
        (lambda: softmax_working([1.0, 2.0], 0.0), "`temperature` must lie from 0.001 to 1000"),
        (lambda: one_hot_working(0, 1), "`classes` must lie from 2 to 30, got 1"),
        (lambda: one_hot_working(3, 3), "`label` must lie from 0 to classes - 1 = 2, got 3"),
        (lambda: cross_entropy_working(LOGITS, -1), "got -1; the first class is number 0"),
        (lambda: cross_entropy_working(LOGITS, [0.5, 0.5]), "each of the 3 classes, got 2"),
        (lambda: cross_entropy_working(LOGITS, [0.5, 0.5, 0.5]), "must sum to 1, got the sum 1.5"),
        (lambda: cross_entropy_working(LOGITS, [1.5, -0.5, 0.0]), "from 0 to 1, got 1.5"),
        (lambda: cross_entropy_working(LOGITS, 0, 1.0), "`smoothing` must be >= 0 and < 1, got 1"),
        (lambda: cross_entropy_working(LOGITS, 7, -1.0), "got 7; .* `smoothing` must be"),
        (lambda: binary_cross_entropy_working([], []), "from 1 to 30 numbers"),
        (lambda: binary_cross_entropy_working([1.0], [1.0, 0.0]), "each of the 1 logits, got 2"),
        (lambda: binary_cross_entropy_working([1.0], [2.0]), "from 0 to 1, got 2; 1 is yes"),
        (lambda: kl_working(TRUTH), "One of `logits` and `prediction` must be given, got none"),
        (lambda: kl_working(TRUTH, logits=LOGITS, prediction=TRUTH), "must be given, got both"),
        (lambda: kl_working(0, prediction=[1.0, 0.0]), "probabilities above 0, got 0"),
        (lambda: kl_working(0, prediction=[0.5, 0.6]), "`prediction` must sum to 1"),
        (lambda: kl_working(0, prediction=[1.0]), "`prediction` must hold from 2 to 30"),
    ],
)
def test_what_cannot_be_worked_is_refused(make, message: str) -> None:
    with pytest.raises(DataError, match=message):
        make()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"wieghts": []}, "got `wieghts`; did you mean `weights`"),
        ({"target": [0.0, 0.0, 1.0]}, "one of the two, got both"),
        ({"weights": [[[1.0, 2.0], [3.0]]]}, "rows of equal length"),
        ({"weights": 3.0}, "a list of rows of numbers for each layer"),
        ({"weights": [[["a"]]]}, "a list of rows of numbers for each layer"),
        ({"weights": [[[1.0]] * 9]}, "at most 8 units, got 1 layers and 9 units"),
        ({"weights": [[[1.0]]] * 6}, "at most 5 layers"),
        ({"weights": [[[1e9, 1.0], [1.0, 1.0]]]}, "from -1e6 to 1e6, got 1e.09"),
        ({"x": [1.0]}, "each row of the first weights = 2, got 1"),
        ({"x": "ab"}, "`x` must hold a list of numbers"),
        ({"biases": [[0.0], [0.0]]}, "one number a unit, .3, 3. by layer, got .1, 1."),
        ({"activation": "rleu"}, "`activation` must be one of .* got 'rleu'"),
        ({"activation": ["relu", "relu"]}, "each of the 1 hidden layers, got 2"),
        ({"loss": "mse"}, "`loss` must be one of .* got 'mse'"),
        ({"label": 3}, "`label` must lie from 0"),
        ({"label": "a"}, "`label` must be a whole number, got 'a'"),
        ({"learning_rate": "fast"}, "`learning_rate` must be a number"),
        ({"learning_rate": 0}, "`learning_rate` must be above 0"),
        ({"label": None, "target": [1.0]}, "one number for each output = 3, got 1"),
        ({"label": None, "target": [2.0, 0.0, 0.0]}, "probabilities from 0 to 1"),
        ({"label": None, "target": [1.0, 1.0, 0.0]}, "must sum to 1 for softmax_cross_entropy"),
    ],
)
def test_a_description_that_cannot_be_read_is_refused(changes, message: str) -> None:
    description = {
        name: each for name, each in {**network(), **changes}.items() if each is not None
    }
    with pytest.raises(DataError, match=message):
        small_network(description)


def test_what_is_missing_is_named_at_once() -> None:
    with pytest.raises(DataError, match=r"needs `x`.* needs `weights`.*`label` or `target`.*none"):
        small_network({})
    with pytest.raises(DataError, match=r"as many rows of weights as layer 1 has columns = 2"):
        small_network({**EXAMPLE, "weights": [[[1.0, 1.0]] * 2, [[1.0, 1.0]]]})
