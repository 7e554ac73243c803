import numpy as np
import pytest

from levelset.studies import judge
from levelset.studies.limits import (
    as_positive_quantity,
    as_quantity,
    below,
    ratio_above,
    ratio_below,
)

QUANTITY = np.array([0.02, 0.03, 0.025, 0.035])


@pytest.mark.parametrize(("limit", "verdict"), [(0.1, "supported"), (0.001, "refuted")])
def test_a_quantity_is_judged_against_its_limit_and_told_as_itself(limit, verdict):
    comparison = below(limit, QUANTITY, "It is small.", "size", note="Of four.")
    (found,) = (as_quantity(one, limit) for one in judge([comparison], test_share=1 / 3))
    assert found.verdict == verdict
    assert found.interval.estimate == pytest.approx(QUANTITY.mean())
    width = found.interval.high - QUANTITY.mean()
    assert width == pytest.approx(QUANTITY.mean() - found.interval.low)
    assert width > QUANTITY.std()  # 3.2 · s · √(1/4 + 1/3)
    assert found.note.endswith("Of four.")


@pytest.mark.parametrize(
    ("make", "limit", "verdict"),
    [
        (ratio_below, 0.5, "supported"),
        (ratio_below, 0.001, "refuted"),
        (ratio_above, 0.001, "supported"),
        (ratio_above, 0.5, "refuted"),
    ],
)
def test_a_positive_quantity_is_judged_by_its_logarithm(make, limit, verdict):
    comparison = make(limit, np.log2(QUANTITY), "It is so.", "size")
    (found,) = (as_positive_quantity(one, limit) for one in judge([comparison], test_share=1 / 3))
    assert found.verdict == verdict
    mean = np.exp(np.log(QUANTITY).mean())
    assert found.interval.estimate == pytest.approx(mean)
    assert found.interval.low < mean < found.interval.high
    assert found.interval.high / mean == pytest.approx(mean / found.interval.low)
