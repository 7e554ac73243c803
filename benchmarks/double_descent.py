"""Project what the double-descent grid costs at full size from what it costs at smaller ones.

python -m benchmarks.double_descent
python -m benchmarks.double_descent --rounds 1 --threads 1

The full size is 28 widths, 5 seeds, 4,000 training rows of 40 features (MNIST-1D), 15 % label noise
and 1,000 epochs. Smaller sizes have the same widths and seeds, fewer rows and far fewer epochs.
They are trained in random order in every round, and seconds = a + b * rows * epochs is fitted to
each round by least squares of the relative errors. The test rows, on which every network is judged
after every epoch, are always a quarter of the training rows, so that they are part of b.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from benchmarks.machine import provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.scaling import fit_line
from benchmarks.tables import cells, columns, heading
from levelset.data import Dataset, load
from levelset.engine import Recipe
from levelset.studies import run_design
from levelset.studies.questions.double_descent.grid import LEARNING_RATE, SCALES, Scale, grid_design

FULL = SCALES["thorough"]
TABLE = "mnist1d:rows=5000"
SIZES = ((500, 8), (1_000, 8), (2_000, 16), (4_000, 8), (4_000, 32))
"""Training rows and epochs."""

_QUICK_WIDTHS = (1, 2, 4)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.double_descent", __doc__, rounds=3)
    common = read_common(parser, parser.parse_args(given), given)
    full = replace(FULL, widths=_QUICK_WIDTHS) if common.quick else FULL
    sizes = SIZES[:3] if common.quick else SIZES
    _limit_cores(common.threads)
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"},
        "full": asdict(full),
        "projection": projection(full, sizes, common.rounds),
    }
    publish(run, render(run), common.json)
    return 0


def scaled(full: Scale, rows: int, epochs: int) -> Scale:
    """Give the grid with fewer rows and epochs, its test rows a quarter of the training rows.

    Example:
        >>> scaled(FULL, 1_000, 10).test_rows
        250
    """
    return replace(full, rows=rows, test_rows=rows // 4, epochs=epochs)


def projection(full: Scale, sizes: Sequence[tuple[int, int]], rounds: int) -> dict[str, Any]:
    """Train grids of all sizes in every round, and extend the line through them.

    Args:
        full: The size that is projected.
        sizes: Training rows and epochs that are measured.
        rounds: How often.

    Returns:
        Seconds and residuals in percent by size, the lines' coefficients, and the full size's
        seconds by the line of each round.
    """
    dataset = load(TABLE)
    seconds_of(dataset, scaled(full, *sizes[0]))  # what is loaded on first use is not timed
    generator = np.random.default_rng(0)
    seconds: dict[tuple[int, int], list[float]] = {size: [] for size in sizes}
    for number in range(rounds):
        for place in generator.permutation(len(sizes)):
            rows, epochs = sizes[place]
            say(f"round {number + 1} of {rounds}: {rows} rows, {epochs} epochs")
            seconds[rows, epochs].append(seconds_of(dataset, scaled(full, rows, epochs)))
    work = [rows * epochs for rows, epochs in sizes]
    lines = [fit_line(work, [seconds[size][number] for size in sizes]) for number in range(rounds)]
    whole = full.rows * full.epochs
    return {
        "intercept_seconds": asdict(summarize([line.intercept for line in lines])),
        "slope_seconds": asdict(summarize([line.slope for line in lines])),
        "full_seconds": asdict(summarize([line.intercept + line.slope * whole for line in lines])),
        "times_the_largest": whole / max(work),
        "sizes": [
            {
                "rows": rows,
                "epochs": epochs,
                "wall_seconds": asdict(summarize(seconds[rows, epochs])),
                "residual_percent": asdict(
                    summarize(
                        [
                            100 * (found / (line.intercept + line.slope * rows * epochs) - 1)
                            for found, line in zip(seconds[rows, epochs], lines, strict=True)
                        ]
                    )
                ),
            }
            for rows, epochs in sizes
        ],
    }


def seconds_of(dataset: Dataset, scale: Scale) -> float:
    """Time the design and the training of a grid."""
    base = Recipe(learning_rate=LEARNING_RATE)
    started = time.perf_counter()
    run_design(grid_design(dataset, np.arange(dataset.rows), scale, base, seed=0))
    return time.perf_counter() - started


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, the sizes, the line and the projection."""
    full, found = run["full"], run["projection"]
    title = (
        f"seconds of {len(full['widths'])} widths from {full['widths'][0]} to "
        f"{full['widths'][-1]} units x 2 layers and {full['seeds']} seeds on {TABLE}; "
        f"{run['settings']['rounds']} rounds, sizes in random order"
    )
    rows = [("training rows", "epochs", "seconds", "[min - max]", "over the line, %", "[range]")]
    rows += [
        (
            f"{size['rows']:,}",
            f"{size['epochs']:,}",
            *cells(size["wall_seconds"]),
            *cells(size["residual_percent"], "+.1f"),
        )
        for size in found["sizes"]
    ]
    slope = " ".join(cells(_times(found["slope_seconds"], 1e6), ".1f"))
    intercept = " ".join(cells(found["intercept_seconds"], ".3f"))
    minutes = " ".join(cells(_times(found["full_seconds"], 1 / 60), ".1f"))
    line = (
        f"a + b * rows * epochs: a = {intercept} s, b = {slope} s a million rows\n"
        f"full size, {full['rows']:,} rows x {full['epochs']:,} epochs, projected: {minutes} "
        f"minutes ({found['times_the_largest']:.0f} times the largest measured)"
    )
    return "\n\n".join([heading(run), f"{title}\n{columns(rows)}", line])


def _times(summary: Mapping[str, Any], factor: float) -> dict[str, float]:
    return {name: factor * summary[name] for name in ("median", "low", "high")}


def _limit_cores(threads: int) -> None:
    """Keep to so many cores: a study takes all that its process may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


if __name__ == "__main__":
    sys.exit(main())
