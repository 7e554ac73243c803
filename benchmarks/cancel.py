"""Measure how soon a running fleet stops when it is interrupted, and how often it calls back.

python -m benchmarks.cancel
python -m benchmarks.cancel --rounds 50

A fleet is made and run anew, and the process sends itself SIGINT at a random moment of the run;
the latency ends when `run` has returned with a KeyboardInterrupt. The moments are spread over the
drawing of the initial weights, the training and, where there are validation rows, the validation;
where epochs are short, much of the time goes into keeping what each epoch came to.
"""

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from benchmarks.machine import provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.plain import plain_recipe
from benchmarks.shapes import SHAPES, Data, Shape, synthetic
from benchmarks.tables import columns, heading
from levelset.engine import Fleet, Member, Progress

TARGET_MS = 100.0
PROGRESS_SECONDS = 3.0
# More epochs than any of the runs below can come to.
_EPOCHS = 5_000


@dataclass(frozen=True)
class Case:
    """What is interrupted.

    Args:
        name: Name in the output.
        shape: What is trained.
        validation_rows: Rows to validate on after every epoch.
        latest_seconds: When the interrupt comes at the latest, from the beginning of the run.
    """

    name: str
    shape: Shape
    validation_rows: int
    latest_seconds: float


_STUDY = replace(SHAPES["study"], epochs=_EPOCHS)
_WIDE = Shape("wide", (784, 4096, 4096, 10), rows=8192, batch=4096, members=1, epochs=_EPOCHS)

CASES = (
    Case("study fleet", _STUDY, 0, 0.5),
    Case("study fleet, validating", _STUDY, 500, 0.5),
    Case("10,000 members", replace(_STUDY, members=10_000, epochs=50), 0, 0.5),
    Case("one wide network", _WIDE, 0, 3.0),
    Case("one wide network, validating", replace(_WIDE, rows=64, batch=64), 16_384, 3.0),
    Case("one wide network, short epochs", replace(_WIDE, rows=64, batch=64), 64, 3.0),
)


class _Enough(Exception):
    """Ends a run from its callback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.cancel", __doc__, rounds=20)
    common = read_common(parser, parser.parse_args(given), given)
    cases = CASES[:2] if common.quick else CASES
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"},
        "cases": [interrupt(case, common.rounds, common.threads) for case in cases],
        "progress": progress(_STUDY, 0.5 if common.quick else PROGRESS_SECONDS, common.threads),
    }
    publish(run, render(run), common.json)
    return 0


def interrupt(case: Case, rounds: int, threads: int) -> dict[str, Any]:
    """Interrupt a fleet that was just made, some times.

    Args:
        case: The fleet.
        rounds: How often.
        threads: Cores to use.

    Returns:
        Milliseconds from the signal to the return of `run`.
    """
    rows = case.shape.rows + case.validation_rows
    data = synthetic(replace(case.shape, rows=rows), np.random.default_rng(0))
    moments = np.random.default_rng(0).uniform(0.02, case.latest_seconds, rounds)
    latencies = []
    for number, moment in enumerate(moments):
        say(f"{case.name}: interrupt {number + 1} of {rounds}")
        latencies.append(1000 * latency(fleet_of(case, data, threads), float(moment)))
    return {**asdict(case), "latency_ms": asdict(summarize(latencies))}


def fleet_of(case: Case, data: Data, threads: int) -> Fleet:
    """Make a case's fleet; the rows after the training rows are validated on."""
    rows, recipe = case.shape.rows, plain_recipe(case.shape, case.shape.epochs)
    held_out = data.features[rows:], data.labels[rows:]
    return Fleet(
        [Member(recipe, seed=seed) for seed in range(case.shape.members)],
        data.features[:rows],
        data.labels[:rows],
        validation=held_out if case.validation_rows else None,
        classes=case.shape.classes,
        threads=threads,
    )


def latency(fleet: Fleet, moment: float) -> float:
    """Run a fleet, interrupt this process after a moment, and give the seconds until it stopped.

    Args:
        fleet: A fleet whose run lasts longer than the moment.
        moment: Seconds from now to the interrupt.

    Raises:
        RuntimeError: If the run ended before the interrupt.
    """
    sent = []

    def send() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(moment, send)
    # A process that was started in the background ignores SIGINT until it says otherwise.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # An exception that a signal raises within a finalizer is lost, so none may run.
    gc.disable()
    timer.start()
    try:
        fleet.run()
    except KeyboardInterrupt:
        return time.perf_counter() - sent[0]
    finally:
        timer.cancel()
        gc.enable()
    raise RuntimeError(f"The run ended before it was interrupted after {moment:.2f} s.")


def progress(shape: Shape, seconds: float, threads: int) -> dict[str, Any]:
    """Count the calls of `progress` while a fleet runs.

    Args:
        shape: What is trained.
        seconds: For how long.
        threads: Cores to use.

    Returns:
        Calls in all, seconds in all, and the most calls in any one second.
    """
    data = synthetic(shape, np.random.default_rng(0))
    fleet = fleet_of(Case("progress", shape, 0, seconds), data, threads)
    calls: list[float] = []

    def watch(now: Progress) -> None:
        calls.append(now.wall_seconds)
        if now.wall_seconds > seconds:
            raise _Enough

    with suppress(_Enough):
        fleet.run(progress=watch)
    return {
        "calls": len(calls),
        "wall_seconds": calls[-1],
        "most_in_a_second": most_in_a_second(calls),
    }


def most_in_a_second(moments: Sequence[float]) -> int:
    """Count the most moments, in rising order, that lie within less than a second of each other.

    Example:
        >>> most_in_a_second([0.0, 0.9, 1.0, 1.8])
        3
    """
    ends = np.searchsorted(moments, np.asarray(moments) + 1.0)
    return int((ends - np.arange(len(moments))).max())


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, a line for every case, and the rate of the callback."""
    rows = [
        ("interrupted", "members", "network", "batch", "n", "median, ms", "worst, ms", "target")
    ]
    for case in run["cases"]:
        shape, found = case["shape"], case["latency_ms"]
        rows.append(
            (
                case["name"],
                f"{shape['members']:,}",
                "-".join(map(str, shape["widths"])),
                f"{shape['batch']:,}",
                str(len(found["values"])),
                f"{found['median']:.1f}",
                f"{found['high']:.1f}",
                f"<= {TARGET_MS:g}",
            )
        )
    calls = run["progress"]
    rate = (
        f"progress: {calls['calls']} calls in {calls['wall_seconds']:.2f} s; most in any one "
        f"second: {calls['most_in_a_second']}"
    )
    note = "n interrupts by SIGINT at random moments; from the signal to the return of run()."
    return "\n\n".join([heading(run), columns(rows), rate, note])


if __name__ == "__main__":
    sys.exit(main())
