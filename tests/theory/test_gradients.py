import numpy as np
import pytest
import torch

from levelset.seeds import stream
from levelset.theory import clip_by_global_norm, global_norm, sharpness_aware_perturbation
from tests.reference import gradients as reference

GRADIENT = [
    stream(0, "gradients", layer).normal(size=shape) for layer, shape in enumerate([(3, 4), (4,)])
]
FLAT = [float(number) for array in GRADIENT for number in array.ravel()]


def flat(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])


def test_norm_equals_its_slow_twin() -> None:
    assert global_norm(GRADIENT) == pytest.approx(reference.global_norm(FLAT), rel=1e-14)


class TestClipping:
    @pytest.mark.parametrize("largest_norm", [0.1, 1.0, 100.0])
    def test_equals_its_slow_twin(self, largest_norm: float) -> None:
        clipped = clip_by_global_norm(GRADIENT, largest_norm)
        expected = reference.clip_by_global_norm(FLAT, largest_norm)
        np.testing.assert_allclose(flat(clipped), expected, rtol=1e-13)
        assert [array.shape for array in clipped] == [array.shape for array in GRADIENT]

    def test_equals_torch_but_for_its_addend(self) -> None:
        parameters = [torch.zeros(array.shape, dtype=torch.float64) for array in GRADIENT]
        for parameter, array in zip(parameters, GRADIENT, strict=True):
            parameter.grad = torch.tensor(array)
        torch.nn.utils.clip_grad_norm_(parameters, 0.5)
        clipped = clip_by_global_norm(GRADIENT, 0.5)
        for mine, parameter in zip(clipped, parameters, strict=True):
            assert parameter.grad is not None
            np.testing.assert_allclose(mine, parameter.grad.numpy(), rtol=1e-6)

    def test_leaves_the_length_at_the_limit(self) -> None:
        assert global_norm(clip_by_global_norm(GRADIENT, 0.5)) == pytest.approx(0.5, rel=1e-14)

    def test_leaves_a_short_gradient_as_it_is(self) -> None:
        clipped = clip_by_global_norm(GRADIENT, 1e3)
        np.testing.assert_array_equal(flat(clipped), flat(tuple(GRADIENT)))

    def test_leaves_no_gradient_as_it_is(self) -> None:
        assert clip_by_global_norm([np.zeros(2)], 1.0)[0].tolist() == [0.0, 0.0]


class TestSharpnessAwarePerturbation:
    def test_equals_its_slow_twin(self) -> None:
        perturbation = sharpness_aware_perturbation(GRADIENT, 0.05)
        expected = reference.sharpness_aware_perturbation(FLAT, 0.05)
        np.testing.assert_allclose(flat(perturbation), expected, rtol=1e-13)
        assert global_norm(perturbation) == pytest.approx(0.05, rel=1e-14)

    def test_is_nothing_where_the_loss_is_flat(self) -> None:
        assert sharpness_aware_perturbation([np.zeros(2)], 0.05)[0].tolist() == [0.0, 0.0]

    def test_finds_the_highest_point_of_a_plane_in_the_ball(self) -> None:
        perturbation = flat(sharpness_aware_perturbation(GRADIENT, 0.3))
        others = stream(1, "gradients").normal(size=(2000, len(FLAT)))
        others *= 0.3 / np.linalg.norm(others, axis=1, keepdims=True)
        assert (others @ np.array(FLAT)).max() < perturbation @ np.array(FLAT)
