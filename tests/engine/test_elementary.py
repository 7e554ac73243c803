"""Error bounds of the core's vector functions, in units in the last place, on every build.

The references are the C library's functions in extended precision; of erfc in double precision,
good to 1 ulp. The largest errors seen over all instruction sets, in ulp:

                       float32  float64
    exp                    1.2      1.2
    exp(x) - 1             2.4      2.4
    log                    2.9      2.9
    cosine of a turn       2.4      2.2
    sine of a turn         2.4      2.2
    sigmoid                2.5      2.3
    tanh                   3.3      3.1
    root                   8.0      0.5
    log(1 + u)             2.6      2.8
    erfc                   6.6      6.0   times max(1, x^2)
    normal distribution    6.2      6.0   times max(1, z^2 / 2)

`native/elementary.hpp` and `native/activations.hpp` state the bounds asserted here.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from levelset.engine import core
from tests.reference.instruction_sets import every_instruction_set

FUNCTIONS = (  # in the order of native/plan.hpp
    "exponential",
    "exponential_minus_one",
    "logarithm",
    "cosine_of_turn",
    "sine_of_turn",
    "sigmoid",
    "tanh",
    "root",
    "logarithm_of_one_plus",
    "complementary_error_function",
    "normal_distribution",
)
BOUND_ULP = {
    "exponential": 2,
    "exponential_minus_one": 3,
    "logarithm": 3,
    "cosine_of_turn": 3,
    "sine_of_turn": 3,
    "sigmoid": 3,
    "tanh": 4,
    "root": 10,  # 6e-7 relative: two Newton steps, not the hardware's root
    "logarithm_of_one_plus": 3,
    "complementary_error_function": 8,
    "normal_distribution": 8,
}
PI = np.longdouble("3.14159265358979323846264338327950288")
COUNT = 200_000

both_types = pytest.mark.parametrize("dtype", ["float32", "float64"])
every_function = pytest.mark.parametrize("function", FUNCTIONS)

needs_extended_precision = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="the reference needs 64-bit mantissas"
)


def evaluate(function: str, x: np.ndarray, instruction_set: str) -> np.ndarray:
    y = np.empty_like(x)
    core.elementary(instruction_set, FUNCTIONS.index(function), x, y)
    return y


def sine_of_turn(u: np.ndarray) -> np.ndarray:
    # Reduced without rounding to an eighth of a turn around the nearest quarter.
    quarter = np.rint(4 * u)
    angle = (u - quarter / 4) * 2 * PI
    waves = [np.sin(angle), np.cos(angle), -np.sin(angle), -np.cos(angle)]
    return np.select([quarter % 4 == k for k in range(4)], waves)


def complementary_error_function(x: np.ndarray) -> np.ndarray:
    """erfc(h + l) = erfc(h) - 2 / sqrt(pi) exp(-h^2) l: of x in two parts of double precision."""
    high = x.astype(np.float64)
    low = x - high
    values = np.array([math.erfc(number) for number in high.tolist()], np.longdouble)
    return values - 2 / np.sqrt(PI) * np.exp(-(high.astype(np.longdouble) ** 2)) * low


def normal_distribution(z: np.ndarray) -> np.ndarray:
    return complementary_error_function(-z / np.sqrt(np.longdouble(2))) / 2


REFERENCES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exponential": np.exp,
    "exponential_minus_one": np.expm1,
    "logarithm": np.log,
    "cosine_of_turn": lambda u: sine_of_turn(u + np.longdouble(0.25)),
    "sine_of_turn": sine_of_turn,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "root": np.sqrt,
    "logarithm_of_one_plus": np.log1p,
    "complementary_error_function": complementary_error_function,
    "normal_distribution": normal_distribution,
}
# How fast the bound grows: as the error of exp(-x^2), whose argument is rounded.
GROWTH: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "complementary_error_function": lambda x: np.maximum(1, x**2),
    "normal_distribution": lambda z: np.maximum(1, z**2 / 2),
}


@cache
def arguments(function: str, dtype: str) -> np.ndarray:
    """Dense over the range of the stated bound, and denser where the function is delicate."""
    generator = np.random.default_rng(1)
    low, high = (-87.0, 88.3) if dtype == "float32" else (-708.0, 709.4)
    far = 9.0 if dtype == "float32" else 26.0  # erfc(far) is still a normal number
    tiny, huge = float(np.finfo(dtype).tiny), float(np.finfo(dtype).max)

    def magnitudes(least: float, most: float) -> np.ndarray:
        return np.exp(generator.uniform(np.log(least), np.log(most), COUNT))

    small = magnitudes(1e-30, 1.0)
    dense = {
        "exponential": [np.linspace(low, high, COUNT), -small, small],
        "exponential_minus_one": [np.linspace(low, high, COUNT), -small, small],
        "logarithm": [magnitudes(tiny * 1.1, huge * 0.9), np.linspace(0.5, 2, COUNT)],
        "cosine_of_turn": [np.linspace(0, 1, COUNT, endpoint=False), small * 0.99],
        "sine_of_turn": [np.linspace(0, 1, COUNT, endpoint=False), small * 0.99],
        "sigmoid": [np.linspace(low, -low, COUNT), -small, small],
        "tanh": [np.linspace(-25, 25, COUNT), -small, small],
        "root": [magnitudes(tiny * 1.1, huge * 0.9), np.linspace(0, 4, COUNT)],
        "logarithm_of_one_plus": [np.linspace(0, 1, COUNT), small],
        "complementary_error_function": [np.linspace(0, far, COUNT), small],
        "normal_distribution": [np.linspace(-1.4 * far, 1.4 * far, COUNT), -small, small],
    }
    return np.concatenate(dense[function]).astype(dtype)


@cache
def exact_values(function: str, dtype: str) -> np.ndarray:
    return REFERENCES[function](arguments(function, dtype).astype(np.longdouble))


def largest_error_ulp(function: str, x: np.ndarray, instruction_set: str) -> float:
    exact = exact_values(function, x.dtype.name)
    error = np.abs(evaluate(function, x, instruction_set) - exact)
    tiny = np.finfo(x.dtype).tiny
    unit = np.spacing(np.maximum(np.abs(exact), tiny).astype(x.dtype))
    if function in GROWTH:
        unit = unit * GROWTH[function](x.astype(np.float64))
    return float((error / unit).max())


@needs_extended_precision
@every_instruction_set
@both_types
@every_function
def test_error_is_within_the_stated_bound(function: str, dtype: str, instruction_set: str) -> None:
    error = largest_error_ulp(function, arguments(function, dtype), instruction_set)
    assert error < BOUND_ULP[function]


@every_instruction_set
@both_types
class TestEdges:
    def values(self, function: str, dtype: str, instruction_set: str, *x: float) -> list[float]:
        return evaluate(function, np.array(x, dtype), instruction_set).tolist()

    @every_function
    def test_not_a_number_stays_one(self, function: str, dtype: str, instruction_set: str) -> None:
        if function != "logarithm":  # stated for normal x > 0 only: nothing in the core asks more
            assert np.isnan(self.values(function, dtype, instruction_set, np.nan)).all()

    def test_values_at_zero_are_exact(self, dtype: str, instruction_set: str) -> None:
        expected = {
            "exponential": 1.0,
            "exponential_minus_one": 0.0,
            "cosine_of_turn": 1.0,
            "sine_of_turn": 0.0,
            "sigmoid": 0.5,
            "tanh": 0.0,
            "root": 0.0,
            "logarithm_of_one_plus": 0.0,
        }
        for function, value in expected.items():
            assert self.values(function, dtype, instruction_set, 0.0, -0.0) == [value, value]

    def test_logarithm_of_one_is_zero(self, dtype: str, instruction_set: str) -> None:
        assert self.values("logarithm", dtype, instruction_set, 1.0) == [0.0]

    @pytest.mark.parametrize("x", [np.inf, -np.inf, "max", "-max"])
    def test_exponential_is_clamped(self, x: float | str, dtype: str, instruction_set: str) -> None:
        most = float(np.finfo(dtype).max)
        argument = {"max": most, "-max": -most}.get(x, x)
        (value,) = self.values("exponential", dtype, instruction_set, argument)
        tiny = float(np.finfo(dtype).tiny)
        assert (most / 2 < value < most) if argument > 0 else (tiny < value < 2 * tiny)

    def test_flat_ends(self, dtype: str, instruction_set: str) -> None:
        most = float(np.finfo(dtype).max)
        ends = (-np.inf, -most, most, np.inf)
        assert self.values("tanh", dtype, instruction_set, *ends) == [-1.0, -1.0, 1.0, 1.0]
        sigmoid = self.values("sigmoid", dtype, instruction_set, *ends)
        assert sigmoid[2:] == [1.0, 1.0]
        assert max(sigmoid[:2]) < np.finfo(dtype).tiny
        minus_one = self.values("exponential_minus_one", dtype, instruction_set, *ends[:2])
        assert minus_one == [-1.0, -1.0]

    def test_normal_distribution_of_far_arguments(self, dtype: str, instruction_set: str) -> None:
        most = float(np.finfo(dtype).max)
        ends = (-np.inf, -most, -1e3, 1e3, most, np.inf)
        values = self.values("normal_distribution", dtype, instruction_set, *ends)
        assert values[3:] == [1.0, 1.0, 1.0]
        assert min(values[:3]) >= 0
        assert max(values[:3]) < np.finfo(dtype).tiny
        tails = self.values("complementary_error_function", dtype, instruction_set, *ends[3:])
        assert min(tails) >= 0
        assert max(tails) < np.finfo(dtype).tiny

    def test_small_arguments_keep_their_digits(self, dtype: str, instruction_set: str) -> None:
        tiny = float(np.finfo(dtype).tiny)
        for function in ("tanh", "exponential_minus_one"):
            given = self.values(function, dtype, instruction_set, tiny, -tiny)
            assert given == [tiny, -tiny]
        assert self.values("logarithm_of_one_plus", dtype, instruction_set, tiny) == [tiny]

    def test_quarters_of_a_turn_are_exact(self, dtype: str, instruction_set: str) -> None:
        quarters = (0.0, 0.25, 0.5, 0.75)
        cosines = self.values("cosine_of_turn", dtype, instruction_set, *quarters)
        assert cosines == [1.0, 0.0, -1.0, 0.0]
        assert self.values("sine_of_turn", dtype, instruction_set, *quarters) == [
            0.0,
            1.0,
            0.0,
            -1.0,
        ]
