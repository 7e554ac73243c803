import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from levelset.seeds import stream
from levelset.theory import LOSSES, Loss, one_hot, sigmoid, softmax
from tests.reference import finite_differences
from tests.reference import losses as reference

every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
repeatable = settings(derandomize=True, deadline=None, max_examples=60)
logits_of_three = arrays(np.float64, 3, elements=st.floats(-1e4, 1e4))
moderate_logits_of_three = arrays(np.float64, 3, elements=st.floats(-50.0, 50.0))

LOGITS = stream(0, "losses", "logits").normal(scale=2.0, size=(5, 3))
TARGETS = stream(0, "losses", "targets").dirichlet(np.ones(3), size=5)


def test_registry_is_complete_and_keyed_by_name() -> None:
    assert set(LOSSES) == set(reference.LOSSES)
    assert all(name == loss.name for name, loss in LOSSES.items())


@every_loss
class TestEveryLoss:
    def test_equals_its_slow_twin(self, loss: Loss) -> None:
        value, gradient = reference.LOSSES[loss.name]
        rows = list(zip(LOGITS, TARGETS, strict=True))
        np.testing.assert_allclose(
            loss.value(LOGITS, TARGETS), [value(*row) for row in rows], rtol=1e-12
        )
        np.testing.assert_allclose(
            loss.gradient(LOGITS, TARGETS), [gradient(*row) for row in rows], rtol=1e-11
        )

    def test_gradient_is_the_limit_of_differences(self, loss: Loss) -> None:
        expected = finite_differences.gradient(
            lambda logits: float(loss.value(logits, TARGETS).sum()), LOGITS
        )
        np.testing.assert_allclose(loss.gradient(LOGITS, TARGETS), expected, rtol=1e-7, atol=1e-9)

    def test_hessian_product_is_the_limit_of_differences(self, loss: Loss) -> None:
        direction, step = stream(0, "losses", "direction").normal(size=LOGITS.shape), 1e-5
        above, below = (
            loss.gradient(LOGITS + sign * step * direction, TARGETS) for sign in (1, -1)
        )
        given = loss.hessian_product(LOGITS, direction)
        np.testing.assert_allclose(given, (above - below) / (2 * step), rtol=1e-7, atol=1e-9)

    def test_hessian_product_takes_several_directions(self, loss: Loss) -> None:
        directions = stream(0, "losses", "directions").normal(size=(2, *LOGITS.shape))
        looped = [loss.hessian_product(LOGITS, direction) for direction in directions]
        np.testing.assert_array_equal(loss.hessian_product(LOGITS, directions), looped)

    def test_carries_leading_axes(self, loss: Loss) -> None:
        logits = np.stack([LOGITS, -LOGITS])
        targets = np.stack([TARGETS, TARGETS])
        for function in (loss.value, loss.gradient):
            looped = [
                [function(*row) for row in zip(*plane, strict=True)]
                for plane in zip(logits, targets, strict=True)
            ]
            np.testing.assert_array_equal(function(logits, targets), np.array(looped))

    def test_is_finite_at_extreme_logits(self, loss: Loss) -> None:
        logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])
        for label in range(3):
            targets = one_hot(np.array([label, label]), 3)
            assert np.isfinite(loss.value(logits, targets)).all()
            assert np.isfinite(loss.gradient(logits, targets)).all()

    def test_is_least_where_its_gradient_vanishes(self, loss: Loss) -> None:
        matching = {
            "softmax_cross_entropy": np.log(TARGETS),
            "sigmoid_cross_entropy": np.log(TARGETS / (1.0 - TARGETS)),
            "squared_error": TARGETS,
        }[loss.name]
        np.testing.assert_allclose(loss.gradient(matching, TARGETS), 0.0, atol=1e-15)
        assert (loss.value(matching, TARGETS) < loss.value(LOGITS, TARGETS)).all()


class TestSoftmaxCrossEntropy:
    loss = LOSSES["softmax_cross_entropy"]

    def test_by_hand(self) -> None:
        # q = (1, 2, 5)/8; the true class is the second: −log(2/8) = 2 log 2
        logits, targets = np.log([1.0, 2.0, 5.0]), np.array([0.0, 1.0, 0.0])
        assert self.loss.value(logits, targets) == pytest.approx(2.0 * math.log(2.0))
        assert self.loss.gradient(logits, targets) == pytest.approx([1 / 8, -6 / 8, 5 / 8])

    def test_of_a_network_that_knows_nothing_is_log_of_the_classes(self) -> None:
        assert self.loss.value(np.zeros(10), np.eye(10)[3]) == pytest.approx(math.log(10.0))

    def test_far_off_is_the_difference_of_logits(self) -> None:
        assert self.loss.value(np.array([1e4, -1e4]), np.array([0.0, 1.0])) == 2e4

    @repeatable
    @given(logits_of_three, st.integers(0, 2))
    def test_gradient_is_prediction_minus_truth(self, logits: np.ndarray, label: int) -> None:
        truth = one_hot(np.array(label), 3)
        np.testing.assert_array_equal(self.loss.gradient(logits, truth), softmax(logits) - truth)

    @repeatable
    @given(logits_of_three, moderate_logits_of_three)
    def test_gradient_sums_to_zero(self, logits: np.ndarray, target_logits: np.ndarray) -> None:
        gradient = self.loss.gradient(logits, softmax(target_logits))
        assert gradient.sum() == pytest.approx(0.0, abs=1e-14)

    @repeatable
    @given(moderate_logits_of_three, moderate_logits_of_three)
    def test_is_entropy_plus_divergence(
        self, logits: np.ndarray, target_logits: np.ndarray
    ) -> None:
        truth = softmax(target_logits)
        p, q = truth.tolist(), softmax(logits).tolist()
        assert self.loss.value(logits, truth) == pytest.approx(
            reference.entropy(p) + reference.divergence(p, q), rel=1e-12, abs=1e-12
        )

    def test_equals_torch(self) -> None:
        logits = torch.tensor(LOGITS, requires_grad=True)
        expected = torch.nn.functional.cross_entropy(
            logits, torch.tensor(TARGETS), reduction="none"
        )
        expected.sum().backward()
        assert logits.grad is not None
        np.testing.assert_allclose(
            self.loss.value(LOGITS, TARGETS), expected.detach().numpy(), rtol=1e-13
        )
        np.testing.assert_allclose(
            self.loss.gradient(LOGITS, TARGETS), logits.grad.numpy(), rtol=1e-12, atol=1e-15
        )


class TestSigmoidCrossEntropy:
    loss = LOSSES["sigmoid_cross_entropy"]

    def test_by_hand(self) -> None:
        # σ(log 3) = 3/4; y = 1 costs log(4/3), y = 0 costs log 4
        logits, targets = np.log([3.0, 3.0]), np.array([1.0, 0.0])
        assert self.loss.value(logits, targets) == pytest.approx(math.log(16.0 / 3.0))
        assert self.loss.gradient(logits, targets) == pytest.approx([-1 / 4, 3 / 4])

    @repeatable
    @given(logits_of_three)
    def test_gradient_is_prediction_minus_truth(self, logits: np.ndarray) -> None:
        truth = np.array([1.0, 0.0, 0.5])
        np.testing.assert_array_equal(self.loss.gradient(logits, truth), sigmoid(logits) - truth)

    @repeatable
    @given(st.floats(-1e4, 1e4), st.floats(0.0, 1.0))
    def test_is_the_softmax_cross_entropy_of_two_classes(self, z: float, y: float) -> None:
        pair = LOSSES["softmax_cross_entropy"].value(np.array([0.0, z]), np.array([1.0 - y, y]))
        one = self.loss.value(np.array([z]), np.array([y]))
        assert one == pytest.approx(float(pair), rel=1e-12, abs=1e-11)

    def test_keeps_relative_precision_when_almost_right(self) -> None:
        value = self.loss.value(np.array([40.0]), np.array([1.0]))
        assert value == pytest.approx(math.exp(-40.0), rel=1e-12, abs=0.0)

    def test_equals_torch(self) -> None:
        expected = torch.nn.functional.binary_cross_entropy_with_logits(
            torch.tensor(LOGITS), torch.tensor(TARGETS), reduction="none"
        ).sum(dim=-1)
        np.testing.assert_allclose(self.loss.value(LOGITS, TARGETS), expected.numpy(), rtol=1e-13)


def test_squared_error_by_hand() -> None:
    outputs, targets = np.array([0.5, -1.0]), np.array([1.0, 1.0])
    assert LOSSES["squared_error"].value(outputs, targets) == 0.25 + 4.0
    assert LOSSES["squared_error"].gradient(outputs, targets).tolist() == [-1.0, -4.0]
