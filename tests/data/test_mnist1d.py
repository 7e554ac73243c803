"""MNIST-1D against its description, signal by signal."""

import math

import numpy as np
import pytest

from levelset.data import load, load_synthetic
from levelset.data.mnist1d import LENGTH, OPTIONS, digit_templates, draw_signals
from levelset.data.options import balanced_targets
from levelset.seeds import stream

DEFAULTS = {option.name: option.default for option in OPTIONS}
CENTER, SCALE = -0.00604, 0.15470


def slow_smoothing(noise):
    """A Gaussian kernel of deviation 2, cut at 4 deviations, mirrored at the ends."""
    kernel = {k: math.exp(-0.5 * (k / 2.0) ** 2) for k in range(-8, 9)}
    total = sum(kernel.values())
    count = len(noise)
    smooth = []
    for place in range(count):
        value = 0.0
        for k, weight in kernel.items():
            at = place + k
            at = -1 - at if at < 0 else 2 * count - 1 - at if at >= count else at
            value += weight / total * noise[at]
        smooth.append(value)
    return smooth


def slow_signal(template, padding, size, start, beside, white, slope):
    """One signal, as the paper says: pad, stretch, size, move, noise, shear, read off."""
    padded = [*template, *([0.0] * padding)]
    places = [j * (len(padded) - 1) / 71 for j in range(72)]
    stretched = list(np.interp(places, range(len(padded)), padded))
    is_digit = [place < 12 for place in places]
    signal, moved = [0.0] * 72, [False] * 72
    for j in range(72):
        signal[(j + start) % 72] = stretched[j] * size
        moved[(j + start) % 72] = is_digit[j]
    smooth = slow_smoothing(beside)
    for j in range(72):
        signal[j] = (signal[j] if moved[j] else smooth[j]) + white[j]
        signal[j] -= slope * (j / 71 - 0.5)
    read = np.interp([j * 71 / 39 for j in range(40)], range(72), signal)
    return [(value - CENTER) / SCALE for value in read]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"noise": 0.0, "correlated_noise": 1.0, "translation": 72, "scale": 1.5, "shear": 3.0},
        {"translation": 1},
    ],
)
def test_signals_by_loops(given):
    options = DEFAULTS | given
    drawn = draw_signals(30, options, stream(4, "signals"))
    generator = stream(4, "signals")
    targets = balanced_targets(30, 10, generator)
    paddings = generator.integers(36, 61, size=(30, 1))[:, 0]
    sizes = 1 + options["scale"] * (generator.random(30) - 0.5)
    starts = generator.integers(options["translation"], size=30)
    beside = options["correlated_noise"] * generator.normal(size=(30, 72))
    white = options["noise"] * generator.normal(size=(30, 72))
    slopes = options["shear"] * (generator.random(30) - 0.5)
    np.testing.assert_array_equal(drawn.targets, targets)
    for row in range(30):
        expected = slow_signal(
            digit_templates()[targets[row]],
            paddings[row],
            sizes[row],
            starts[row],
            beside[row],
            white[row],
            slopes[row],
        )
        np.testing.assert_allclose(drawn.values[row], expected, atol=1e-12)


def test_the_templates_are_normal_and_closed():
    templates = digit_templates()
    assert templates.shape == (10, 12)
    np.testing.assert_allclose(templates.std(axis=1), 1 / 6)
    np.testing.assert_allclose(templates[:, [0, -1]], 0.0, atol=1e-15)
    assert templates[0].min() >= 0  # a zero is a bump up, a six a bump down
    assert templates[6].max() <= 0
    gaps = np.abs(templates[:, None] - templates[None]).max(axis=2)
    assert gaps[~np.eye(10, dtype=bool)].min() > 0.05


def test_it_is_normalized():
    values = load_synthetic("mnist1d", {"rows": 20_000, "seed": 8}).values
    assert values.mean() == pytest.approx(0.0, abs=0.01)
    assert values.std() == pytest.approx(1.0, abs=0.01)


def test_it_has_the_published_shape():
    data = load("mnist1d")
    assert data.values.shape == (5000, LENGTH) == (5000, 40)
    assert data.classes == tuple("0123456789")
    assert data.class_counts == (500,) * 10
    assert [data.columns[i].name for i in (0, 39)] == ["time_1", "time_40"]
    assert data.class_probabilities is None
