import math

import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    DEFAULT_INITIALIZER,
    INITIALIZERS,
    Initializer,
    draw,
    orthogonal,
)
from tests.reference import initializers as reference
from tests.reference.initializers import STANDARD_DEVIATIONS

every_initializer = pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=INITIALIZERS)


def test_registry_is_complete_and_keyed_by_name() -> None:
    assert set(INITIALIZERS) == {"orthogonal", "normal"} | {
        f"{family}_{distribution}"
        for family in ("glorot", "he", "lecun")
        for distribution in ("normal", "uniform")
    }
    assert all(name == initializer.name for name, initializer in INITIALIZERS.items())


def test_every_activation_has_a_default() -> None:
    assert set(DEFAULT_INITIALIZER) == set(ACTIVATIONS)
    assert set(DEFAULT_INITIALIZER.values()) <= set(INITIALIZERS)


@every_initializer
class TestEveryInitializer:
    def test_equals_its_slow_twin(self, initializer: Initializer) -> None:
        family, _, distribution = initializer.name.partition("_")
        expected = 1.5 * STANDARD_DEVIATIONS[family](30, 20)
        assert initializer.distribution == (distribution or family)
        assert initializer.standard_deviation(30, 20, 1.5) == pytest.approx(expected, rel=1e-15)
        assert initializer.limit(30, 20, 1.5) == pytest.approx(math.sqrt(3.0) * expected, rel=1e-15)

    def test_draws_have_its_mean_and_spread(self, initializer: Initializer) -> None:
        inputs, outputs = 200, 300
        weights = draw(initializer.name, inputs, outputs, 0.5, stream(0, initializer.name))
        expected = initializer.standard_deviation(inputs, outputs, 0.5)
        assert weights.shape == (inputs, outputs)
        # Five standard errors of the mean and of the standard deviation of 60,000 draws.
        assert weights.mean() == pytest.approx(0.0, abs=5.0 * expected / math.sqrt(weights.size))
        assert weights.std() == pytest.approx(expected, rel=5.0 / math.sqrt(2.0 * weights.size))

    def test_draws_have_its_distribution(self, initializer: Initializer) -> None:
        weights = draw(initializer.name, 200, 300, 1.0, stream(1, initializer.name))
        beyond = np.abs(weights) > initializer.limit(200, 300)
        # A normal variable passes √3 standard deviations with probability 0.0833; one weight of
        # a large orthogonal matrix is nearly normal.
        expected = {"normal": 0.0833, "uniform": 0.0, "orthogonal": 0.0833}[
            initializer.distribution
        ]
        assert beyond.mean() == pytest.approx(expected, abs=0.006)

    def test_draws_are_the_generator_s(self, initializer: Initializer) -> None:
        first, again = (draw(initializer.name, 3, 2, 1.0, stream(2, "draw")) for _ in range(2))
        np.testing.assert_array_equal(first, again)


def test_equal_torch() -> None:
    torch.manual_seed(0)
    weight = torch.empty(300, 200)  # torch's order: (o, i)
    bounds = {
        "glorot_uniform": torch.nn.init.xavier_uniform_(weight).abs().max().item(),
        "he_uniform": torch.nn.init.kaiming_uniform_(weight).abs().max().item(),
    }
    for name, bound in bounds.items():
        assert INITIALIZERS[name].limit(200, 300) == pytest.approx(bound, rel=1e-3)


def test_he_keeps_the_power_of_relu_activations_over_depth() -> None:
    generator = stream(0, "he")
    a = generator.normal(size=(200, 256))
    power = (a**2).mean()
    for _ in range(10):
        z = a @ draw("he_normal", 256, 256, 1.0, generator)
        a = ACTIVATIONS["relu"].value(z)
    assert (a**2).mean() == pytest.approx(power, rel=0.5)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1)], ids=str)
class TestOrthogonal:
    def test_equals_its_slow_twin(self, shape: tuple[int, int]) -> None:
        draws = stream(0, "orthogonal", *shape).normal(size=shape)
        np.testing.assert_allclose(
            orthogonal(draws), reference.orthogonal(draws.tolist()), rtol=1e-9, atol=1e-12
        )

    def test_rows_or_columns_are_orthonormal(self, shape: tuple[int, int]) -> None:
        q = draw("orthogonal", *shape, 2.0, stream(1, "orthogonal")) / 2.0
        product = q.T @ q if shape[0] >= shape[1] else q @ q.T
        np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-14)

    def test_equals_torch(self, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        # torch's weight is (o, i), and is factorized from normal numbers of that shape.
        numbers = stream(2, "orthogonal", *shape).normal(size=shape[::-1])
        monkeypatch.setattr(
            torch.Tensor, "normal_", lambda self, *_, **__: self.copy_(torch.tensor(numbers))
        )
        weight = torch.nn.init.orthogonal_(torch.empty(shape[::-1], dtype=torch.float64))
        np.testing.assert_allclose(orthogonal(numbers), weight.numpy(), rtol=1e-9, atol=1e-13)

    def test_carries_leading_axes(self, shape: tuple[int, int]) -> None:
        draws = stream(3, "orthogonal").normal(size=(2, *shape))
        np.testing.assert_allclose(
            orthogonal(draws), [orthogonal(each) for each in draws], rtol=1e-12, atol=1e-14
        )


def test_orthogonal_layers_keep_every_length() -> None:
    generator = stream(4, "orthogonal")
    a = generator.normal(size=(6, 32))
    lengths = np.linalg.norm(a, axis=1)
    for _ in range(50):
        a = a @ draw("orthogonal", 32, 32, 1.0, generator)
    np.testing.assert_allclose(np.linalg.norm(a, axis=1), lengths, rtol=1e-12)


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_normal_makes_the_signal_shrink_or_grow_by_a_factor_a_layer(gain: float) -> None:
    generator = stream(5, "normal")
    a = generator.normal(size=(50, 100))
    power = (a**2).mean()
    for _ in range(6):
        a = a @ draw("normal", 100, 100, gain / 10.0, generator)  # 10 = √inputs
    assert (a**2).mean() / power == pytest.approx(gain**12, rel=0.5)
