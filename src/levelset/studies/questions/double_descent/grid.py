"""The grid of double descent: one recipe at many widths, trained on noisy labels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from levelset.data import Dataset, Split, fit_encoding, label_noise, stratified_split
from levelset.engine import Member, Recipe
from levelset.seeds import stream
from levelset.studies.design import Arm, BudgetName, Design, Rows, Trial

NOISE = 0.15
"""Share of the training labels made wrong, where the table has no label noise of its own."""

LEARNING_RATE = 3e-3
"""Where the base has none of its own: networks are to reach the end of what they can fit."""


@dataclass(frozen=True)
class Scale:
    """How large a grid is.

    Attributes:
        widths: Units of every hidden layer, ascending.
        seeds: Replicates, each with its own rows, wrong labels and initial weights.
        rows: Training rows.
        test_rows: Rows that judge every network after every epoch.
        epochs: Passes over the training rows.
    """

    widths: tuple[int, ...]
    seeds: int
    rows: int
    test_rows: int
    epochs: int


FULL_WIDTHS = (
    *range(1, 9),
    *range(10, 21, 2),
    *(24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256),
)

SCALES: Mapping[BudgetName, Scale] = {
    "quick": Scale((2, 4, 8, 12, 16, 20, 24, 32, 64, 128), 5, 750, 250, 150),
    "standard": Scale((2, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 128, 256), 5, 2_000, 500, 200),
    "thorough": Scale(FULL_WIDTHS, 5, 4_000, 1_000, 1_000),
}
"""The grid of each budget; the last is the full size."""


def own_noise(dataset: Dataset) -> float:
    """Give the share of label noise that a table was loaded with; 0 without.

    Example:
        >>> from levelset.data import load
        >>> own_noise(load("iris")), own_noise(load("iris:label_noise=0.2"))
        (0.0, 0.2)
    """
    found = re.search(r"([0-9.]+) label noise", dataset.provenance.source)
    return float(found.group(1)) if found else 0.0


def grid_design(
    dataset: Dataset, rows: np.ndarray, scale: Scale, base: Recipe, seed: int
) -> Design:
    """Ask for every width on every replicate, judged on test rows after every epoch.

    Replicates have rows of their own where the table has enough of them, and share rows where not:
    `rows_are_shared` tells.

    Args:
        dataset: The table.
        rows: Row numbers that may be used.
        scale: How large the grid is; its rows are cut to what the table has.
        base: Everything but width and epochs.
        seed: Of the rows, the noise and the networks.

    Returns:
        One trial per replicate, its members the widths.

    Raises:
        DataError: If a class is too small to stand on both sides.
    """
    # Every network is to run to its end, and what it then is counts, not its best epoch.
    recipe = base.changed(epochs=scale.epochs, patience=None, monitor="loss")
    arms = tuple(_arm(recipe, width) for width in scale.widths)
    noise = 0.0 if own_noise(dataset) else NOISE

    def trial(number: int, split: Split) -> Trial:
        noisy = label_noise(dataset, noise, seed + number, rows=split.training)
        encoding = fit_encoding(noisy, split.training)
        training, test = (
            Rows(encoding.transform(noisy, part), noisy.targets[part])
            for part in (split.training, split.test)
        )
        return Trial(
            members=tuple(Member(arm.recipe, seed=seed + number) for arm in arms),
            training=training,
            judged=None,
            monitored=test,
            classes=len(dataset.classes),
            split=split,
            encoding=encoding,
        )

    splits = _splits(dataset, rows, scale, seed)
    return Design(dataset, arms, tuple(trial(number, one) for number, one in enumerate(splits)))


def rows_are_shared(design: Design) -> bool:
    """Say whether some row is used by two replicates, which are then not independent."""
    used = [
        row
        for trial in design.trials
        if trial.split is not None
        for row in (*trial.split.training, *trial.split.test)
    ]
    return len(set(used)) < len(used)


def _arm(recipe: Recipe, width: int) -> Arm:
    activation = recipe.activations[0] if recipe.activations else "relu"
    hidden = (width,) * max(1, len(recipe.hidden))
    changed = recipe.changed(hidden=hidden, activation=activation, learning_rate_factors=None)
    return Arm(f"{width} units", changed, f"width={width}")


def _splits(dataset: Dataset, rows: np.ndarray, scale: Scale, seed: int) -> list[Split]:
    """Split training from test rows for every replicate."""
    each = scale.rows + scale.test_rows
    pools = [rows] * scale.seeds
    if len(rows) >= scale.seeds * each:
        # Every so-manieth row of the classes one after the other: parts with the same shares.
        mixed = stream(seed, "parts").permutation(rows)
        by_class = mixed[np.argsort(dataset.targets[mixed], kind="stable")]
        pools = [by_class[number :: scale.seeds] for number in range(scale.seeds)]
    splits = []
    for number, pool in enumerate(pools):
        shrink = min(1.0, len(pool) / each)
        training, test = (shrink * count / len(pool) for count in (scale.rows, scale.test_rows))
        unused = 1.0 - training - test
        fractions = (training, unused, test) if unused > 1e-9 else (1.0 - test, 0.0, test)
        generator = stream(seed, "split", number)
        part = stratified_split(dataset.targets[pool], generator, fractions, dataset.classes)
        splits.append(Split(pool[part.training], pool[:0], pool[part.test]))
    return splits
