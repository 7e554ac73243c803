"""Numbers in sentences, as a reader expects them: 10⁻⁵, and not 1e-05."""

import math

import numpy as np

MISSING = "—"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def numeral(value: float | int | np.floating, digits: int = 6, *, scientific: bool = False) -> str:
    """Write a number with no digit more than it has, up to so many.

    Below 0.0001 and from 10,000,000 on it stands in powers of ten.

    Args:
        value: Any number; NaN becomes a dash.
        digits: Significant digits, at most; before the decimal point all are shown.
        scientific: Whether to write it in powers of ten whatever its size.

    Example:
        >>> numeral(0.250), numeral(1e-4), numeral(1e-5), numeral(-3e-5), numeral(20000)
        ('0.25', '0.0001', '10⁻⁵', '−3 × 10⁻⁵', '20,000')
        >>> numeral(0.0123456, 3), numeral(1234.8, 3), numeral(1.2345e-9, 2)
        ('0.0123', '1235', '1.2 × 10⁻⁹')
    """
    if not math.isfinite(value):
        return MISSING if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    if scientific or not -5 < int(power) < 7:
        return _in_powers_of_ten(trimmed(mantissa), int(power))
    separator = "," if int(power) >= 4 else ""  # of the rounded value
    return trimmed(f"{value:{separator}.{max(digits - 1 - int(power), 0)}f}")


def _in_powers_of_ten(mantissa: str, power: int) -> str:
    if mantissa not in ("1", "−1"):
        return f"{mantissa} × {ten(power)}"
    return mantissa.removesuffix("1") + power_of_ten(power)


def power_of_ten(power: int) -> str:
    """Write a power of ten, those that need none without an exponent.

    Example:
        >>> power_of_ten(-5), power_of_ten(0)
        ('10⁻⁵', '1')
    """
    return str(10**power) if power in (0, 1) else ten(power)


def ten(power: int) -> str:
    """Write a power of ten with its exponent, to follow a factor.

    Example:
        >>> ten(-12), ten(1)
        ('10⁻¹²', '10¹')
    """
    return f"10{str(power).translate(_SUPERSCRIPTS)}"


def trimmed(digits: str) -> str:
    """Write digits with a true minus sign and without zeros at the end of a fraction.

    Example:
        >>> trimmed("-0.2500"), trimmed("20,000")
        ('−0.25', '20,000')
    """
    shorter = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return shorter.replace("-", "−")
