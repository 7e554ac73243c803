"""Where a network changes its mind: level sets as curves in a plane of the input space.

    decision_curves     {x : p_a(x) = p_b(x)} where a and b are the two most probable classes
    probability_curves  {x : p_c(x) = τ}

A grid over the plane is contoured (contourpy's marching squares), which says between which two grid
points a curve passes; each vertex is then moved along that edge of the grid to where the network
itself, in float64, crosses the level. What lies wholly between grid points is not seen.

Lengths are in units of the plane: standard deviations where the inputs are standardized.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float64

from levelset.diagnostics.network import logits_by_the_core
from levelset.diagnostics.planes import Plane
from levelset.engine import Network
from levelset.errors import DataError
from levelset.theory import softmax

Points = Float64[np.ndarray, "n 2"]
Line = Float64[np.ndarray, "_ 2"]
Values = Float64[np.ndarray, " n"]
Grid = Float64[np.ndarray, " k"]


@dataclass(frozen=True, eq=False)
class Curve:
    """A part of a level set that is in one piece.

    Attributes:
        vertices: In the plane, in order along the curve, (k, 2); the first again at the end of one
            that is closed.
        classes: (a, b), ascending, between which it lies; or (c,), whose level it is.
        residual: Largest |p_a − p_b| or |p_c − τ| at a vertex.
    """

    vertices: Line
    classes: tuple[int, ...]
    residual: float

    @property
    def closed(self) -> bool:
        """Whether it comes back to where it began."""
        return bool((self.vertices[0] == self.vertices[-1]).all())

    @property
    def length(self) -> float:
        """Of all segments together, in units of the plane."""
        return float(np.linalg.norm(np.diff(self.vertices, axis=0), axis=1).sum())


@dataclass(frozen=True)
class Smoothness:
    """How a level set bends.

    Attributes:
        length: Of all curves, in units of the plane.
        mean_absolute_curvature: ∫ |κ| ds / ∫ ds, in 1 / units of the plane; NaN without a curve.
        mean_squared_curvature: ∫ κ² ds / ∫ ds, in 1 / units²; it grows without bound with finer
            resolution where a curve has corners, as ReLU networks' have.
    """

    length: float
    mean_absolute_curvature: float
    mean_squared_curvature: float


@dataclass(frozen=True, eq=False)
class LevelSet:
    """The curves of a level set in a window of a plane.

    Attributes:
        curves: Its pieces.
        spacing: Larger distance between neighbors of the grid that found them.
    """

    curves: tuple[Curve, ...]
    spacing: float

    @property
    def residual(self) -> float:
        """Largest residual of its curves; 0 without one."""
        return max((curve.residual for curve in self.curves), default=0.0)

    def smoothness(self, resolution: float | None = None) -> Smoothness:
        """Measure length and curvature.

        κ at a point of a polygon of step h is the angle by which it turns there, over h.

        Args:
            resolution: h, the step along the curves at which angles are taken; None for twice the
                grid's spacing. Finer bends are not seen.

        Returns:
            Length, and means of |κ| and κ² over it.

        Example:
            >>> corner = Curve(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), (0, 1), 0.0)
            >>> LevelSet((corner,), 0.1).smoothness().mean_absolute_curvature  # π/2 over 2
            0.7853981633974483
        """
        step = 2.0 * self.spacing if resolution is None else resolution
        lengths = [curve.length for curve in self.curves]
        total, absolute, squared = sum(lengths), 0.0, 0.0
        for curve, length in zip(self.curves, lengths, strict=True):
            angles, arc = _turning(curve, length, step)
            absolute += float(np.abs(angles).sum())
            squared += float((angles**2).sum()) / arc
        if total == 0.0:
            return Smoothness(0.0, np.nan, np.nan)
        return Smoothness(total, absolute / total, squared / total)


def decision_curves(
    network: Network, plane: Plane, horizontal: Grid, vertical: Grid, refined: bool = True
) -> LevelSet:
    """Find the curves between the classes that a network holds most probable.

    {x : p_a(x) = p_b(x) ≥ p_c(x) for all other c}

    Args:
        network: That chooses among classes.
        plane: Of its input space.
        horizontal: Ascending grid positions, (k,); `Plane.window` makes them.
        vertical: Ascending grid positions, (j,).
        refined: Whether vertices are moved to where the network itself crosses the level. Without,
            they stay where the grid's values, interpolated along its edges, put them: many times
            faster, exact for a linear network, good enough for lengths and mean curvatures.

    Returns:
        The curves; those of three classes end where they meet.

    Raises:
        DataError: If a grid has fewer than 2 positions or they do not ascend.
        RecipeError: If the network does not choose one class.

    Example:
        >>> from levelset.diagnostics.planes import feature_plane
        >>> from levelset.engine import Recipe
        >>> weights, biases = (np.eye(2),), (np.zeros(2),)  # p_0 = p_1 where x_0 = x_1
        >>> network = Network(Recipe(hidden=()), weights, biases)
        >>> grid = np.linspace(-1.0, 1.0, 20)
        >>> found = decision_curves(network, feature_plane(("a", "b")), grid, grid)
        >>> bool(np.isclose(found.smoothness().length, np.sqrt(8)))
        True

    Source: Lorensen and Cline, SIGGRAPH 1987, in two dimensions; roots: Chandrupatla, Advances in
    Engineering Software 28 (1997).
    """
    field = _field(network, plane)
    logits = _on_grid(field, horizontal, vertical)
    best = logits.argmax(axis=-1)
    curves: list[Curve] = []
    for pair in combinations(np.unique(best).tolist(), 2):
        near = _dilated(np.isin(best, pair))
        if near.any():
            ratio = logits[..., pair[0]] - logits[..., pair[1]]  # log p_a / p_b
            lines = _lines(horizontal, vertical, np.ma.array(ratio, mask=~near))
            curves += _between(field, pair, lines, (horizontal, vertical) if refined else None)
    return LevelSet(_with_length(curves), _spacing(horizontal, vertical))


def probability_curves(
    network: Network, plane: Plane, horizontal: Grid, vertical: Grid, label: int, level: float
) -> LevelSet:
    """Find the curves on which a class has a given probability.

    {x : p_c(x) = τ}

    Args:
        network: That chooses among classes.
        plane: Of its input space.
        horizontal: Ascending grid positions, (k,); `Plane.window` makes them.
        vertical: Ascending grid positions, (j,).
        label: c.
        level: τ in (0, 1).

    Returns:
        The curves.

    Raises:
        DataError: If there is no such class or level, or a grid has fewer than 2 positions or they
            do not ascend.
        RecipeError: If the network does not choose one class.

    Example:
        >>> from levelset.diagnostics.planes import feature_plane
        >>> from levelset.engine import Recipe
        >>> network = Network(Recipe(hidden=()), (np.eye(2),), (np.zeros(2),))
        >>> grid, plane = np.linspace(-1.0, 1.0, 20), feature_plane(("a", "b"))
        >>> (curve,) = probability_curves(network, plane, grid, grid, label=0, level=0.7).curves
        >>> bool(np.allclose(curve.vertices @ [1, -1], np.log(0.7 / 0.3)))
        True

    Source: as for `decision_curves`.
    """
    field = _field(network, plane)
    probabilities = softmax(_on_grid(field, horizontal, vertical))
    classes = probabilities.shape[-1]
    if not 0 <= label < classes:
        raise DataError(f"`label` must be a class in 0 .. {classes - 1}, got {label}.")
    if not 0.0 < level < 1.0:
        raise DataError(f"`level` must lie between 0 and 1, got {level}.")

    def excess(points: Points) -> Values:
        return softmax(field(points))[:, label] - level

    curves = []
    for line in _lines(horizontal, vertical, probabilities[..., label] - level):
        vertices = _refined(excess, line, horizontal, vertical)
        curves.append(Curve(vertices, (label,), float(np.abs(excess(vertices)).max())))
    return LevelSet(_with_length(curves), _spacing(horizontal, vertical))


def _field(network: Network, plane: Plane) -> Callable[[Points], np.ndarray]:
    """The class logits of points of the plane: (n, 2) -> (n, c)."""
    logits = logits_by_the_core(network)
    return lambda points: logits(plane.inputs(points))


def _on_grid(
    field: Callable[[Points], np.ndarray], horizontal: Grid, vertical: Grid
) -> Float64[np.ndarray, "j k c"]:
    for name, grid in (("horizontal", horizontal), ("vertical", vertical)):
        if len(grid) < 2 or (np.diff(grid) <= 0).any():
            raise DataError(f"`{name}` must hold at least 2 ascending positions, got {grid!r}.")
    points = np.stack(np.meshgrid(horizontal, vertical), axis=-1)
    return field(points.reshape(-1, 2)).reshape(*points.shape[:2], -1)


def _spacing(horizontal: Grid, vertical: Grid) -> float:
    return float(max(np.diff(horizontal).max(), np.diff(vertical).max()))


def _dilated(marked: Bool[np.ndarray, "j k"]) -> Bool[np.ndarray, "j k"]:
    """Mark the corners of every cell that has a marked corner."""
    from scipy.ndimage import binary_dilation  # importing SciPy slows the command line's start

    return np.asarray(binary_dilation(marked, structure=np.ones((3, 3))), dtype=bool)


def _lines(horizontal: Grid, vertical: Grid, values: np.ndarray) -> list[Line]:
    """Contour the zeros of values on a grid; every vertex lies on an edge of it."""
    from contourpy import LineType, contour_generator

    generator = contour_generator(
        horizontal, vertical, values, name="serial", line_type=LineType.Separate
    )
    return [np.asarray(line) for line in generator.lines(0.0)]


def _refined(
    function: Callable[[Points], Values], line: Line, horizontal: Grid, vertical: Grid
) -> Line:
    """Move each vertex along its edge of the grid to where the function itself is 0."""
    low, high = line.copy(), line.copy()
    nearest = horizontal[_neighbors(horizontal, line[:, 0]).T]
    upright = np.abs(nearest - line[:, 0]).min(axis=0) <= 1e-9 * _spacing(horizontal, vertical)
    for axis, grid, moving in ((0, horizontal, ~upright), (1, vertical, upright)):
        ends = grid[_neighbors(grid, line[:, axis])]
        low[moving, axis], high[moving, axis] = ends[moving, 0], ends[moving, 1]
    share = _roots(lambda t, rows: function(low[rows] + t[:, None] * (high - low)[rows]), len(line))
    return np.where(np.isnan(share)[:, None], line, low + share[:, None] * (high - low))


def _neighbors(grid: Grid, at: Values) -> np.ndarray:
    """Numbers of the grid's positions on both sides, (n, 2)."""
    left = np.clip(np.searchsorted(grid, at, side="right") - 1, 0, len(grid) - 2)
    return np.stack([left, left + 1], axis=1)


def _roots(function: Callable[[Values, np.ndarray], Values], count: int) -> Values:
    """Roots in [0, 1] of several functions of one number; NaN where the ends have one sign."""
    from scipy.optimize.elementwise import find_root

    rows = np.arange(count)
    ends = np.zeros(count), np.ones(count)
    found = find_root(function, ends, args=(rows,))
    return np.where(found.success, found.x, np.nan)


def _between(
    field: Callable[[Points], np.ndarray],
    pair: tuple[int, int],
    lines: Sequence[Line],
    grid: tuple[Grid, Grid] | None,
) -> list[Curve]:
    """Keep the parts of lines on which both classes lead all others, refined if a grid is given."""

    def ratio(points: Points) -> Values:
        logits = field(points)
        return logits[:, pair[0]] - logits[:, pair[1]]

    def lead(points: Points) -> Values:
        logits = field(points)
        others = np.delete(logits, pair, axis=1).max(axis=1, initial=-np.inf)
        return logits[:, pair].min(axis=1) - others

    def meeting(start: Line, end: Line) -> Line:
        return _junctions(start, end, lead, ratio) if grid else _interpolated(start, end, lead)

    curves = []
    for line in lines:
        vertices = _refined(ratio, line, *grid) if grid else line
        for part in _parts(vertices, lead, meeting):
            p = softmax(field(part))
            curves.append(Curve(part, pair, float(np.abs(p[:, pair[0]] - p[:, pair[1]]).max())))
    return curves


def _parts(
    vertices: Line, lead: Callable[[Points], Values], meeting: Callable[[Line, Line], Line]
) -> list[Line]:
    """Cut a line where a third class takes over."""
    inside = lead(vertices) >= 0.0
    if inside.all():
        return [vertices]
    if (vertices[0] == vertices[-1]).all():  # closed: begin outside
        first = int(np.argmin(inside))
        vertices = np.roll(vertices[:-1], -first, axis=0)
        vertices = np.concatenate([vertices, vertices[:1]])
        inside = np.roll(inside[:-1], -first)
        inside = np.append(inside, inside[0])
    cuts = np.flatnonzero(inside[1:] != inside[:-1])
    if len(cuts):
        junctions = meeting(vertices[cuts], vertices[cuts + 1])
        vertices = np.insert(vertices, cuts + 1, junctions, axis=0)
        inside = np.insert(inside, cuts + 1, True)
    changes = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=0, append=0))
    return [vertices[start:end] for start, end in zip(changes[::2], changes[1::2], strict=True)]


def _junctions(
    start: Line,
    end: Line,
    lead: Callable[[Points], Values],
    ratio: Callable[[Points], Values],
) -> Line:
    """Find the points between two of a curve where a third class is as probable as its two."""
    along = end - start
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)

    def on_curve(t: Values, rows: np.ndarray) -> Points:
        """The point of the curve over the share t of the segment, at most its length away."""
        chord, normal = start[rows] + t[:, None] * along[rows], across[rows]
        offset = _roots(
            lambda s, own: ratio(chord[own] + (2.0 * s - 1.0)[:, None] * normal[own]), len(rows)
        )
        return chord + np.where(np.isnan(offset), 0.0, 2.0 * offset - 1.0)[:, None] * normal

    share = _roots(lambda t, rows: lead(on_curve(t, rows)), len(start))
    return on_curve(np.where(np.isnan(share), 0.5, share), np.arange(len(start)))


def _interpolated(start: Line, end: Line, lead: Callable[[Points], Values]) -> Line:
    """Find the points between two where a function is 0 if it is linear between them."""
    before, after = lead(start), lead(end)
    change = np.where(before == after, 1.0, before - after)
    share = np.where(before == after, 0.5, before / change)
    return start + share[:, None] * (end - start)


def _with_length(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """Leave out curves that are a point, where a level touches the grid."""
    return tuple(curve for curve in curves if curve.length > 0.0)


def _turning(curve: Curve, length: float, step: float) -> tuple[Values, float]:
    """The angles by which a curve turns between steps of equal length, and that length."""
    pieces = np.linalg.norm(np.diff(curve.vertices, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(pieces)])
    count = max(round(length / step), 3 if curve.closed else 2)
    at = np.linspace(0.0, length, count + 1)
    points = np.stack([np.interp(at, along, curve.vertices[:, k]) for k in (0, 1)], axis=1)
    moves = np.diff(points, axis=0)
    headings = np.arctan2(moves[:, 1], moves[:, 0])
    if curve.closed:
        headings = np.append(headings, headings[0])
    turns = np.diff(headings)
    return (turns + np.pi) % (2.0 * np.pi) - np.pi, length / count
