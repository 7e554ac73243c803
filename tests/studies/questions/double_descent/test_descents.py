import numpy as np
import pytest

from levelset.studies.questions.double_descent.descents import Descents


def of(training, epochs=90):
    values = np.broadcast_to(np.arange(float(epochs)), (2, 3, epochs)).copy()
    last = values.copy()
    last[:, :, -1] = training
    return Descents(np.array([1, 2, 4]), last, values, values)


@pytest.mark.parametrize(
    ("training", "threshold"), [([0.5, 0.01, 0.0], 1), ([0.5, 0.4, 0.02], None), ([0, 0, 0], 0)]
)
def test_the_threshold_is_the_narrowest_width_that_fits(training, threshold):
    assert of(training).threshold == threshold


@pytest.mark.parametrize("epochs", [1, 3, 40, 90, 1000])
def test_grouped_epochs_are_means_of_all_epochs_in_turn(epochs):
    found = of([0.0, 0.0, 0.0], epochs)
    middles, means = found.over_epochs(found.error)
    assert len(middles) <= 40
    assert (np.diff(middles) > 0).all()
    # Of the numbers 0, 1, 2, ... a mean is the middle, which counts from 1.
    np.testing.assert_allclose(means, np.broadcast_to(middles - 1, means.shape))
