from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    LOSSES,
    Gradient,
    backward,
    forward,
    objective_and_gradient,
)
from tests.reference import backpropagation as reference
from tests.reference import finite_differences
from tests.reference.torch_networks import TORCH_ACTIVATIONS

ROWS, FEATURES, CLASSES = 6, 4, 3
HIDDEN = [(), (5,), (5, 2), (3, 4, 5)]

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
every_loss = pytest.mark.parametrize("loss", LOSSES)
every_depth = pytest.mark.parametrize("hidden", HIDDEN, ids=str)


@dataclass(frozen=True)
class Problem:
    weights: list[np.ndarray]
    biases: list[np.ndarray]
    activations: list[str]
    loss: str
    x: np.ndarray
    targets: np.ndarray
    l2: float
    sample_weights: np.ndarray | None
    masks: list[np.ndarray] | None

    def solve(self) -> tuple[np.ndarray | np.float64, Gradient]:
        return objective_and_gradient(
            self.weights,
            self.biases,
            [ACTIVATIONS[name] for name in self.activations],
            LOSSES[self.loss],
            self.x,
            self.targets,
            self.l2,
            self.sample_weights,
            self.masks,
        )


def make_problem(
    hidden: tuple[int, ...],
    activation: str = "tanh",
    loss: str = "softmax_cross_entropy",
    seed: int = 0,
    plain: bool = False,
) -> Problem:
    """Draw a problem; plain: without penalty, sample weights and dropout."""
    generator = stream(seed, "backpropagation")
    widths = (FEATURES, *hidden, CLASSES)
    return Problem(
        # Logits small enough for the slow twins, which do not guard their exponentials.
        weights=[generator.normal(scale=0.5, size=shape) for shape in pairwise(widths)],
        biases=[generator.normal(size=width) for width in widths[1:]],
        activations=[activation] * len(hidden),
        loss=loss,
        x=generator.normal(size=(ROWS, FEATURES)),
        targets=generator.dirichlet(np.ones(CLASSES), size=ROWS),
        l2=0.0 if plain else 0.03,
        sample_weights=None if plain else generator.uniform(0.5, 2.0, size=ROWS),
        masks=None
        if plain
        else [(generator.random((ROWS, width)) < 0.6) / 0.6 for width in hidden],
    )


def assert_same_gradient(actual: Gradient, weights, biases, rtol: float, atol: float) -> None:
    for mine, theirs in zip((*actual.weights, *actual.biases), (*weights, *biases), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)


def objective(problem: Problem) -> float:
    return float(problem.solve()[0])


def gradient_by_differences(problem: Problem) -> tuple[list[np.ndarray], list[np.ndarray]]:
    def swapped(values: list[np.ndarray], layer: int, value: np.ndarray) -> list[np.ndarray]:
        return [*values[:layer], value, *values[layer + 1 :]]

    weights, biases = problem.weights, problem.biases
    return (
        [
            finite_differences.gradient(
                lambda w, at=layer: objective(replace(problem, weights=swapped(weights, at, w))),
                weights[layer],
            )
            for layer in range(len(weights))
        ],
        [
            finite_differences.gradient(
                lambda b, at=layer: objective(replace(problem, biases=swapped(biases, at, b))),
                biases[layer],
            )
            for layer in range(len(biases))
        ],
    )


@every_depth
@every_activation
class TestEveryNetwork:
    def test_gradient_is_the_limit_of_differences(
        self, activation: str, hidden: tuple[int, ...]
    ) -> None:
        problem = make_problem(hidden, activation)
        expected = gradient_by_differences(problem)
        assert_same_gradient(problem.solve()[1], *expected, rtol=1e-6, atol=1e-8)

    @every_loss
    def test_equals_its_slow_twin(
        self, activation: str, hidden: tuple[int, ...], loss: str
    ) -> None:
        problem = make_problem(hidden, activation, loss, seed=1)
        assert problem.sample_weights is not None
        assert problem.masks is not None
        expected_value, *expected = reference.objective_and_gradient(
            reference.Problem(
                weights=[weight.tolist() for weight in problem.weights],
                biases=[bias.tolist() for bias in problem.biases],
                activations=problem.activations,
                loss=loss,
                x=problem.x.tolist(),
                targets=problem.targets.tolist(),
                l2=problem.l2,
                sample_weights=problem.sample_weights.tolist(),
                masks=[mask.tolist() for mask in problem.masks],
            )
        )
        value, gradient = problem.solve()
        assert value == pytest.approx(expected_value, rel=1e-12)
        assert_same_gradient(gradient, *expected, rtol=1e-9, atol=1e-13)

    def test_equals_torch(self, activation: str, hidden: tuple[int, ...]) -> None:
        problem = make_problem(hidden, activation, seed=2, plain=True)
        weights = [torch.tensor(weight, requires_grad=True) for weight in problem.weights]
        biases = [torch.tensor(bias, requires_grad=True) for bias in problem.biases]
        a = torch.tensor(problem.x)
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            z = a @ weight + bias
            a = TORCH_ACTIVATIONS[activation](z) if layer < len(hidden) else z
        expected = torch.nn.functional.cross_entropy(a, torch.tensor(problem.targets))
        expected.backward()
        value, gradient = problem.solve()
        assert value == pytest.approx(expected.item(), rel=1e-12)
        assert_same_gradient(
            gradient, [w.grad for w in weights], [b.grad for b in biases], rtol=1e-10, atol=1e-14
        )


@every_loss
def test_gradient_of_every_loss_is_the_limit_of_differences(loss: str) -> None:
    problem = make_problem((4,), "sigmoid", loss, seed=3)
    expected = gradient_by_differences(problem)
    assert_same_gradient(problem.solve()[1], *expected, rtol=1e-6, atol=1e-8)


def test_layers_may_differ_in_activation() -> None:
    problem = replace(make_problem((3, 4, 5), seed=4), activations=["relu", "sigmoid", "tanh"])
    expected = gradient_by_differences(problem)
    assert_same_gradient(problem.solve()[1], *expected, rtol=1e-6, atol=1e-8)


def test_leading_axes_are_independent_networks() -> None:
    problems = [make_problem((5, 2), "relu", seed=seed) for seed in (5, 6)]
    assert all(p.sample_weights is not None and p.masks is not None for p in problems)
    stacked = replace(
        problems[0],
        weights=[np.stack(pair) for pair in zip(*(p.weights for p in problems), strict=True)],
        biases=[np.stack(pair) for pair in zip(*(p.biases for p in problems), strict=True)],
        x=np.stack([p.x for p in problems]),
        targets=np.stack([p.targets for p in problems]),
        sample_weights=np.stack(
            [p.sample_weights for p in problems if p.sample_weights is not None]
        ),
        masks=[np.stack(pair) for pair in zip(*(p.masks or [] for p in problems), strict=True)],
    )
    values, gradient = stacked.solve()
    for network, problem in enumerate(problems):
        expected_value, expected = problem.solve()
        assert np.asarray(values)[network] == pytest.approx(expected_value, rel=1e-14)
        one = Gradient(
            weights=tuple(weight[network] for weight in gradient.weights),
            biases=tuple(bias[network] for bias in gradient.biases),
        )
        assert_same_gradient(one, expected.weights, expected.biases, rtol=1e-12, atol=1e-15)


def test_two_units_in_a_chain_by_hand() -> None:
    # x = 1, w₁ = 2, z₁ = 2, a₁ = 2 (relu), w₂ = 3, z₂ = 6, y = 5, J = (6 − 5)² = 1
    # δ₂ = 2, δ₁ = 2·3·1 = 6; ∂J/∂w₂ = a₁ δ₂ = 4, ∂J/∂w₁ = x δ₁ = 6
    value, gradient = objective_and_gradient(
        [np.array([[2.0]]), np.array([[3.0]])],
        [np.array([0.0]), np.array([0.0])],
        [ACTIVATIONS["relu"]],
        LOSSES["squared_error"],
        np.array([[1.0]]),
        np.array([[5.0]]),
        0.0,
    )
    assert value == 1.0
    assert [weight.item() for weight in gradient.weights] == [6.0, 4.0]
    assert [bias.item() for bias in gradient.biases] == [6.0, 2.0]


def test_gradient_of_a_deep_sigmoid_network_vanishes_by_a_quarter_a_layer() -> None:
    # At z = 0 in every layer σ' = ¼, and weights of one multiply by 1.
    depth = 8
    weights = [np.array([[1.0]])] * depth
    biases = [np.array([0.0]), *[np.array([-0.5])] * (depth - 1)]
    activations = [ACTIVATIONS["sigmoid"]] * (depth - 1)
    passed = forward(weights, biases, activations, np.array([[0.0]]))
    gradient = backward(weights, activations, passed, np.array([[1.0]]), 0.0)
    assert gradient.biases[0].item() == pytest.approx(0.25 ** (depth - 1), rel=1e-12)


def test_biases_are_not_penalized() -> None:
    plain = make_problem((5,), plain=True)
    penalized = replace(plain, l2=0.7)
    squares = sum((weight**2).sum() for weight in plain.weights)
    assert objective(penalized) - objective(plain) == pytest.approx(0.7 * squares)
    for mine, theirs in zip(penalized.solve()[1].biases, plain.solve()[1].biases, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_sample_weight_of_two_is_a_row_twice() -> None:
    problem = make_problem((5,), plain=True)
    weighted = replace(problem, sample_weights=np.array([2.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
    repeated = replace(
        problem,
        x=np.concatenate([problem.x[:1], problem.x]),
        targets=np.concatenate([problem.targets[:1], problem.targets]),
    )
    assert objective(weighted) == pytest.approx(objective(repeated), rel=1e-14)
    expected = repeated.solve()[1]
    assert_same_gradient(
        weighted.solve()[1], expected.weights, expected.biases, rtol=1e-12, atol=1e-15
    )


def test_a_dropped_unit_is_a_unit_that_is_not_there() -> None:
    problem = make_problem((5,), plain=True)
    mask = np.ones((ROWS, 5))
    mask[:, 2] = 0.0
    dropped = replace(problem, masks=[mask])
    thinned = replace(
        problem,
        weights=[
            np.delete(problem.weights[0], 2, axis=1),
            np.delete(problem.weights[1], 2, axis=0),
        ],
        biases=[np.delete(problem.biases[0], 2), problem.biases[1]],
    )
    assert objective(dropped) == pytest.approx(objective(thinned), rel=1e-14)
    gradient = dropped.solve()[1]
    assert not gradient.weights[0][:, 2].any()
    assert not gradient.weights[1][2].any()


def test_identity_layers_are_one_linear_model() -> None:
    problem = make_problem((5, 2), "identity", plain=True)
    (w1, w2, w3), (b1, b2, b3) = problem.weights, problem.biases
    deep = forward(problem.weights, problem.biases, [ACTIVATIONS["identity"]] * 2, problem.x)
    flat = forward([w1 @ w2 @ w3], [(b1 @ w2 + b2) @ w3 + b3], [], problem.x)
    np.testing.assert_allclose(deep.logits, flat.logits, rtol=1e-12)


def test_an_activation_for_the_last_layer_is_refused() -> None:
    problem = make_problem((5,), plain=True)
    with pytest.raises(RecipeError, match=r"each hidden layer = 1, got 2; leave out the last"):
        forward(problem.weights, problem.biases, [ACTIVATIONS["relu"]] * 2, problem.x)
