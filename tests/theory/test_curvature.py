"""Products with the second derivative, against differences of gradients and against PyTorch."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    NetworkHessian,
    Parameters,
    network_hessian,
    network_objective_and_gradient,
)
from tests.reference.torch_networks import network_outputs
from tests.theory.test_propagation import (
    HEADS,
    HIDDEN,
    Problem,
    every_activation,
    every_depth,
    every_normalization,
    make_problem,
    with_and_without_residual,
    with_running,
)


def hessian_of(problem: Problem) -> NetworkHessian:
    return network_hessian(
        problem.architecture,
        problem.parameters,
        problem.batch,
        problem.l2,
        problem.masks,
        problem.running,
    )


def draw_direction(problem: Problem, *leading: int) -> Parameters:
    size = problem.parameters.vector.size
    vector = stream(1, "direction").normal(size=(*leading, size))
    return problem.parameters.with_vector(vector)


def gradient_at(problem: Problem, vector: np.ndarray) -> np.ndarray:
    moved = replace(problem, parameters=problem.parameters.with_vector(vector))
    return moved.solve()[1].vector


def difference(problem: Problem, direction: Parameters, step: float = 2e-6) -> np.ndarray:
    """(∇J(θ + h v) − ∇J(θ − h v)) / 2h."""
    at, along = problem.parameters.vector, direction.vector
    above, below = (gradient_at(problem, at + sign * step * along) for sign in (1, -1))
    return (above - below) / (2 * step)


def assert_close(given: np.ndarray, expected: np.ndarray, share: float) -> None:
    np.testing.assert_allclose(given, expected, rtol=0, atol=share * np.abs(expected).max())


@every_activation
@every_normalization
@with_and_without_residual
def test_product_is_the_limit_of_differences_of_gradients(
    activation: str, normalization: str | None, residual: bool
) -> None:
    problem = make_problem(activation=activation, normalization=normalization, residual=residual)
    direction = draw_direction(problem)
    given = hessian_of(problem).product(direction).vector
    assert_close(given, difference(problem, direction), share=1e-6)


@every_depth
@every_normalization
def test_any_depth(hidden: tuple[int, ...], normalization: str | None) -> None:
    problem = make_problem(hidden, "gelu", normalization)
    direction = draw_direction(problem)
    given = hessian_of(problem).product(direction).vector
    assert_close(given, difference(problem, direction), share=1e-6)


def torch_product(problem: Problem, direction: Parameters) -> np.ndarray:
    arrays = tuple(torch.tensor(array) for array in problem.parameters.arrays)
    along = tuple(torch.tensor(array) for array in direction.arrays)
    _, product = torch.autograd.functional.hvp(torch_objective(problem), arrays, along)
    return np.concatenate([array.numpy().ravel() for array in product])


def torch_objective(problem: Problem) -> Callable[..., torch.Tensor]:
    """J without sample weights, missing targets and dropout, by PyTorch's own losses."""
    functional = torch.nn.functional
    targets = torch.tensor(problem.batch.targets)
    names = [head.name for head in HEADS]

    def objective(*arrays: torch.Tensor) -> torch.Tensor:
        x, running = problem.batch.x, problem.running
        outputs = network_outputs(problem.architecture, arrays, x, running)
        given = dict(zip(names, outputs.split([head.width for head in HEADS], dim=1), strict=True))
        true = dict(zip(names, targets.split([head.width for head in HEADS], dim=1), strict=True))
        binary = functional.binary_cross_entropy_with_logits
        losses = (
            functional.cross_entropy(given["species"], true["species"]),
            binary(given["colors"], true["colors"], reduction="none").sum(1).mean(),
            functional.mse_loss(given["mass"], true["mass"]),
        )
        loss = torch.stack([h.weight * one for h, one in zip(HEADS, losses, strict=True)]).sum()
        layers = len(problem.parameters.weights)
        return loss + problem.l2 * torch.stack([(w**2).sum() for w in arrays[:layers]]).sum()

    return objective


@every_activation
@every_normalization
@with_and_without_residual
def test_product_equals_torch(activation: str, normalization: str | None, residual: bool) -> None:
    problem = make_problem(
        activation=activation, normalization=normalization, residual=residual, plain=True
    )
    problem = replace(problem, l2=0.03)
    direction = draw_direction(problem)
    given = hessian_of(problem).product(direction).vector
    assert_close(given, torch_product(problem, direction), share=1e-11)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_product_with_running_statistics_equals_torch_and_differences(activation: str) -> None:
    problem = with_running(make_problem(activation=activation, plain=True))
    direction = draw_direction(problem)
    given = hessian_of(problem).product(direction).vector
    assert_close(given, torch_product(problem, direction), share=1e-11)
    assert_close(given, difference(problem, direction), share=1e-6)


@every_normalization
def test_several_directions_at_once_are_one_after_another(normalization: str | None) -> None:
    problem = make_problem(normalization=normalization)
    hessian, directions = hessian_of(problem), draw_direction(problem, 2, 3)
    together = hessian.product(directions).vector
    for index in np.ndindex(2, 3):
        alone = hessian.product(problem.parameters.with_vector(directions.vector[index])).vector
        assert_close(together[index], alone, share=1e-13)


@every_normalization
def test_the_hessian_is_symmetric(normalization: str | None) -> None:
    problem = make_problem(normalization=normalization)
    identity = problem.parameters.with_vector(np.eye(problem.parameters.vector.size))
    matrix = hessian_of(problem).product(identity).vector
    assert_close(matrix, matrix.T, share=1e-13)


def test_a_bias_that_normalization_removes_has_no_curvature() -> None:
    problem = make_problem(normalization="batch")
    product = hessian_of(problem).product(draw_direction(problem))
    assert all((bias == 0).all() for bias in product.biases[:-1])
    assert (product.biases[-1] != 0).any()


def test_curvature_of_relu_is_that_of_its_piece() -> None:
    # On one linear piece J depends on W₁ through z = W₂ᵀ a alone, so H is a Gauss-Newton matrix.
    problem = make_problem((5,), "relu", None, residual=False)
    identity = problem.parameters.with_vector(np.eye(problem.parameters.vector.size))
    weights = problem.parameters.weights[0].size
    matrix = hessian_of(replace(problem, l2=0.0)).product(identity).vector[:weights, :weights]
    assert np.linalg.eigvalsh(matrix).min() > -1e-12


def test_parameters_of_another_architecture_are_refused() -> None:
    problem = make_problem(HIDDEN[1])
    strange = replace(problem.architecture, activations=(ACTIVATIONS["relu"],) * 2)
    with pytest.raises(RecipeError, match="must have 1 activations"):
        network_hessian(strange, problem.parameters, problem.batch, 0.0)


def test_value_and_gradient_are_those_of_the_objective() -> None:
    # The gradient along v changes by H v: two ways around the same square.
    problem = make_problem(activation="softplus")
    direction = draw_direction(problem)
    hessian, step = hessian_of(problem), 1e-4
    along = direction.vector
    quadratic = along @ hessian.product(direction).vector
    values = [
        float(
            network_objective_and_gradient(
                problem.architecture,
                problem.parameters.with_vector(problem.parameters.vector + k * step * along),
                problem.batch,
                problem.l2,
                problem.masks,
            )[0]
        )
        for k in (-1, 0, 1)
    ]
    assert (values[0] - 2 * values[1] + values[2]) / step**2 == pytest.approx(quadratic, rel=1e-4)
