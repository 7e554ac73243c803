from collections.abc import Callable, Sequence

import numpy as np
import pytest

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import jackknife_values, mean_interval
from tests.reference import jackknife as reference

VALUES = stream(0, "jackknife").normal(1.0, 2.0, size=11)

STATISTICS = {
    "mean": lambda values: float(np.mean(values)),
    "variance": lambda values: float(np.var(values, ddof=1)),
    "plain variance": lambda values: float(np.var(values)),
    "third moment": lambda values: float(np.mean(np.asarray(values) ** 3)),
}


def of_one_number(statistic: Callable[[Sequence[float]], float]) -> np.ndarray:
    left_out = [[statistic(np.delete(VALUES, r).tolist())] for r in range(len(VALUES))]
    return jackknife_values(np.array([statistic(VALUES.tolist())]), np.array(left_out))[:, 0]


@pytest.mark.parametrize("statistic", STATISTICS.values(), ids=STATISTICS)
def test_mean_is_the_statistic_and_spread_its_standard_error(statistic) -> None:
    values = of_one_number(statistic)
    assert values.mean() == pytest.approx(statistic(VALUES), rel=1e-12)
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert error == pytest.approx(reference.standard_error(VALUES.tolist(), statistic), rel=1e-12)


def test_the_values_of_a_mean_are_the_replicates_themselves() -> None:
    np.testing.assert_allclose(of_one_number(STATISTICS["mean"]), VALUES, rtol=1e-12)


def test_statistics_do_not_mix() -> None:
    table = stream(1, "jackknife").normal(size=(6, 3))
    left_out = np.stack([np.delete(table, r, axis=0).var(axis=0, ddof=1) for r in range(6)])
    values = jackknife_values(table.var(axis=0, ddof=1), left_out)
    assert values.shape == (6, 3)
    alone = jackknife_values(table[:, 1:2].var(axis=0, ddof=1), left_out[:, 1:2])
    np.testing.assert_allclose(values[:, 1:2], alone)


def test_its_interval_of_a_variance_holds_the_truth_nearly_as_often_as_it_says() -> None:
    generator, held = stream(2, "jackknife"), 0
    for _ in range(400):
        drawn = generator.normal(size=(30, 5))  # five independent rows, as of a mean over rows
        left_out = np.stack([np.delete(drawn, r, axis=0).var(axis=0, ddof=1) for r in range(30)])
        values = jackknife_values(drawn.var(axis=0, ddof=1), left_out).mean(axis=1)
        interval = mean_interval(values)
        held += interval.low <= 1.0 <= interval.high
    assert 0.89 <= held / 400 <= 0.97


def test_refuses_one_replicate() -> None:
    with pytest.raises(DataError, match="at least 2 replicates, got 1; run more"):
        jackknife_values(np.ones(1), np.ones((1, 1)))
