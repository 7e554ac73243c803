import math

import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import ACTIVATIONS, DEFAULT_INITIALIZER, INITIALIZERS, Initializer, draw
from tests.reference.initializers import STANDARD_DEVIATIONS

every_initializer = pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=INITIALIZERS)


def test_registry_is_complete_and_keyed_by_name() -> None:
    assert set(INITIALIZERS) == {
        f"{family}_{distribution}"
        for family in STANDARD_DEVIATIONS
        for distribution in ("normal", "uniform")
    }
    assert all(name == initializer.name for name, initializer in INITIALIZERS.items())


def test_every_activation_has_a_default() -> None:
    assert set(DEFAULT_INITIALIZER) == set(ACTIVATIONS)
    assert set(DEFAULT_INITIALIZER.values()) <= set(INITIALIZERS)


@every_initializer
class TestEveryInitializer:
    def test_equals_its_slow_twin(self, initializer: Initializer) -> None:
        family, distribution = initializer.name.split("_")
        expected = 1.5 * STANDARD_DEVIATIONS[family](30, 20)
        assert initializer.distribution == distribution
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
        # A normal variable passes √3 standard deviations with probability 0.0833.
        expected = {"normal": 0.0833, "uniform": 0.0}[initializer.distribution]
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
