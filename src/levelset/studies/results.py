"""Results: what came back of a design."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64, Int64

from levelset.diagnostics.losses import row_losses
from levelset.engine import Network, Record
from levelset.studies.design import Design, Trial

Measured = TypeVar("Measured")


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """What each member of a trial loses on each row that judges it.

    Attributes:
        rows: The rows' numbers in the table, shape (n,).
        loss: Cross-entropy in nats, shape (m, n).
    """

    rows: Int64[np.ndarray, " n"]
    loss: Float64[np.ndarray, "m n"]


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

    @property
    def judged_rows(self) -> JudgedRows:
        """Losses of the rows that judge a replicate of a paired design: test or validation rows."""
        split = self.trial.split
        assert split is not None
        rows, loss = split.test if len(split.test) else split.validation, row_losses(*self.judged)
        assert len(rows) == loss.shape[1]
        return JudgedRows(rows, loss)

    def training_losses(self) -> np.ndarray:
        """Mean cross-entropy of each network on the rows that it learned from, (m,), in nats."""
        assert self.training_probabilities is not None
        losses = row_losses(self.training_probabilities, self.trial.training.labels)
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
        return np.stack([row_losses(*outcome.judged).mean(axis=-1) for outcome in self.outcomes])

    @cached_property
    def validation_accuracy(self) -> np.ndarray:
        """Share of the judged rows that each network classifies rightly, (r, m)."""
        judged = [outcome.judged for outcome in self.outcomes]
        return np.stack([(q.argmax(axis=-1) == labels).mean(axis=-1) for q, labels in judged])

    @cached_property
    def judged_rows(self) -> tuple[JudgedRows, ...]:
        """Losses of each replicate's judged rows (r)."""
        return tuple(outcome.judged_rows for outcome in self.outcomes)

    def over_epochs(self, field: str) -> np.ndarray:
        """Stack a field of the records: (r, m, e) or (r, m, e, l), float64."""
        return np.stack([getattr(record, field) for record in self.records]).astype(np.float64)


def measured_once(measure: Callable[[Results], Measured]) -> Callable[[Results], Measured]:
    """Remember what a measure gives for some results for as long as these are there.

    Findings, charts and tables read the same measures; one that costs seconds is taken once.
    """
    known: WeakKeyDictionary[Results, Measured] = WeakKeyDictionary()

    @wraps(measure)
    def once(results: Results) -> Measured:
        if results not in known:
            known[results] = measure(results)
        return known[results]

    return once
