import numpy as np
import pytest

from benchmarks.contestants.contestant import Outcome
from benchmarks.measurement import ContestantResult, ShapeResult, ratio, summarize
from benchmarks.shapes import Shape

SHAPE = Shape("small", (2, 3, 2), rows=100, batch=10, members=4, epochs=5)


def result(name: str, *trainings: tuple[float, int, int]) -> ContestantResult:
    outcomes = [Outcome(seconds, m, e, np.zeros(e)) for seconds, m, e in trainings]
    return ContestantResult(name, "", tuple(outcomes))


def test_rate_is_of_the_members_and_epochs_that_were_timed():
    rates = result("levelset", (2.0, 4, 5), (1.0, 2, 5)).rates(SHAPE)
    assert rates.values == (1000.0, 1000.0)


def test_ratio_is_the_median_of_ratios_and_not_the_ratio_of_medians():
    ours, theirs = summarize([1.0, 10.0, 100.0]), summarize([10.0, 1.0, 50.0])
    found = ratio(ours, theirs)
    assert found.values == (0.1, 10.0, 2.0)
    assert (found.median, found.low, found.high) == (2.0, 0.1, 10.0)


def test_ratio_needs_the_same_rounds():
    with pytest.raises(ValueError, match="shorter"):
        ratio(summarize([1.0, 2.0]), summarize([1.0]))


def test_ratio_of_a_shape_is_levelset_over_the_peer():
    ours, peer = result("levelset", (1.0, 4, 5)), result("jax-single", (3.0, 4, 5))
    both = ShapeResult(SHAPE, {"levelset": ours, "jax-single": peer}, {})
    found = both.ratio("jax-single")
    assert found is not None
    assert found.median == pytest.approx(3.0)
    assert ShapeResult(SHAPE, {"jax-single": peer}, {}).ratio("jax-single") is None
