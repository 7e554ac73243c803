import numpy as np

from levelset.studies.ratios import log2_of


def test_differences_are_logarithms_of_ratios_and_zero_is_finite():
    loss = np.array([[0.1, 0.4], [2.0, 0.0]])
    values = log2_of(loss)
    assert 2 ** (values[0, 1] - values[0, 0]) == np.float64(4.0)
    assert np.isfinite(values).all()
    assert values[1, 1] < values.min(initial=0, where=loss > 0)
