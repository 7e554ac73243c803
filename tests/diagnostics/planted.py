"""Planted faults: data sets and recipes that have a fault by construction, and others that do not.

Every case says which faults it `has`, and which it `may` have as a consequence or by the nature of
its data; all others it lacks, and one of them found is a false alarm. The thresholds of the doctor
were chosen while looking at `tuned.TUNED`; `held_out.HELD_OUT` has other seeds, data and settings,
and was only counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from levelset.data import stratified_split
from levelset.diagnostics import diagnose
from levelset.diagnostics.faults import FAULTS
from levelset.engine import Fleet, Member, Recipe
from levelset.seeds import stream
from tests.diagnostics import fault
from tests.diagnostics.tables import Rows

MEMBERS = 4


@dataclass(frozen=True)
class Planted:
    """A case: what to train on what, and which faults it has."""

    name: str
    rows: Callable[[], Rows]
    recipe: Recipe
    has: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    raw: bool = False
    seed: int = 0
    after_split: Callable[[Rows, Rows], tuple[Rows, Rows]] | None = field(default=None)

    def fleet(self) -> Fleet:
        """Split, scale unless raw, and train."""
        x, y = self.rows()
        split = stratified_split(y, stream(self.seed, "planted"), (0.75, 0.25, 0.0))
        training, held_out = ((x[part], y[part]) for part in (split.training, split.validation))
        if self.after_split is not None:
            training, held_out = self.after_split(training, held_out)
        if not self.raw:
            mean, deviation = training[0].mean(axis=0), training[0].std(axis=0)
            deviation = np.where(deviation > 0, deviation, 1.0)
            training, held_out = (
                ((rows - mean) / deviation, labels) for rows, labels in (training, held_out)
            )
        members = [Member(self.recipe, seed=self.seed + number) for number in range(MEMBERS)]
        fleet = Fleet(members, *training, validation=held_out, classes=int(y.max()) + 1)
        fleet.run()
        return fleet


def case(
    name: str,
    rows: Callable[[], Rows],
    recipe: Recipe,
    has: tuple[str, ...] = (),
    may: tuple[str, ...] = (),
    **more,
) -> Planted:
    if len(recipe.hidden) > 3 and fault.DEEP not in has:
        may = (*may, fault.DEEP)  # how many layers such data is worth is not known
    return Planted(name, rows, recipe, frozenset(has), frozenset(may), **more)


@dataclass
class Tally:
    """What the doctor found of one fault.

    The cases that may have the fault, or not, are in neither count.
    """

    planted: int = 0
    missed: list[str] = field(default_factory=list)
    clean: int = 0
    alarms: list[str] = field(default_factory=list)

    @property
    def hits(self) -> int:
        return self.planted - len(self.missed)


def tally(cases: Sequence[Planted]) -> dict[str, Tally]:
    """Let the doctor look at every case, and count hits and false alarms by fault."""
    counts = {name: Tally() for name in FAULTS}
    for planted in cases:
        found = {diagnosis.fault for diagnosis in diagnose(planted.fleet()).diagnoses}
        for name, count in counts.items():
            if name in planted.has:
                count.planted += 1
                count.missed += [] if name in found else [planted.name]
            elif name not in planted.may:
                count.clean += 1
                count.alarms += [planted.name] if name in found else []
    return counts
