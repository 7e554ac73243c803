"""The objective around and between solutions: slices through the space of parameters.

A slice says how J changes along a few directions out of thousands, no more. Random directions are
scaled unit by unit to the weights they move (filter normalization), or else networks with larger
weights would look flatter for that alone. Losses are those of `levelset.theory` in float64: an
evaluation takes as long as the engine's in float64, whose loss comes with a gradient, and is exact
where the probabilities that the engine predicts would underflow.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Real

from levelset.diagnostics.network import batch_of, theory_of
from levelset.engine import Network
from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import (
    Architecture,
    Batch,
    Parameters,
    RunningStatistics,
    multi_head_loss,
    network_forward,
)

Positions = Float64[np.ndarray, " k"]


@dataclass(frozen=True, eq=False)
class LossSlice:
    """J along a direction.

    Attributes:
        positions: t, (k,); 0 is the network.
        losses: J(θ + t u), (k,), in nats for cross-entropies.
    """

    positions: Positions
    losses: Positions


@dataclass(frozen=True, eq=False)
class LossSurface:
    """J over the plane of two directions.

    Attributes:
        horizontal: s, (k,); 0 is the network.
        vertical: t, (j,).
        losses: J(θ + s u + t v), (j, k), in nats for cross-entropies.
    """

    horizontal: Positions
    vertical: Float64[np.ndarray, " j"]
    losses: Float64[np.ndarray, "j k"]


@dataclass(frozen=True, eq=False)
class Interpolation:
    """J on the straight line from one solution to another.

    Attributes:
        shares: t from 0 to 1, (k,).
        losses: J((1 − t) θ + t θ'), (k,), in nats for cross-entropies.
    """

    shares: Positions
    losses: Positions

    @property
    def excess(self) -> Positions:
        """How far J lies above the chord between its ends, (k,)."""
        first, last = self.losses[0], self.losses[-1]
        return self.losses - ((1.0 - self.shares) * first + self.shares * last)

    @property
    def barrier(self) -> float:
        """The largest excess: 0 where the line never rises above the chord.

        Source: Entezari, Sedghi, Saukh and Neyshabur, ICLR 2022, definition 2.1.
        """
        return float(self.excess.max())


def random_direction(network: Network, *, seed: int = 0) -> Parameters:
    """Draw a random direction that moves every unit in proportion to its weights.

    u_o = ‖w_o‖ d_o / ‖d_o‖,  d_o ~ N(0, 1),  w_o the incoming weights of unit o

    Args:
        network: Around which.
        seed: Of the direction.

    Returns:
        The direction, float64, of the layout of the network's parameters; biases, and the scales
        and shifts of normalization, do not move.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> network = fleet.networks[0]
        >>> moved = np.linalg.norm(random_direction(network).weights[0], axis=0)
        >>> bool(np.allclose(moved, np.linalg.norm(network.weights[0], axis=0)))
        True

    Source: Li, Xu, Taylor, Studer and Goldstein, NeurIPS 2018, section 4; a unit is their filter.
    """
    parameters, generator = theory_of(network).parameters, stream(seed, "landscape")
    weights = []
    for weight in parameters.weights:
        drawn = generator.normal(size=weight.shape)
        scale = np.linalg.norm(weight, axis=0) / np.linalg.norm(drawn, axis=0)
        weights.append(drawn * scale)
    rest = parameters.arrays[len(weights) :]
    return parameters.with_arrays([*weights, *map(np.zeros_like, rest)])


def loss_slice(
    network: Network,
    x: Real[np.ndarray, "n d"],
    y: object,
    *,
    positions: Positions | None = None,
    direction: Parameters | None = None,
    seed: int = 0,
    l2: float | None = None,
) -> LossSlice:
    """Compute the objective along a direction from a network.

    J(θ + t u)

    Args:
        network: At t = 0.
        x: Features, shape (n, d).
        y: Targets as for a Fleet: one array, or a mapping from names to arrays.
        positions: t, (k,); None for 51 from −1 to 1, where weights move by as much as they are.
        direction: u; None for a filter-normalized random one.
        seed: Of that.
        l2: λ of the penalty in J; None for the recipe's, 0 for the loss of the data alone.

    Returns:
        J at every position, with batch normalization as in prediction.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If a head has no target.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> loss_slice(fleet.networks[0], x, y).losses.shape
        (51,)

    Source: Li et al. (2018), section 3.
    """
    at = np.linspace(-1.0, 1.0, 51) if positions is None else positions
    objective = _Objective.of(network, x, y, l2)
    along = (direction or random_direction(network, seed=seed)).vector
    return LossSlice(at, np.array([objective.at(objective.center + t * along) for t in at]))


def loss_surface(
    network: Network,
    x: Real[np.ndarray, "n d"],
    y: object,
    *,
    positions: Positions | None = None,
    directions: tuple[Parameters, Parameters] | None = None,
    seed: int = 0,
    l2: float | None = None,
) -> LossSurface:
    """Compute the objective over the plane of two directions from a network.

    J(θ + s u + t v)

    Args:
        network: At s = t = 0.
        x: Features, shape (n, d).
        y: Targets as for a Fleet: one array, or a mapping from names to arrays.
        positions: Of both s and t, (k,); None for 25 from −1 to 1.
        directions: u and v; None for two filter-normalized random ones, which are close to
            orthogonal where there are many parameters.
        seed: Of those.
        l2: λ of the penalty in J; None for the recipe's, 0 for the loss of the data alone.

    Returns:
        J on the grid, with batch normalization as in prediction.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If a head has no target.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> fleet = Fleet([Member(Recipe(hidden=(3,), epochs=1))], x, y)
        >>> fleet.run()
        >>> loss_surface(fleet.networks[0], x, y, positions=np.linspace(-1, 1, 5)).losses.shape
        (5, 5)

    Source: Li et al. (2018), sections 3 and 5.
    """
    at = np.linspace(-1.0, 1.0, 25) if positions is None else positions
    objective = _Objective.of(network, x, y, l2)
    drawn = directions or tuple(random_direction(network, seed=seed + k) for k in (0, 1))
    across, upward = (direction.vector for direction in drawn)
    losses = [[objective.at(objective.center + s * across + t * upward) for s in at] for t in at]
    return LossSurface(at, at.copy(), np.array(losses))


def interpolate(
    first: Network,
    last: Network,
    x: Real[np.ndarray, "n d"],
    y: object,
    *,
    points: int = 25,
    l2: float | None = None,
) -> Interpolation:
    """Compute the objective on the straight line from one network to another.

    J((1 − t) θ + t θ')

    Args:
        first: θ, at t = 0.
        last: θ', at t = 1, of the same layers.
        x: Features, shape (n, d).
        y: Targets as for a Fleet: one array, or a mapping from names to arrays.
        points: How many t, evenly spaced, the ends included.
        l2: λ of the penalty in J; None for the first recipe's, 0 for the loss of the data alone.

    Returns:
        J at every t. Batch normalization takes the statistics of these rows at each: those that
        training left belong to the ends, and in between they alone would raise a barrier.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If the networks differ in layers or there are fewer than 2 points.

    Example:
        >>> from levelset.engine import Fleet, Member, Recipe
        >>> x, y = np.eye(2), np.array([0, 1])
        >>> recipe = Recipe(hidden=(3,), epochs=1)
        >>> fleet = Fleet([Member(recipe, seed=seed) for seed in (0, 1)], x, y)
        >>> fleet.run()
        >>> interpolate(fleet.networks[0], fleet.networks[1], x, y, points=3).shares
        array([0. , 0.5, 1. ])

    Source: Goodfellow, Vinyals and Saxe, ICLR 2015, section 2; statistics: Jordan, Sedghi, Saukh,
    Entezari and Neyshabur, ICLR 2023, section 3.
    """
    _check_alike(first, last)
    if points < 2:
        raise RecipeError(f"`points` must be >= 2, both ends among them, got {points}.")
    objective = _Objective.of(first, x, y, l2, recompute=True)
    start, end = (theory_of(network).parameters.vector for network in (first, last))
    shares = np.linspace(0.0, 1.0, points)
    losses = [objective.at((1.0 - t) * start + t * end) for t in shares]
    return Interpolation(shares, np.array(losses))


@dataclass(frozen=True, eq=False)
class _Objective:
    """J of one batch as a function of the vector of parameters."""

    architecture: Architecture
    parameters: Parameters
    running: tuple[RunningStatistics, ...] | None
    batch: Batch
    l2: float

    @staticmethod
    def of(
        network: Network, x: np.ndarray, y: object, l2: float | None, recompute: bool = False
    ) -> "_Objective":
        architecture, parameters, running = theory_of(network)
        kept = None if recompute else running
        penalty = network.recipe.l2 if l2 is None else l2
        return _Objective(architecture, parameters, kept, batch_of(network, x, y), penalty)

    @property
    def center(self) -> np.ndarray:
        return self.parameters.vector

    def at(self, vector: np.ndarray) -> float:
        parameters = self.parameters.with_vector(vector)
        batch, heads = self.batch, self.architecture.heads
        passed = network_forward(self.architecture, parameters, batch.x, running=self.running)
        loss = multi_head_loss(passed.logits, batch.targets, heads, present=batch.present)
        return float(loss + self.l2 * sum((weight**2).sum() for weight in parameters.weights))


def _check_alike(first: Network, last: Network) -> None:
    """Check that a line between two networks is a line of networks."""
    described = []
    for network in (first, last):
        recipe = network.recipe
        shapes = [weight.shape for weight in network.weights]
        layers = (recipe.activations, recipe.normalization, recipe.residual, network.heads)
        described.append((shapes, layers))
    if described[0] != described[1]:
        raise RecipeError(
            "Interpolation needs two networks with the same layers, activations, normalization, "
            f"residuals and heads, got {first.recipe.hidden} and {last.recipe.hidden} hidden units "
            f"in recipes {first.recipe!r} and {last.recipe!r}."
        )
