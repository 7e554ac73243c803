"""Member: a recipe, a seed, and the rows it sees."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from levelset.engine.recipe import Recipe
from levelset.errors import RecipeError


@dataclass(frozen=True, eq=False)
class Member:
    """One network of a fleet.

    Attributes:
        recipe: How it is built and trained.
        seed: Of its initial weights, batch order and dropout; 0 <= seed < 2^64.
        rows: Training rows as indices into the fleet's table, repeats allowed (a bootstrap sample);
            None for all of them.

    Raises:
        RecipeError: If the seed or the rows cannot be used.

    Example:
        >>> Member(Recipe(), seed=3).seed
        3
    """

    recipe: Recipe
    seed: int | np.integer = 0
    rows: Sequence[int] | np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.recipe, Recipe):
            raise RecipeError(f"`recipe` must be a Recipe, got {type(self.recipe).__name__}.")
        if not isinstance(self.seed, int | np.integer) or not 0 <= int(self.seed) < 2**64:
            raise RecipeError(f"`seed` must be an integer in [0, 2^64), got {self.seed!r}.")
        if self.rows is not None:
            rows = np.asarray(self.rows)
            if rows.ndim != 1 or len(rows) == 0 or rows.dtype.kind not in "iu":
                raise RecipeError(
                    "`rows` must be a non-empty one-axis array of row numbers, got shape "
                    f"{rows.shape} of {rows.dtype}; for a mask pass `np.flatnonzero(mask)`."
                )
