"""Measure the most memory that a process holds which trains a fleet and keeps its networks.

python -m benchmarks.memory
python -m benchmarks.memory --rounds 5

Every number is of a fresh process. A fleet is trained in one `run` ("kept"), in two, so that
between them every member is in the middle of its training ("paused"), or in one after which every
network is copied out of the fleet ("copied").
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from benchmarks.machine import peak_memory_bytes, provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.plain import plain_recipe
from benchmarks.shapes import Shape, synthetic
from benchmarks.tables import cells, columns, heading
from benchmarks.workers import Blueprint, Task, WorkerPool

MEMBERS = (100, 1_000, 10_000)
SHAPE = Shape("study", (20, 64, 64, 3), rows=200, batch=32, members=MEMBERS[-1], epochs=3)
TARGET_BYTES = 600_000_000

Kind = Literal["kept", "paused", "copied"]
KINDS: tuple[Kind, ...] = ("kept", "paused", "copied")


@dataclass(frozen=True)
class Held:
    """The most memory held by one process.

    Args:
        before_bytes: Before the fleet was made.
        peak_bytes: When all was done.
    """

    before_bytes: int
    peak_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.memory", __doc__, rounds=3)
    common = read_common(parser, parser.parse_args(given), given)
    sizes = MEMBERS[:1] if common.quick else MEMBERS
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"},
        "shape": asdict(SHAPE),
        "parameters": parameters(SHAPE.widths),
        "fleets": [
            measure(kind, members, common.rounds, common.threads)
            for members in sizes
            for kind in KINDS
        ],
    }
    publish(run, render(run), common.json)
    return 0


def parameters(widths: tuple[int, ...]) -> int:
    """Count weights and biases.

    Example:
        >>> parameters((20, 64, 64, 3))
        5699
    """
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))


def measure(kind: Kind, members: int, rounds: int, threads: int) -> dict[str, Any]:
    """Train a fleet in fresh processes.

    Args:
        kind: What is done with it.
        members: Its size.
        rounds: Number of processes, one after the other.
        threads: Cores to use.

    Returns:
        Bytes over the rounds.
    """
    found = []
    for number in range(rounds):
        say(f"{members:,} members, {kind}: process {number + 1} of {rounds}")
        pool = WorkerPool(Blueprint("benchmarks.memory:build", (kind, threads)), 1, threads)
        try:
            [held] = pool.each(members, SHAPE.epochs)
        finally:
            pool.close()
        found.append(held)
    grown = [(held.peak_bytes - held.before_bytes) / members for held in found]
    return {
        "kind": kind,
        "members": members,
        "peak_bytes": asdict(summarize([held.peak_bytes for held in found])),
        "before_bytes": asdict(summarize([held.before_bytes for held in found])),
        "bytes_per_member": asdict(summarize(grown)),
    }


def build(kind: Kind, threads: int) -> Task:
    """Make a worker's task: train a fleet of some members, and say what memory it took."""
    from levelset.engine import Fleet, Member

    data = synthetic(SHAPE, np.random.default_rng(0))

    def train(members: int, epochs: int) -> Held:
        before = peak_memory_bytes()
        recipe = plain_recipe(SHAPE, epochs)
        fleet = Fleet(
            [Member(recipe, seed=seed) for seed in range(members)],
            data.features,
            data.labels,
            validation=(data.features, data.labels),
            classes=SHAPE.classes,
            threads=threads,
        )
        if kind == "paused":
            fleet.run(epochs=epochs - 1)
        fleet.run()
        networks = fleet.networks[:] if kind == "copied" else fleet.networks
        assert len(networks) == members
        return Held(before, peak_memory_bytes())

    return train


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, and a line for every fleet."""
    shape, settings = run["shape"], run["settings"]
    title = (
        f"{'-'.join(map(str, shape['widths']))}: {run['parameters']:,} parameters, "
        f"{4 * run['parameters'] / 1e3:.1f} kB a network; n {shape['rows']:,} and as many to "
        f"validate on, {shape['epochs']} epochs"
    )
    rows = [
        (
            *("members", "networks", "peak, MB", "[min - max]"),
            *("before the fleet, MB", "kB a member", "[min - max]", "target, MB"),
        )
    ]
    rows += [
        (
            f"{fleet['members']:,}",
            fleet["kind"],
            *cells(_over(fleet["peak_bytes"], 1e6), ".0f"),
            cells(_over(fleet["before_bytes"], 1e6), ".0f")[0],
            *cells(_over(fleet["bytes_per_member"], 1e3), ".1f"),
            f"< {TARGET_BYTES / 1e6:.0f}" if _has_target(fleet) else "",
        )
        for fleet in run["fleets"]
    ]
    note = (
        "kept: by the fleet, after one run. paused: the same in two runs, all members in the "
        "middle of their training between\nthem. copied: kept, and all copied out too. 1 MB = 10⁶ "
        "bytes of resident memory."
    )
    head = f"{heading(run)}\n{settings['rounds']} rounds, every number of a fresh process"
    return "\n\n".join([head, f"{title}\n{columns(rows)}", note])


def _has_target(fleet: Mapping[str, Any]) -> bool:
    # A member in the middle of its training holds its moments as well, whoever trains it.
    return fleet["members"] == MEMBERS[-1] and fleet["kind"] != "paused"


def _over(summary: Mapping[str, Any], unit: float) -> dict[str, float]:
    return {name: summary[name] / unit for name in ("median", "low", "high")}


if __name__ == "__main__":
    sys.exit(main())
