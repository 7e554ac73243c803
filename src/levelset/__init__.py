"""levelset: a laboratory for multilayer-perceptron classifiers.

    >>> import numpy as np
    >>> from levelset import Fleet, Member, Recipe
    >>> x = np.random.default_rng(0).normal(size=(300, 2))
    >>> y = (x[:, 0] * x[:, 1] > 0).astype(int)
    >>> recipe = Recipe(hidden=(32, 32), epochs=60)
    >>> fleet = Fleet([Member(recipe, seed=s) for s in range(8)], x, y)
    >>> fleet.run()
    >>> bool(fleet.record.training_accuracy[:, -1].mean() > 0.9)
    True

The names below are imported when they are first used, so that the command line answers `--help`
without loading the engine.
"""

TYPE_CHECKING = False  # as typing's, without importing it: a Ctrl-C could not be answered yet
if TYPE_CHECKING:
    from levelset.data import Dataset, load
    from levelset.diagnostics import diagnose
    from levelset.engine import Fleet, Head, Member, Network, Progress, Recipe, Record
    from levelset.errors import (
        DataError,
        FleetBusyError,
        LevelsetError,
        MissingExtraError,
        RecipeError,
    )
    from levelset.estimators import MLPClassifier

__all__ = [
    "DataError",
    "Dataset",
    "Fleet",
    "FleetBusyError",
    "Head",
    "LevelsetError",
    "MLPClassifier",
    "Member",
    "MissingExtraError",
    "Network",
    "Progress",
    "Recipe",
    "RecipeError",
    "Record",
    "diagnose",
    "load",
]

_HOMES = {
    "data": ("Dataset", "load"),
    "diagnostics": ("diagnose",),
    "engine": ("Fleet", "Head", "Member", "Network", "Progress", "Recipe", "Record"),
    "errors": (
        "DataError",
        "FleetBusyError",
        "LevelsetError",
        "MissingExtraError",
        "RecipeError",
    ),
    "estimators": ("MLPClassifier",),
}


def __getattr__(name: str) -> object:
    """Import a public name from its home (PEP 562)."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"levelset.{home}"), name)
    raise AttributeError(f"module 'levelset' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
