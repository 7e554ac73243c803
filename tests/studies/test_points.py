import pytest

from levelset.seeds import stream
from levelset.studies.points import resampled_point
from levelset.theory import resampled_interval

VALUES = stream(0, "points").normal(size=8)


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_a_point_is_the_interval_and_of_ratios_its_power_of_two(level):
    interval = resampled_interval(VALUES, 1 / 3, level)
    plain = resampled_point("a", VALUES, 1 / 3, "key", level=level)
    ratio = resampled_point("a", VALUES, 1 / 3, "key", is_log_ratio=True, level=level)
    assert (plain.name, plain.color_key) == ("a", "key")
    assert (plain.estimate, plain.low, plain.high) == (
        interval.estimate,
        interval.low,
        interval.high,
    )
    for end in ("estimate", "low", "high"):
        assert getattr(ratio, end) == pytest.approx(2 ** getattr(interval, end))
