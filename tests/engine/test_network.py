import numpy as np
import pytest

from levelset.engine import Network, Recipe
from levelset.errors import DataError, RecipeError
from levelset.theory import softmax
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import (
    gradient_by_theory,
    gradient_error,
    logits_by_theory,
    make_network,
)
from tests.reference.tables import make_table

both_types = pytest.mark.parametrize("dtype", ["float32", "float64"])


def linear(weights: list, biases: list, dtype: str = "float64", **rest: str) -> Network:
    """Multinomial logistic regression with given numbers."""
    return Network(
        Recipe(hidden=()), (np.array(weights, dtype),), (np.array(biases, dtype),), **rest
    )


@every_instruction_set
class TestPredictions:
    @both_types
    @pytest.mark.parametrize("classes", [2, 3, 7, 16, 17, 26, 40])
    def test_equal_theory(self, classes: int, dtype: str, instruction_set: str) -> None:
        network = make_network(Recipe(hidden=(20,)), 6, classes, instruction_set, dtype)
        x, _ = make_table(50, 6, classes, dtype)
        expected = softmax(logits_by_theory(network, x))
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        np.testing.assert_allclose(network.predict_proba(x), expected, rtol=tolerance, atol=1e-30)
        assert network.predict(x).tolist() == expected.argmax(axis=1).tolist()

    @pytest.mark.parametrize("rows", [1, 2, 127, 128, 129, 500])
    def test_a_row_does_not_depend_on_its_company(self, rows: int, instruction_set: str) -> None:
        network = make_network(Recipe(hidden=(20,)), 6, 3, instruction_set, "float32")
        x, _ = make_table(rows, 6, 3, "float32")
        alone = [network.predict_proba(row[np.newaxis]) for row in x]
        assert network.predict_proba(x).tobytes() == np.concatenate(alone).tobytes()

    @both_types
    @pytest.mark.parametrize("classes", [2, 3, 17, 40])
    def test_rows_sum_to_one(self, classes: int, dtype: str, instruction_set: str) -> None:
        network = make_network(Recipe(hidden=(30, 30)), 6, classes, instruction_set, dtype)
        x, _ = make_table(200, 6, classes, dtype)
        total = network.predict_proba(100 * x).sum(axis=1)
        np.testing.assert_allclose(total, 1, rtol=20 * np.finfo(dtype).eps)


@every_instruction_set
@both_types
@pytest.mark.parametrize("classes", range(2, 41))
def test_logits_up_to_ten_thousand(classes: int, dtype: str, instruction_set: str) -> None:
    # Row k has the logit 1e4 at class k and -1e4 elsewhere; the labels are right, then wrong.
    network = linear(
        2e4 * np.eye(classes), -1e4 * np.ones(classes), dtype, instruction_set=instruction_set
    )
    x, right = np.eye(classes, dtype=dtype), np.arange(classes)
    np.testing.assert_allclose(network.predict_proba(x), np.eye(classes), atol=1e-30)
    value, weights, _ = network.objective_and_gradient(x, right)
    assert value == 0
    assert np.abs(weights[0]).max() < 1e-30
    for labels in (np.roll(right, 1), np.roll(right, -1)):
        value, weights, biases = network.objective_and_gradient(x, labels)
        assert value == pytest.approx(2e4, rel=1e-6)
        assert np.isfinite(weights[0]).all()
        expected = (np.eye(classes) - np.eye(classes)[labels]) / classes
        np.testing.assert_allclose(weights[0], expected, atol=1e-6)
        np.testing.assert_allclose(biases[0], 0, atol=1e-6)


@every_instruction_set
def test_all_logits_alike(instruction_set: str) -> None:
    for logit in (0.0, 1e4, -1e4):
        network = linear(
            np.zeros((1, 5)), np.full(5, logit), "float32", instruction_set=instruction_set
        )
        given = network.predict_proba(np.ones((3, 1)))
        np.testing.assert_allclose(given, 0.2, rtol=1e-6)


class TestObjectiveAndGradient:
    def test_penalty_is_in_both(self) -> None:
        x, y = make_table(20, 4, 3)
        free = make_network(Recipe(hidden=(5,)), 4, 3, "")
        penalized = make_network(Recipe(hidden=(5,), l2=0.5), 4, 3, "")
        squares = sum((weight**2).sum() for weight in free.weights)
        free_value, free_weights, free_biases = free.objective_and_gradient(x, y)
        value, weights, biases = penalized.objective_and_gradient(x, y)
        assert value - free_value == pytest.approx(0.5 * squares)
        for layer, weight in enumerate(free.weights):
            np.testing.assert_allclose(weights[layer] - free_weights[layer], weight, rtol=1e-9)
            np.testing.assert_array_equal(biases[layer], free_biases[layer])

    @pytest.mark.parametrize("dropout", [0.2, 0.9])
    def test_dropout_is_off(self, dropout: float) -> None:
        network = make_network(Recipe(hidden=(5, 5), dropout=dropout), 4, 3, "")
        assert gradient_error(network, *make_table(20, 4, 3)) < 1e-12

    def test_batch_size_is_that_of_the_rows(self) -> None:
        network = make_network(Recipe(hidden=(5,), batch_size=1), 4, 3, "")
        assert gradient_error(network, *make_table(300, 4, 3)) < 1e-12

    def test_shapes(self) -> None:
        network = make_network(Recipe(hidden=(5, 2)), 4, 3, "")
        x, y = make_table(20, 4, 3)
        _, weights, biases = network.objective_and_gradient(x, y)
        _, expected = gradient_by_theory(network, x, y)
        assert [w.shape for w in weights] == [w.shape for w in expected.weights]
        assert [b.shape for b in biases] == [b.shape for b in expected.biases]


class TestErrors:
    NETWORK = linear([[1.0, 2.0, 3.0]] * 4, [0.0, 0.0, 0.0])

    def test_other_number_of_features(self) -> None:
        with pytest.raises(DataError, match=r"`X` must have shape \(n, 4\), .* got \(2, 5\)"):
            self.NETWORK.predict_proba(np.zeros((2, 5)))

    def test_unknown_class(self) -> None:
        with pytest.raises(DataError, match=r"class numbers 0 \.\. 2, got values from 0 to 3"):
            self.NETWORK.objective_and_gradient(np.zeros((2, 4)), [0, 3])

    def test_no_layers(self) -> None:
        with pytest.raises(RecipeError, match="one array each for every layer, got 0 and 0"):
            Network(Recipe(hidden=()), (), ())

    def test_a_bias_is_missing(self) -> None:
        with pytest.raises(RecipeError, match="one array each for every layer, got 1 and 0"):
            Network(Recipe(hidden=()), (np.zeros((2, 2)),), ())

    def test_types_differ(self) -> None:
        with pytest.raises(
            RecipeError, match=r"all be float32 or all float64, got \['float32', 'f"
        ):
            Network(Recipe(hidden=()), (np.zeros((2, 2), "f4"),), (np.zeros(2),))

    def test_half_precision(self) -> None:
        with pytest.raises(RecipeError, match=r"all be float32 or all float64, got \['float16'\]"):
            Network(Recipe(hidden=()), (np.zeros((2, 2), "f2"),), (np.zeros(2, "f2"),))

    @pytest.mark.parametrize(
        "shapes",
        [
            [(4, 9), (7, 3), (9,), (3,)],  # do not follow one another
            [(4, 8), (8, 3), (8,), (3,)],  # not the recipe's width
            [(4, 9), (9, 3), (9,), (2,)],  # a bias too short
            [(4, 3), (3,)],  # a layer too few
        ],
    )
    def test_shapes_do_not_fit_the_recipe(self, shapes: list[tuple[int, ...]]) -> None:
        arrays = [np.zeros(shape) for shape in shapes]
        half = len(arrays) // 2
        with pytest.raises(RecipeError, match=r"must have the shapes .* for hidden layers \(9,\)"):
            Network(Recipe(hidden=(9,)), tuple(arrays[:half]), tuple(arrays[half:]))
