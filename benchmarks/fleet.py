"""Train the same fleet with levelset and with its peers, in one run, and print the ratios.

python -m benchmarks.fleet
python -m benchmarks.fleet --shapes tiny,study --contestants levelset,jax --rounds 9
"""

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.contestants.contestant import ProcessContestant
from benchmarks.contestants.registry import SPECIFICATIONS
from benchmarks.machine import available_cores, hardware, versions
from benchmarks.measurement import measure
from benchmarks.peak import Peak
from benchmarks.record import Run, as_mapping
from benchmarks.shapes import SHAPES
from benchmarks.tables import render


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Args:
        shapes: Names of the shapes.
        contestants: Names of the contestants.
        rounds: How often every contestant trains.
        threads: Cores to use.
        budget_seconds: Time that one contestant may take in one round.
        quick: Whether fleets are small and trainings short.
        json: File for the whole run.
    """

    shapes: tuple[str, ...]
    contestants: tuple[str, ...]
    rounds: int
    threads: int
    budget_seconds: float
    quick: bool
    json: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parse(given)
    run = as_mapping(_run(options, " ".join(["python -m benchmarks.fleet", *given])))
    print(render(run))
    if options.json is not None:
        options.json.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    return 0


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the program with a message."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--shapes", help=f"of {', '.join(SHAPES)} (default: all)")
    parser.add_argument(
        "--contestants",
        help=f"of {', '.join(SPECIFICATIONS)}, or how such names begin (default: all)",
    )
    parser.add_argument("--rounds", type=int, help="default: 7; with --quick: 2")
    parser.add_argument("--threads", type=int, help="default: all available cores")
    parser.add_argument(
        "--budget",
        type=float,
        metavar="SECONDS",
        help="per contestant and round, about; default: 4; with --quick: 0.5",
    )
    parser.add_argument("--quick", action="store_true", help="8 members, 2 epochs; proves nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole run there")
    given = parser.parse_args(arguments)
    rounds, threads, budget = given.rounds, given.threads, given.budget
    options = Options(
        _select(parser, "--shapes", given.shapes, SHAPES),
        _select(parser, "--contestants", given.contestants, SPECIFICATIONS),
        rounds=(2 if given.quick else 7) if rounds is None else rounds,
        threads=available_cores() if threads is None else threads,
        budget_seconds=(0.5 if given.quick else 4.0) if budget is None else budget,
        quick=given.quick,
        json=given.json,
    )
    if options.rounds < 1:
        parser.error(f"--rounds must be >= 1, got {options.rounds}")
    if not 1 <= options.threads <= available_cores():
        parser.error(
            f"--threads must be 1 to {available_cores()}, the cores available, "
            f"got {options.threads}"
        )
    if not options.budget_seconds > 0:
        parser.error(f"--budget must be > 0, got {options.budget_seconds}")
    return options


def _select(
    parser: argparse.ArgumentParser, option: str, wanted: str | None, names: Collection[str]
) -> tuple[str, ...]:
    """Find the names that the parts of a comma-separated text are or begin."""
    if wanted is None:
        return tuple(names)
    chosen: list[str] = []
    for part in wanted.split(","):
        found = [part] if part in names else [name for name in names if name.startswith(part)]
        if not part or not found:
            parser.error(f"{option} takes names of {', '.join(names)}; got {part!r}")
        chosen += found
    return tuple(dict.fromkeys(chosen))


def _run(options: Options, command: str) -> Run:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    peak = Peak(options.threads)
    try:
        results = []
        for name in options.shapes:
            shape = SHAPES[name].shortened() if options.quick else SHAPES[name]
            contestants = [
                ProcessContestant(SPECIFICATIONS[contestant], options.budget_seconds)
                for contestant in options.contestants
            ]
            results.append(measure(shape, contestants, options.rounds, options.threads, peak, _say))
    finally:
        peak.close()
    settings = {
        "rounds": options.rounds,
        "budget_seconds": options.budget_seconds,
        "quick": options.quick,
        "dtype": "float32",
        "optimizer": "adam",
        "learning_rate": 1e-3,
    }
    return Run(
        command=command,
        started=started,
        versions=versions(),
        hardware=hardware(options.threads),
        settings=settings,
        best_peak=peak.best,
        peaks=peak.measurements,
        shapes=results,
    )


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
