"""Table: what the members of a fleet learn from, checked and as the core takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from levelset.engine.checks import check_features, check_weights
from levelset.engine.recipe import Recipe
from levelset.engine.targets import Targets, find_targets, given_targets
from levelset.errors import RecipeError


@dataclass(frozen=True, eq=False)
class Table:
    """Rows to train on and rows to validate on.

    Attributes:
        x: Features, (n, d).
        sample_weight: Weight of each row, (n,); None weighs all alike.
        x_validation: Features of the validation rows; of no row without them.
        targets: What the members' heads learn from, of both.
    """

    x: np.ndarray
    sample_weight: np.ndarray | None
    x_validation: np.ndarray
    targets: Targets


def read_table(
    recipes: Sequence[Recipe],
    x: object,
    y: object,
    validation: tuple[object, object] | None,
    sample_weight: object,
    classes: int | Mapping[str, int] | None,
    dtype: np.dtype,
) -> Table:
    """Check a fleet's arrays.

    Args:
        recipes: The members'.
        x: Features, shape (n, d).
        y: Targets: one array of n rows, or a mapping from names to arrays.
        validation: The same of other rows, or None.
        sample_weight: Shape (n,), or None.
        classes: c of each target, or of the only one; None counts them.
        dtype: Of numbers.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If a recipe cannot be trained on them.
    """
    features = check_features(x, dtype)
    given, held_out = given_targets(y, len(features)), None
    x_validation = np.empty((0, features.shape[1]), dtype)
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise RecipeError(
                f"`validation` must be a pair (X, y), got {type(validation).__name__}."
            )
        x_validation = check_features(validation[0], dtype, features.shape[1], "validation X")
        held_out = given_targets(validation[1], len(x_validation), "validation y")
    targets = find_targets(recipes, given, held_out, classes, dtype)
    weights = None
    if sample_weight is not None:
        weights = check_weights(sample_weight, len(features), dtype)
    return Table(features, weights, x_validation, targets)
