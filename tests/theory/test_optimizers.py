import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import (
    AdamState,
    SgdState,
    adam_step,
    adamw_step,
    decoupled_decay,
    sgd_step,
    sgdw_step,
)
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


class TestSgdw:
    def path(self, momentum: float, nesterov: bool) -> np.ndarray:
        parameters, state, path = START, SgdState.initial(START), []
        for gradient in GRADIENTS:
            parameters, state = sgdw_step(
                parameters, gradient, state, 0.05, 0.4, momentum, nesterov
            )
            path.append(parameters)
        return np.array(path)

    @pytest.mark.parametrize("momentum", [0.0, 0.9])
    def test_equals_its_slow_twin(self, momentum: float) -> None:
        path = self.path(momentum, nesterov=False)
        for index in np.ndindex(START.shape):
            expected = reference.sgdw(
                float(START[index]), GRADIENTS[:, *index].tolist(), 0.05, 0.4, momentum
            )
            np.testing.assert_allclose(path[:, *index], expected, rtol=1e-12, atol=1e-14)

    @sgd_settings
    def test_is_sgd_when_nothing_decays(self, momentum: float, nesterov: bool) -> None:
        state = SgdState(velocity=GRADIENTS[1])
        given = (START, GRADIENTS[0], state, 0.05)
        moved, after = sgdw_step(*given, 0.0, momentum, nesterov)
        expected, expected_after = sgd_step(*given, momentum, nesterov)
        np.testing.assert_array_equal(moved, expected)
        np.testing.assert_array_equal(after.velocity, expected_after.velocity)

    def test_is_the_penalty_of_half_the_decay_without_momentum(self) -> None:
        # λ‖θ‖² has the gradient 2λθ, so ω = 2λ.
        moved, _ = sgdw_step(START, GRADIENTS[0], SgdState.initial(START), 0.05, 0.4)
        penalized = GRADIENTS[0] + 2.0 * 0.2 * START
        expected, _ = sgd_step(START, penalized, SgdState.initial(START), 0.05)
        np.testing.assert_allclose(moved, expected, rtol=1e-13)


class TestAdamw:
    def path(self, weight_decay: float = 0.4) -> np.ndarray:
        parameters, state, path = START, AdamState.initial(START), []
        for gradient in GRADIENTS:
            parameters, state = adamw_step(
                parameters, gradient, state, 0.05, weight_decay, 0.8, 0.95, 1e-6
            )
            path.append(parameters)
        return np.array(path)

    def test_equals_its_slow_twin(self) -> None:
        path = self.path()
        for index in np.ndindex(START.shape):
            expected = reference.adamw(
                float(START[index]), GRADIENTS[:, *index].tolist(), 0.05, 0.4, 0.8, 0.95, 1e-6
            )
            np.testing.assert_allclose(path[:, *index], expected, rtol=1e-11, atol=1e-13)

    def test_equals_torch(self) -> None:
        expected = torch_path(
            lambda parameters: torch.optim.AdamW(
                parameters, lr=0.05, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.4
            )
        )
        np.testing.assert_allclose(self.path(), expected, rtol=1e-11, atol=1e-13)

    def test_decay_does_not_enter_the_moments(self) -> None:
        state = AdamState.initial(START)
        _, decayed = adamw_step(START, GRADIENTS[0], state, 0.05, 0.4)
        _, plain = adam_step(START, GRADIENTS[0], state, 0.05)
        np.testing.assert_array_equal(decayed.first_moment, plain.first_moment)
        np.testing.assert_array_equal(decayed.second_moment, plain.second_moment)


def test_decay_alone_is_exponential() -> None:
    parameters = START
    for _ in range(10):
        parameters = decoupled_decay(parameters, 0.05, 0.4)
    np.testing.assert_allclose(parameters, START * 0.98**10, rtol=1e-13)
