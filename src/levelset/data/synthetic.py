"""Tables that are drawn, not read: any number of rows, and mostly the truth about them."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float, Float64

from levelset.data import mnist1d, smooth
from levelset.data.curves import CURVES
from levelset.data.dataset import Column, Dataset, Provenance, digest_of
from levelset.data.labels import label_noise, noisy_probabilities, permuted_labels
from levelset.data.options import (
    LABEL_OPTIONS,
    SEED,
    Draw,
    Option,
    Options,
    complete_options,
    read_options,
    split_name,
    written_options,
)
from levelset.data.wording import listed, suggested
from levelset.errors import DataError
from levelset.seeds import stream

Probabilities = Callable[[Float[np.ndarray, "n d"], Options], Float64[np.ndarray, "n c"]]

_LEAST_ROWS, _MOST_ROWS = 20, 10_000_000  # at least one row for each of at most 20 classes
_NO_OPTIONS: Options = MappingProxyType({})


@dataclass(frozen=True)
class Synthetic:
    """A distribution of tables.

    Args:
        name: What `load` knows it by.
        description: What it shows, in a few words.
        target_name: The name of the target.
        column_stem: Columns are called this and a number.
        rows: How many are drawn where nothing is asked.
        own_options: What this distribution may be asked for.
        draw: Draws rows.
        probabilities: Computes p(c | x) anywhere; None where nobody can.
    """

    name: str
    description: str
    target_name: str
    column_stem: str
    rows: int
    own_options: tuple[Option, ...]
    draw: Callable[[int, Options, np.random.Generator], Draw]
    probabilities: Probabilities | None

    @property
    def options(self) -> tuple[Option, ...]:
        """All that may be asked for, in the order in which it is written."""
        rows = Option("rows", self.rows, _LEAST_ROWS, _MOST_ROWS, "rows of the table", whole=True)
        return (rows, *self.own_options, SEED, *LABEL_OPTIONS)


def _of_curves(name: str, description: str) -> Synthetic:
    curves = CURVES[name]
    return Synthetic(
        name, description, "class", "x", 500, curves.options, curves.draw, curves.probabilities
    )


SYNTHETIC: Mapping[str, Synthetic] = MappingProxyType(
    {
        one.name: one
        for one in (
            _of_curves("moons", "two half circles that reach into each other"),
            _of_curves("rings", "circles around one center"),
            _of_curves("gaussians", "one normal distribution for each class"),
            _of_curves("xor", "opposite corners of a square: no line divides them"),
            _of_curves("spiral", "arms wound around each other"),
            Synthetic(
                "smooth",
                "a smooth random function of several features",
                "class",
                "x",
                1000,
                smooth.OPTIONS,
                smooth.draw_smooth,
                smooth.smooth_probabilities,
            ),
            Synthetic(
                "mnist1d",
                "ten digits as signals of 40 values",
                "digit",
                "time_",
                5000,
                mnist1d.OPTIONS,
                mnist1d.draw_signals,
                None,
            ),
        )
    }
)
"""The distributions that tables can be drawn from, by name."""


def load_synthetic(name: str, options: Options = _NO_OPTIONS) -> Dataset:
    """Draw a table.

    Args:
        name: One of `SYNTHETIC`.
        options: Values by name, for example `{"rows": 100, "noise": 0.3}`; the others keep their
            defaults.

    Returns:
        The dataset; the same arguments give the same, and another `seed` gives fresh rows of the
        same distribution.

    Raises:
        DataError: If there is no such distribution or option, or a value is out of its range.

    Example:
        >>> load_synthetic("moons", {"rows": 100})
        moons: 100 rows, 2 numeric columns, 0 categorical, 2 classes (50, 50), 0 missing values
    """
    synthetic = _known(name)
    values = complete_options(name, options, synthetic.options)
    generator = stream(int(values["seed"]), "synthetic", name)
    drawn = synthetic.draw(int(values["rows"]), values, generator)
    return _with_least_error(relabeled(_as_dataset(synthetic, drawn, values), values))


def relabeled(dataset: Dataset, options: Options) -> Dataset:
    """Do to a table's labels what the options of its name ask for.

    Args:
        dataset: The table.
        options: Holds `label_noise`, `permuted_labels` and `seed`.

    Returns:
        The table as it is, or with its labels replaced or shuffled.

    Example:
        >>> moons = load_synthetic("moons")
        >>> relabeled(moons, {"label_noise": 0.0, "permuted_labels": 1, "seed": 0}).notes[-1]
        'Shuffled the labels over the rows (seed 0): nothing is left to learn.'
    """
    seed = int(options["seed"])
    if options["label_noise"] > 0:
        dataset = label_noise(dataset, options["label_noise"], seed)
    return permuted_labels(dataset, seed) if options["permuted_labels"] else dataset


def class_probabilities(
    source: str, values: Float[np.ndarray, "n d"]
) -> Float64[np.ndarray, "n c"] | None:
    """Compute p(c | x) of a distribution at any points, where it is known.

    Args:
        source: The name of a table with its options, as for `load`; the label noise counts.
        values: x, for example a grid over the plane.

    Returns:
        p(c | x) in the order of the table's classes. None where nobody knows it (`mnist1d` and
        every real table), and with `permuted_labels`, where the table drawn knows it.

    Raises:
        DataError: If the options or the number of columns are wrong.

    Example:
        >>> class_probabilities("gaussians:classes=2", np.zeros((1, 2)))
        array([[0.5, 0.5]])
    """
    name, text = split_name(source)
    if name not in SYNTHETIC or (probabilities := SYNTHETIC[name].probabilities) is None:
        return None
    options = complete_options(name, read_options(name, text), SYNTHETIC[name].options)
    if options["permuted_labels"]:
        return None
    columns = int(options.get("features", 2))
    if values.shape[1] != columns:
        raise DataError(
            f"`values` must have the {columns} columns of {source}, got shape {values.shape}."
        )
    changed = round(options["label_noise"] * options["rows"])  # as `label_noise` rounds it
    known = probabilities(np.asarray(values, dtype=np.float64), options)
    return noisy_probabilities(known, changed / options["rows"])


def _known(name: str) -> Synthetic:
    if name not in SYNTHETIC:
        raise DataError(
            f"A synthetic table must be one of {listed(list(SYNTHETIC))}, got `{name}`."
            f"{suggested(name, SYNTHETIC)}"
        )
    return SYNTHETIC[name]


def _as_dataset(synthetic: Synthetic, drawn: Draw, options: Options) -> Dataset:
    values, targets = drawn.values, drawn.targets
    asked = {key: options[key] for key in ("rows", *(one.name for one in synthetic.own_options))}
    source = f"{synthetic.name}:{written_options({**asked, 'seed': options['seed']})}"
    return Dataset(
        name=synthetic.name,
        columns=tuple(
            Column(f"{synthetic.column_stem}{number + 1}", "numeric", 0)
            for number in range(values.shape[1])
        ),
        values=values,
        targets=targets,
        classes=tuple(str(code) for code in range(drawn.classes)),
        target_name=synthetic.target_name,
        provenance=Provenance(
            source, digest_of(values.tobytes(), targets.tobytes()), len(values), rows_dropped=0
        ),
        notes=(f"Drawn: {synthetic.description} ({source}).",),
        class_probabilities=drawn.probabilities,
    )


def _with_least_error(dataset: Dataset) -> Dataset:
    """Add the note that no classifier errs less often than 1 − E max꜀ p(c | x)."""
    if dataset.class_probabilities is None:
        return dataset
    least = float(1 - dataset.class_probabilities.max(axis=1).mean())
    note = (
        "The class probabilities are known: on rows like these, no classifier can be expected to "
        f"err less often than {least:.1%}."
    )
    return dataclasses.replace(dataset, notes=(*dataset.notes, note))
