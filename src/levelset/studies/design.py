"""Design: what a study needs trained, as fleets with the rows that judge them.

A comparison is paired: replicate r has its own stratified split and its own seed, the same for
every arm, so that the arms of a replicate differ in one thing. `paired_design` makes that design,
which serves most studies; a study that needs another (several seeds of one arm, rows resampled or
changed, several targets) makes its own trials.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from levelset.data import Dataset, Encoding, Split, fit_encoding, stratified_split
from levelset.engine import Member, Recipe
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory.numerals import numeral

BudgetName = Literal["quick", "standard", "thorough"]


@dataclass(frozen=True)
class Budget:
    """How much work a study may do.

    Attributes:
        replicates: Paired splits and seeds.
        epochs: Most passes over the training rows of each network.
        row_visits: Most rows that each network learns from, over all its epochs together; what
            cuts the epochs of a large table.
    """

    replicates: int
    epochs: int
    row_visits: int

    def epochs_for(self, rows: int) -> int:
        """Give the epochs of a network with so many training rows; never under 10.

        Example:
            >>> BUDGETS["standard"].epochs_for(100), BUDGETS["standard"].epochs_for(20_000)
            (150, 15)
        """
        return max(10, min(self.epochs, self.row_visits // max(rows, 1)))


BUDGETS: Mapping[BudgetName, Budget] = {
    "quick": Budget(replicates=8, epochs=60, row_visits=100_000),
    "standard": Budget(replicates=12, epochs=150, row_visits=300_000),
    "thorough": Budget(replicates=24, epochs=400, row_visits=2_000_000),
}

VALIDATION_SHARE = 0.25
"""Share of a replicate's rows that are held out from training."""


@dataclass(frozen=True)
class Arm:
    """One of the things that a study compares.

    Attributes:
        name: What the reader sees.
        recipe: How its networks are built and trained.
        color_key: What keeps its color the same throughout a page.
    """

    name: str
    recipe: Recipe
    color_key: str


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows as a fleet takes them.

    Attributes:
        x: Features, shape (n, d).
        y: What is to be learned: class numbers, shape (n,), or targets by name.
    """

    x: np.ndarray
    y: np.ndarray | Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.x)

    @property
    def labels(self) -> np.ndarray:
        """The class numbers, shape (n,), where they are the one target."""
        assert isinstance(self.y, np.ndarray)
        return self.y


@dataclass(frozen=True, eq=False)
class Trial:
    """One fleet, and the rows that judge it: usually one replicate of a comparison.

    Attributes:
        members: What is trained (m).
        training: The table that members learn from; a member's own `rows` count in it.
        judged: Rows that judge the networks; None where the study judges them itself.
        monitored: Rows on which networks are validated after each epoch, so that each network is
            that of its best epoch; None keeps the last epoch's.
        classes: c, of each target by name where there are several.
        snapshots: Numbers of epochs, ascending, after which every network is kept as it then is;
            0 is before training.
        may_diverge: Whether a network that does not stay finite is a result and not an error.
        split: The rows' numbers in the table, where they were split.
        encoding: How the table's rows became features, where they did.
    """

    members: tuple[Member, ...]
    training: Rows
    judged: Rows | None
    monitored: Rows | None
    classes: int | Mapping[str, int]
    snapshots: tuple[int, ...] = ()
    may_diverge: bool = False
    split: Split | None = None
    encoding: Encoding | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """What a study needs trained.

    Attributes:
        dataset: The table.
        arms: What is compared (a).
        trials: One fleet each (r), in the order of the replicates.
    """

    dataset: Dataset
    arms: tuple[Arm, ...]
    trials: tuple[Trial, ...]

    @property
    def test_share(self) -> float:
        """Judged rows per training row: n₂/n₁ of the corrected resampled t."""
        trial = self.trials[0]
        judged = trial.judged if trial.judged is not None else trial.monitored
        assert judged is not None
        return len(judged) / len(trial.training)

    @property
    def validation_share(self) -> float:
        """Validation rows per training row: n₂/n₁ of an error over the rows that choose."""
        split = self.trials[0].split
        assert split is not None
        return len(split.validation) / len(split.training)

    @property
    def methods(self) -> str:
        """How paired replicates are made and trained, in sentences for a page."""
        trial, recipe = self.trials[0], self.arms[0].recipe
        return (
            f"{len(self.arms)} arms on {len(self.trials)} replicates. A replicate is a stratified "
            f"split ({_rows_said(trial)}) and a seed, the same for all arms; networks train for "
            f"{recipe.epochs} epochs with "
            f"{recipe.optimizer} (learning rate {numeral(recipe.learning_rate)}, batches of "
            f"{recipe.batch_size}) and are judged at "
            f"{'the last' if trial.monitored is None else 'their best'} epoch."
            f"{_also_set(recipe)}"
        )


def _rows_said(trial: Trial) -> str:
    """Count the rows of a trial: those that train, that validate, and that only judge."""
    held_out = trial.judged if trial.judged is not None else trial.monitored
    judged, training = len(held_out or ()), len(trial.training)
    if trial.split is None or not len(trial.split.test):
        return f"{training} training, {judged} validation rows"
    return f"{training} training, {len(trial.split.validation)} validation, {judged} test rows"


_SAID_ELSEWHERE = frozenset(
    {"hidden", "activation", "l2", "epochs", "optimizer", "learning_rate", "batch_size"}
)


def _also_set(recipe: Recipe) -> str:
    """Say which other fields of a recipe differ from the defaults, as one more sentence."""
    others = {
        name: value for name, value in recipe.changes().items() if name not in _SAID_ELSEWHERE
    }
    said = ", ".join(f"{name} = {value}" for name, value in others.items())
    return f" Also set: {said}." if said else ""


@dataclass(frozen=True, eq=False)
class Replicates:
    """The splits and seeds that the arms of a comparison share.

    Attributes:
        dataset: The table.
        splits: Training and validation rows of each replicate (r), perhaps test rows too.
        seeds: Seed of each replicate.
    """

    dataset: Dataset
    splits: tuple[Split, ...]
    seeds: tuple[int, ...]

    def encoded(self, replicate: int) -> tuple[Encoding, Rows, Rows, Rows]:
        """Give an encoding fitted on a replicate's training rows, and its three parts with it."""
        split, dataset = self.splits[replicate], self.dataset
        encoding = fit_encoding(dataset, split.training)
        training, validation, test = (
            Rows(encoding.transform(dataset, part), dataset.targets[part])
            for part in (split.training, split.validation, split.test)
        )
        return encoding, training, validation, test


def replicates_of(
    dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int, test_share: float = 0.0
) -> Replicates:
    """Split some rows of a table as often as a budget says.

    Args:
        dataset: The table.
        rows: Row numbers that may be used, shape (n,).
        budget: Gives the number of replicates.
        seed: Of the splits; replicate r trains with seed + r.
        test_share: Share of the rows that neither train nor validate.

    Raises:
        DataError: If a class is too small to stand on all sides.
    """
    count = BUDGETS[budget].replicates
    splits = paired_splits(dataset, rows, count, seed, test_share)
    return Replicates(dataset, splits, tuple(range(seed, seed + count)))


def paired_splits(
    dataset: Dataset, rows: np.ndarray, replicates: int, seed: int, test_share: float = 0.0
) -> tuple[Split, ...]:
    """Split some rows of a table into training and validation rows, once per replicate.

    Args:
        dataset: The table.
        rows: Row numbers that may be used, shape (n,).
        replicates: r.
        seed: Of the splits.
        test_share: Share of the rows that neither train nor validate; the validation rows are
            `VALIDATION_SHARE` of the others.

    Returns:
        One stratified split per replicate, as row numbers of the table.

    Raises:
        DataError: If a class is too small to stand on all sides.
    """
    seen = 1 - test_share
    shares = (seen * (1 - VALIDATION_SHARE), seen * VALIDATION_SHARE, test_share)
    splits = []
    for replicate in range(replicates):
        generator = stream(seed, "split", replicate)
        part = stratified_split(dataset.targets[rows], generator, shares, dataset.classes)
        splits.append(Split(rows[part.training], rows[part.validation], rows[part.test]))
    return tuple(splits)


def paired_design(
    replicates: Replicates,
    arms: Sequence[Arm],
    *,
    keep_best: bool,
    snapshots: tuple[int, ...] = (),
    may_diverge: bool = False,
) -> Design:
    """Ask for every arm on every replicate: one fleet per replicate, its members the arms.

    Args:
        replicates: Splits and seeds; where they have test rows, those judge, otherwise the
            validation rows do.
        arms: What is compared.
        keep_best: Whether a network is that of its best epoch on the validation rows; otherwise it
            is that of the last epoch, and the validation rows play no part in training.
        snapshots: As in a Trial.
        may_diverge: As in a Trial.
    """

    def trial(number: int) -> Trial:
        encoding, training, validation, test = replicates.encoded(number)
        seed = replicates.seeds[number]
        return Trial(
            members=tuple(Member(arm.recipe, seed=seed) for arm in arms),
            training=training,
            judged=test if len(test) else validation,
            monitored=validation if keep_best else None,
            classes=len(replicates.dataset.classes),
            snapshots=snapshots,
            may_diverge=may_diverge,
            split=replicates.splits[number],
            encoding=encoding,
        )

    return Design(
        replicates.dataset, tuple(arms), tuple(trial(r) for r in range(len(replicates.splits)))
    )


def set_aside(dataset: Dataset, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Set some rows of a table aside, before any study sees it.

    Args:
        dataset: The table.
        share: Of the rows to set aside, stratified; 0 for none.
        seed: Of the choice.

    Returns:
        Rows that studies may use, and rows set aside, ascending.

    Raises:
        DataError: If the share is not in [0, 1) or a class is too small to stand on both sides.
    """
    if not 0 <= share < 1:
        raise DataError(
            f"The share of test rows must lie in [0, 1), got {share:g}; 0.2 keeps a fifth back."
        )
    if share == 0:
        return np.arange(dataset.rows), np.empty(0, dtype=np.int64)
    split = stratified_split(
        dataset.targets, stream(seed, "test rows"), (1 - share, 0.0, share), dataset.classes
    )
    return split.training, split.test
