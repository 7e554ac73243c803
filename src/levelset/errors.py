"""Every error that levelset raises on purpose.

    LevelsetError
    ├── DataError          a table, file or array cannot be used (also a ValueError)
    ├── RecipeError        a recipe, member or fleet is described wrongly (also a ValueError)
    ├── FleetBusyError     a fleet was used while it trains (also a RuntimeError)
    └── MissingExtraError  an optional dependency is not installed (also an ImportError)

A message says what was required, what was given, and what to do. The command line prints the
message as one paragraph and exits with status 2; any other exception is a defect of levelset.
"""


class LevelsetError(Exception):
    """Base of every error that levelset raises on purpose."""


class DataError(LevelsetError, ValueError):
    """A table, file or array cannot be used as it is."""


class RecipeError(LevelsetError, ValueError):
    """A recipe, member or fleet is described wrongly."""


class FleetBusyError(LevelsetError, RuntimeError):
    """A fleet was used by a callback or another thread while it trains."""

    def __init__(self) -> None:
        super().__init__(
            "A fleet must not be run or read while it trains, but it was, from a progress callback "
            "or another thread; wait until `run` returns (`record` may be read at any time)."
        )


class MissingExtraError(LevelsetError, ImportError):
    """An optional dependency is needed here and is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package `{package}`, which is not installed; "
            f'run `pip install "levelset[{extra}]"`.'
        )
