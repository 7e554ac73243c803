"""How far rows are from where a network changes its mind, for any number of features.

The margin of a row that is classified as a is F(x) = z_a(x) − max_{b≠a} z_b(x), in logits: positive
at the row, 0 on the boundary, where p_a = p_b. Seen from the row x₀, the boundary is at radius r(u)
in direction u, F(x₀ + r u) = 0, and the distance is the smallest r. Where it is smallest the
boundary's normal points back at the row, so each step turns u towards it,

    u ← (1 − α) u − α ∇F / ‖∇F‖ at the boundary, scaled to length 1,

and is taken only if F ≤ 0 at the old radius, which proves that the boundary is nearer there; else
α is halved. Radii never grow, and every one is that of a point on the boundary.

The search begins in several directions: along −∇(z_a − z_b) at the row for its runner-up classes b
(the first step of DeepFool), and towards the nearest rows that are classified otherwise.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Real

from levelset.diagnostics.network import NetworkTheory, class_logits, rows_of, theory_of
from levelset.engine import Network
from levelset.errors import RecipeError
from levelset.theory import network_deltas, network_forward, softmax

_MARCH = 24  # positions along a ray at which the first crossing is looked for
_LEAST_TURN = 1e-4  # α below which a direction is left as it is
_LEAST_GAIN = 1e-9  # share of the radius

Rows = Float64[np.ndarray, "n d"]
Pool = Float64[np.ndarray, "k d"]
Values = Float64[np.ndarray, " n"]
Labels = Int64[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class BoundaryDistances:
    """Where the boundary is nearest to each row, as far as the search found.

    Attributes:
        distances: Euclidean, in units of the inputs, (n,); inf where no boundary was found. The
            true distance is never larger.
        points: On the boundary, (n, d); NaN where none was found.
        rivals: The class b on the other side, (n,); −1 where none was found.
        residuals: |p_a − p_b| at the points, (n,).
        alignments: Cosine between the way to the point and the boundary's normal, (n,): 1 at a
            smooth minimum, less at a corner of the boundary or where the search was cut short.
    """

    distances: Values
    points: Rows
    rivals: Labels
    residuals: Values
    alignments: Values


def boundary_distances(
    network: Network,
    x: Real[np.ndarray, "n d"],
    *,
    others: Real[np.ndarray, "k d"] | None = None,
    starts: int = 3,
    steps: int = 50,
) -> BoundaryDistances:
    """Find each row's distance to its nearest decision boundary.

    min ‖x − x₀‖ subject to z_a(x) = max_{b≠a} z_b(x),  a the class of x₀

    Args:
        network: That chooses among classes.
        x: Rows x₀, shape (n, d).
        others: Rows among which those of other classes are looked for; None for x.
        starts: How many runner-up classes, and how many of the nearest other rows, the search
            begins with.
        steps: Most turns of each direction.

    Returns:
        Distances, points, and what says how good they are. For a linear network they are exact; for
        others they are those of a local minimum, the smallest of those found.

    Raises:
        DataError: If a shape is wrong or a value is not finite.
        RecipeError: If the network does not choose one class, or there is no start or no step.

    Example:
        >>> from levelset.engine import Recipe
        >>> network = Network(Recipe(hidden=()), (np.eye(2),), (np.zeros(2),))
        >>> boundary_distances(network, np.array([[3.0, 1.0]])).distances.round(6)  # 2 / √2
        array([1.414214])

    Source: Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool", CVPR 2016, for the first step.
    """
    if starts < 1 or steps < 1:
        raise RecipeError(f"`starts` and `steps` must be >= 1, got {starts} and {steps}.")
    given = rows_of(network, x)
    margin = _Margin(network, theory_of(network))
    labels = margin.logits(given).argmax(axis=1)
    pool = given if others is None else rows_of(network, others)
    rays, reach = _rays(margin, given, labels, pool, starts)
    count = rays.shape[1]
    search = _Search(margin, np.repeat(given, count, axis=0), np.repeat(labels, count))
    directions, radii = search.run(rays.reshape(-1, given.shape[1]), reach.ravel(), steps)
    best = radii.reshape(-1, count).argmin(axis=1) + count * np.arange(len(given))
    return _described(margin, given, labels, directions[best], radii[best])


@dataclass(frozen=True, eq=False)
class _Margin:
    """F, its gradient, and the logits behind it."""

    network: Network
    theory: NetworkTheory

    def logits(self, points: Rows) -> np.ndarray:
        architecture, parameters, running = self.theory
        passed = network_forward(architecture, parameters, points, running=running)
        return class_logits(self.network, passed.logits)

    def rivals(self, points: Rows, labels: Labels) -> tuple[Values, Labels]:
        """F and the class b that is next to a."""
        logits, rows = self.logits(points), np.arange(len(points))
        own = logits[rows, labels].copy()
        logits[rows, labels] = -np.inf
        rivals = logits.argmax(axis=1)
        return own - logits[rows, rivals], rivals

    def value(self, points: Rows, labels: Labels) -> Values:
        return self.rivals(points, labels)[0]

    def normal(self, points: Rows, labels: Labels, rivals: Labels) -> Rows:
        """−∇(z_a − z_b) at length 1; 0 where the gradient is."""
        architecture, parameters, running = self.theory
        passed = network_forward(architecture, parameters, points, running=running)
        rows, columns = np.arange(len(points)), passed.logits.shape[1]
        delta = np.zeros((len(points), max(columns, 2)))
        delta[rows, labels] -= 1.0
        delta[rows, rivals] += 1.0
        # One column z stands for the logits (0, z).
        delta = delta[:, -columns:]
        slopes = network_deltas(architecture, parameters, passed, delta, running=running)
        return _unit(slopes.activations[0])


@dataclass(frozen=True, eq=False)
class _Search:
    """Many rays, each from a row of its own: their directions and the boundary's radius on them."""

    margin: _Margin
    origins: Rows
    labels: Labels

    def run(self, directions: Rows, reach: Values, steps: int) -> tuple[Rows, Values]:
        radii = self._first_crossing(directions, reach)
        directions, share = directions.copy(), np.ones(len(radii))
        active = np.flatnonzero(np.isfinite(radii))
        for _ in range(steps):
            if not active.size:
                break
            points = self.origins[active] + radii[active, None] * directions[active]
            _, rivals = self.margin.rivals(points, self.labels[active])
            normals = self.margin.normal(points, self.labels[active], rivals)
            part = share[active, None]
            turned = _unit((1.0 - part) * directions[active] + part * normals)
            nearer = self._value(turned, radii[active], active) <= 0.0
            moved = active[nearer]
            before = radii[moved]
            directions[moved] = turned[nearer]
            radii[moved] = self._crossing(directions[moved], np.zeros(len(moved)), before, moved)
            share[moved] = np.minimum(1.0, 2.0 * share[moved])
            share[active[~nearer]] *= 0.5
            done = np.zeros(len(radii), dtype=bool)
            done[moved] = before - radii[moved] <= _LEAST_GAIN * before
            active = active[~done[active] & (share[active] >= _LEAST_TURN)]
        return directions, radii

    def _value(self, directions: Rows, radii: Values, rows: np.ndarray) -> Values:
        points = self.origins[rows] + radii[:, None] * directions
        return self.margin.value(points, self.labels[rows])

    def _first_crossing(self, directions: Rows, reach: Values) -> Values:
        """The boundary's radius on each ray, within its reach; inf where it does not cross."""
        rows = np.arange(len(reach))
        crossed = np.stack(
            [
                self._value(directions, share * reach, rows) <= 0.0
                for share in np.arange(1, _MARCH + 1) / _MARCH
            ]
        )
        found = np.flatnonzero(crossed.any(axis=0))
        high = (1 + crossed[:, found].argmax(axis=0)) / _MARCH * reach[found]
        low = high - reach[found] / _MARCH
        radii = np.full(len(reach), np.inf)
        radii[found] = self._crossing(directions[found], low, high, found)
        return radii

    def _crossing(self, directions: Rows, low: Values, high: Values, rows: np.ndarray) -> Values:
        """The radius between two at which F is 0, to the last digits."""
        from scipy.optimize.elementwise import find_root  # importing SciPy slows the start

        if not len(rows):
            return high
        found = find_root(
            lambda radius, at: self._value(directions[at], radius, rows[at]),
            (low, high),
            args=(np.arange(len(rows)),),
        )
        return np.where(found.success, found.x, high)


def _rays(
    margin: _Margin, x: Rows, labels: Labels, pool: Pool, starts: int
) -> tuple[Float64[np.ndarray, "n s d"], Float64[np.ndarray, "n s"]]:
    """Directions in which to begin, and how far to look along each."""
    towards, far = _nearest_others(x, labels, pool, margin.logits(pool).argmax(axis=1), starts)
    logits = margin.logits(x)
    logits[np.arange(len(x)), labels] = -np.inf
    order = np.argsort(-logits, axis=1)[:, : min(starts, logits.shape[1] - 1)]
    descents = [margin.normal(x, labels, rivals) for rivals in order.T]
    # The nearest row of another class bounds the distance; without one, ten times the data's size.
    size = float(np.linalg.norm(np.ptp(pool, axis=0))) or 1.0
    bound = np.where(np.isfinite(far[:, :1]), far[:, :1], 10.0 * size)
    reach = np.concatenate(
        [np.where(np.isfinite(far), far, 0.0), bound.repeat(len(descents), 1)], 1
    )
    return np.concatenate([towards, np.stack(descents, axis=1)], axis=1), reach


def _nearest_others(
    x: Rows, labels: Labels, pool: Pool, pool_labels: Int64[np.ndarray, " k"], count: int
) -> tuple[Float64[np.ndarray, "n s d"], Float64[np.ndarray, "n s"]]:
    """Directions to the nearest rows of other classes, and their distances; inf where none is."""
    from scipy.spatial import KDTree  # here, because importing SciPy slows the start

    directions = np.zeros((len(x), count, x.shape[1]))
    distances = np.full((len(x), count), np.inf)
    for label in np.unique(labels):
        candidates, own = pool[pool_labels != label], np.flatnonzero(labels == label)
        taken = min(count, len(candidates))
        if not taken:
            continue
        near, numbers = KDTree(candidates).query(x[own], k=[*range(1, taken + 1)])  # pyright: ignore[reportArgumentType]
        distances[own, :taken] = near
        directions[own, :taken] = _unit(candidates[numbers] - x[own, None, :])
    return directions, distances


def _described(
    margin: _Margin, x: Rows, labels: Labels, directions: Rows, radii: Values
) -> BoundaryDistances:
    found = np.isfinite(radii)
    points = np.where(found[:, None], x + np.where(found, radii, 0.0)[:, None] * directions, np.nan)
    rivals = np.full(len(x), -1, dtype=np.int64)
    residuals, alignments = np.full(len(x), np.nan), np.full(len(x), np.nan)
    if found.any():
        at, own = points[found], labels[found]
        _, rivals[found] = margin.rivals(at, own)
        p, rows = softmax(margin.logits(at)), np.arange(len(at))
        residuals[found] = np.abs(p[rows, own] - p[rows, rivals[found]])
        normals = margin.normal(at, own, rivals[found])
        alignments[found] = (normals * directions[found]).sum(axis=1)
    return BoundaryDistances(radii, points, rivals, residuals, alignments)


def _unit(vectors: Float64[np.ndarray, "*n d"]) -> Float64[np.ndarray, "*n d"]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(lengths > 0.0, lengths, 1.0)
