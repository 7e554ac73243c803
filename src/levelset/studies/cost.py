"""How long a design will train, said before it does."""

import time
from itertools import pairwise
from typing import NamedTuple

from levelset.engine import Fleet, Member, available_threads
from levelset.studies.design import Design, Trial

PROBE_ROWS = 16_000
"""Rows that a network learns from while its rate is measured, over all epochs."""


class _Work(NamedTuple):
    """A member's training: row visits, and operations of each."""

    visits: float
    operations: float
    trial: Trial
    member: Member


def row_operations(trial: Trial, member: Member) -> float:
    """Count the floating-point operations of learning from one row once.

    6 Σ_l i_l o_l: two for each weight forward, and four backward.

    Args:
        trial: Gives features and classes.
        member: Gives the recipe.

    Returns:
        Operations; what is not a product of matrices is left out.

    Example:
        >>> import numpy as np
        >>> from levelset.engine import Recipe
        >>> from levelset.studies.design import Rows
        >>> member = Member(Recipe(hidden=(4,)))
        >>> rows = Rows(np.zeros((5, 3)), np.array([0, 1, 0, 1, 0]))
        >>> row_operations(Trial((member,), rows, None, None, 2), member)  # 6 · (3 · 4 + 4 · 2)
        120.0

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 6.5: back-propagation
    costs about as much again for each of a product's two factors.
    """
    outputs = trial.classes if isinstance(trial.classes, int) else sum(trial.classes.values())
    widths = (trial.training.x.shape[1], *member.recipe.hidden, max(outputs, 1))
    return 6.0 * sum(i * o for i, o in pairwise(widths))


def row_visits(trial: Trial, member: Member) -> float:
    """Count how often a row is learned from; one that only validates costs a third of that.

    Args:
        trial: Gives the rows.
        member: Gives the epochs, and its own rows if it has some.
    """
    own = member.row_numbers()
    learned = len(trial.training) if own is None else len(own)
    return member.recipe.epochs * (learned + len(trial.monitored or ()) / 3)


def predicted_seconds(design: Design) -> float:
    """Predict how long a design trains, from some epochs of its smallest and largest networks.

    Σ_m visits_m (α + β operations_m): α and β from the seconds that the two take a row, on every
    core.

    Args:
        design: What is to be trained.

    Returns:
        Wall seconds of training alone; settings that cost more than a plain network of the same
        size are not told apart, and training that stops early counts in full.
    """
    works = [
        _Work(row_visits(trial, member), row_operations(trial, member), trial, member)
        for trial in design.trials
        for member in trial.members
    ]
    small, large = (choose(works, key=lambda work: work.operations) for choose in (min, max))
    rate = _seconds_a_row(large)
    slope = 0.0
    if large.operations > small.operations:
        lower = _seconds_a_row(small)
        slope = max(0.0, rate - lower) / (large.operations - small.operations)
    fixed = rate - slope * large.operations
    return sum(work.visits * (fixed + slope * work.operations) for work in works)


def _seconds_a_row(work: _Work) -> float:
    """Wall seconds that one network takes a row while every core trains one."""
    trial, member = work.trial, work.member
    rows = min(len(trial.training), PROBE_ROWS)
    epochs = -(-PROBE_ROWS // rows)
    recipe = member.recipe.changed(
        epochs=1 + epochs, patience=None, monitor="loss", schedule="constant", warmup_epochs=0
    )
    threads = available_threads()
    fleet = Fleet(
        [Member(recipe, rows=range(rows), initial=member.initial)] * threads,
        trial.training.x,
        trial.training.y,
        classes=trial.classes or None,
    )
    fleet.run(1)  # what a network costs once is not part of its rate
    started = time.perf_counter()
    fleet.run()
    return (time.perf_counter() - started) / (threads * rows * epochs)
