"""Study: a question, what it needs trained, and what it makes of the results.

A study never trains. It states its claims, designs the comparison (`Design`), and reads the
`Results`; `run_study` joins the three. Every comparison is paired: replicate r has its own
stratified split and its own seed, the same for every arm, so that the arms of a replicate differ
in one thing.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from levelset.data import Dataset, Encoding, Split, fit_encoding, stratified_split
from levelset.engine import Fleet, Member, Network, Progress, Recipe, Record
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.studies.charts import Chart, Table
from levelset.studies.finding import Finding, StudyResult
from levelset.theory import log_probabilities

BudgetName = Literal["quick", "standard", "thorough"]


@dataclass(frozen=True)
class Budget:
    """How much work a study may do.

    Attributes:
        replicates: Paired splits and seeds.
        epochs: Passes over the training rows of each network.
    """

    replicates: int
    epochs: int


BUDGETS: Mapping[BudgetName, Budget] = {
    "quick": Budget(replicates=8, epochs=60),
    "standard": Budget(replicates=12, epochs=150),
    "thorough": Budget(replicates=24, epochs=400),
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
class Design:
    """What a study needs trained: every arm on every replicate.

    Attributes:
        arms: What is compared (a).
        splits: Training and validation rows of each replicate (r).
        seeds: Seed of each replicate.
        keep_best: Whether a network is that of its best epoch on the validation rows; otherwise it
            is that of the last epoch, and the validation rows play no part in training.
    """

    arms: tuple[Arm, ...]
    splits: tuple[Split, ...]
    seeds: tuple[int, ...]
    keep_best: bool

    @property
    def methods(self) -> str:
        """How every study's replicates are made and trained, in sentences for a page."""
        split, recipe = self.splits[0], self.arms[0].recipe
        return (
            f"{len(self.arms)} arms on {len(self.splits)} replicates. A replicate is a stratified "
            f"split ({len(split.training)} training, {len(split.validation)} validation rows) and "
            f"a seed, the same for all arms; networks train for {recipe.epochs} epochs with "
            f"{recipe.optimizer} (learning rate {recipe.learning_rate:g}, batches of "
            f"{recipe.batch_size}) and are judged at "
            f"{'their best' if self.keep_best else 'the last'} epoch.{_also_set(recipe)}"
        )

    @property
    def test_share(self) -> float:
        """Validation rows per training row: n₂/n₁ of the corrected resampled t."""
        return len(self.splits[0].validation) / len(self.splits[0].training)


@dataclass(frozen=True, eq=False)
class Results:
    """What came back: everything over replicates (r) and arms (a).

    Attributes:
        dataset: The table.
        design: What was asked for.
        records: What happened in each replicate's fleet, in the order of the arms.
        networks: The trained networks, by replicate and arm.
        encodings: How each replicate's rows became features.
        training_loss: Mean cross-entropy of each network on its training rows, (r, a), in nats.
        validation_loss: The same on its validation rows.
    """

    dataset: Dataset
    design: Design
    records: tuple[Record, ...]
    networks: tuple[tuple[Network, ...], ...]
    encodings: tuple[Encoding, ...]
    training_loss: np.ndarray
    validation_loss: np.ndarray

    def over_epochs(self, field: str) -> np.ndarray:
        """Stack a field of the records: (r, a, e) or (r, a, e, l), float64."""
        return np.stack([getattr(record, field) for record in self.records]).astype(np.float64)


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


class Study(ABC):
    """A question that a fleet can answer.

    Args:
        recipe: The base that the study varies; its epochs are replaced by the budget's unless
            they were given.
    """

    name: ClassVar[str]
    question: ClassVar[str]

    def __init__(self, recipe: Recipe | None = None) -> None:
        self.recipe = recipe if recipe is not None else Recipe()

    @property
    @abstractmethod
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""

    @abstractmethod
    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Say what must be trained on these rows of the table."""

    @abstractmethod
    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge each claim, in the order of `claims`."""

    @abstractmethod
    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Say what is worth drawing."""

    @abstractmethod
    def tables(self, results: Results) -> tuple[Table, ...]:
        """Say what is worth reading as numbers."""

    @abstractmethod
    def choice(self, results: Results) -> Mapping[str, Any]:
        """Give the recipe's fields that this study would choose, by name."""

    @abstractmethod
    def methods(self, results: Results) -> str:
        """Say in sentences how it was done."""

    def budgeted(self, budget: BudgetName) -> Recipe:
        """Give the base recipe with the budget's epochs, unless its own were given."""
        if "epochs" in self.recipe.model_fields_set:
            return self.recipe
        return self.recipe.changed(epochs=BUDGETS[budget].epochs)


def paired_splits(
    dataset: Dataset, rows: np.ndarray, replicates: int, seed: int
) -> tuple[Split, ...]:
    """Split some rows of a table into training and validation rows, once per replicate.

    Args:
        dataset: The table.
        rows: Row numbers that may be used, shape (n,).
        replicates: r.
        seed: Of the splits.

    Returns:
        One stratified split per replicate, as row numbers of the table; no test rows.

    Raises:
        DataError: If a class is too small to stand on both sides.
    """
    splits = []
    for replicate in range(replicates):
        part = stratified_split(
            dataset.targets[rows],
            stream(seed, "split", replicate),
            (1 - VALIDATION_SHARE, VALIDATION_SHARE, 0.0),
            dataset.classes,
        )
        splits.append(
            Split(rows[part.training], rows[part.validation], np.empty(0, dtype=np.int64))
        )
    return tuple(splits)


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
        raise DataError(f"The share of test rows must lie in [0, 1), got {share:g}.")
    if share == 0:
        return np.arange(dataset.rows), np.empty(0, dtype=np.int64)
    split = stratified_split(
        dataset.targets, stream(seed, "test rows"), (1 - share, 0.0, share), dataset.classes
    )
    return split.training, split.test


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Give −ln q_y of each row: probabilities (..., n, c), labels (n,) -> (..., n), in nats.

    Probabilities are float32 and may be 0; they count as the smallest normal number, a loss of 87.
    """
    own = probabilities[..., np.arange(len(labels)), labels].astype(np.float64)
    return -log_probabilities(own)


def progress_of_part(
    progress: Callable[[Progress], None] | None, number: int, count: int, started: float
) -> Callable[[Progress], None] | None:
    """Make the callback of one of several equal fleets that are trained in turn.

    Args:
        progress: What wants to know how far the whole is.
        number: Of the fleet, from 0.
        count: Of the fleets.
        started: `time.perf_counter()` when the first began.

    Returns:
        What turns a fleet's progress into that of the whole; None if nothing wants to know.
    """
    if progress is None:
        return None

    def show(inner: Progress) -> None:
        progress(
            Progress(
                number * inner.epochs_total + inner.epochs_done,
                count * inner.epochs_total,
                number * inner.members_total + inner.members_done,
                count * inner.members_total,
                time.perf_counter() - started,
            )
        )

    return show


def run_design(
    dataset: Dataset, design: Design, progress: Callable[[Progress], None] | None = None
) -> Results:
    """Train every arm on every replicate: one fleet per replicate.

    Args:
        dataset: The table.
        design: What to train.
        progress: Called about 20 times a second with the progress of the whole.

    Returns:
        What came back.

    Raises:
        DataError: If a network diverged, so that the arms cannot be compared.
    """
    started = time.perf_counter()
    count = len(design.splits)
    parts = [
        _run_replicate(
            dataset, design, split, seed, progress_of_part(progress, number, count, started)
        )
        for number, (split, seed) in enumerate(zip(design.splits, design.seeds, strict=True))
    ]
    encodings, fleets, training_loss, validation_loss = zip(*parts, strict=True)
    return Results(
        dataset=dataset,
        design=design,
        records=tuple(fleet.record for fleet in fleets),
        networks=tuple(tuple(fleet.networks) for fleet in fleets),
        encodings=encodings,
        training_loss=np.stack(training_loss),
        validation_loss=np.stack(validation_loss),
    )


def _run_replicate(
    dataset: Dataset,
    design: Design,
    split: Split,
    seed: int,
    progress: Callable[[Progress], None] | None,
) -> tuple[Encoding, Fleet, np.ndarray, np.ndarray]:
    encoding = fit_encoding(dataset, split.training)
    x, x_validation = (
        encoding.transform(dataset, part) for part in (split.training, split.validation)
    )
    y, y_validation = dataset.targets[split.training], dataset.targets[split.validation]
    fleet = Fleet(
        [Member(arm.recipe, seed=seed) for arm in design.arms],
        x,
        y,
        validation=(x_validation, y_validation) if design.keep_best else None,
        classes=len(dataset.classes),
    )
    fleet.run(progress=progress)
    for arm, epoch in zip(design.arms, fleet.record.diverged_epoch, strict=True):
        if epoch >= 0:
            raise DataError(
                f"The network of '{arm.name}' must stay finite to be compared, but its loss "
                f"diverged in epoch {epoch + 1} (seed {seed}); lower the learning rate "
                f"({arm.recipe.learning_rate:g})."
            )
    losses = (
        cross_entropy(fleet.predict_proba(features), labels).mean(axis=-1)
        for features, labels in ((x, y), (x_validation, y_validation))
    )
    return encoding, fleet, *losses


def run_study(
    study: Study,
    dataset: Dataset,
    *,
    rows: np.ndarray | None = None,
    budget: BudgetName = "standard",
    seed: int = 0,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
) -> tuple[StudyResult, Mapping[str, Any]]:
    """Ask a study's question of a table.

    Args:
        study: The question.
        dataset: The table.
        rows: Row numbers that it may use, shape (n,); None for all.
        budget: How much work it may do.
        seed: Of every split and network.
        command: The line that reproduces it, to be printed.
        progress: Called about 20 times a second while networks train.

    Returns:
        What the study has to say, and the recipe's fields that it would choose.

    Raises:
        DataError: If the table is too small for the design or a network diverged.
    """
    started = time.perf_counter()
    used = np.arange(dataset.rows) if rows is None else rows
    results = run_design(dataset, study.design(dataset, used, budget, seed), progress)
    result = StudyResult(
        name=study.name,
        question=study.question,
        claims=study.claims,
        findings=study.findings(results),
        charts=study.charts(results),
        tables=study.tables(results),
        command=command,
        methods=study.methods(results),
        wall_seconds=time.perf_counter() - started,
    )
    return result, study.choice(results)
