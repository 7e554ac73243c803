import numpy as np
import pytest

from benchmarks.shapes import SHAPES, flops_per_sample, synthetic


def test_operations_of_a_step_counted_by_hand():
    # 20-64-64-3: products 1280, 4096 and 192; two thirds of the work of a layer are its forward
    # pass and weight gradient, and the first layer has no input gradient.
    forward = 2 * (1280 + 4096 + 192)
    weight_gradient = forward
    input_gradient = 2 * (4096 + 192)
    assert flops_per_sample((20, 64, 64, 3)) == forward + weight_gradient + input_gradient == 30848
    assert SHAPES["study"].flops_per_sample == 30848


def test_operations_of_a_linear_model_have_no_input_gradient():
    assert flops_per_sample((5, 3)) == 2 * 2 * 15


@pytest.mark.parametrize("name", list(SHAPES))
def test_synthetic_classes_are_balanced_and_not_told_apart_by_their_means(name):
    shape = SHAPES[name]
    data = synthetic(shape, np.random.default_rng(0))
    assert data.features.shape == (shape.rows, shape.features)
    assert data.features.dtype == np.float32
    counts = np.bincount(data.labels, minlength=shape.classes)
    assert counts.max() - counts.min() <= 1
    for label in range(shape.classes):
        mean = data.features[data.labels == label].mean(axis=0)
        assert np.abs(mean).max() < 0.5
