import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import AdamState, SgdState, adam_step, sgd_step
from tests.reference import optimizers as reference

START = stream(0, "optimizers", "start").normal(size=(2, 3))
GRADIENTS = stream(0, "optimizers", "gradients").normal(size=(20, 2, 3))

sgd_settings = pytest.mark.parametrize(
    ("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)]
)


def sgd_path(momentum: float, nesterov: bool) -> np.ndarray:
    parameters, state, path = START, SgdState.initial(START), []
    for gradient in GRADIENTS:
        parameters, state = sgd_step(parameters, gradient, state, 0.05, momentum, nesterov)
        path.append(parameters)
    return np.array(path)


def adam_path(epsilon: float = 1e-8) -> np.ndarray:
    parameters, state, path = START, AdamState.initial(START), []
    for gradient in GRADIENTS:
        parameters, state = adam_step(parameters, gradient, state, 0.05, 0.8, 0.95, epsilon)
        path.append(parameters)
    return np.array(path)


def torch_path(make_optimizer) -> np.ndarray:
    parameters = torch.tensor(START, requires_grad=True)
    optimizer, path = make_optimizer([parameters]), []
    for gradient in GRADIENTS:
        parameters.grad = torch.tensor(gradient)
        optimizer.step()
        path.append(parameters.detach().numpy().copy())
    return np.array(path)


class TestSgd:
    @sgd_settings
    def test_equals_its_slow_twin(self, momentum: float, nesterov: bool) -> None:
        path = sgd_path(momentum, nesterov)
        for index in np.ndindex(START.shape):
            expected = reference.sgd(
                float(START[index]), GRADIENTS[:, *index].tolist(), 0.05, momentum, nesterov
            )
            np.testing.assert_allclose(path[:, *index], expected, rtol=1e-12, atol=1e-14)

    @sgd_settings
    def test_equals_torch(self, momentum: float, nesterov: bool) -> None:
        expected = torch_path(
            lambda parameters: torch.optim.SGD(
                parameters, lr=0.05, momentum=momentum, nesterov=nesterov
            )
        )
        np.testing.assert_allclose(sgd_path(momentum, nesterov), expected, rtol=1e-12, atol=1e-14)

    def test_by_hand(self) -> None:
        # g = 1 twice at μ = ½, η = 1: v = 1, then 1½
        parameters, one = np.array([0.0]), np.array([1.0])
        first, state = sgd_step(parameters, one, SgdState.initial(parameters), 1.0, 0.5)
        second, state = sgd_step(first, one, state, 1.0, 0.5)
        assert (first.item(), second.item(), state.velocity.item()) == (-1.0, -2.5, 1.5)


class TestAdam:
    @pytest.mark.parametrize("epsilon", [1e-8, 0.1])
    def test_equals_its_slow_twin(self, epsilon: float) -> None:
        path = adam_path(epsilon)
        for index in np.ndindex(START.shape):
            expected = reference.adam(
                float(START[index]), GRADIENTS[:, *index].tolist(), 0.05, 0.8, 0.95, epsilon
            )
            np.testing.assert_allclose(path[:, *index], expected, rtol=1e-11, atol=1e-13)

    @pytest.mark.parametrize("epsilon", [1e-8, 0.1])
    def test_equals_torch(self, epsilon: float) -> None:
        expected = torch_path(
            lambda parameters: torch.optim.Adam(parameters, lr=0.05, betas=(0.8, 0.95), eps=epsilon)
        )
        np.testing.assert_allclose(adam_path(epsilon), expected, rtol=1e-11, atol=1e-13)

    def test_first_step_has_the_length_of_the_learning_rate(self) -> None:
        gradient = np.array([1e-4, -1.0, 1e4])
        start = np.zeros(3)
        moved, state = adam_step(start, gradient, AdamState.initial(start), 0.01)
        np.testing.assert_allclose(moved, [-0.01, 0.01, -0.01], rtol=1e-3)
        assert state.steps == 1


def test_steps_leave_their_arguments_alone() -> None:
    parameters, gradient = START.copy(), GRADIENTS[0].copy()
    sgd_state, adam_state = SgdState.initial(parameters), AdamState.initial(parameters)
    sgd_step(parameters, gradient, sgd_state, 0.1, 0.9, True)
    adam_step(parameters, gradient, adam_state, 0.1)
    np.testing.assert_array_equal(parameters, START)
    np.testing.assert_array_equal(gradient, GRADIENTS[0])
    assert not sgd_state.velocity.any()
    assert not adam_state.first_moment.any()
    assert not adam_state.second_moment.any()
    assert adam_state.steps == 0
