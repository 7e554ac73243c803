"""Points on curves, with noise: tables of two features whose class probabilities are known.

Class c is a curve m꜀(u), u in [0, 1). Its rows are x = m꜀(u) + σ ε, with u uniform and ε normal, so
that its density is that of a normal smeared along the curve,

    p(x | c) = ∫ N(x; m꜀(u), σ²I) du,   p(c | x) = p(x | c) / Σₖ p(x | k),

as every class has the same share of the rows. A curve may be a few points, and is a mixture then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

from levelset.data.options import Draw, Option, Options, balanced_targets
from levelset.theory import log_sum_exp, softmax

_BLOCK = 1024  # rows whose densities are taken at once, to bound the memory


@dataclass(frozen=True)
class NoisyCurves:
    """One curve for each class, and what may be asked of it.

    Args:
        options: One of them is `noise`, the standard deviation σ.
        centers: Positions (k,) on the curves, and options, to points (c, k, d).
        pieces: Equal pieces that a curve is integrated in.
        nodes: Gauss-Legendre nodes on each piece. A curve of k points of equal weight has k pieces
            with one node, which is exact.
    """

    options: tuple[Option, ...]
    centers: Callable[[Float64[np.ndarray, " k"], Options], Float64[np.ndarray, "c k d"]]
    pieces: int
    nodes: int = 16

    def draw(self, rows: int, options: Options, generator: np.random.Generator) -> Draw:
        """Draw rows, every class as often as every other.

        Args:
            rows: n.
            options: A value for each of `options`.
            generator: Of all that is random.

        Returns:
            Points, classes and p(c | x).
        """
        classes = len(self.centers(np.zeros(1), options))
        targets = balanced_targets(rows, classes, generator)
        points = self.centers(generator.random(rows), options)[targets, np.arange(rows)]
        values = points + options["noise"] * generator.normal(size=points.shape)
        return Draw(values, targets, classes, self.probabilities(values, options))

    def probabilities(
        self, values: Float[np.ndarray, "n d"], options: Options
    ) -> Float64[np.ndarray, "n c"]:
        """Compute p(c | x), the formula above.

        At rows that are drawn, the quadrature is exact to 1e-9: a piece is no longer than some five
        σ, which the options' limits see to. With the least σ, it is off by up to 1e-3 at points
        hundreds of σ from any curve, where a density is all but 0 for every class.

        Args:
            values: x, any points of the plane.
            options: A value for each of `options`.

        Returns:
            p(c | x), each row summing to 1.
        """
        nodes, weights = np.polynomial.legendre.leggauss(self.nodes)
        places = (np.arange(self.pieces)[:, np.newaxis] + (nodes + 1) / 2) / self.pieces
        centers = self.centers(places.ravel(), options)
        weights = np.tile(weights, self.pieces)
        blocks = [
            softmax(_log_densities(values[start : start + _BLOCK], centers, weights, options))
            for start in range(0, len(values), _BLOCK)
        ]
        return np.concatenate([np.zeros((0, len(centers))), *blocks])


def _log_densities(
    values: Float[np.ndarray, "b d"],
    centers: Float64[np.ndarray, "c k d"],
    weights: Float64[np.ndarray, " k"],
    options: Options,
) -> Float64[np.ndarray, "b c"]:
    """Take log p(x | c), less what is the same for every class."""
    from scipy.spatial.distance import cdist

    doubled = 2 * options["noise"] ** 2
    columns = [
        log_sum_exp(np.log(weights) - cdist(values, curve, "sqeuclidean") / doubled)
        for curve in centers
    ]
    return np.stack(columns, axis=1)


def _moons(u: Float64[np.ndarray, " k"], _: Options) -> Float64[np.ndarray, "c k d"]:
    angle = np.pi * u
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.stack([upper, np.array([1.0, 0.5]) - upper])


def _rings(u: Float64[np.ndarray, " k"], options: Options) -> Float64[np.ndarray, "c k d"]:
    circle = np.stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)], axis=1)
    radii = np.arange(1, int(options["classes"]) + 1, dtype=np.float64)
    return radii[:, np.newaxis, np.newaxis] * circle


def _spiral(u: Float64[np.ndarray, " k"], options: Options) -> Float64[np.ndarray, "c k d"]:
    first = np.arange(int(options["classes"])) / int(options["classes"])
    angle = 2 * np.pi * (options["turns"] * u + first[:, np.newaxis])
    radius = 0.1 + 0.9 * u
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)


def _gaussians(u: Float64[np.ndarray, " k"], options: Options) -> Float64[np.ndarray, "c k d"]:
    classes, features = int(options["classes"]), int(options["features"])
    angle = 2 * np.pi * np.arange(classes) / classes
    radius = options["separation"] / (2 * np.sin(np.pi / classes))
    points = np.zeros((classes, len(u), features))
    points[:, :, :2] = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, np.newaxis]
    return points


def _xor(u: Float64[np.ndarray, " k"], _: Options) -> Float64[np.ndarray, "c k d"]:
    side = np.where(u < 0.5, -1.0, 1.0)
    return np.stack([np.stack([side, side], axis=1), np.stack([side, -side], axis=1)])


def _noise(default: float, low: float) -> Option:
    return Option("noise", default, low, 100.0, "standard deviation of a point around its curve")


CURVES: Mapping[str, NoisyCurves] = {
    "moons": NoisyCurves((_noise(0.2, 0.02),), _moons, pieces=64),
    "rings": NoisyCurves(
        (_noise(0.25, 0.1), Option("classes", 2, 2, 6, "circles", whole=True)),
        _rings,
        pieces=64,
    ),
    "gaussians": NoisyCurves(
        (
            _noise(1.0, 0.001),
            Option("classes", 3, 2, 20, "centers, equally spaced on a circle", whole=True),
            Option("features", 2, 2, 1000, "columns; those beyond two say nothing", whole=True),
            Option("separation", 2.5, 0.0, 1000.0, "distance of neighboring centers"),
        ),
        _gaussians,
        pieces=1,
        nodes=1,
    ),
    "xor": NoisyCurves((_noise(0.5, 0.001),), _xor, pieces=2, nodes=1),
    "spiral": NoisyCurves(
        (
            _noise(0.08, 0.03),
            Option("classes", 2, 2, 6, "arms", whole=True),
            Option("turns", 1.0, 0.0, 3.0, "of each arm around the center"),
        ),
        _spiral,
        pieces=128,
    ),
}
"""The distributions of this module, by name."""
