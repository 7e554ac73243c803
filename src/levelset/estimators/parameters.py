"""Parameters: what an estimator was constructed with, checked when it is fitted."""

from collections.abc import Mapping
from numbers import Integral
from types import MappingProxyType
from typing import Any, Literal

from sklearn.utils import check_random_state

from levelset.engine import Recipe
from levelset.errors import RecipeError

ADDED: Mapping[str, object] = MappingProxyType(
    {
        "validation_fraction": 0.0,
        "ensemble_size": 1,
        "random_state": None,
        "dtype": "float32",
        "threads": None,
    }
)
"""Parameters that are not a Recipe's fields, with their defaults."""

LEFT_OUT = ("heads",)
"""Fields of a Recipe that are not parameters: a classifier has one softmax head."""


def recipe_of(parameters: Mapping[str, Any]) -> Recipe:
    """Make the recipe of a classifier's networks.

    Args:
        parameters: All of them, by name.

    Returns:
        The recipe; weights by label are left out, as they weigh rows.

    Raises:
        RecipeError: If a field is wrong, or it needs validation rows and none are held out.

    Example:
        >>> recipe_of({"hidden": [8], "patience": None, "validation_fraction": 0.0}).hidden
        (8,)
    """
    fields = {
        name: value
        for name, value in parameters.items()
        if name in Recipe.model_fields and name not in LEFT_OUT
    }
    if isinstance(fields.get("class_weight"), Mapping):
        fields["class_weight"] = None
    recipe = Recipe(**fields)
    if parameters["validation_fraction"] == 0 and (recipe.patience or recipe.monitor != "loss"):
        asks = f"patience={recipe.patience}" if recipe.patience else 'monitor="accuracy"'
        raise RecipeError(
            f"`{asks}` needs validation rows, got `validation_fraction=0`; 0.2 holds out a fifth "
            "of the rows."
        )
    return recipe


def check_ensemble_size(size: object) -> int:
    """Give the number of networks.

    Raises:
        RecipeError: If it is not a positive integer.
    """
    if not isinstance(size, Integral) or size < 1:
        raise RecipeError(f"`ensemble_size` must be an integer >= 1, got {size!r}.")
    return int(size)


def check_number_type(name: Any) -> Literal["float32", "float64"]:
    """Give the name of the numbers' type.

    Raises:
        RecipeError: If there is no such type.
    """
    if name == "float32" or name == "float64":
        return name
    raise RecipeError(f'`dtype` must be "float32" or "float64", got {name!r}.')


def seed_of(random_state: object) -> int:
    """Give the seed of the first network.

    An integer is the seed itself, so that a classifier's networks are those of a fleet with the
    same seeds; anything else is read as scikit-learn reads it.

    Example:
        >>> seed_of(7)
        7
    """
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
