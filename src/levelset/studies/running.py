"""Running a design: the one place where studies' fleets train.

Trials do not know of each other, so they run side by side, as many as there are cores: a trial of
few members would leave the others idle. What a member comes to does not depend on it.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait

import numpy as np

from levelset.engine import Fleet, Member, Network, Progress, Recipe, available_threads
from levelset.errors import DataError
from levelset.studies.design import Design, Rows, Trial
from levelset.studies.results import Outcome, Results
from levelset.theory.numerals import numeral

Show = Callable[[Progress], None]


class _Stopped(Exception):
    """Raised inside a fleet to stop it, because another one failed or the user asked."""


class _Meter:
    """Turns the progress of fleets that run side by side or in turn into that of the whole.

    Args:
        show: Wants to know how far the whole is; None for nobody.
        epochs: Most epochs of the whole, over all members.
        members: Members of the whole.
    """

    def __init__(self, show: Show | None, epochs: int, members: int) -> None:
        self._show = show
        self._total = (epochs, members)
        self._parts: dict[object, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._started = time.perf_counter()
        self._stopped = False

    def part(self) -> Callable[[int, int], None]:
        """Add a part; gives what to call with the epochs and members it has done."""
        key = object()

        def done(epochs: int, members: int) -> None:
            if self._stopped:
                raise _Stopped
            with self._lock:
                self._parts[key] = (epochs, members)
                self._tell()

        return done

    def stop(self) -> None:
        """Stop every part at its next call."""
        self._stopped = True

    def _tell(self) -> None:
        if self._show is not None:
            epochs, members = (sum(counts) for counts in zip(*self._parts.values(), strict=True))
            seconds = time.perf_counter() - self._started
            self._show(Progress(epochs, self._total[0], members, self._total[1], seconds))


def run_design(
    design: Design, progress: Show | None = None, earlier: Results | None = None
) -> Results:
    """Train what a design asks for: one fleet per trial.

    Args:
        design: What to train.
        progress: Called about 20 times a second and fleet with the progress of the whole.
        earlier: Results of the stage before.

    Returns:
        What came back.

    Raises:
        DataError: If a network diverged where that is not a result.
    """
    outcomes = run_trials(design.trials, progress, {arm.recipe: arm.name for arm in design.arms})
    return Results(design, outcomes, earlier)


def run_trials(
    trials: tuple[Trial, ...],
    progress: Show | None = None,
    names: Mapping[Recipe, str] | None = None,
) -> tuple[Outcome, ...]:
    """Train the fleets of some trials, side by side.

    Args:
        trials: What to train.
        progress: Called with the progress of the whole.
        names: What messages call a recipe.

    Returns:
        What came of each, in their order.

    Raises:
        DataError: If a network diverged where that is not a result.
    """
    members = [member for trial in trials for member in trial.members]
    meter = _Meter(progress, sum(member.recipe.epochs for member in members), len(members))
    workers = min(len(trials), available_threads())
    threads = max(1, available_threads() // workers)
    with ThreadPoolExecutor(workers) as pool:
        futures = [
            pool.submit(_run_trial, trial, threads, meter.part(), names or {}) for trial in trials
        ]
        _await(futures, meter)
    return tuple(future.result() for future in futures)


def _await(futures: list[Future[Outcome]], meter: _Meter) -> None:
    """Wait for all; when one fails, or on Ctrl-C, stop the others within a mini-batch."""
    try:
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future in done and (failure := future.exception()) is not None:
                raise failure
    finally:
        for future in futures:
            future.cancel()
        meter.stop()


def _run_trial(
    trial: Trial, threads: int, done: Callable[[int, int], None], names: Mapping[Recipe, str]
) -> Outcome:
    monitored = trial.monitored
    fleet = Fleet(
        trial.members,
        trial.training.x,
        trial.training.y,
        validation=None if monitored is None else (monitored.x, monitored.y),
        classes=trial.classes or None,
        threads=threads,
    )
    snapshots = _run_in_parts(fleet, trial, done)
    if not trial.may_diverge:
        _require_finite(fleet, names)
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


def _run_in_parts(
    fleet: Fleet, trial: Trial, done: Callable[[int, int], None]
) -> tuple[tuple[Network, ...], ...]:
    """Train to the end, stopping at each snapshot to keep the networks."""
    kept, before = [], 0
    for epoch in trial.snapshots:
        if epoch > before:
            fleet.run(epoch - before, progress=_after(trial, before, done))
            before = epoch
        kept.append(tuple(fleet.networks))
    fleet.run(progress=_after(trial, before, done))
    # Early stopping leaves epochs over, which count as done.
    done(sum(member.recipe.epochs for member in trial.members), len(trial.members))
    return tuple(kept)


def _after(trial: Trial, before: int, done: Callable[[int, int], None]) -> Show:
    """Count the progress of a run that begins after so many epochs of each member."""
    epochs = sum(_epochs_until(member, before) for member in trial.members)
    return lambda inner: done(epochs + inner.epochs_done, inner.members_done)


def _epochs_until(member: Member, epoch: int) -> int:
    return min(member.recipe.epochs, epoch)


def _require_finite(fleet: Fleet, names: Mapping[Recipe, str]) -> None:
    """Refuse to compare networks of which one diverged."""
    for member, epoch in zip(fleet.members, fleet.record.diverged_epoch, strict=True):
        if epoch >= 0:
            recipe = member.recipe
            raise DataError(
                f"The network of '{names.get(recipe, 'the study')}' must stay finite to be "
                f"compared, but its loss diverged in epoch {epoch + 1} (seed {member.seed}); "
                f"lower the learning rate ({numeral(recipe.learning_rate)})."
            )
