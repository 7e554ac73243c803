import math

import numpy as np
import pytest
from scipy import stats

from levelset.report.figures.summaries import summarize
from levelset.seeds import stream


@pytest.mark.parametrize("log", [False, True])
def test_means_and_intervals_agree_with_the_slow_twin(log):
    values = np.exp(stream(0, "summaries").normal(size=(6, 5)))
    summary = summarize(values, "mean and 95 % interval", log)
    for place in range(5):
        column = [math.log(v) if log else v for v in values[:, place]]
        mean = sum(column) / 6
        spread = math.sqrt(sum((v - mean) ** 2 for v in column) / 5)
        half = stats.t.ppf(0.975, 5) * spread / math.sqrt(6)
        ends = [math.exp(v) if log else v for v in (mean, mean - half, mean + half)]
        assert summary.center[place] == pytest.approx(ends[0])
        assert summary.low[place] == pytest.approx(ends[1])
        assert summary.high[place] == pytest.approx(ends[2])


def test_medians_and_quartiles():
    values = np.array([[1.0], [2.0], [3.0], [4.0], [100.0]])
    summary = summarize(values, "median and quartiles", log=False)
    assert (summary.low[0], summary.center[0], summary.high[0]) == (2.0, 3.0, 4.0)


def test_one_replicate_has_no_band():
    summary = summarize(np.ones((1, 3)), "mean and 95 % interval", log=False)
    assert summary.center.tolist() == [1, 1, 1]
    assert np.isnan(summary.low).all()
    assert summary.count.tolist() == [1, 1, 1]


@pytest.mark.parametrize("band", ["mean and 95 % interval", "median and quartiles"])
def test_nothing_is_said_where_under_half_have_a_value(band):
    values = np.ones((4, 3))
    values[:2, 1] = np.nan
    values[:3, 2] = np.nan
    summary = summarize(values, band, log=False)
    assert summary.count.tolist() == [4, 2, 0]
    assert np.isnan([summary.center[2], summary.low[2], summary.high[2]]).all()


def test_infinities_and_zeros_on_a_log_axis_have_no_value():
    values = np.array([[np.inf, 0.0], [1.0, 1.0], [1.0, 1.0]])
    assert summarize(values, "median and quartiles", log=True).count.tolist() == [2, 2]


def test_single_precision_is_taken():
    assert summarize(np.ones((2, 2), np.float32), "median and quartiles", log=False).center[0] == 1
