"""The yardstick: what plain, standardized networks reach on rows they did not learn from.

Whether a loss is high, or a plateau the end of the road, depends on the table. The reference
answers with three recipes that need no tuning, cross-validated as one fleet: logistic regression
and two ReLU networks, on standardized columns. Class frequencies are the fourth, for tables from
which nothing can be learned.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from levelset.diagnostics.faults.scaling import fit_scaling
from levelset.diagnostics.losses import row_losses
from levelset.engine import Fleet, Member, Recipe
from levelset.seeds import stream

FOLDS = 5
_STEPS, _MOST_EPOCHS = 3000, 100


@dataclass(frozen=True, eq=False)
class Reference:
    """Out-of-fold predictions of the best reference recipe.

    Attributes:
        name: Which one it was.
        probabilities: Of each row, by a network that did not learn from it, (n, c).
        losses: −ln q_y of each row, (n,), in nats.
    """

    name: str
    probabilities: Float[np.ndarray, "n c"]
    losses: Float[np.ndarray, " n"]


def make_reference(
    x: Float[np.ndarray, "n d"], y: Int[np.ndarray, " n"], classes: int, seed: int = 0
) -> Reference:
    """Cross-validate the reference recipes, and give the one with the lowest loss.

    Args:
        x: Features of all rows, shape (n, d).
        y: Class numbers, shape (n,).
        classes: c.
        seed: Of the folds and networks.

    Returns:
        Its predictions for every row.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(120, 2)).astype(np.float32)
        >>> reference = make_reference(x, (x[:, 0] > 0).astype(int), classes=2)
        >>> bool(reference.losses.mean() < 0.2)
        True
    """
    frequencies = np.bincount(y, minlength=classes) / len(y)
    candidates = {"class frequencies": np.tile(frequencies, (len(y), 1))}
    candidates |= _cross_validated(x, y, classes, seed)
    losses = {name: row_losses(q, y) for name, q in candidates.items()}
    best = min(losses, key=lambda name: losses[name].mean())
    return Reference(best, candidates[best], losses[best])


def _cross_validated(
    x: np.ndarray, y: np.ndarray, classes: int, seed: int
) -> dict[str, np.ndarray]:
    fold = _folds(y, seed)
    recipes = _recipes(len(y))
    members = [
        Member(recipe, seed=seed, rows=np.flatnonzero(fold != held_out))
        for recipe in recipes.values()
        for held_out in range(FOLDS)
    ]
    rows = fit_scaling(x).apply(x)
    fleet = Fleet(members, rows, y, classes=classes)
    fleet.run()
    predicted = fleet.predict_proba(rows).reshape(len(recipes), FOLDS, len(y), classes)
    own = predicted[:, fold, np.arange(len(y))]  # (recipe, n, c)
    return dict(zip(recipes, own, strict=True))


def _recipes(rows: int) -> dict[str, Recipe]:
    epochs = int(np.clip(_STEPS * 32 // rows, 5, _MOST_EPOCHS))
    base = Recipe(schedule="cosine", epochs=epochs)
    return {
        "logistic regression": base.changed(hidden=(), learning_rate=0.02, l2=1e-3),
        "relu 32-32": base.changed(hidden=(32, 32), learning_rate=3e-3, l2=3e-3),
        "relu 64-64": base.changed(hidden=(64, 64), learning_rate=3e-3, l2=3e-4),
    }


def _folds(y: np.ndarray, seed: int) -> np.ndarray:
    """Number of each row's fold, each class spread over all of them."""
    generator = stream(seed, "folds")
    fold = np.empty(len(y), dtype=np.int64)
    order = generator.permutation(len(y))
    by_class = order[np.argsort(y[order], kind="stable")]
    fold[by_class] = np.arange(len(y)) % FOLDS
    return fold
