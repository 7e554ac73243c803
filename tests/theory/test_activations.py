import numpy as np
import pytest

from levelset.seeds import stream
from levelset.theory import ACTIVATIONS, Activation
from tests.reference import activations as reference
from tests.reference import finite_differences

every_activation = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)

SMOOTH_POINTS = np.array([-7.0, -2.5, -0.3, 1e-3, 0.4, 1.0, 3.0, 6.0])


def test_registry_is_complete_and_keyed_by_name() -> None:
    assert set(ACTIVATIONS) == set(reference.ACTIVATIONS)
    assert all(name == activation.name for name, activation in ACTIVATIONS.items())


@every_activation
class TestEveryActivation:
    def test_equals_its_slow_twin(self, activation: Activation) -> None:
        value, derivative = reference.ACTIVATIONS[activation.name]
        z = np.append(SMOOTH_POINTS, 0.0)
        np.testing.assert_allclose(activation.value(z), [value(x) for x in z], rtol=1e-13)
        np.testing.assert_allclose(
            activation.derivative(z), [derivative(x) for x in z], rtol=1e-10, atol=1e-15
        )

    def test_derivative_is_the_limit_of_differences(self, activation: Activation) -> None:
        expected = finite_differences.gradient(
            lambda z: float(activation.value(z).sum()), SMOOTH_POINTS
        )
        np.testing.assert_allclose(
            activation.derivative(SMOOTH_POINTS), expected, rtol=1e-7, atol=1e-9
        )

    def test_carries_any_shape(self, activation: Activation) -> None:
        z = stream(0, "activations").normal(size=(2, 3, 4))
        for function in (activation.value, activation.derivative):
            looped = np.stack([function(plane) for plane in z])
            np.testing.assert_array_equal(function(z), looped)

    def test_is_finite_at_extremes(self, activation: Activation) -> None:
        z = np.array([-1e4, 1e4])
        assert np.isfinite(activation.value(z)).all()
        assert np.isfinite(activation.derivative(z)).all()


def test_sigmoid_slope_is_at_most_a_quarter_and_is_that_at_zero() -> None:
    slopes = ACTIVATIONS["sigmoid"].derivative(np.linspace(-5.0, 5.0, 1001))
    assert slopes.max() == slopes[500] == 0.25


def test_relu_has_slope_zero_at_zero() -> None:
    assert ACTIVATIONS["relu"].derivative(np.array([0.0, -0.0])).tolist() == [0.0, 0.0]
