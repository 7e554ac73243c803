"""The rounds: every contestant trains the fleet once in every round, one after the other.

What drifts on a machine (its clock, its neighbors) then hits all contestants alike, and a ratio is
taken between neighbors in time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.contestants.contestant import Contestant, Outcome
from benchmarks.peak import Peak
from benchmarks.shapes import Shape, synthetic
from benchmarks.workers import PackageAbsentError

OURS = "levelset"


@dataclass(frozen=True)
class Summary:
    """The median and range of one number over the rounds.

    Args:
        median: The median.
        low: The smallest.
        high: The largest.
        values: The number in every round.
    """

    median: float
    low: float
    high: float
    values: tuple[float, ...]


@dataclass(frozen=True)
class ContestantResult:
    """What one contestant did with one shape.

    Args:
        name: The contestant.
        setting: How it was set up, in words.
        outcomes: Its training in every round.
    """

    name: str
    setting: str
    outcomes: tuple[Outcome, ...]

    def rates(self, shape: Shape) -> Summary:
        """Model-samples per second: members · epochs · rows / wall seconds."""
        return summarize(
            [
                outcome.members * outcome.epochs * shape.rows / outcome.wall_seconds
                for outcome in self.outcomes
            ]
        )


@dataclass(frozen=True)
class ShapeResult:
    """What all contestants did with one shape.

    Args:
        shape: The shape.
        results: By contestant.
        skipped: Reason for every contestant that did not take part.
    """

    shape: Shape
    results: Mapping[str, ContestantResult]
    skipped: Mapping[str, str]

    def ratio(self, peer: str) -> Summary | None:
        """How many times the peer's rate levelset's is; None where levelset did not take part."""
        if OURS not in self.results:
            return None
        return ratio(self.results[OURS].rates(self.shape), self.results[peer].rates(self.shape))


def summarize(values: Sequence[float]) -> Summary:
    """Find the median and range of one number over the rounds.

    Example:
        >>> summarize([3.0, 1.0, 2.0])
        Summary(median=2.0, low=1.0, high=3.0, values=(3.0, 1.0, 2.0))
    """
    return Summary(median(values), min(values), max(values), tuple(values))


def ratio(ours: Summary, theirs: Summary) -> Summary:
    """Divide round by round, then summarize: not the ratio of the medians.

    Args:
        ours: Numerator in every round.
        theirs: Denominator in every round.

    Returns:
        The ratio's median and range.

    Example:
        >>> ratio(summarize([2.0, 6.0, 4.0]), summarize([1.0, 2.0, 4.0])).values
        (2.0, 3.0, 1.0)
    """
    pairs = zip(ours.values, theirs.values, strict=True)
    return summarize([mine / other for mine, other in pairs])


def measure(
    shape: Shape,
    contestants: Sequence[Contestant],
    rounds: int,
    threads: int,
    peak: Peak,
    say: Callable[[str], None],
) -> ShapeResult:
    """Prepare all contestants, then let them train in turns; the peak is measured in every round.

    Args:
        shape: What is trained.
        contestants: Who trains.
        rounds: How often.
        threads: Cores to use.
        peak: The yardstick.
        say: Called with what happens, for the impatient.

    Returns:
        Every outcome. A contestant whose package is absent is skipped; one that fails is an error.
    """
    data = synthetic(shape, np.random.default_rng(0))
    ready: list[Contestant] = []
    skipped: dict[str, str] = {}
    outcomes: dict[str, list[Outcome]] = {}
    try:
        for contestant in contestants:
            say(f"{shape.name}: preparing {contestant.name}")
            try:
                contestant.prepare(shape, data, shape.members, threads)
            except PackageAbsentError as error:
                skipped[contestant.name] = f"package absent ({error})"
                say(f"{shape.name}: skipping {contestant.name}: {skipped[contestant.name]}")
                continue
            ready.append(contestant)
            outcomes[contestant.name] = []
        for number in range(rounds):
            peak.measure()
            for contestant in ready:
                say(f"{shape.name}: round {number + 1} of {rounds}: {contestant.name}")
                outcomes[contestant.name].append(contestant.train(shape.epochs))
        results = {
            contestant.name: ContestantResult(
                contestant.name, contestant.setting, tuple(outcomes[contestant.name])
            )
            for contestant in ready
        }
    finally:
        for contestant in contestants:
            contestant.close()
    return ShapeResult(shape, results, skipped)
