from collections.abc import Callable

import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import (
    NORMALIZATIONS,
    Normalization,
    RunningStatistics,
    batch_normalization,
    fixed_normalization,
    update_running_statistics,
)
from tests.reference import finite_differences
from tests.reference import normalization as reference

ROWS, UNITS = 6, 4
GENERATOR = stream(0, "normalization")
Z = GENERATOR.normal(loc=2.0, scale=3.0, size=(ROWS, UNITS))
SCALE, SHIFT = GENERATOR.uniform(0.5, 2.0, size=UNITS), GENERATOR.normal(size=UNITS)
DELTA = GENERATOR.normal(size=(ROWS, UNITS))
RUNNING = RunningStatistics(
    mean=GENERATOR.normal(size=UNITS), variance=GENERATOR.uniform(0.5, 4.0, size=UNITS)
)

ALL = {**NORMALIZATIONS, "fixed": fixed_normalization(RUNNING)}
every_normalization = pytest.mark.parametrize("normalization", ALL.values(), ids=ALL)


def vectors(name: str, rows: np.ndarray) -> list[list[float]]:
    """What is normalized together: units of a batch, or rows of a layer."""
    return (rows.T if name == "batch" else rows).tolist()


def test_registry_is_keyed_by_name() -> None:
    assert set(NORMALIZATIONS) == {"batch", "layer"}
    assert all(name == normalization.name for name, normalization in NORMALIZATIONS.items())


@pytest.mark.parametrize("name", NORMALIZATIONS)
class TestSlowTwin:
    def test_value(self, name: str) -> None:
        normalized = NORMALIZATIONS[name].value(Z, SCALE, SHIFT)
        expected = np.array([reference.standardized(vector) for vector in vectors(name, Z)])
        expected = expected.T if name == "batch" else expected
        np.testing.assert_allclose(normalized.standardized, expected, rtol=1e-12)
        np.testing.assert_allclose(normalized.output, SCALE * expected + SHIFT, rtol=1e-11)

    def test_gradient(self, name: str) -> None:
        normalization = NORMALIZATIONS[name]
        given = normalization.gradient(normalization.value(Z, SCALE, SHIFT), SCALE, DELTA)
        pairs = zip(vectors(name, Z), vectors(name, DELTA * SCALE), strict=True)
        expected = np.array([reference.pulled_back(*pair) for pair in pairs])
        expected = expected.T if name == "batch" else expected
        np.testing.assert_allclose(given.pre_activations, expected, rtol=1e-9, atol=1e-14)


@every_normalization
class TestEveryNormalization:
    def test_gradient_is_the_limit_of_differences(self, normalization: Normalization) -> None:
        def objective(z: np.ndarray, scale: np.ndarray, shift: np.ndarray) -> float:
            return float((DELTA * np.sin(normalization.value(z, scale, shift).output)).sum())

        normalized = normalization.value(Z, SCALE, SHIFT)
        given = normalization.gradient(normalized, SCALE, DELTA * np.cos(normalized.output))
        cases: list[tuple[np.ndarray, Callable, np.ndarray]] = [
            (given.pre_activations, lambda z: objective(z, SCALE, SHIFT), Z),
            (given.scale, lambda scale: objective(Z, scale, SHIFT), SCALE),
            (given.shift, lambda shift: objective(Z, SCALE, shift), SHIFT),
        ]
        for slope, function, at in cases:
            expected = finite_differences.gradient(function, at)
            np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-8)

    def test_equals_torch(self, normalization: Normalization) -> None:
        z, scale, shift = (torch.tensor(a, requires_grad=True) for a in (Z, SCALE, SHIFT))
        functional = torch.nn.functional
        mean, variance = torch.tensor(RUNNING.mean), torch.tensor(RUNNING.variance)
        output = {
            "batch": lambda: functional.batch_norm(z, None, None, scale, shift, training=True),
            "layer": lambda: functional.layer_norm(z, (UNITS,), scale, shift),
            "fixed": lambda: functional.batch_norm(z, mean, variance, scale, shift),
        }[normalization.name]()
        output.backward(torch.tensor(DELTA))
        normalized = normalization.value(Z, SCALE, SHIFT)
        given = normalization.gradient(normalized, SCALE, DELTA)
        np.testing.assert_allclose(normalized.output, output.detach().numpy(), rtol=1e-11)
        slopes = (given.pre_activations, given.scale, given.shift)
        for mine, theirs in zip(slopes, (z.grad, scale.grad, shift.grad), strict=True):
            assert theirs is not None
            np.testing.assert_allclose(mine, theirs.numpy(), rtol=1e-10, atol=1e-14)

    def test_says_whether_a_bias_before_it_matters(self, normalization: Normalization) -> None:
        bias = np.arange(UNITS) - 2.5
        plain = normalization.value(Z, SCALE, SHIFT).output
        moved = normalization.value(Z + bias, SCALE, SHIFT).output
        assert np.allclose(plain, moved, rtol=0.0, atol=1e-12) == normalization.removes_bias


@pytest.mark.parametrize("name", NORMALIZATIONS)
def test_leading_axes_are_independent(name: str) -> None:
    normalization = NORMALIZATIONS[name]
    z, delta = np.stack([Z, Z**2]), np.stack([DELTA, -DELTA])
    scale, shift = np.stack([SCALE, SHIFT]), np.stack([SHIFT, SCALE])
    normalized = normalization.value(z, scale, shift)
    gradient = normalization.gradient(normalized, scale, delta)
    for network in range(2):
        alone = normalization.value(z[network], scale[network], shift[network])
        expected = normalization.gradient(alone, scale[network], delta[network])
        np.testing.assert_allclose(normalized.output[network], alone.output, rtol=1e-13)
        for part in ("pre_activations", "scale", "shift"):
            np.testing.assert_allclose(
                getattr(gradient, part)[network], getattr(expected, part), rtol=1e-12, atol=1e-14
            )


class TestRunningStatistics:
    batches = GENERATOR.normal(loc=1.0, size=(8, ROWS, UNITS))

    def after_all_batches(self) -> RunningStatistics:
        running = RunningStatistics.initial(SCALE)
        for batch in self.batches:
            running = update_running_statistics(running, batch)
        return running

    def test_equal_their_slow_twin(self) -> None:
        running = self.after_all_batches()
        for unit in range(UNITS):
            expected = reference.running(self.batches[:, :, unit].tolist(), 0.1)
            assert running.mean[unit] == pytest.approx(expected[0], rel=1e-12)
            assert running.variance[unit] == pytest.approx(expected[1], rel=1e-12)

    def test_equal_torch(self) -> None:
        layer = torch.nn.BatchNorm1d(UNITS, dtype=torch.float64)
        for batch in self.batches:
            layer(torch.tensor(batch))
        layer.eval()
        running = self.after_all_batches()
        assert layer.running_mean is not None
        assert layer.running_var is not None
        np.testing.assert_allclose(running.mean, layer.running_mean.numpy(), rtol=1e-12)
        np.testing.assert_allclose(running.variance, layer.running_var.numpy(), rtol=1e-12)
        predicted = fixed_normalization(running).value(Z, np.ones(UNITS), np.zeros(UNITS)).output
        expected = layer(torch.tensor(Z)).detach().numpy()
        np.testing.assert_allclose(predicted, expected, rtol=1e-11)

    def test_one_row_leaves_them_and_is_normalized_to_the_shift(self) -> None:
        assert update_running_statistics(RUNNING, Z[:1]) is RUNNING
        normalized = batch_normalization(Z[:1], SCALE, SHIFT)
        np.testing.assert_array_equal(normalized.output, SHIFT[np.newaxis])

    def test_momentum_one_is_the_batch(self) -> None:
        running = update_running_statistics(RUNNING, Z, momentum=1.0)
        np.testing.assert_allclose(running.mean, Z.mean(axis=0), rtol=1e-14)
        np.testing.assert_allclose(running.variance, Z.var(axis=0, ddof=1), rtol=1e-14)
