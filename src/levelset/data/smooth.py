"""Classes drawn from a smooth function of several features, whose probabilities are known."""

import numpy as np
from jaxtyping import Float, Float64

from levelset.data.options import Draw, Option, Options
from levelset.seeds import stream
from levelset.theory import softmax

_WAVES = 128  # cosines that a score is made of

OPTIONS = (
    Option("noise", 0.25, 0.001, 1000.0, "temperature: 0 would leave no doubt about a class"),
    Option("classes", 3, 2, 20, "scores to choose among", whole=True),
    Option("features", 5, 1, 1000, "columns", whole=True),
    Option("roughness", 1.0, 0.0, 100.0, "radians of a wave per standard deviation of a row"),
    Option("task", 0, 0, 2**53, "which function it is", whole=True),
)
"""What a smooth table may be asked for."""


def draw_smooth(rows: int, options: Options, generator: np.random.Generator) -> Draw:
    """Draw normal features, and a class of each row by its probabilities.

    x ~ N(0, I),  c ~ p(c | x) of `smooth_probabilities`.

    Args:
        rows: n.
        options: A value for each of `OPTIONS`.
        generator: Of the rows; the function is that of the option `task`.

    Returns:
        Points, classes and p(c | x).

    Example:
        >>> defaults = {option.name: option.default for option in OPTIONS}
        >>> draw_smooth(8, defaults, stream(0, "rows")).probabilities.shape
        (8, 3)
    """
    values = generator.normal(size=(rows, int(options["features"])))
    probabilities = smooth_probabilities(values, options)
    below = probabilities.cumsum(axis=1)[:, :-1] <= generator.random((rows, 1))
    return Draw(values, below.sum(axis=1).astype(np.int64), probabilities.shape[1], probabilities)


def smooth_probabilities(
    values: Float[np.ndarray, "n d"], options: Options
) -> Float64[np.ndarray, "n c"]:
    """Compute the probabilities of the classes.

    p(c | x) = softmax(f(x)/τ)꜀,  f꜀(x) = √(2/J) Σⱼ a꜀ⱼ cos(ωⱼᵀx + bⱼ)

    with a ~ N(0, 1), ω ~ N(0, r²I/d) and b uniform over a circle, all fixed by the task: f is close
    to a draw of a Gaussian process with variance 1 and kernel exp(−r²‖x − x′‖²/2d).

    Args:
        values: x, any points.
        options: A value for each of `OPTIONS`: τ is `noise`, r is `roughness`.

    Returns:
        p(c | x), each row summing to 1.

    Example:
        >>> defaults = {option.name: option.default for option in OPTIONS}
        >>> smooth_probabilities(np.zeros((1, 5)), defaults).sum().round(12)
        np.float64(1.0)

    Source: Rahimi and Recht, "Random features for large-scale kernel machines" (NIPS 2007),
    algorithm 1.
    """
    classes, features = int(options["classes"]), int(options["features"])
    generator = stream(int(options["task"]), "smooth function", classes, features)
    amplitudes = generator.normal(size=(_WAVES, classes))
    directions = generator.normal(size=(features, _WAVES))
    phases = generator.uniform(0, 2 * np.pi, size=_WAVES)
    frequencies = directions * (options["roughness"] / np.sqrt(features))
    waves = np.cos(values @ frequencies + phases)
    return softmax(np.sqrt(2 / _WAVES) * (waves @ amplitudes) / options["noise"])
