"""The noise on inputs and weights is normal, of the stated standard deviation, and finite."""

import numpy as np
import pytest
from scipy import stats

from levelset.engine import Fleet, Member, Recipe, core
from tests.reference.instruction_sets import every_instruction_set


def input_noise(
    dtype: str, instruction_set: str, deviation: float, features: int, members: int
) -> np.ndarray:
    """The noise on a row of zeros, (members, features).

    One step of a linear network whose weights are next to nothing: q is 1/2 for both classes, and
    ∂J/∂W is the noise times q - y = 1/2 in the column of the class that the row is not of.
    """
    recipe = Recipe(
        hidden=(),
        initializer="normal",
        gain=1e-30,
        optimizer="sgd",
        momentum=0.0,
        learning_rate=2.0,
        input_noise=deviation,
        epochs=1,
    )
    fleet = Fleet(
        [Member(recipe, seed=seed) for seed in range(members)],
        np.zeros((1, features)),
        np.array([0]),
        classes=2,
        dtype=dtype,
        instruction_set=instruction_set,
    )
    fleet.run()
    return np.stack([-network.weights[0][:, 1] for network in fleet.networks])


def assert_normal(numbers: np.ndarray, deviation: float) -> None:
    count = numbers.size
    assert abs(numbers.mean()) < 4 * deviation / np.sqrt(count)
    assert numbers.std() == pytest.approx(deviation, rel=4 / np.sqrt(2 * count))
    assert stats.kstest(numbers.ravel() / deviation, "norm").pvalue > 1e-3


@every_instruction_set
class TestNoise:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_on_inputs_is_normal(self, dtype: str, instruction_set: str) -> None:
        drawn = input_noise(dtype, instruction_set, 0.3, 50_000, 2)
        assert_normal(drawn, 0.3)
        assert abs(np.corrcoef(drawn)[0, 1]) < 4 / np.sqrt(50_000)

    def test_on_weights_is_normal(self, instruction_set: str) -> None:
        # One weight for each of many classes and an input of 1: the step of the biases is q - y,
        # and ln q is the noise up to a constant.
        classes = 30_000
        recipe = Recipe(
            hidden=(),
            initializer="normal",
            gain=1e-30,
            optimizer="sgd",
            momentum=0.0,
            learning_rate=1.0,
            weight_noise=0.3,
            epochs=1,
        )
        fleet = Fleet(
            [Member(recipe)],
            np.ones((1, 1)),
            np.array([0]),
            classes=classes,
            dtype="float64",
            instruction_set=instruction_set,
        )
        fleet.run()
        (network,) = fleet.networks
        drawn = np.log(-network.biases[0][1:])
        # Weights and biases took the same step, so the noise itself was taken away again.
        np.testing.assert_allclose(network.weights[0][0], network.biases[0], rtol=1e-12)
        assert_normal(drawn - drawn.mean(), 0.3)

    def test_of_ten_million_numbers_is_finite(self, instruction_set: str) -> None:
        drawn = input_noise("float32", instruction_set, 1.0, 65_536, 153)
        assert drawn.size > 10**7
        assert np.isfinite(drawn).all()
        # Of 10^7 the largest lies near 5.3; no number can exceed sqrt(2 ln 2^32) = 6.66.
        assert 4.7 < np.abs(drawn).max() < 6.67
        assert drawn.std() == pytest.approx(1, rel=1e-3)

    def test_logarithm_of_no_uniform_number_is_positive(self, instruction_set: str) -> None:
        # Else its root were not a number: all float32 from 1/2 to 1.
        u = np.arange(0x3F000000, 0x3F800001, dtype=np.int32).view(np.float32)
        logarithms = np.empty_like(u)
        core.elementary(instruction_set, 2, u, logarithms)
        assert logarithms.max() == logarithms[-1] == 0
