"""One door for every table: a bundled name or a path."""

from os import PathLike, fspath
from pathlib import Path

from levelset.data.bundled import BUNDLED, load_bundled
from levelset.data.dataset import Dataset
from levelset.data.files import read_table
from levelset.data.wording import listed, suggested
from levelset.errors import DataError


def load(source: str | PathLike[str], target: str | None = None) -> Dataset:
    """Load a bundled table or a file.

    A bundled name means the bundled table, unless a file of exactly that name exists; then it
    means the file.

    Args:
        source: `iris`, `wine`, `breast_cancer`, `digits`, or the path of a file.
        target: The target's column; if None, the one called target, class, label or y. A bundled
            table has its own.

    Returns:
        The dataset.

    Raises:
        DataError: If there is no such table, or it cannot be used.

    Example:
        >>> load("iris")
        iris: 150 rows, 4 numeric columns, 0 categorical, 3 classes (50, 50, 50), 0 missing values
    """
    name, path = fspath(source), Path(source)
    if name in BUNDLED and not path.is_file():
        if target not in (None, BUNDLED[name]):
            raise DataError(
                f"The target of the bundled table {name} is `{BUNDLED[name]}`, got `{target}`; "
                "leave it out."
            )
        return load_bundled(name)
    if not path.exists() and path.parent == Path():
        beside = [one.name for one in Path().iterdir()]
        raise DataError(
            f"A table must be a bundled one ({listed(list(BUNDLED))}) or a file, got `{name}`, "
            f"which is neither.{suggested(name, [*BUNDLED, *beside])}"
        )
    return read_table(path, target)
