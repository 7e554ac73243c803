"""Tables on curves: the probabilities against other hands, and the rows against them."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import i0e
from scipy.stats import norm

from levelset.data.curves import CURVES
from levelset.seeds import stream


def options_of(name, **given):
    return {option.name: option.default for option in CURVES[name].options} | given


def point(name, code, u, options):
    """m꜀(u), from the definition, for one class and one place."""
    if name == "moons":
        x, y = math.cos(math.pi * u), math.sin(math.pi * u)
        return (x, y) if code == 0 else (1 - x, 0.5 - y)
    if name == "rings":
        return tuple((code + 1) * f(2 * math.pi * u) for f in (math.cos, math.sin))
    angle = 2 * math.pi * (options["turns"] * u + code / options["classes"])
    return tuple((0.1 + 0.9 * u) * f(angle) for f in (math.cos, math.sin))


def slow_probabilities(name, x, options):
    """p(c | x) by adaptive integration along each curve."""
    sigma = options["noise"]

    def density(u, code):
        m = point(name, code, u, options)
        distance = sum((a - b) ** 2 for a, b in zip(x, m, strict=True))
        return math.exp(-distance / (2 * sigma**2))

    classes = int(options.get("classes", 2))
    places = np.linspace(0, 1, 21)
    densities = [
        sum(
            quad(density, low, high, args=(code,), epsabs=1e-12, epsrel=1e-12)[0]
            for low, high in itertools.pairwise(places)
        )
        for code in range(classes)
    ]
    return [one / sum(densities) for one in densities]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("moons", {}),
        ("moons", {"noise": 0.5}),
        ("rings", {"classes": 3, "noise": 0.4}),
        ("spiral", {"classes": 3, "turns": 1.5, "noise": 0.15}),
    ],
)
def test_probabilities_against_adaptive_integration(name, given):
    options = options_of(name, **given)
    points = CURVES[name].draw(12, options, stream(5, "points")).values
    fast = CURVES[name].probabilities(points, options)
    slow = [slow_probabilities(name, x, options) for x in points]
    np.testing.assert_allclose(fast, slow, atol=1e-9)


def test_probabilities_of_rings_in_closed_form():
    # A circle of radius R with noise has the density exp(-(r² + R²)/2σ²) I₀(rR/σ²)/2πσ² (Rice).
    options = options_of("rings", classes=4, noise=0.3)
    points = CURVES["rings"].draw(200, options, stream(1, "points")).values
    radius, sizes = np.linalg.norm(points, axis=1)[:, None], np.arange(1, 5)
    densities = np.exp(-((radius - sizes) ** 2) / 0.18) * i0e(radius * sizes / 0.09)
    expected = densities / densities.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(CURVES["rings"].probabilities(points, options), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("moons", {"noise": 0.02}),
        ("rings", {"noise": 0.1, "classes": 6}),
        ("spiral", {"noise": 0.03, "turns": 3.0}),
        ("spiral", {"noise": 0.03, "classes": 6}),
    ],
)
def test_the_least_noise_is_integrated_well(name, given):
    curves, options = CURVES[name], options_of(name, **given)
    assert next(one.low for one in curves.options if one.name == "noise") == given["noise"]
    points = curves.draw(300, options, stream(0, "points")).values
    finer = dataclasses.replace(curves, pieces=4 * curves.pieces)
    np.testing.assert_allclose(
        curves.probabilities(points, options), finer.probabilities(points, options), atol=1e-9
    )
    away = stream(0, "away").uniform(-3, 3, size=(300, 2))
    np.testing.assert_allclose(
        curves.probabilities(away, options), finer.probabilities(away, options), atol=1e-3
    )


def test_probabilities_of_gaussians_and_xor_by_loops():
    options = options_of("gaussians", classes=5, features=3, separation=2.0, noise=0.8)
    points = CURVES["gaussians"].draw(20, options, stream(2, "points")).values
    radius = 2.0 / (2 * math.sin(math.pi / 5))
    for x, row in zip(points, CURVES["gaussians"].probabilities(points, options), strict=True):
        densities = []
        for code in range(5):
            angle = 2 * math.pi * code / 5
            center = (radius * math.cos(angle), radius * math.sin(angle), 0.0)
            densities.append(math.prod(norm.pdf(a, b, 0.8) for a, b in zip(x, center, strict=True)))
        np.testing.assert_allclose(row, np.array(densities) / sum(densities), atol=1e-12)
    options = options_of("xor", noise=0.7)
    points = CURVES["xor"].draw(20, options, stream(2, "points")).values
    for (a, b), row in zip(points, CURVES["xor"].probabilities(points, options), strict=True):
        same = sum(norm.pdf(a, s, 0.7) * norm.pdf(b, s, 0.7) for s in (-1, 1))
        other = sum(norm.pdf(a, s, 0.7) * norm.pdf(b, -s, 0.7) for s in (-1, 1))
        np.testing.assert_allclose(row, [same / (same + other), other / (same + other)])


def least_error(name, options, rows=40_000):
    """The mean of 1 − max꜀ p(c | x) over many rows, and its standard error."""
    found = CURVES[name].draw(rows, options, stream(9, "rows")).probabilities
    errors = 1 - found.max(axis=1)
    return errors.mean(), errors.std() / math.sqrt(rows)


def test_the_bayes_error_of_two_gaussians_is_the_normal_tail():
    mean, error = least_error("gaussians", options_of("gaussians", classes=2, separation=1.7))
    assert abs(mean - norm.cdf(-1.7 / 2)) < 4 * error


def test_the_bayes_error_of_three_gaussians_against_integration():
    options = options_of("gaussians")
    radius = options["separation"] / (2 * math.sin(math.pi / 3))
    centers = [
        (radius * math.cos(2 * math.pi * k / 3), radius * math.sin(2 * math.pi * k / 3))
        for k in range(3)
    ]

    def largest(y, x):
        return max(norm_pdf(x - a) * norm_pdf(y - b) for a, b in centers) / 3

    correct, _ = dblquad(largest, -7, 7, -7, 7, epsabs=1e-5)
    mean, error = least_error("gaussians", options)
    assert abs(mean - (1 - correct)) < 4 * error + 1e-4


def norm_pdf(z):
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def test_the_bayes_error_of_xor():
    wrong_side = norm.cdf(-1 / 0.5)
    mean, error = least_error("xor", options_of("xor"))
    assert abs(mean - 2 * wrong_side * (1 - wrong_side)) < 4 * error


@pytest.mark.parametrize("name", CURVES)
def test_the_labels_follow_the_probabilities(name):
    # Among the rows to which about the same p(c | x) is given, that share is of class c.
    options = options_of(name)
    noise = options["noise"] * 2  # so that every probability occurs
    drawn = CURVES[name].draw(20_000, options | {"noise": noise}, stream(3, "rows"))
    given = drawn.probabilities[:, 0]
    group = np.minimum((given * 10).astype(int), 9)
    for code in range(10):
        rows = group == code
        expected, found = given[rows].mean(), (drawn.targets[rows] == 0).mean()
        spread = math.sqrt((given[rows] * (1 - given[rows])).mean() / rows.sum())
        assert rows.sum() > 20
        assert abs(found - expected) < 4.5 * spread + 1e-3


@pytest.mark.parametrize("name", CURVES)
def test_rows_are_as_far_from_their_curve_as_the_noise(name):
    options = options_of(name)
    wide, narrow = (
        CURVES[name].draw(4000, options | {"noise": s}, stream(3, "rows")).values
        for s in (0.5, 0.25)
    )
    # The same draw with half the noise: the difference is 0.25 ε.
    assert np.std(wide - narrow) == pytest.approx(0.25, rel=0.03)


def test_no_row_is_no_fault():
    assert CURVES["moons"].probabilities(np.zeros((0, 2)), options_of("moons")).shape == (0, 2)
