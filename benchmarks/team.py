"""Measure what a second core does for one network, and that it does nothing to the result.

python -m benchmarks.team
python -m benchmarks.team --rounds 15 --threads 2

One member alone trains on one thread and on all of them, in random order in every round; the ratio
is of the two times of a round. The networks must be the same, byte for byte. Beside it stands what
the machine gives to work that needs no sharing: as many members as threads at once, a thread each.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.machine import provenance
from benchmarks.measurement import ratio, summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.plain import plain_recipe
from benchmarks.shapes import Data, Shape, synthetic
from benchmarks.tables import cells, columns, heading
from levelset.engine import Fleet, Member

TARGETS = {"large": ">= 1.6"}
SHAPES = (
    Shape("study", (20, 64, 64, 3), rows=2000, batch=32, members=1, epochs=10),
    Shape("medium", (64, 256, 256, 10), rows=10_240, batch=256, members=1, epochs=4),
    Shape("large", (64, 512, 512, 10), rows=10_240, batch=512, members=1, epochs=3),
    Shape("huge", (64, 1024, 1024, 10), rows=5_120, batch=512, members=1, epochs=2),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status: 1 if a network depends on the number of threads.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.team", __doc__, rounds=9)
    common = read_common(parser, parser.parse_args(given), given)
    shapes = [shape.shortened() for shape in SHAPES[:2]] if common.quick else SHAPES
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"},
        "shapes": [measure(shape, common.rounds, common.threads) for shape in shapes],
    }
    publish(run, render(run), common.json)
    return 0 if all(shape["same_bytes"] for shape in run["shapes"]) else 1


def measure(shape: Shape, rounds: int, threads: int) -> dict[str, Any]:
    """Train one member of a shape on one thread and on several.

    Args:
        shape: What is trained.
        rounds: How often.
        threads: The larger number of threads.

    Returns:
        Seconds of both, the ratio of every round, and whether the networks were the same.
    """
    data, generator = synthetic(shape, np.random.default_rng(0)), np.random.default_rng(1)
    ways = {"alone": (1, 1), "team": (1, threads), "apart": (threads, threads)}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    networks = set()
    for number in range(rounds):
        say(f"{shape.name}: round {number + 1} of {rounds}")
        for name in generator.permutation(list(ways)):
            taken, network = train(shape, data, *ways[name])
            seconds[name].append(taken)
            networks.add(network)
    alone, team, apart = (summarize(seconds[name]) for name in ways)
    ceiling = summarize([threads * value for value in ratio(alone, apart).values])
    return {
        **asdict(shape),
        "alone_seconds": asdict(alone),
        "team_seconds": asdict(team),
        "speedup": asdict(ratio(alone, team)),
        "speedup_apart": asdict(ceiling),
        "same_bytes": len(networks) == 1,
    }


def train(shape: Shape, data: Data, members: int, threads: int) -> tuple[float, bytes]:
    """Train some members alike: the seconds, and the first's network."""
    recipe = plain_recipe(shape, shape.epochs)
    fleet = Fleet(
        [Member(recipe)] * members,
        data.features,
        data.labels,
        classes=shape.classes,
        threads=threads,
    )
    start = time.perf_counter()
    fleet.run()
    return time.perf_counter() - start, fleet.networks[0].flat().tobytes()


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, and a line for every shape."""
    head = ("network", "batch", "one thread, s", "", "all, s", "", "times faster", "", "target")
    rows: list[tuple[str, ...]] = [(*head, "members apart", "", "same bytes")]
    for shape in run["shapes"]:
        rows.append(
            (
                "-".join(map(str, shape["widths"])),
                str(shape["batch"]),
                *cells(shape["alone_seconds"], ".3f"),
                *cells(shape["team_seconds"], ".3f"),
                *cells(shape["speedup"]),
                TARGETS.get(shape["name"], ""),
                *cells(shape["speedup_apart"]),
                "yes" if shape["same_bytes"] else "NO",
            )
        )
    note = "median [min - max] over rounds; a network that is too small for a team trains alone."
    return "\n\n".join([heading(run), columns(rows), note])


if __name__ == "__main__":
    sys.exit(main())
