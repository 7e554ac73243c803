"""MNIST-1D: ten digits drawn as signals of 40 values, hard for linear models and easy to store."""

import numpy as np
from jaxtyping import Float64, Int64

from levelset.data.options import Draw, Option, Options, balanced_targets

LENGTH = 40
"""The values of one signal."""

_STRETCHED = 72  # a template of 12 points and the longest padding of 60
_PADDING = (36, 60)
_CORRELATION = 2.0  # standard deviation of the kernel that smooths the noise beside the digit

# Mean and standard deviation over 2,000,000 rows before they are normalized. The published code
# takes those of the rows it drew; constants keep the distribution from depending on the draw.
_CENTER, _SCALE = -0.00604, 0.15470

_TEMPLATES = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)

OPTIONS = (
    Option("noise", 0.02, 0.0, 10.0, "standard deviation of the noise on every value"),
    Option(
        "correlated_noise",
        0.25,
        0.0,
        10.0,
        "standard deviation of the noise beside a digit, before it is smoothed",
    ),
    Option("translation", 48, 1, _STRETCHED, "places where a digit may start", whole=True),
    Option("scale", 0.4, 0.0, 2.0, "width of the interval of a digit's size, around 1"),
    Option("shear", 0.75, 0.0, 10.0, "width of the interval of a signal's slope"),
)
"""What a table of signals may be asked for, with the published defaults."""


def digit_templates() -> Float64[np.ndarray, "10 12"]:
    """Give the ten digits as signals that start and end at 0.

    With the published points p of a digit, (p − mean p)/sd p less its first value, over 6.

    Returns:
        (10, 12), one digit a row.

    Example:
        >>> digit_templates()[:, [0, -1]].any()
        np.False_

    Source: Greydanus and Kobak, "Scaling down deep learning with MNIST-1D" (ICML 2024,
    arXiv:2011.14439), and the points in its repository, github.com/greydanus/mnist1d,
    mnist1d/data.py.
    """
    points = np.array(_TEMPLATES, dtype=np.float64)
    normal = (points - points.mean(axis=1, keepdims=True)) / points.std(axis=1, keepdims=True)
    return (normal - normal[:, :1]) / 6.0


def draw_signals(rows: int, options: Options, generator: np.random.Generator) -> Draw:
    """Draw signals: a digit stretched, sized, moved, set in noise, and sheared.

    A template is followed by 36 to 60 zeros, stretched to 72 points, multiplied by a size, and
    rotated by 0 to 47 places. Smooth noise fills the places beside it, white noise lies on all, a
    line of random slope is subtracted, and 40 points are read off.

    Args:
        rows: n.
        options: A value for each of `OPTIONS`.
        generator: Of all that is random.

    Returns:
        Signals and digits; nobody knows the class probabilities.

    Example:
        >>> from levelset.seeds import stream
        >>> defaults = {option.name: option.default for option in OPTIONS}
        >>> draw_signals(20, defaults, stream(0, "signals")).values.shape
        (20, 40)

    Source: Greydanus and Kobak (2024), with the steps of mnist1d/transform.py and the defaults of
    mnist1d/data.py in their repository. Departures: the signals are normalized by constants, not by
    the mean and the standard deviation of the rows drawn, and the random numbers are others.
    """
    targets = balanced_targets(rows, len(_TEMPLATES), generator)
    signals, is_digit = _stretched(targets, generator)
    signals *= 1.0 + options["scale"] * (generator.random((rows, 1)) - 0.5)
    steps = generator.integers(int(options["translation"]), size=rows)
    signals, is_digit = _rotated(signals, steps), _rotated(is_digit, steps)
    smooth = _smooth(options["correlated_noise"] * generator.normal(size=signals.shape))
    signals = np.where(is_digit, signals, smooth)
    signals += options["noise"] * generator.normal(size=signals.shape)
    slopes = options["shear"] * (generator.random((rows, 1)) - 0.5)
    signals -= slopes * np.linspace(-0.5, 0.5, _STRETCHED)
    values = (_read_off(signals) - _CENTER) / _SCALE
    return Draw(values, targets, len(_TEMPLATES), None)


def _stretched(
    targets: Int64[np.ndarray, " n"], generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pad each row's template and stretch it; say where it is, (n, 72) each."""
    templates = digit_templates()
    points = templates.shape[1]
    padded = np.pad(templates, ((0, 0), (0, 2)))  # two zeros serve for all that follow
    low, high = _PADDING
    lengths = points + generator.integers(low, high + 1, size=(len(targets), 1))
    places = np.arange(_STRETCHED) * (lengths - 1) / (_STRETCHED - 1)
    is_digit = places < points
    places = np.minimum(places, points)
    left = places.astype(np.int64)
    share = places - left
    digits = targets[:, np.newaxis]
    return (1 - share) * padded[digits, left] + share * padded[digits, left + 1], is_digit


def _rotated(signals: np.ndarray, steps: Int64[np.ndarray, " n"]) -> np.ndarray:
    places = (np.arange(signals.shape[1]) - steps[:, np.newaxis]) % signals.shape[1]
    return np.take_along_axis(signals, places, axis=1)


def _smooth(noise: Float64[np.ndarray, "n t"]) -> Float64[np.ndarray, "n t"]:
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(noise, _CORRELATION, axis=1)


def _read_off(signals: Float64[np.ndarray, "n t"]) -> Float64[np.ndarray, "n 40"]:
    places = np.linspace(0.0, signals.shape[1] - 1.0, LENGTH)
    left = np.minimum(places.astype(np.int64), signals.shape[1] - 2)
    share = places - left
    return (1 - share) * signals[:, left] + share * signals[:, left + 1]
