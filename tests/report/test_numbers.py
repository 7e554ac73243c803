import math

import pytest

from levelset.report import numbers
from levelset.theory.statistics import Interval

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.123"),
        (12.345, "12.3"),
        (-0.5, "−0.500"),
        (0.0, "0"),
        (1.23e-5, "1.23 × 10⁻⁵"),
        (4.5e12, "4.50 × 10¹²"),
        (1.5e7, "1.50 × 10⁷"),
        (NAN, "—"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_number(value, text):
    assert numbers.number(value) == text


def test_a_mantissa_of_one_keeps_its_power():
    assert numbers.number(1e-5) == "1.00 × 10⁻⁵"
    assert numbers.number(1e10) == "1.00 × 10¹⁰"


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.9667, 0.3333], ("0.967", "0.333")),
        ([12.5, 0.034], ("12.500", "0.034")),
        ([1, 32560], ("1", "32,560")),
        ([1, NAN], ("1", "—")),
        ([0.0213, 3.2e-7], ("0.0213", "3.20 × 10⁻⁷")),
        ([0.0, 0.0], ("0", "0")),
        ([0.0, 0.0191], ("0", "0.0191")),
        ([9e-13, 35_557.0], ("9.00 × 10⁻¹³", "35,557")),
        ([-0.00001, 1.0], ("−1.00 × 10⁻⁵", "1.00")),
        ([], ()),
    ],
)
def test_column(values, texts):
    assert numbers.column(values) == texts


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ((0.95333, 0.92111, 0.98555), "0.953 [0.921, 0.986]"),
        ((38.4, 29.7, 47.1), "38.4 [29.7, 47.1]"),
        ((1234.0, 1000.0, 1500.0), "1230 [1000, 1500]"),
        ((82_411.0, 60_463.0, 112_326.0), "82,000 [60,000, 112,000]"),
        ((1_372_927.0, 650_873.0, 2_896_000.0), "1.4 [0.65, 2.9] × 10⁶"),
        ((1_245_188.0, 730_003.0, 2_123_951.0), "1.25 [0.73, 2.12] × 10⁶"),
        ((1_533_551.0, 771_349.0, 3_048_917.0), "1.5 [0.77, 3.0] × 10⁶"),
        ((1.59, 1.04, 2.42), "1.59 [1.04, 2.42]"),
        ((5.92e-6, 1.01e-6, 3.46e-5), "5.9 [1.0, 35] × 10⁻⁶"),
        ((2.6, 0.6, 12.0), "2.6 [0.60, 12]"),
        ((17.2, 4.2, 61.0), "17 [4.2, 61]"),
        ((9.96, 2.0, 99.6), "10 [2.0, 100]"),
        ((2e-6, 1e-6, 3e-6), "2.0 [1.0, 3.0] × 10⁻⁶"),
        ((0.0, 0.0, 0.0), "0 [0, 0]"),
        ((0.5, 0.5, 0.5), "0.500 [0.500, 0.500]"),
        ((NAN, NAN, NAN), "—"),
        ((1.2, NAN, NAN), "1.20"),
        ((0.01, -0.004, 0.024), "0.010 [−0.004, 0.024]"),
    ],
)
def test_interval_text(interval, text):
    assert numbers.interval_text(*interval) == text


def test_intervals_of_a_column_have_common_decimals():
    texts = numbers.interval_texts([(0.3333, 0.19, 0.51), (0.9667, 0.83, 0.99), (NAN, NAN, NAN)])
    assert texts == ("0.333 [0.190, 0.510]", "0.967 [0.830, 0.990]", "—")


def test_one_tiny_interval_does_not_stretch_the_others():
    texts = numbers.interval_texts([(0.5, 0.4, 0.6), (3e-7, 1e-7, 5e-7)])
    assert texts == ("0.50 [0.40, 0.60]", "3.0 [1.0, 5.0] × 10⁻⁷")


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "0.25"), (64, "64"), (100000, "100,000"), (0.0003, "0.0003")]
)
def test_short(value, text):
    assert numbers.short(value) == text


def test_short_in_powers_of_ten():
    assert [numbers.short(v, scientific=True) for v in (1e-6, 0.1, 1.0, 3e-4, 0.0)] == [
        "10⁻⁶",
        "10⁻¹",
        "1",
        "3 × 10⁻⁴",
        "0",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (8.42, "8.4 s"), (59.9, "60 s"), (75.0, "1 min 15 s"), (3600.0, "1 h")],
)
def test_duration(seconds, text):
    assert numbers.duration(seconds) == text


def test_level_text():
    assert numbers.level_text(Interval(0.0, 0.0, 0.0, 0.995, 3)) == "99.5 % interval"
