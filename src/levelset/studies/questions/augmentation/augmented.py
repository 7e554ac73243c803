"""Rows that are changed while they are learned: the arms of augmentation, and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int

from levelset.data import (
    Dataset,
    Encoding,
    Split,
    fit_encoding,
    image_side,
    signal_length,
    with_shifted_copies,
)
from levelset.engine import Member, Recipe
from levelset.seeds import stream
from levelset.studies.design import Replicates, Rows, Trial
from levelset.studies.results import Results, measured_once
from levelset.studies.treated import measures_of
from levelset.theory.numerals import numeral

DIRECTIONS = 4
"""Shifted copies of a row."""


@dataclass(frozen=True)
class Change:
    """One way to change rows.

    Attributes:
        family: What it is called, whatever its strength.
        name: What the reader sees.
        color_key: What keeps its color the same throughout a page.
        fields: What it changes in a recipe.
        shifts: Whether it adds shifted copies to the table.
    """

    family: str
    name: str
    color_key: str
    fields: Mapping[str, Any]
    shifts: bool = False


NONE = Change("None", "None", "reference", {})
JITTER = tuple(
    Change("Jitter", f"Jitter σ = {numeral(s)}", "input noise", {"input_noise": s})
    for s in (0.1, 0.3)
)
MIXUP = tuple(Change("Mixup", f"Mixup α = {numeral(a)}", "mixup", {"mixup": a}) for a in (0.2, 1.0))
SHIFTS = Change("Shifted copies", "Shifted copies", "shifts", {}, shifts=True)


def can_shift(dataset: Dataset) -> bool:
    """Say whether a table's rows are pictures or signals."""
    return image_side(dataset) is not None or signal_length(dataset) is not None


def changes_of(dataset: Dataset) -> tuple[Change, ...]:
    """Give what can be done to a table's rows; nothing is the first."""
    return (NONE, *JITTER, *MIXUP, *((SHIFTS,) if can_shift(dataset) else ()))


def with_epochs(recipe: Recipe, epochs: int) -> Recipe:
    """Give a recipe other epochs, and its schedule in proportion.

    Example:
        >>> with_epochs(Recipe(epochs=100, warmup_epochs=10), 20).warmup_epochs
        2.0
    """
    part = epochs / recipe.epochs
    return recipe.changed(
        epochs=epochs,
        warmup_epochs=recipe.warmup_epochs * part,
        drop_epochs=max(1, round(recipe.drop_epochs * part)),
    )


def few_rows(
    labels: Int[np.ndarray, " n"], share: float, generator: np.random.Generator
) -> Int[np.ndarray, " k"]:
    """Choose a share of the rows of every class, and at least one.

    Args:
        labels: Class numbers.
        share: From 0 to 1; 1 gives all rows in order.
        generator: Of the choice.

    Returns:
        Row numbers, ascending.
    """
    chosen = []
    for label in np.unique(labels):
        rows = generator.permutation(np.flatnonzero(labels == label))
        chosen.append(rows[: max(1, round(share * len(rows)))])
    return np.sort(np.concatenate(chosen))


def augmented_trial(
    replicates: Replicates, number: int, recipe: Recipe, shares: tuple[float, ...]
) -> Trial:
    """Ask for every change at every share of a replicate's rows, all with as many row visits.

    Its judged rows are the validation rows, the test rows, and the shifted copies of the test rows
    where there are any.

    Args:
        replicates: Splits with test rows, and seeds.
        number: Of the replicate.
        recipe: Of a network that sees all training rows as they are.
        shares: Of the training rows.

    Returns:
        A trial whose members are share by share all changes.
    """
    seed, labels = replicates.seeds[number], _labels(replicates, number)
    n, changes = len(labels), changes_of(replicates.dataset)
    members = []
    for share in shares:
        some = few_rows(labels, share, stream(seed, "share of the rows"))
        for change in changes:
            copies = range(DIRECTIONS + 1 if change.shifts else 1)
            rows = np.concatenate([some + copy * n for copy in copies])
            epochs = max(1, round(recipe.epochs * n / len(rows)))
            own = with_epochs(recipe, epochs).changed(**change.fields)
            members.append(Member(own, seed=seed, rows=rows))
    encoding, training, judged = _tables(replicates.dataset, replicates.splits[number])
    return Trial(
        members=tuple(members),
        training=training,
        judged=judged,
        monitored=None,
        classes=len(replicates.dataset.classes),
        split=replicates.splits[number],
        encoding=encoding,
    )


def _labels(replicates: Replicates, number: int) -> np.ndarray:
    """Class numbers of a replicate's training rows."""
    return replicates.dataset.targets[replicates.splits[number].training]


def _tables(dataset: Dataset, split: Split) -> tuple[Encoding, Rows, Rows]:
    """An encoding, the training rows with their copies, and the judged rows.

    Copies bring values to where rows have none, as at the border of a picture. So they have a say
    in how features are scaled.
    """
    longer, n = dataset, len(split.training)
    if can_shift(dataset):
        rows = np.concatenate([split.training, split.test])
        longer = with_shifted_copies(dataset, rows, DIRECTIONS)
    copies = np.arange(dataset.rows, longer.rows).reshape(DIRECTIONS, -1)  # (k, b), or (k, 0)
    training = np.concatenate([split.training, copies[:, :n].ravel()])
    judged = np.concatenate([split.validation, split.test, copies[:, n:].ravel()])
    encoding = fit_encoding(longer, training)
    return (
        encoding,
        Rows(encoding.transform(longer, training), longer.targets[training]),
        Rows(encoding.transform(longer, judged), longer.targets[judged]),
    )


@dataclass(frozen=True, eq=False)
class Augmented:
    """Measures of each replicate, share of the rows and change.

    Attributes:
        training: Log loss on the rows learned from, with their copies, in nats.
        validation: Log loss on the validation rows in nats, which choose.
        test: Log loss on the test rows in nats, which judge.
        test_accuracy: Share of the test rows that are classified rightly.
        shifted_accuracy: The same of shifted copies of the test rows; NaN without any.
        test_share: Test rows per training row.
    """

    training: Float64[np.ndarray, "r s a"]
    validation: Float64[np.ndarray, "r s a"]
    test: Float64[np.ndarray, "r s a"]
    test_accuracy: Float64[np.ndarray, "r s a"]
    shifted_accuracy: Float64[np.ndarray, "r s a"]
    test_share: float


@measured_once
def measured(results: Results) -> Augmented:
    """Measure every network of the trials that `augmented_trial` made."""
    changes = len(changes_of(results.design.dataset))
    split = results.design.trials[0].split
    assert split is not None
    parts, shifted = [], []
    for outcome in results.outcomes:
        parts.append(measures_of(outcome))
        q, labels = outcome.judged
        own = outcome.trial.split
        assert own is not None
        copies = slice(len(own.validation) + len(own.test), None)
        right = q[:, copies].argmax(axis=-1) == labels[copies]
        shifted.append(right.mean(axis=1) if right.size else np.full(len(q), np.nan))

    def by_share(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(values), -1, changes)

    together = np.stack(parts)
    return Augmented(
        *(by_share(together[:, field]) for field in range(4)),
        shifted_accuracy=by_share(np.stack(shifted)),
        test_share=len(split.test) / len(split.training),
    )
