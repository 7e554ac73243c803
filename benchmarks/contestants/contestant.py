"""What a contestant is: something that trains one fleet and says how long it took."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from jaxtyping import Float64

from benchmarks.shapes import Data, Shape
from benchmarks.workers import Blueprint, WorkerPool

# A trainer lives in a worker: it trains the members of one stack from fresh weights and returns
# the sum over them of the mean training loss of every epoch, (e,).
Stack = tuple[int, ...]

_PROBE_EPOCHS = 2
_PROBES = 3


@dataclass(frozen=True)
class Outcome:
    """One timed training.

    Args:
        wall_seconds: Duration, from the request until every result is back.
        members: Networks that were trained.
        epochs: Epochs that each was trained for.
        losses: Mean training loss of every epoch over members, in nats `(e,)`.
    """

    wall_seconds: float
    members: int
    epochs: int
    losses: Float64[np.ndarray, " e"]


class Contestant(Protocol):
    """A way to train a fleet."""

    @property
    def name(self) -> str:
        """Name on the command line and in the output."""
        ...

    @property
    def setting(self) -> str:
        """What `prepare` chose, in words."""
        ...

    def prepare(self, shape: Shape, data: Data, members: int, threads: int) -> None:
        """Start, warm up and choose the fastest way on this machine."""
        ...

    def train(self, epochs: int) -> Outcome:
        """Train the fleet from fresh weights, or a part of it that fits the time allowed."""
        ...

    def close(self) -> None:
        """End what `prepare` started."""
        ...


@dataclass(frozen=True)
class Variant:
    """One way in which a contestant can be set up; the fastest on this machine takes part.

    Args:
        name: The way, in words.
        one_process: One process with all threads, or else one process per core with one thread.
        stack: Members that are trained as one batch; None: all members of the process.
        settings: What the trainer is told.
        environment: Environment variables of the processes.
    """

    name: str
    one_process: bool
    stack: int | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Specification:
    """A contestant as data.

    Args:
        name: Name on the command line and in the output.
        trainer: `"module:function"` of the trainer's factory.
        variants: The ways to set it up.
    """

    name: str
    trainer: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class _Running:
    """A variant whose workers are warm."""

    variant: Variant
    pool: WorkerPool
    stacks: tuple[Stack, ...]


def stacks_of(members: int, processes: int, stack: int | None) -> tuple[Stack, ...]:
    """Deal members to stacks of nearly equal size, at least one for every process.

    Args:
        members: Members to deal.
        processes: Processes that will take the stacks.
        stack: Largest size of a stack; None: one stack per process.

    Returns:
        Member numbers of every stack.

    Example:
        >>> stacks_of(5, 2, None)
        ((0, 1, 2), (3, 4))
    """
    count = processes if stack is None else max(processes, math.ceil(members / stack))
    dealt = np.array_split(np.arange(members), min(count, members))
    return tuple(tuple(int(member) for member in part) for part in dealt)


def workload(
    stacks: int, processes: int, epochs: int, seconds_per_stack_epoch: float, budget_seconds: float
) -> tuple[int, int]:
    """Choose how many stacks and epochs fit the time allowed; first stacks give way, then epochs.

    A fleet of independent stacks costs the same per member whatever their number, as long as every
    process has as many, so leaving stacks out loses nothing but time.

    Args:
        stacks: Stacks of the whole fleet.
        processes: Processes that train one stack each at a time.
        epochs: Epochs wanted.
        seconds_per_stack_epoch: Duration of one epoch of one stack in one process.
        budget_seconds: Time allowed.

    Returns:
        Stacks and epochs to train.

    Example:
        >>> workload(64, 2, epochs=10, seconds_per_stack_epoch=0.1, budget_seconds=4.0)
        (8, 10)
    """
    turns_allowed = max(1, int(budget_seconds / (seconds_per_stack_epoch * epochs)))
    turns = min(math.ceil(stacks / processes), turns_allowed)
    epochs_allowed = max(1, int(budget_seconds / (seconds_per_stack_epoch * turns)))
    return min(stacks, turns * processes), min(epochs, epochs_allowed)


class ProcessContestant:
    """A contestant whose trainers run in worker processes.

    Args:
        specification: The contestant as data.
        budget_seconds: Time that one training may take; what does not fit is left out.
    """

    def __init__(self, specification: Specification, budget_seconds: float) -> None:
        self.name = specification.name
        self._specification = specification
        self._budget_seconds = budget_seconds
        self._running: _Running | None = None
        self._stack_seconds = math.nan  # of one epoch of one stack, by the probe
        self._warm_epochs: set[int] = set()

    @property
    def setting(self) -> str:
        """What `prepare` chose, in words."""
        return self._chosen.variant.name

    def prepare(self, shape: Shape, data: Data, members: int, threads: int) -> None:
        """Start every variant, warm it up, time it shortly, and keep the fastest.

        Args:
            shape: What is trained.
            data: What it is trained on.
            members: Members of the fleet.
            threads: Cores to use.

        Raises:
            PackageAbsentError: The contestant's package is not installed.
            WorkerError: The contestant failed.
        """
        started: list[_Running] = []
        try:
            for variant in self._specification.variants:
                started.append(self._start(variant, shape, data, members, threads))
            # In turns, so that a busy moment of the machine does not decide between variants.
            turns = [[_probe(running) for running in started] for _ in range(_PROBES)]
        except Exception:
            for running in started:
                running.pool.close()
            raise
        fleet_seconds = [
            min(seconds) * math.ceil(len(running.stacks) / len(running.pool))
            for running, seconds in zip(started, zip(*turns, strict=True), strict=True)
        ]
        fastest = int(np.argmin(fleet_seconds))
        self._stack_seconds = min(seconds[fastest] for seconds in turns)
        self._running = started.pop(fastest)
        for running in started:
            running.pool.close()

    def train(self, epochs: int) -> Outcome:
        """Train the fleet from fresh weights, or a part of it that fits the time allowed.

        Args:
            epochs: Epochs wanted.

        Returns:
            What was trained, its duration and its losses.
        """
        running = self._chosen
        count, epochs = workload(
            len(running.stacks),
            len(running.pool),
            epochs,
            self._stack_seconds,
            self._budget_seconds,
        )
        stacks = running.stacks[:count]
        if epochs not in self._warm_epochs:
            _warm_up(running.pool, stacks, epochs)
            self._warm_epochs.add(epochs)
        return _timed(running.pool, stacks, epochs)

    def close(self) -> None:
        """End the workers."""
        if self._running is not None:
            self._running.pool.close()
            self._running = None

    @property
    def _chosen(self) -> _Running:
        assert self._running is not None, "prepare comes first"
        return self._running

    def _start(
        self, variant: Variant, shape: Shape, data: Data, members: int, threads: int
    ) -> _Running:
        processes, threads_each = (1, threads) if variant.one_process else (threads, 1)
        blueprint = Blueprint(
            self._specification.trainer, (shape, data, dict(variant.settings), threads_each)
        )
        pool = WorkerPool(blueprint, processes, threads_each, variant.environment)
        try:
            stacks = stacks_of(members, processes, variant.stack)
            _warm_up(pool, stacks, _PROBE_EPOCHS)
        except Exception:
            pool.close()
            raise
        return _Running(variant, pool, stacks)


def _timed(pool: WorkerPool, stacks: Sequence[Stack], epochs: int) -> Outcome:
    start = time.perf_counter()
    sums = pool.share(stacks, epochs)
    wall_seconds = time.perf_counter() - start
    members = sum(len(stack) for stack in stacks)
    losses = np.sum(np.asarray(sums, dtype=np.float64), axis=0) / members
    return Outcome(wall_seconds, members, epochs, losses)


def _probe(running: _Running) -> float:
    """Time one epoch of one stack in every process."""
    stacks = running.stacks[: len(running.pool)]
    return _timed(running.pool, stacks, _PROBE_EPOCHS).wall_seconds / _PROBE_EPOCHS


def _warm_up(pool: WorkerPool, stacks: Sequence[Stack], epochs: int) -> None:
    """Train a stack of every size in every worker: compiles, allocates, pages in."""
    for stack in {len(stack): stack for stack in stacks}.values():
        pool.each(stack, epochs)
