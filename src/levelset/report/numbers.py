"""Numbers as a reader wants them: as many digits as carry meaning, and no more."""

import math
from collections.abc import Sequence

from levelset.theory.numerals import MISSING, numeral, ten
from levelset.theory.statistics import Interval


def number(value: float | int, digits: int = 3) -> str:
    """Write a number with so many significant digits, in powers of ten where that is shorter.

    Args:
        value: Any number; NaN becomes a dash.
        digits: Significant digits.

    Example:
        >>> number(0.12345), number(0.000012345), number(123456.7)
        ('0.123', '1.23 × 10⁻⁵', '123,457')
    """
    if not math.isfinite(value):
        return numeral(value)
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if -4 < magnitude < 7:
        return fixed(value, max(digits - 1 - magnitude, 0))
    return _scientific(value, digits)


def short(value: float | int, scientific: bool = False) -> str:
    """Write a round number with no digit more than it has, up to 6.

    Args:
        value: Any finite number.
        scientific: Whether to write it in powers of ten.

    Example:
        >>> short(0.250), short(3e-4), short(20000), short(20000, scientific=True)
        ('0.25', '0.0003', '20,000', '2 × 10⁴')
    """
    return numeral(value, scientific=scientific)


def whole(value: int) -> str:
    """Write a whole number, with separators from 10,000 on.

    Example:
        >>> whole(1999), whole(32560)
        ('1999', '32,560')
    """
    return _minus(f"{value:,}" if abs(value) >= 10_000 else str(value))


def fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals; below 0 they are the digits rounded away.

    Example:
        >>> fixed(-0.5, 2), fixed(-0.0001, 2), fixed(1138.0, -1)
        ('−0.50', '0.00', '1140')
    """
    if not math.isfinite(value):
        return numeral(value)
    rounded = round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
    separator = "," if abs(rounded) >= 10_000 else ""
    return _minus(f"{rounded:{separator}.{max(decimals, 0)}f}")


def column(values: Sequence[float | int]) -> tuple[str, ...]:
    """Write the numbers of one column with common decimals, so that they can be compared.

    The largest shows at least 3 significant digits and the smallest at least 2. Where that needs
    more than 4 decimals, each number is written for itself.

    Example:
        >>> column([0.9667, 0.3333, math.nan])
        ('0.967', '0.333', '—')
        >>> column([0.03, 1e-7])
        ('0.0300', '1.00 × 10⁻⁷')
    """
    if all(isinstance(value, int) or math.isnan(value) for value in values):
        return tuple(MISSING if math.isnan(value) else whole(int(value)) for value in values)
    sizes = [abs(value) for value in values if math.isfinite(value) and value != 0]
    if not sizes:
        return tuple(number(value) for value in values)
    largest, smallest = (math.floor(math.log10(size)) for size in (max(sizes), min(sizes)))
    decimals = max(2 - largest, 1 - smallest, 0)
    if decimals > 4 or largest >= 7:
        return tuple(number(value) for value in values)
    return tuple(fixed(value, decimals) if value else "0" for value in values)


def interval_text(estimate: float, low: float, high: float) -> str:
    """Write an estimate and its interval, to two digits of the interval's half width.

    Where the interval reaches much further up than down, as those of ratios do, each number has two
    digits of its own.

    Example:
        >>> interval_text(0.95333, 0.92111, 0.98555)
        '0.953 [0.921, 0.986]'
        >>> interval_text(2e-6, 1e-6, 3e-6)
        '2.0 [1.0, 3.0] × 10⁻⁶'
        >>> interval_text(1.373e6, 6.51e5, 2.896e6)
        '1.4 [0.65, 2.9] × 10⁶'
    """
    if _is_skewed(estimate, low, high):
        return _skewed_text(estimate, low, high)
    return interval_texts([(estimate, low, high)])[0]


def interval_texts(intervals: Sequence[tuple[float, float, float]]) -> tuple[str, ...]:
    """Write estimates and intervals that stand in one column, to common decimals.

    The narrowest interval decides, to two digits of its half width; one of no width shows three
    digits of its estimate. Where that needs more than 5 decimals, each is written for itself, in
    powers of ten if it is small or large.

    Args:
        intervals: Estimate, low and high of each; NaN where there is none.

    Example:
        >>> interval_texts([(0.3333, 0.1923, 0.5122), (0.96667, 0.83324, 0.99408)])
        ('0.333 [0.192, 0.512]', '0.967 [0.833, 0.994]')
    """
    scales = [_scale(interval) for interval in intervals]
    decimals = [_decimals(*pair) for pair in zip(intervals, scales, strict=True)]
    widest = max(decimals, default=0)
    if not any(scales) and widest <= 5:
        decimals = [widest] * len(decimals)
    return tuple(_interval(*three) for three in zip(intervals, scales, decimals, strict=True))


def level_text(interval: Interval) -> str:
    """Name an interval's level.

    Example:
        >>> level_text(Interval(0.0, -1.0, 1.0, 0.95, 10))
        '95 % interval'
    """
    return f"{100 * interval.level:g} % interval"


def duration(seconds: float | int) -> str:
    """Write a time span in the unit that suits it.

    Example:
        >>> duration(0.25), duration(8.5), duration(75), duration(7300)
        ('0.25 s', '8.5 s', '1 min 15 s', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.2g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def _scale(interval: tuple[float, float, float]) -> int:
    """Choose the power of ten to write an interval in: 0 unless it is very small or large."""
    size = max((abs(value) for value in interval if math.isfinite(value)), default=0.0)
    power = math.floor(math.log10(size)) if size > 0 else 0
    return 0 if -4 < power < 6 else power


def _is_skewed(estimate: float, low: float, high: float) -> bool:
    if not 0 < low < estimate < high < math.inf:
        return False
    return high > 3 * low and high - estimate > 1.5 * (estimate - low)


def _skewed_text(estimate: float, low: float, high: float) -> str:
    """Write an interval of positive numbers, each to two digits, in one power of ten."""
    power = math.floor(math.log10(float(f"{estimate:.1e}")))
    scale = 0 if -4 < power < 5 else power
    texts = []
    for value in (estimate, low, high):
        rounded = float(f"{value:.1e}") / 10.0**scale
        texts.append(fixed(rounded, max(1 - math.floor(math.log10(rounded) + 1e-9), 0)))
    tail = f" × {ten(scale)}" if scale else ""
    return f"{texts[0]} [{texts[1]}, {texts[2]}]{tail}"


def _decimals(interval: tuple[float, float, float], scale: int) -> int:
    """Count the decimals that an interval needs, in units of its power of ten."""
    estimate, low, high = interval
    if not math.isfinite(estimate):
        return 0
    half = (high - low) / 2
    if math.isfinite(half) and half > 0:
        return min(1 - math.floor(math.log10(half)) + scale, 6)
    return max(2 - math.floor(math.log10(abs(estimate))) + scale, 0) if estimate else 0


def _interval(interval: tuple[float, float, float], scale: int, decimals: int) -> str:
    estimate, low, high = interval
    if not math.isfinite(estimate):
        return numeral(estimate)
    texts = [fixed(value / 10.0**scale, decimals) for value in interval]
    tail = f" × {ten(scale)}" if scale else ""
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{texts[0]}{tail}"
    return f"{texts[0]} [{texts[1]}, {texts[2]}]{tail}"


def _scientific(value: float, digits: int) -> str:
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    return f"{_minus(mantissa)} × {ten(int(power))}"


def _minus(text: str) -> str:
    return text.replace("-", "−")
