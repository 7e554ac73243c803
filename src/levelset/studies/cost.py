"""How long a design will train, said before it does."""

import time
from itertools import pairwise

from levelset.engine import Fleet, Member, available_threads
from levelset.studies.design import Design, Trial

PROBE_ROWS = 4_000
"""Rows that the network learns from while its rate is measured, over all epochs."""


def operations(trial: Trial, member: Member) -> float:
    """Count the floating-point operations of a member's training.

    6 · epochs · rows · Σ_l i_l o_l: two for each weight and row forward, and four backward.

    Args:
        trial: Gives rows and classes.
        member: Gives the recipe, and its own rows if it has some.

    Returns:
        Operations; what is not a product of matrices is left out.

    Example:
        >>> import numpy as np
        >>> from levelset.engine import Recipe
        >>> from levelset.studies.design import Rows
        >>> member = Member(Recipe(hidden=(4,), epochs=10))
        >>> rows = Rows(np.zeros((5, 3)), np.array([0, 1, 0, 1, 0]))
        >>> trial = Trial((member,), rows, None, None, 2)
        >>> operations(trial, member)  # 6 · 10 · 5 · (3 · 4 + 4 · 2)
        6000.0

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 6.5: back-propagation
    costs about as much again for each of a product's two factors.
    """
    recipe, own = member.recipe, member.row_numbers()
    rows = len(trial.training) if own is None else len(own)
    outputs = trial.classes if isinstance(trial.classes, int) else sum(trial.classes.values())
    widths = (trial.training.x.shape[1], *recipe.hidden, max(outputs, 1))
    weights = sum(i * o for i, o in pairwise(widths))
    return 6.0 * recipe.epochs * rows * weights


def predicted_seconds(design: Design) -> float:
    """Predict how long a design trains, from some epochs of its largest network on every core.

    Args:
        design: What is to be trained.

    Returns:
        Wall seconds of training alone, good to about a factor of two: small networks and rare
        settings cost more an operation than large plain ones.
    """
    total = sum(operations(trial, member) for trial in design.trials for member in trial.members)
    trial = design.trials[0]
    largest = max(trial.members, key=lambda member: operations(trial, member))
    rows = min(len(trial.training), PROBE_ROWS)
    epochs = -(-PROBE_ROWS // rows)
    recipe = largest.recipe.changed(
        epochs=1 + epochs, patience=None, monitor="loss", schedule="constant", warmup_epochs=0
    )
    probe = Member(recipe, rows=range(rows), initial=largest.initial)
    fleet = Fleet(
        [probe] * available_threads(),
        trial.training.x,
        trial.training.y,
        classes=trial.classes or None,
    )
    fleet.run(1)  # what a network costs once is not part of its rate
    started = time.perf_counter()
    fleet.run()
    seconds = time.perf_counter() - started
    probed = operations(trial, probe) * epochs / (1 + epochs)
    return total * seconds / (available_threads() * probed)
