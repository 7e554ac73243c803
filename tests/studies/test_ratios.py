import numpy as np

from levelset.studies import Comparison, judge
from levelset.studies.ratios import log2_of


def test_differences_are_logarithms_of_ratios_and_zero_is_finite():
    loss = np.array([[0.1, 0.4], [2.0, 0.0]])
    values = log2_of(loss)
    assert 2 ** (values[0, 1] - values[0, 0]) == np.float64(4.0)
    assert np.isfinite(values).all()
    assert values[1, 1] < values.min(initial=0, where=loss > 0)


def test_losses_of_zero_in_half_of_the_replicates_can_be_told_as_a_ratio():
    loss = np.array([[0.1, 0.001], [0.1, 0.0]] * 4)
    values = log2_of(loss)
    claim = Comparison("", "", values[:, 0] - values[:, 1], is_log_ratio=True)
    (finding,) = judge([claim], test_share=1 / 3)
    assert np.isfinite(finding.interval.high)
    # Zero counts as 2⁻²⁴, between the loss of one row that float32 can show and half of it.
    each = (100.0, 0.1 * 2.0**24)
    assert np.isclose(finding.interval.estimate, np.sqrt(each[0] * each[1]))


def test_what_counts_as_zero_can_be_said():
    assert log2_of(np.array([0.0, 1e-9]), least=2.0**-40).tolist() == [-40.0, np.log2(1e-9)]
