"""Measure how a fleet's time grows with its members, and what a member that does nothing costs.

python -m benchmarks.scaling
python -m benchmarks.scaling --rounds 3 --threads 1

The first table trains fleets of 10 to 10,000 members shortly, the sizes in random order in every
round, and fits seconds = a + b * members to each round by least squares of the relative errors. The
second trains 10,000 members of one row, one epoch and no hidden layer, so that what remains is the
cost of having a member: of making it in Python, of adding it to the fleet, and of scheduling it.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from benchmarks.machine import provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.plain import plain_recipe
from benchmarks.shapes import Data, Shape, synthetic
from benchmarks.tables import cells, columns, heading
from levelset.engine import Fleet, Member, Recipe

MEMBERS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
SHORT = Shape("short", (20, 64, 64, 3), rows=500, batch=32, members=MEMBERS[-1], epochs=4)
SCHEDULING_TARGET_MS = 0.05
# A fleet that is done in milliseconds is trained again until as many members are: a steadier time.
_LEAST_MEMBERS = 300


class Line(NamedTuple):
    """seconds = intercept + slope * members."""

    intercept: float
    slope: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.scaling", __doc__, rounds=5)
    common = read_common(parser, parser.parse_args(given), given)
    sizes = MEMBERS[:3] if common.quick else MEMBERS
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"},
        "short": asdict(SHORT),
        "growth": growth(sizes, common.rounds, common.threads),
        "overhead": overhead(sizes[-1], common.rounds, common.threads),
    }
    publish(run, render(run), common.json)
    return 0


def fit_line(members: Sequence[int], seconds: Sequence[float]) -> Line:
    """Fit a line by least squares of the relative errors.

        minimize Σ ((a + b m - s) / s)² over a, b

    Args:
        members: Sizes m.
        seconds: Durations s.

    Returns:
        Intercept a and slope b.

    Example:
        >>> line = fit_line([10, 100], [1.2, 3.0])
        >>> round(line.intercept, 9), round(line.slope, 9)
        (1.0, 0.02)
    """
    m, s = np.asarray(members, dtype=float), np.asarray(seconds)
    scaled = np.stack([1 / s, m / s], axis=1)
    intercept, slope = np.linalg.lstsq(scaled, np.ones_like(s), rcond=None)[0]
    return Line(float(intercept), float(slope))


def growth(sizes: Sequence[int], rounds: int, threads: int) -> dict[str, Any]:
    """Train fleets of all sizes in every round.

    Args:
        sizes: Members of the fleets.
        rounds: How often.
        threads: Cores to use.

    Returns:
        Seconds and residuals in percent by size, and the lines' coefficients.
    """
    data = synthetic(SHORT, np.random.default_rng(0))
    _train(data, max(sizes), threads)
    generator = np.random.default_rng(0)
    seconds: dict[int, list[float]] = {size: [] for size in sizes}
    for number in range(rounds):
        say(f"growth: round {number + 1} of {rounds}")
        for size in generator.permutation(sizes).tolist():
            seconds[size].append(_train(data, size, threads))
    lines = [fit_line(sizes, [seconds[size][number] for size in sizes]) for number in range(rounds)]
    return {
        "intercept_seconds": asdict(summarize([line.intercept for line in lines])),
        "slope_seconds": asdict(summarize([line.slope for line in lines])),
        "sizes": [
            {
                "members": size,
                "wall_seconds": asdict(summarize(seconds[size])),
                "residual_percent": asdict(
                    summarize(
                        [
                            100 * (found / (line.intercept + line.slope * size) - 1)
                            for found, line in zip(seconds[size], lines, strict=True)
                        ]
                    )
                ),
            }
            for size in sizes
        ],
    }


def _train(data: Data, members: int, threads: int) -> float:
    """Make and train a fleet; the median seconds where it is done more than once."""
    recipe = plain_recipe(SHORT, SHORT.epochs)
    seconds = []
    for _ in range(max(1, _LEAST_MEMBERS // members)):
        started = time.perf_counter()
        Fleet(
            [Member(recipe, seed=seed) for seed in range(members)],
            data.features,
            data.labels,
            classes=SHORT.classes,
            threads=threads,
        ).run()
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


def overhead(members: int, rounds: int, threads: int) -> list[dict[str, Any]]:
    """Time what members that do almost nothing cost, all of one recipe and each of its own.

    Args:
        members: Members of the fleet.
        rounds: How often.
        threads: Cores to use.

    Returns:
        Milliseconds per member of every part.
    """
    parts = ("recipes", "members", "fleet", "run")
    found: dict[str, dict[str, list[float]]] = {
        kind: {part: [] for part in parts} for kind in ("one recipe", "a recipe each")
    }
    for number in range(rounds):
        say(f"overhead: round {number + 1} of {rounds}")
        for kind, times in found.items():
            distinct = members if kind == "a recipe each" else 1
            for part, seconds in zip(parts, _idle(members, distinct, threads), strict=True):
                times[part].append(1000 * seconds / members)
    return [
        {
            "kind": kind,
            "members": members,
            **{f"{part}_ms": asdict(summarize(times[part])) for part in parts},
        }
        for kind, times in found.items()
    ]


def _idle(members: int, distinct: int, threads: int) -> tuple[float, float, float, float]:
    """Give the seconds of making the recipes, the members, the fleet, and of running it."""
    start = time.perf_counter()
    recipes = [
        Recipe(hidden=(), epochs=1, batch_size=1, learning_rate=1e-3 * (1 + number / distinct))
        for number in range(distinct)
    ]
    recipes_made = time.perf_counter()
    fleet_members = [Member(recipes[seed % distinct], seed=seed) for seed in range(members)]
    members_made = time.perf_counter()
    x, y = np.ones((1, 1), np.float32), np.zeros(1, np.int64)
    fleet = Fleet(fleet_members, x, y, classes=2, threads=threads)
    fleet_made = time.perf_counter()
    fleet.run()
    end = time.perf_counter()
    return (
        recipes_made - start,
        members_made - recipes_made,
        fleet_made - members_made,
        end - fleet_made,
    )


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, the growth, the overhead."""
    head = f"{heading(run)}\n{run['settings']['rounds']} rounds, sizes in random order"
    return "\n\n".join([head, _growth(run["short"], run["growth"]), _overhead(run["overhead"])])


def _growth(short: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    title = (
        f"seconds of a fleet of {'-'.join(map(str, short['widths']))}, n {short['rows']:,}, "
        f"batch {short['batch']}, {short['epochs']} epochs; its construction included"
    )
    rows = [("members", "seconds", "[min - max]", "over the line, %", "[min - max]")]
    rows += [
        (
            f"{size['members']:,}",
            *cells(size["wall_seconds"], ".4f"),
            *cells(size["residual_percent"], "+.1f"),
        )
        for size in found["sizes"]
    ]
    intercept = " ".join(cells(_times(found["intercept_seconds"], 1e3), ".3f"))
    slope = " ".join(cells(_times(found["slope_seconds"], 1e3), ".4f"))
    line = f"a + b * members: a = {intercept} ms, b = {slope} ms a member"
    return "\n".join([title, columns(rows), line])


def _times(summary: Mapping[str, Any], factor: float) -> dict[str, float]:
    return {name: factor * summary[name] for name in ("median", "low", "high")}


def _overhead(found: Sequence[Mapping[str, Any]]) -> str:
    title = (
        f"ms a member of {found[0]['members']:,} members with nothing to do "
        "(1 row, 1 epoch, 1-2 units)"
    )
    rows = [("part", "target", *(cell for kind in found for cell in (kind["kind"], "[min - max]")))]
    named = {
        "recipes": "Recipe(...)",
        "members": "Member(...)",
        "fleet": "Fleet(...)",
        "run": "run()",
    }
    rows += [
        (
            name,
            f"< {SCHEDULING_TARGET_MS}" if part == "run" else "",
            *(cell for kind in found for cell in cells(kind[f"{part}_ms"], ".4f")),
        )
        for part, name in named.items()
    ]
    return "\n".join([title, columns(rows)])


if __name__ == "__main__":
    sys.exit(main())
