from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    LOSSES,
    NORMALIZATIONS,
    Architecture,
    Batch,
    Head,
    Parameters,
    RunningStatistics,
    network_backward,
    network_deltas,
    network_forward,
    network_objective_and_gradient,
    objective_and_gradient,
    sharpness_aware_perturbation,
    update_running_statistics,
)
from tests.reference import finite_differences
from tests.reference import heads as reference_heads
from tests.reference import propagation as reference
from tests.reference.torch_networks import network_outputs

ROWS, FEATURES = 6, 4
HEADS = (
    Head("species", LOSSES["softmax_cross_entropy"], 3),
    Head("colors", LOSSES["sigmoid_cross_entropy"], 2, weight=0.5),
    Head("mass", LOSSES["squared_error"], 1, weight=0.2),
)
COLUMNS = 6
# Of the last, residuals join layers 1 and 3, and not the linear layer, though it is square too.
HIDDEN = [(), (5,), (FEATURES, 5, 5, COLUMNS)]

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
every_normalization = pytest.mark.parametrize("normalization", [None, "batch", "layer"])
with_and_without_residual = pytest.mark.parametrize("residual", [False, True])
every_depth = pytest.mark.parametrize("hidden", HIDDEN, ids=str)


@dataclass(frozen=True)
class Problem:
    architecture: Architecture
    parameters: Parameters
    batch: Batch
    l2: float
    masks: tuple[np.ndarray, ...] | None
    running: tuple[RunningStatistics, ...] | None = None

    def solve(
        self, perturbation: Parameters | None = None
    ) -> tuple[np.ndarray | np.float64, Parameters]:
        return network_objective_and_gradient(
            self.architecture,
            self.parameters,
            self.batch,
            self.l2,
            self.masks,
            self.running,
            perturbation,
        )


def make_problem(
    hidden: tuple[int, ...] = HIDDEN[-1],
    activation: str = "tanh",
    normalization: str | None = "batch",
    residual: bool = True,
    seed: int = 0,
    plain: bool = False,
) -> Problem:
    """Draw a problem; plain: without penalty, sample weights, dropout and missing targets."""
    generator = stream(seed, "propagation")
    widths = (FEATURES, *hidden, COLUMNS)
    scaled = hidden if normalization else ()
    present = generator.random((ROWS, len(HEADS))) < 0.7
    columns = np.repeat(present, [head.width for head in HEADS], axis=1)
    targets = np.concatenate(
        [generator.dirichlet(np.ones(3), size=ROWS), generator.random((ROWS, 3))], axis=1
    )
    return Problem(
        Architecture(
            (ACTIVATIONS[activation],) * len(hidden),
            HEADS,
            NORMALIZATIONS[normalization] if normalization else None,
            residual,
        ),
        Parameters(
            tuple(generator.normal(scale=0.5, size=shape) for shape in pairwise(widths)),
            tuple(generator.normal(size=width) for width in widths[1:]),
            tuple(generator.uniform(0.5, 1.5, size=width) for width in scaled),
            tuple(generator.normal(scale=0.5, size=width) for width in scaled),
        ),
        Batch(
            generator.normal(size=(ROWS, FEATURES)),
            targets if plain else np.where(columns, targets, np.nan),
            None if plain else generator.uniform(0.5, 2.0, size=ROWS),
            None if plain else present,
        ),
        l2=0.0 if plain else 0.03,
        masks=None
        if plain
        else tuple((generator.random((ROWS, width)) < 0.6) / 0.6 for width in hidden),
    )


def with_running(problem: Problem, seed: int = 9) -> Problem:
    generator = stream(seed, "running")
    running = tuple(
        RunningStatistics(generator.normal(size=s.shape), generator.uniform(0.5, 2.0, size=s.shape))
        for s in problem.parameters.scales
    )
    return replace(problem, running=running)


def assert_same_arrays(
    given: Parameters, expected: Sequence[np.ndarray], rtol: float, atol: float
) -> None:
    for mine, theirs in zip(given.arrays, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)


def gradient_by_differences(problem: Problem) -> list[np.ndarray]:
    arrays = problem.parameters.arrays

    def objective(place: int, value: np.ndarray) -> float:
        moved = problem.parameters.with_arrays([*arrays[:place], value, *arrays[place + 1 :]])
        return float(replace(problem, parameters=moved).solve()[0])

    return [
        finite_differences.gradient(lambda value, at=place: objective(at, value), array)
        for place, array in enumerate(arrays)
    ]


def solve_slowly(problem: Problem) -> tuple[float, list]:
    architecture, parameters, batch = problem.architecture, problem.parameters, problem.batch
    assert batch.sample_weights is not None
    assert batch.present is not None
    assert problem.masks is not None
    value, *gradients = reference.objective_and_gradient(
        reference.Problem(
            weights=[array.tolist() for array in parameters.weights],
            biases=[array.tolist() for array in parameters.biases],
            scales=[array.tolist() for array in parameters.scales],
            shifts=[array.tolist() for array in parameters.shifts],
            activations=[activation.name for activation in architecture.activations],
            normalization=architecture.normalization and architecture.normalization.name,
            residual=architecture.residual,
            heads=[
                reference_heads.Head(head.loss.name, head.width, head.weight)
                for head in architecture.heads
            ],
            x=batch.x.tolist(),
            targets=batch.targets.tolist(),
            sample_weights=batch.sample_weights.tolist(),
            present=batch.present.tolist(),
            l2=problem.l2,
            masks=[mask.tolist() for mask in problem.masks],
            running=None
            if problem.running is None
            else [(layer.mean.tolist(), layer.variance.tolist()) for layer in problem.running],
        )
    )
    return value, [np.array(array) for family in gradients for array in family]


def solve_by_torch(problem: Problem) -> tuple[float, list[np.ndarray]]:
    parameters = [torch.tensor(a, requires_grad=True) for a in problem.parameters.arrays]
    z = network_outputs(problem.architecture, parameters, problem.batch.x, problem.running)
    y = torch.tensor(problem.batch.targets)
    functional = torch.nn.functional
    value = (
        functional.cross_entropy(z[:, :3], y[:, :3])
        + 0.5 * 2.0 * functional.binary_cross_entropy_with_logits(z[:, 3:5], y[:, 3:5])
        + 0.2 * functional.mse_loss(z[:, 5], y[:, 5])
    )
    value.backward()
    return value.item(), [p.grad.numpy() for p in parameters if p.grad is not None]


@every_depth
@every_normalization
@with_and_without_residual
class TestEveryNetwork:
    def test_gradient_is_the_limit_of_differences(
        self, residual: bool, normalization: str | None, hidden: tuple[int, ...]
    ) -> None:
        problem = make_problem(hidden, "silu", normalization, residual)
        expected = gradient_by_differences(problem)
        assert_same_arrays(problem.solve()[1], expected, rtol=1e-5, atol=1e-8)

    @every_activation
    def test_equals_its_slow_twin(
        self, activation: str, residual: bool, normalization: str | None, hidden: tuple[int, ...]
    ) -> None:
        problem = make_problem(hidden, activation, normalization, residual, seed=1)
        expected_value, expected = solve_slowly(problem)
        value, gradient = problem.solve()
        assert value == pytest.approx(expected_value, rel=1e-12)
        assert_same_arrays(gradient, expected, rtol=1e-8, atol=1e-12)

    @every_activation
    def test_equals_torch(
        self, activation: str, residual: bool, normalization: str | None, hidden: tuple[int, ...]
    ) -> None:
        problem = make_problem(hidden, activation, normalization, residual, seed=2, plain=True)
        expected_value, expected = solve_by_torch(problem)
        value, gradient = problem.solve()
        assert value == pytest.approx(expected_value, rel=1e-12)
        assert_same_arrays(gradient, expected, rtol=1e-8, atol=1e-13)


@every_normalization
@with_and_without_residual
def test_gradient_of_the_inputs_is_the_limit_of_differences(
    residual: bool, normalization: str | None
) -> None:
    problem = make_problem(activation="silu", normalization=normalization, residual=residual)
    given = problem.architecture, problem.parameters
    slopes = stream(6, "slopes").normal(size=(ROWS, COLUMNS))

    def weighted(x: np.ndarray) -> float:
        return float((slopes * network_forward(*given, x, problem.masks).logits).sum())

    passed = network_forward(*given, problem.batch.x, problem.masks)
    deltas = network_deltas(*given, passed, slopes, problem.masks)
    expected = finite_differences.gradient(weighted, problem.batch.x)
    np.testing.assert_allclose(deltas.activations[0], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("normalization", ["batch", "layer"])
class TestWithRunningStatistics:
    def test_gradient_is_the_limit_of_differences(self, normalization: str) -> None:
        problem = with_running(make_problem(normalization=normalization, seed=3))
        expected = gradient_by_differences(problem)
        assert_same_arrays(problem.solve()[1], expected, rtol=1e-5, atol=1e-8)

    def test_equals_its_slow_twin(self, normalization: str) -> None:
        problem = with_running(make_problem(normalization=normalization, seed=4))
        expected_value, expected = solve_slowly(problem)
        value, gradient = problem.solve()
        assert value == pytest.approx(expected_value, rel=1e-12)
        assert_same_arrays(gradient, expected, rtol=1e-9, atol=1e-13)

    def test_equals_torch(self, normalization: str) -> None:
        problem = with_running(make_problem(normalization=normalization, seed=5, plain=True))
        expected_value, expected = solve_by_torch(problem)
        value, gradient = problem.solve()
        assert value == pytest.approx(expected_value, rel=1e-12)
        assert_same_arrays(gradient, expected, rtol=1e-9, atol=1e-13)

    def test_rows_do_not_see_one_another(self, normalization: str) -> None:
        problem = with_running(make_problem(normalization=normalization, plain=True))
        given = problem.architecture, problem.parameters
        together = network_forward(*given, problem.batch.x, running=problem.running).logits
        for row in range(ROWS):
            x = problem.batch.x[row : row + 1]
            alone = network_forward(*given, x, running=problem.running).logits
            np.testing.assert_allclose(alone[0], together[row], rtol=1e-12)


@every_depth
@every_activation
def test_without_additions_it_is_the_plain_network(
    activation: str, hidden: tuple[int, ...]
) -> None:
    problem = make_problem(hidden, activation, None, residual=False, seed=6)
    head = Head("all", LOSSES["squared_error"], COLUMNS)
    architecture = replace(problem.architecture, heads=(head,))
    batch = replace(problem.batch, targets=np.nan_to_num(problem.batch.targets), present=None)
    value, gradient = replace(problem, architecture=architecture, batch=batch).solve()
    expected_value, expected = objective_and_gradient(
        problem.parameters.weights,
        problem.parameters.biases,
        architecture.activations,
        head.loss,
        batch.x,
        batch.targets,
        problem.l2,
        batch.sample_weights,
        problem.masks,
    )
    assert value == pytest.approx(expected_value, rel=1e-14)
    assert_same_arrays(gradient, (*expected.weights, *expected.biases), rtol=1e-12, atol=1e-15)


@every_normalization
def test_leading_axes_are_independent_networks(normalization: str | None) -> None:
    problems = [make_problem(normalization=normalization, seed=seed) for seed in (7, 8)]
    batches = [problem.batch for problem in problems]

    def stacked(name: str) -> np.ndarray:
        return np.stack([getattr(batch, name) for batch in batches])

    together = replace(
        problems[0],
        parameters=problems[0].parameters.with_arrays(
            [np.stack(pair) for pair in zip(*(p.parameters.arrays for p in problems), strict=True)]
        ),
        batch=Batch(*(stacked(name) for name in ("x", "targets", "sample_weights", "present"))),
        masks=tuple(
            np.stack(pair) for pair in zip(*(p.masks or () for p in problems), strict=True)
        ),
    )
    values, gradient = together.solve()
    for network, problem in enumerate(problems):
        expected_value, expected = problem.solve()
        assert np.asarray(values)[network] == pytest.approx(expected_value, rel=1e-13)
        one = gradient.with_arrays([array[network] for array in gradient.arrays])
        assert_same_arrays(one, expected.arrays, rtol=1e-10, atol=1e-14)


def test_a_bias_before_batch_normalization_has_no_gradient_at_all() -> None:
    problem = make_problem(normalization="batch")
    gradient = problem.solve()[1]
    assert not any(bias.any() for bias in gradient.biases[:-1])
    assert gradient.biases[-1].any()
    assert all(bias.any() for bias in with_running(problem).solve()[1].biases)


def test_dropout_drops_what_a_layer_adds_and_not_what_passes_it() -> None:
    problem = make_problem((4, 4), normalization=None, plain=True)
    nothing = (np.zeros((ROWS, 4)),) * 2
    passed = network_forward(
        problem.architecture, problem.parameters, problem.batch.x, masks=nothing
    )
    np.testing.assert_array_equal(passed.activations[-1], problem.batch.x)


def test_gradient_of_a_deep_sigmoid_network_survives_by_its_residuals() -> None:
    depth = 30
    parameters = Parameters(
        weights=(*[0.1 * np.eye(2)] * depth, np.ones((2, 1))),
        biases=(*[np.zeros(2)] * depth, np.zeros(1)),
    )
    x, delta = np.array([[0.5, -0.5]]), np.ones((1, 1))
    slopes = {}
    for residual in (False, True):
        architecture = Architecture((ACTIVATIONS["sigmoid"],) * depth, (), residual=residual)
        passed = network_forward(architecture, parameters, x)
        gradient = network_backward(architecture, parameters, passed, delta)
        slopes[residual] = np.abs(gradient.weights[0]).max()
    assert slopes[False] < 1e-40
    assert slopes[True] > 1e-3


class TestPerturbation:
    def noise(self, problem: Problem, seed: int = 0) -> Parameters:
        generator = stream(seed, "perturbation")
        arrays = problem.parameters.arrays
        return problem.parameters.with_arrays(
            [generator.normal(scale=0.1, size=array.shape) for array in arrays]
        )

    def test_moves_the_loss_of_the_data_and_not_the_penalty(self) -> None:
        problem = make_problem()
        noise = self.noise(problem)
        moved = replace(problem, parameters=problem.parameters.plus(noise), l2=0.0)
        value, gradient = problem.solve(noise)
        data_value, data_gradient = moved.solve()
        squares = sum((weight**2).sum() for weight in problem.parameters.weights)
        assert value == pytest.approx(data_value + problem.l2 * squares, rel=1e-13)
        expected = [
            slope + 2.0 * problem.l2 * weight
            for slope, weight in zip(data_gradient.weights, problem.parameters.weights, strict=True)
        ]
        rest = (*data_gradient.biases, *data_gradient.scales, *data_gradient.shifts)
        assert_same_arrays(gradient, (*expected, *rest), rtol=1e-13, atol=1e-16)

    @every_normalization
    def test_a_sharpness_aware_gradient_equals_torch(self, normalization: str | None) -> None:
        problem = make_problem(normalization=normalization, seed=3, plain=True)
        radius = 0.05
        first = problem.solve()[1]
        climb = problem.parameters.with_arrays(sharpness_aware_perturbation(first.arrays, radius))
        _, slopes = solve_by_torch(problem)
        norm = np.sqrt(sum((slope**2).sum() for slope in slopes))
        pairs = zip(problem.parameters.arrays, slopes, strict=True)
        top = problem.parameters.with_arrays([p + radius * g / norm for p, g in pairs])
        _, expected = solve_by_torch(replace(problem, parameters=top))
        assert_same_arrays(problem.solve(climb)[1], expected, rtol=1e-8, atol=1e-13)

    def test_the_climb_raises_the_loss(self) -> None:
        problem = make_problem(plain=True)
        value, gradient = problem.solve()
        climb = sharpness_aware_perturbation(gradient.arrays, 0.01)
        assert problem.solve(problem.parameters.with_arrays(climb))[0] > value


def test_running_statistics_of_all_rows_predict_as_in_training_but_for_the_unbiased_variance() -> (
    None
):
    problem = make_problem((4, 4), plain=True)
    given = problem.architecture, problem.parameters
    trained = network_forward(*given, problem.batch.x)
    running = tuple(
        update_running_statistics(RunningStatistics.initial(scale), z, momentum=1.0)
        for scale, z in zip(problem.parameters.scales, trained.pre_activations[:-1], strict=True)
    )
    biased = tuple(replace(layer, variance=layer.variance * (ROWS - 1) / ROWS) for layer in running)
    predicted = network_forward(*given, problem.batch.x, running=biased)
    np.testing.assert_allclose(predicted.logits, trained.logits, rtol=1e-12)
