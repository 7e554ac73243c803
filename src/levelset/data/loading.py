"""One door for every table: the name of one that comes with levelset, or a path."""

from os import PathLike, fspath
from pathlib import Path

from levelset.data.bundled import BUNDLED, load_bundled
from levelset.data.dataset import Dataset
from levelset.data.files import read_table
from levelset.data.options import LABEL_OPTIONS, SEED, complete_options, read_options, split_name
from levelset.data.synthetic import SYNTHETIC, load_synthetic, relabeled
from levelset.data.wording import listed, suggested
from levelset.errors import DataError


def load(source: str | PathLike[str], target: str | None = None) -> Dataset:
    """Load a table by its name or from a file.

    A name may be followed by options, as in `moons:rows=200,noise=0.3`; those of the synthetic
    tables are in `SYNTHETIC`, and the bundled ones take `label_noise`, `permuted_labels` and
    `seed`. A name means the table that comes with levelset, unless a file of exactly that name
    exists; then it means the file.

    Args:
        source: A name of `BUNDLED` or `SYNTHETIC`, or the path of a file.
        target: The target's column; if None, the one called target, class, label or y. A table
            that comes with levelset has its own.

    Returns:
        The dataset.

    Raises:
        DataError: If there is no such table, or it cannot be used.

    Example:
        >>> load("iris")
        iris: 150 rows, 4 numeric columns, 0 categorical, 3 classes (50, 50, 50), 0 missing values
        >>> load("moons:rows=80,seed=3")
        moons: 80 rows, 2 numeric columns, 0 categorical, 2 classes (40, 40), 0 missing values
    """
    text, path = fspath(source), Path(source)
    name, options = split_name(text)
    known = [*BUNDLED, *SYNTHETIC]
    if name in known and not path.is_file():
        return _load_named(name, options, target)
    if not path.exists() and path.parent == Path():
        beside = [one.name for one in Path().iterdir()]
        near = suggested(text, [*known, *beside]) or suggested(name, known)
        raise DataError(
            f"A table must be a bundled one ({listed(list(BUNDLED))}), a synthetic one "
            f"({listed(list(SYNTHETIC))}) or a file, got `{text}`, which is none of them.{near}"
        )
    return read_table(path, target)


def _load_named(name: str, text: str, target: str | None) -> Dataset:
    own = BUNDLED[name] if name in BUNDLED else SYNTHETIC[name].target_name
    if target not in (None, own):
        raise DataError(
            f"The target of the {'bundled' if name in BUNDLED else 'synthetic'} table {name} is "
            f"`{own}`, got `{target}`; leave it out."
        )
    options = read_options(name, text)
    if name in SYNTHETIC:
        return load_synthetic(name, options)
    return relabeled(load_bundled(name), complete_options(name, options, (*LABEL_OPTIONS, SEED)))
