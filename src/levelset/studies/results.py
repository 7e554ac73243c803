"""Results: what came back of a design, and the one place where studies' fleets run."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from levelset.engine import Fleet, Member, Network, Progress, Record
from levelset.errors import DataError
from levelset.studies.design import Design, Rows, Trial
from levelset.theory import log_probabilities


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came back of one trial.

    Attributes:
        trial: What was asked for.
        record: What happened, in the order of the members.
        networks: The trained networks (m).
        snapshots: The networks as they were after each of the trial's snapshots, (s) of (m).
        training_probabilities: Class probabilities of the trial's training table, (m, n, c); None
            where a network does not choose one class.
        probabilities: The same of the judged rows; None without such rows.
    """

    trial: Trial
    record: Record
    networks: tuple[Network, ...]
    snapshots: tuple[tuple[Network, ...], ...]
    training_probabilities: np.ndarray | None
    probabilities: np.ndarray | None

    @property
    def judged(self) -> tuple[np.ndarray, np.ndarray]:
        """Class probabilities of the judged rows, (m, n, c), and their class numbers, (n,)."""
        assert self.trial.judged is not None
        assert self.probabilities is not None
        return self.probabilities, self.trial.judged.labels

    def training_losses(self) -> np.ndarray:
        """Mean cross-entropy of each network on the rows that it learned from, (m,), in nats."""
        assert self.training_probabilities is not None
        losses = cross_entropy(self.training_probabilities, self.trial.training.labels)
        own = [member.row_numbers() for member in self.trial.members]
        return np.array(
            [
                loss.mean() if rows is None else loss[rows].mean()
                for loss, rows in zip(losses, own, strict=True)
            ]
        )


@dataclass(frozen=True, eq=False)
class Results:
    """What came back: everything over trials (r) and members (m).

    In a paired design the trials are the replicates, and the members are the arms.

    Attributes:
        design: What was asked for.
        outcomes: What came of each trial.
        earlier: Results of the design before it, where a study trains in two stages.
    """

    design: Design
    outcomes: tuple[Outcome, ...]
    earlier: "Results | None" = None

    @property
    def records(self) -> tuple[Record, ...]:
        """What happened in each trial's fleet (r)."""
        return tuple(outcome.record for outcome in self.outcomes)

    @property
    def networks(self) -> tuple[tuple[Network, ...], ...]:
        """The trained networks, (r) of (m)."""
        return tuple(outcome.networks for outcome in self.outcomes)

    @cached_property
    def training_loss(self) -> np.ndarray:
        """Mean cross-entropy of each network on its training rows, (r, m), in nats."""
        return np.stack([outcome.training_losses() for outcome in self.outcomes])

    @cached_property
    def validation_loss(self) -> np.ndarray:
        """Mean cross-entropy of each network on the judged rows, (r, m), in nats."""
        return np.stack([cross_entropy(*outcome.judged).mean(axis=-1) for outcome in self.outcomes])

    @cached_property
    def validation_accuracy(self) -> np.ndarray:
        """Share of the judged rows that each network classifies rightly, (r, m)."""
        judged = [outcome.judged for outcome in self.outcomes]
        return np.stack([(q.argmax(axis=-1) == labels).mean(axis=-1) for q, labels in judged])

    def over_epochs(self, field: str) -> np.ndarray:
        """Stack a field of the records: (r, m, e) or (r, m, e, l), float64."""
        return np.stack([getattr(record, field) for record in self.records]).astype(np.float64)


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Give −ln q_y of each row: probabilities (..., n, c), labels (n,) -> (..., n), in nats.

    Probabilities are float32 and may be 0; they count as the smallest normal number, a loss of 87.
    """
    own = probabilities[..., np.arange(len(labels)), labels].astype(np.float64)
    return -log_probabilities(own)


class Meter:
    """Turns the progress of runs that follow one another into that of the whole.

    Args:
        show: Wants to know how far the whole is; None for nobody.
        epochs: Most epochs of the whole, over all members.
        members: Members of the whole.
    """

    def __init__(self, show: Callable[[Progress], None] | None, epochs: int, members: int) -> None:
        self._show = show
        self._total = (epochs, members)
        self._epochs, self._members = 0, 0
        self._started = time.perf_counter()

    def watch(self, inner: Progress) -> None:
        """Take the progress of the run at hand."""
        if self._show is not None:
            epochs, members = self._total
            self._show(
                Progress(
                    self._epochs + inner.epochs_done,
                    epochs,
                    self._members + inner.members_done,
                    members,
                    time.perf_counter() - self._started,
                )
            )

    def advance(self, epochs: int, members: int) -> None:
        """Count a run as done, also where it stopped early."""
        self._epochs += epochs
        self._members += members


def run_design(
    design: Design,
    progress: Callable[[Progress], None] | None = None,
    earlier: Results | None = None,
) -> Results:
    """Train what a design asks for: one fleet per trial.

    Args:
        design: What to train.
        progress: Called about 20 times a second with the progress of the whole.
        earlier: Results of the stage before.

    Returns:
        What came back.

    Raises:
        DataError: If a network diverged where that is not a result.
    """
    members = [member for trial in design.trials for member in trial.members]
    meter = Meter(progress, sum(member.recipe.epochs for member in members), len(members))
    outcomes = tuple(_run_trial(trial, design, meter) for trial in design.trials)
    return Results(design, outcomes, earlier)


def _run_trial(trial: Trial, design: Design, meter: Meter) -> Outcome:
    monitored = trial.monitored
    fleet = Fleet(
        trial.members,
        trial.training.x,
        trial.training.y,
        validation=None if monitored is None else (monitored.x, monitored.y),
        classes=trial.classes,
    )
    snapshots = _run_in_parts(fleet, trial, meter)
    if not trial.may_diverge:
        _require_finite(fleet, design)
    chooses = isinstance(trial.training.y, np.ndarray)
    return Outcome(
        trial=trial,
        record=fleet.record,
        networks=tuple(fleet.networks),
        snapshots=snapshots,
        training_probabilities=fleet.predict_proba(trial.training.x) if chooses else None,
        probabilities=_probabilities(fleet, trial.judged) if chooses else None,
    )


def _probabilities(fleet: Fleet, rows: Rows | None) -> np.ndarray | None:
    return None if rows is None else fleet.predict_proba(rows.x)


def _run_in_parts(fleet: Fleet, trial: Trial, meter: Meter) -> tuple[tuple[Network, ...], ...]:
    """Train to the end, stopping at each snapshot to keep the networks."""
    kept, done = [], 0
    for epoch in trial.snapshots:
        if epoch > done:
            fleet.run(epoch - done, progress=meter.watch)
            meter.advance(sum(_epochs_between(member, done, epoch) for member in trial.members), 0)
            done = epoch
        kept.append(tuple(fleet.networks))
    fleet.run(progress=meter.watch)
    left = sum(max(member.recipe.epochs - done, 0) for member in trial.members)
    meter.advance(left, len(trial.members))
    return tuple(kept)


def _epochs_between(member: Member, done: int, epoch: int) -> int:
    return max(min(member.recipe.epochs, epoch) - done, 0)


def _require_finite(fleet: Fleet, design: Design) -> None:
    """Refuse to compare networks of which one diverged."""
    names = {arm.recipe: arm.name for arm in design.arms}
    for member, epoch in zip(fleet.members, fleet.record.diverged_epoch, strict=True):
        if epoch >= 0:
            recipe = member.recipe
            raise DataError(
                f"The network of '{names.get(recipe, 'the study')}' must stay finite to be "
                f"compared, but its loss diverged in epoch {epoch + 1} (seed {member.seed}); "
                f"lower the learning rate ({recipe.learning_rate:g})."
            )
