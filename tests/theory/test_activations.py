import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import ACTIVATIONS, Activation
from tests.reference import activations as reference
from tests.reference import finite_differences
from tests.reference.torch_networks import TORCH_ACTIVATIONS

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
        np.testing.assert_allclose(activation.value(z), [value(x) for x in z], rtol=1e-12)
        np.testing.assert_allclose(
            activation.derivative(z), [derivative(x) for x in z], rtol=1e-10, atol=1e-15
        )

    def test_equals_torch_at_zero_too(self, activation: Activation) -> None:
        z = torch.tensor(np.append(SMOOTH_POINTS, 0.0), requires_grad=True)
        expected = TORCH_ACTIVATIONS[activation.name](z)
        expected.sum().backward()
        assert z.grad is not None
        given = z.detach().numpy()
        np.testing.assert_allclose(
            activation.value(given), expected.detach().numpy(), rtol=1e-11, atol=1e-15
        )
        np.testing.assert_allclose(
            activation.derivative(given), z.grad.numpy(), rtol=1e-10, atol=1e-15
        )

    def test_derivative_is_the_limit_of_differences(self, activation: Activation) -> None:
        expected = finite_differences.gradient(
            lambda z: float(activation.value(z).sum()), SMOOTH_POINTS
        )
        np.testing.assert_allclose(
            activation.derivative(SMOOTH_POINTS), expected, rtol=1e-7, atol=1e-9
        )

    def test_second_derivative_is_the_limit_of_differences(self, activation: Activation) -> None:
        expected = finite_differences.gradient(
            lambda z: float(activation.derivative(z).sum()), SMOOTH_POINTS
        )
        np.testing.assert_allclose(
            activation.second_derivative(SMOOTH_POINTS), expected, rtol=1e-7, atol=1e-9
        )

    def test_second_derivative_equals_torch(self, activation: Activation) -> None:
        z = torch.tensor(SMOOTH_POINTS, requires_grad=True)
        value = TORCH_ACTIVATIONS[activation.name](z).sum()
        (slope,) = torch.autograd.grad(value, z, create_graph=True)
        bend = torch.zeros_like(z)  # of a piecewise linear function there is no graph of it
        if slope.requires_grad:
            (bend,) = torch.autograd.grad(slope.sum(), z)
        np.testing.assert_allclose(
            activation.second_derivative(z.detach().numpy()), bend.numpy(), rtol=1e-9, atol=1e-15
        )

    def test_carries_any_shape(self, activation: Activation) -> None:
        z = stream(0, "activations").normal(size=(2, 3, 4))
        for function in (activation.value, activation.derivative, activation.second_derivative):
            looped = np.stack([function(plane) for plane in z])
            np.testing.assert_array_equal(function(z), looped)

    def test_is_finite_at_extremes(self, activation: Activation) -> None:
        z = np.array([-1e4, 1e4])
        assert np.isfinite(activation.value(z)).all()
        assert np.isfinite(activation.derivative(z)).all()
        assert np.isfinite(activation.second_derivative(z)).all()


def test_sigmoid_slope_is_at_most_a_quarter_and_is_that_at_zero() -> None:
    slopes = ACTIVATIONS["sigmoid"].derivative(np.linspace(-5.0, 5.0, 1001))
    assert slopes.max() == slopes[500] == 0.25


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.01),
        ("elu", 1.0),
        ("selu", 1.0507009873554805 * 1.6732632423543772),
    ],
)
def test_slope_at_a_kink_is_the_one_from_the_left(name: str, slope: float) -> None:
    derivative = ACTIVATIONS[name].derivative
    assert derivative(np.array([0.0, -0.0])).tolist() == [slope, slope]
    assert derivative(np.array([-1e-12])) == pytest.approx(slope)


@pytest.mark.parametrize(("name", "bend"), [("relu", 0.0), ("leaky_relu", 0.0), ("elu", 1.0)])
def test_bend_at_a_kink_is_the_one_from_the_left(name: str, bend: float) -> None:
    assert ACTIVATIONS[name].second_derivative(np.array([0.0, -0.0])).tolist() == [bend, bend]


def test_gelu_keeps_its_digits_in_the_left_tail() -> None:
    # z Φ(z) at −20 is −20 · 2.7536e-89; ½(1 + erf) would be zero.
    value = ACTIVATIONS["gelu"].value(np.array([-20.0]))
    assert value == pytest.approx(-20.0 * 2.7536241186062337e-89, rel=1e-10, abs=0.0)


def test_selu_keeps_mean_zero_and_variance_one_through_depth() -> None:
    generator = stream(0, "selu")
    a = generator.normal(size=(400, 256))
    for _ in range(20):
        a = ACTIVATIONS["selu"].value(a @ generator.normal(scale=256**-0.5, size=(256, 256)))
    assert a.mean() == pytest.approx(0.0, abs=0.1)
    assert a.var() == pytest.approx(1.0, abs=0.2)
