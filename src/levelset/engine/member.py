"""Member: a recipe, a seed, the rows it sees, and where it starts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from levelset.engine.network import Network
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
        counts: The same rows as how often each row of the table is seen, shape (n,); instead of
            `rows`.
        initial: A network to start from, with layers of the same widths, normalized alike; None
            draws the weights from the seed.

    Raises:
        RecipeError: If the seed, the rows or the initial network cannot be used.

    Example:
        >>> Member(Recipe(), seed=3).seed
        3
    """

    recipe: Recipe
    seed: int | np.integer = 0
    rows: Sequence[int] | np.ndarray | None = field(default=None, repr=False)
    counts: Sequence[int] | np.ndarray | None = field(default=None, repr=False)
    initial: Network | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.recipe, Recipe):
            raise RecipeError(f"`recipe` must be a Recipe, got {type(self.recipe).__name__}.")
        if not isinstance(self.seed, int | np.integer) or not 0 <= int(self.seed) < 2**64:
            raise RecipeError(f"`seed` must be an integer in [0, 2^64), got {self.seed!r}.")
        if self.rows is not None and self.counts is not None:
            raise RecipeError("`rows` and `counts` say the same thing; give one of them, got both.")
        if self.counts is not None:
            counts = np.asarray(self.counts)
            if counts.ndim != 1 or counts.dtype.kind not in "iu" or counts.min(initial=0) < 0:
                raise RecipeError(
                    "`counts` must be a one-axis array of whole numbers >= 0, got shape "
                    f"{counts.shape} of {counts.dtype}."
                )
            if counts.sum() == 0:
                raise RecipeError("`counts` must see at least one row, got none above 0.")
        if self.rows is not None:
            rows = np.asarray(self.rows)
            if rows.ndim != 1 or len(rows) == 0 or rows.dtype.kind not in "iu":
                raise RecipeError(
                    "`rows` must be a non-empty one-axis array of row numbers, got shape "
                    f"{rows.shape} of {rows.dtype}; for a mask pass `np.flatnonzero(mask)`."
                )
        if self.initial is not None and not isinstance(self.initial, Network):
            raise RecipeError(
                f"`initial` must be a Network or None, got {type(self.initial).__name__}."
            )

    def row_numbers(self) -> np.ndarray | None:
        """Give the rows as an int32 array of its own, shape (k,); None for all of them."""
        if self.counts is not None:
            counts = np.asarray(self.counts).astype(np.int64)
            return np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        return None if self.rows is None else np.array(self.rows, dtype=np.int32)
