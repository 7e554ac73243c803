"""Units: which are dead or saturated, when they died, and how many directions a layer uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, Real

from levelset.diagnostics.network import forward_of, theory_of
from levelset.engine import Fleet, Member, Network
from levelset.errors import RecipeError

Rows = Real[np.ndarray, "n d"]

SATURATION_MARGIN = 0.025
"""Share of an activation's range from either end that counts as saturated, as in the record."""

_RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


def unit_outputs(network: Network, x: Rows) -> tuple[Float64[np.ndarray, "n _"], ...]:
    """Give φ(z') of every hidden layer for each row, before a residual is added.

    Args:
        network: A trained network; it is read as in prediction.
        x: Features, shape (n, d).

    Returns:
        One array for each hidden layer, (n, o).
    """
    architecture, _, _ = theory_of(network)
    passed = forward_of(network, x)
    pairs = zip(architecture.activations, passed.activation_inputs, strict=True)
    return tuple(activation.value(given) for activation, given in pairs)


def dead_units(network: Network, x: Rows) -> tuple[Bool[np.ndarray, " _"], ...]:
    """Find the units of relu layers whose output is 0 for every row.

    Such a unit has no gradient on these rows: it cannot come back unless the layers below move.

    Args:
        network: A trained network.
        x: All training rows, shape (n, d).

    Returns:
        For each hidden layer, whether each unit is dead, (o,); false where φ is not relu.

    Example:
        >>> from levelset.engine import Recipe
        >>> network = Network(
        ...     Recipe(hidden=(2,)),
        ...     (np.array([[1.0, -1.0]]), np.eye(2)),
        ...     (np.array([0.0, -5.0]), np.zeros(2)),
        ... )
        >>> dead_units(network, np.array([[1.0], [2.0]]))
        (array([False,  True]),)

    Source: Lu, Shin, Su and Karniadakis, "Dying ReLU and initialization: theory and numerical
    examples", Communications in Computational Physics 28 (2020).
    """
    names = network.recipe.activations
    return tuple(
        np.logical_and((outputs <= 0).all(axis=0), name == "relu")
        for name, outputs in zip(names, unit_outputs(network, x), strict=True)
    )


def saturated_shares(network: Network, x: Rows) -> Float64[np.ndarray, " _"]:
    """Give the share of each layer's outputs that lie near an end of the activation's range.

    Near is within 2.5 % of the range, where σ' < 0.025 instead of ¼ at most.

    Args:
        network: A trained network.
        x: Features, shape (n, d).

    Returns:
        One share for each hidden layer, over rows and units; NaN where φ is not sigmoid or tanh.

    Example:
        >>> from levelset.engine import Recipe
        >>> network = Network(
        ...     Recipe(hidden=(1,), activation="tanh"),
        ...     (np.array([[9.0]]), np.ones((1, 2))),
        ...     (np.zeros(1), np.zeros(2)),
        ... )
        >>> saturated_shares(network, np.array([[0.0], [1.0], [-2.0], [0.1]]))
        array([0.5])

    Source: Glorot and Bengio (2010), section 3.
    """
    shares = [
        _near_the_ends(outputs, *_RANGES[name]) if name in _RANGES else np.nan
        for name, outputs in zip(network.recipe.activations, unit_outputs(network, x), strict=True)
    ]
    return np.array(shares, dtype=np.float64)


def _near_the_ends(outputs: np.ndarray, low: float, high: float) -> float:
    margin = SATURATION_MARGIN * (high - low)
    return float(((outputs < low + margin) | (outputs > high - margin)).mean())


def effective_rank(activations: Float[np.ndarray, "n o"]) -> float:
    """Count the directions that a layer's outputs use, large ones counting more than small ones.

    erank(A) = exp(−Σᵢ pᵢ ln pᵢ),  pᵢ = σᵢ / Σⱼ σⱼ,  σ the singular values of A minus its mean row

    Args:
        activations: A layer's outputs, shape (n, o).

    Returns:
        From 1, all on one line, to min(n − 1, o); 0 if no row differs from another.

    Example:
        >>> rows = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
        >>> round(effective_rank(rows), 6)
        2.0

    Source: Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO
    2007, definition 1. Theirs takes A as it is; without the mean row, a constant output does not
    count as a direction.
    """
    centered = activations - activations.mean(axis=0)
    # The singular values' squares are the eigenvalues of a matrix as large as the layer is wide.
    squares = np.linalg.eigvalsh(centered.T @ centered)
    values = np.sqrt(np.maximum(squares, 0.0))
    largest = values.max(initial=0.0)
    if largest <= 1e-12 * np.abs(activations).max(initial=1.0):
        return 0.0
    shares = values[values > 1e-7 * largest] / values.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def effective_ranks(network: Network, x: Rows) -> Float64[np.ndarray, " _"]:
    """Give the effective rank of each hidden layer's outputs.

    Args:
        network: A trained network.
        x: Features, shape (n, d).

    Returns:
        One number for each hidden layer.
    """
    return np.array([effective_rank(outputs) for outputs in unit_outputs(network, x)])


@dataclass(frozen=True, eq=False)
class UnitHistory:
    """Dead relu units while members (m) trained.

    Attributes:
        dead: For each hidden layer, whether each unit was dead after each epoch, (m, e + 1, o);
            number 0 is before training.
        died: For each hidden layer, the epoch after which each unit was dead and stayed so,
            (m, o): 0 is dead at the start, -1 alive at the end.
    """

    dead: tuple[Bool[np.ndarray, "m e _"], ...]
    died: tuple[Int64[np.ndarray, "m _"], ...]


def watch_units(members: Sequence[Member], x: Rows, y: object) -> UnitHistory:
    """Train members epoch by epoch, and look for dead units on all rows after each.

    No rows are held out, so that a network is always that of its last epoch.

    Args:
        members: Of one recipe, without averaged weights.
        x: Features, shape (n, d).
        y: Targets as for a Fleet.

    Returns:
        Which units were dead when.

    Raises:
        RecipeError: If the recipes differ, average weights, or stop by patience.

    Example:
        >>> from levelset.engine import Recipe
        >>> x = np.random.default_rng(0).normal(size=(60, 2))
        >>> y = (x[:, 0] > 0).astype(int)
        >>> recipe = Recipe(hidden=(16,), learning_rate=0.5, epochs=5)
        >>> history = watch_units([Member(recipe)], x, y)
        >>> history.dead[0].shape, bool((history.died[0] >= 0).any())
        ((1, 6, 16), True)
    """
    recipes = list(dict.fromkeys(member.recipe for member in members))
    if len(recipes) != 1 or any(recipe.averaging != "none" for recipe in recipes):
        raise RecipeError(
            "Units are watched in members of one recipe without averaged weights, got "
            f"{len(recipes)} recipes; watch them one by one, with `averaging` none."
        )
    fleet = Fleet(members, x, y)
    moments = [_dead_now(fleet, x)]
    for _ in range(members[0].recipe.epochs):
        fleet.run(1)
        moments.append(_dead_now(fleet, x))
    dead = tuple(np.stack(layer, axis=1) for layer in zip(*moments, strict=True))
    return UnitHistory(dead, tuple(_died(layer) for layer in dead))


def _dead_now(fleet: Fleet, x: Rows) -> list[np.ndarray]:
    """Of each hidden layer, (m, o)."""
    by_member = [dead_units(network, x) for network in fleet.networks]
    return [np.stack(layer) for layer in zip(*by_member, strict=True)]


def _died(dead: np.ndarray) -> np.ndarray:
    """First epoch of the last run of dead ones: (m, e, o) -> (m, o)."""
    epochs = dead.shape[1]
    still = np.cumprod(dead[:, ::-1], axis=1).sum(axis=1)  # dead moments up to the end
    return np.where(still > 0, epochs - still, -1).astype(np.int64)
