import itertools

import numpy as np
import pytest

from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    NORMALIZATIONS,
    Architecture,
    Parameters,
    input_derivatives,
    network_forward,
    noise_penalty,
    one_hot,
    softmax_cross_entropy,
)

LABELS = np.array([0, 2, 1, 1])


def network(names: tuple[str, ...], widths: tuple[int, ...], residual: bool = False):
    generator = stream(0, "input noise", len(names))
    shapes = list(itertools.pairwise(widths))
    parameters = Parameters(
        tuple(generator.normal(size=shape) for shape in shapes),
        tuple(generator.normal(size=shape[1]) for shape in shapes),
    )
    activations = tuple(ACTIVATIONS[name] for name in names)
    x = generator.normal(size=(4, widths[0]))
    return Architecture(activations, heads=(), residual=residual), parameters, x


CASES = [
    (("tanh",), (3, 5, 3), False),
    (("gelu", "sigmoid"), (3, 4, 4, 3), True),
    (("softplus", "tanh"), (3, 3, 5, 3), True),
    (("relu",), (3, 6, 3), False),
    ((), (3, 3), False),
]


@pytest.mark.parametrize(("names", "widths", "residual"), CASES)
def test_derivatives_equal_finite_differences(names, widths, residual) -> None:
    architecture, parameters, x = network(names, widths, residual)
    found = input_derivatives(architecture, parameters, x)

    def logits(rows: np.ndarray) -> np.ndarray:
        return network_forward(architecture, parameters, rows).logits

    step, laplacians = 1e-4, np.zeros_like(found.logits)
    for k in range(3):
        move = np.zeros(3)
        move[k] = step
        up, middle, down = logits(x + move), logits(x), logits(x - move)
        np.testing.assert_allclose(found.slopes[:, k], (up - down) / (2 * step), atol=1e-5)
        laplacians += (up - 2 * middle + down) / step**2
    np.testing.assert_allclose(found.logits, logits(x), rtol=1e-12)
    np.testing.assert_allclose(found.laplacians, laplacians, atol=1e-4)


@pytest.mark.parametrize(("names", "widths", "residual"), CASES)
def test_the_trace_equals_finite_differences_of_the_loss(names, widths, residual) -> None:
    architecture, parameters, x = network(names, widths, residual)
    targets, step = one_hot(LABELS, 3), 1e-4

    def loss(rows: np.ndarray) -> np.ndarray:
        logits = network_forward(architecture, parameters, rows).logits
        return np.array(softmax_cross_entropy(logits, targets), ndmin=1)

    trace = np.zeros(4)
    for k in range(3):
        move = np.zeros(3)
        move[k] = step
        trace += (loss(x + move) - 2 * loss(x) + loss(x - move)) / step**2
    found = noise_penalty(architecture, parameters, x, targets)
    np.testing.assert_allclose(found.trace, trace, atol=1e-4)
    assert (found.gradient_penalty >= 0).all()


def test_the_gradient_penalty_equals_its_slow_twin() -> None:
    architecture, parameters, x = network(("tanh",), (3, 5, 3))
    found = input_derivatives(architecture, parameters, x)
    penalty = noise_penalty(architecture, parameters, x, one_hot(LABELS, 3)).gradient_penalty
    for row in range(4):
        q = np.exp(found.logits[row]) / np.exp(found.logits[row]).sum()
        bend = np.diag(q) - np.outer(q, q)
        expected = sum(slope @ bend @ slope for slope in found.slopes[row])
        assert penalty[row] == pytest.approx(expected, rel=1e-12)


def test_small_noise_adds_half_its_variance_times_the_trace() -> None:
    architecture, parameters, x = network(("tanh",), (3, 5, 3))
    targets, sigma = one_hot(LABELS, 3), 0.01
    noise = sigma * stream(1, "input noise").normal(size=(20_000, 4, 3))

    def loss(rows: np.ndarray) -> np.ndarray:
        given = np.broadcast_to(targets, (len(rows), 4, 3))
        logits = network_forward(architecture, parameters, rows).logits
        return np.array(softmax_cross_entropy(logits, given), ndmin=1)

    added = (loss(x + noise) + loss(x - noise)).mean(axis=0) / 2 - loss(x[np.newaxis])[0]
    trace = noise_penalty(architecture, parameters, x, targets).trace
    np.testing.assert_allclose(added, sigma**2 / 2 * trace, rtol=0.05)


def test_a_normalized_network_is_refused() -> None:
    parameters = Parameters(
        (np.eye(2), np.eye(2)), (np.zeros(2),) * 2, (np.ones(2),), (np.zeros(2),)
    )
    architecture = Architecture((ACTIVATIONS["tanh"],), (), NORMALIZATIONS["layer"])
    with pytest.raises(
        RecipeError, match=r"networks without normalization, got one with it; train"
    ):
        input_derivatives(architecture, parameters, np.zeros((1, 2)))
