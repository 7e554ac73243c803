import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import WeightAverage, exponential_average, uniform_average
from tests.reference import averaging as reference

PATH = stream(0, "averaging").normal(size=(30, 2, 3))


def exponential_path(decay: float) -> list[np.ndarray]:
    state, averages = WeightAverage.initial(PATH[0]), []
    for parameters in PATH:
        state = exponential_average(state, parameters, decay)
        averages.append(state.average)
    assert state.count == len(PATH)
    return averages


def uniform_path() -> list[np.ndarray]:
    state, averages = WeightAverage.initial(PATH[0]), []
    for parameters in PATH:
        state = uniform_average(state, parameters)
        averages.append(state.average)
    assert state.count == len(PATH)
    return averages


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 0.999])
def test_exponential_equals_its_slow_twin(decay: float) -> None:
    for n, average in enumerate(exponential_path(decay), start=1):
        for index in np.ndindex(average.shape):
            expected = reference.exponential_average(PATH[:n, *index].tolist(), decay)
            np.testing.assert_allclose(average[index], expected, rtol=1e-10, atol=1e-12)


def test_uniform_equals_its_slow_twin() -> None:
    for n, average in enumerate(uniform_path(), start=1):
        for index in np.ndindex(average.shape):
            expected = reference.uniform_average(PATH[:n, *index].tolist())
            np.testing.assert_allclose(average[index], expected, rtol=1e-12, atol=1e-14)


def test_uniform_equals_torch() -> None:
    model = torch.nn.Linear(3, 2, bias=False, dtype=torch.float64)
    averaged = torch.optim.swa_utils.AveragedModel(model)
    for parameters, expected in zip(PATH, uniform_path(), strict=True):
        with torch.no_grad():
            model.weight.copy_(torch.tensor(parameters))
        averaged.update_parameters(model)
        given = next(averaged.parameters()).detach().numpy()
        np.testing.assert_allclose(given, expected, rtol=1e-12, atol=1e-14)


def test_exponential_is_adam_s_corrected_moment() -> None:
    moment = np.zeros_like(PATH[0])
    for n, (parameters, average) in enumerate(
        zip(PATH, exponential_path(0.9), strict=True), start=1
    ):
        moment = 0.9 * moment + 0.1 * parameters
        np.testing.assert_allclose(average, moment / (1.0 - 0.9**n), rtol=1e-11, atol=1e-13)


def test_an_average_of_equal_weights_is_those() -> None:
    state = WeightAverage.initial(PATH[0])
    for _ in range(5):
        state = exponential_average(state, PATH[0], 0.7)
    np.testing.assert_array_equal(state.average, PATH[0])
