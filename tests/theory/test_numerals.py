import math

import pytest

from levelset.theory.numerals import numeral, power_of_ten, ten


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (0.25, "0.25"),
        (-0.5, "−0.5"),
        (0.1 + 0.2, "0.3"),
        (0.0001, "0.0001"),
        (0.00012, "0.00012"),
        (1e-5, "10⁻⁵"),
        (-1e-5, "−10⁻⁵"),
        (3e-5, "3 × 10⁻⁵"),
        (1.5e-12, "1.5 × 10⁻¹²"),
        (9999.0, "9999"),
        (20000, "20,000"),
        (1e6, "1,000,000"),
        (1e7, "10⁷"),
        (math.nan, "—"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numeral(value, text):
    assert numeral(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0123456, 3, "0.0123"),
        (0.1, 3, "0.1"),
        (1234.8, 3, "1235"),
        (9.999e-5, 3, "0.0001"),
        (9.94e-5, 2, "9.9 × 10⁻⁵"),
        (4.4e-16, 1, "4 × 10⁻¹⁶"),
    ],
)
def test_no_more_digits_than_asked_for(value, digits, text):
    assert numeral(value, digits) == text


def test_powers_of_ten():
    assert numeral(20, scientific=True) == "2 × 10¹"
    assert [numeral(value, scientific=True) for value in (1, 10, 100)] == ["1", "10", "10²"]
    assert (power_of_ten(1), ten(1)) == ("10", "10¹")


@pytest.mark.parametrize("power", range(-15, 16))
def test_nothing_is_code(power):
    assert "e" not in numeral(1.2345 * 10.0**power)
