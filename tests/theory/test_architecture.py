import numpy as np
import pytest

from levelset.errors import RecipeError
from levelset.theory import ACTIVATIONS, NORMALIZATIONS, Architecture, Parameters, network_forward

RELU = ACTIVATIONS["relu"]
PARAMETERS = Parameters(
    weights=(np.ones((2, 3)), np.ones((3, 1))),
    biases=(np.zeros(3), np.zeros(1)),
    scales=(np.full(3, 2.0),),
    shifts=(np.full(3, 5.0),),
)


def test_arrays_go_back_to_their_places() -> None:
    numbered = [
        np.full_like(array, number) for number, array in enumerate(PARAMETERS.arrays, start=1)
    ]
    moved = PARAMETERS.with_arrays(numbered)
    assert [array.flat[0] for array in moved.weights] == [1.0, 2.0]
    assert [array.flat[0] for array in moved.biases] == [3.0, 4.0]
    assert moved.scales[0].tolist() == [5.0] * 3
    assert moved.shifts[0].tolist() == [6.0] * 3


def test_a_vector_goes_back_to_its_places() -> None:
    vector = np.arange(float(PARAMETERS.vector.size))
    again = PARAMETERS.with_vector(vector)
    assert [array.shape for array in again.arrays] == [array.shape for array in PARAMETERS.arrays]
    np.testing.assert_array_equal(again.vector, vector)
    np.testing.assert_array_equal(again.weights[0].ravel(), vector[:6])
    np.testing.assert_array_equal(again.shifts[0], vector[-3:])


def test_leading_axes_of_vectors_are_those_of_arrays() -> None:
    vectors = np.arange(4.0 * PARAMETERS.vector.size).reshape(2, 2, -1)
    several = PARAMETERS.with_vector(vectors)
    assert several.weights[0].shape == (2, 2, 2, 3)
    np.testing.assert_array_equal(several.vector, vectors)


def test_sum_is_of_every_array() -> None:
    for doubled, single in zip(PARAMETERS.plus(PARAMETERS).arrays, PARAMETERS.arrays, strict=True):
        np.testing.assert_array_equal(doubled, 2.0 * single)


@pytest.mark.parametrize(
    ("residual", "inputs", "outputs", "joined"),
    [(True, 4, 4, True), (True, 4, 5, False), (False, 4, 4, False)],
)
def test_a_residual_joins_layers_of_one_width(
    residual: bool, inputs: int, outputs: int, joined: bool
) -> None:
    assert Architecture((), (), residual=residual).joins(inputs, outputs) == joined


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        (Architecture((), (), NORMALIZATIONS["batch"]), "must have 1 activations, 1 scales"),
        (Architecture((RELU,), ()), "0 scales and 0 shifts, got 1, 1 and 1"),
        (Architecture((RELU, RELU), (), NORMALIZATIONS["layer"]), "got 2, 1 and 1"),
    ],
)
def test_parameters_of_another_architecture_are_refused(
    architecture: Architecture, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        network_forward(architecture, PARAMETERS, np.ones((4, 2)))
