"""Train the same fleet with levelset and with its peers, in one run, and print the ratios.

python -m benchmarks.fleet
python -m benchmarks.fleet --shapes tiny,study --contestants levelset,jax --rounds 9
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.contestants.contestant import ProcessContestant, Specification
from benchmarks.contestants.registry import SPECIFICATIONS
from benchmarks.machine import provenance
from benchmarks.measurement import measure
from benchmarks.options import Common, common_parser, publish, read_common, say, select
from benchmarks.peak import Peak
from benchmarks.record import Run, as_mapping
from benchmarks.shapes import SHAPES, Shape
from benchmarks.tables import render


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Args:
        common: Options of every benchmark.
        shapes: Names of the shapes.
        contestants: Names of the contestants.
        budget_seconds: Time that one contestant may take in one round.
    """

    common: Common
    shapes: tuple[str, ...]
    contestants: tuple[str, ...]
    budget_seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    options = parse(list(sys.argv[1:] if arguments is None else arguments))
    shapes = [SHAPES[name] for name in options.shapes]
    specifications = [SPECIFICATIONS[name] for name in options.contestants]
    run = as_mapping(compete(options.common, shapes, specifications, options.budget_seconds))
    publish(run, render(run), options.common.json)
    return 0


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the program with a message."""
    parser = common_parser("benchmarks.fleet", __doc__, rounds=7)
    parser.add_argument("--shapes", help=f"of {', '.join(SHAPES)} (default: all)")
    parser.add_argument(
        "--contestants",
        help=f"of {', '.join(SPECIFICATIONS)}, or how such names begin (default: all)",
    )
    parser.add_argument(
        "--budget",
        type=float,
        metavar="SECONDS",
        help="per contestant and round, about; default: 4; with --quick: 0.5",
    )
    given = parser.parse_args(arguments)
    budget = given.budget
    options = Options(
        read_common(parser, given, arguments),
        select(parser, "--shapes", given.shapes, SHAPES),
        select(parser, "--contestants", given.contestants, SPECIFICATIONS),
        budget_seconds=(0.5 if given.quick else 4.0) if budget is None else budget,
    )
    if not options.budget_seconds > 0:
        parser.error(f"--budget must be > 0, got {options.budget_seconds}")
    return options


def compete(
    common: Common,
    shapes: Sequence[Shape],
    specifications: Sequence[Specification],
    budget_seconds: float,
) -> Run:
    """Let the contestants train every shape in turns, the peak measured in every round.

    Args:
        common: Options of every benchmark.
        shapes: What is trained.
        specifications: Who trains.
        budget_seconds: Time that one contestant may take in one round.

    Returns:
        The whole run.
    """
    described = provenance(common.command, common.threads)
    peak = Peak(common.threads)
    try:
        results = []
        for shape in shapes:
            contestants = [ProcessContestant(found, budget_seconds) for found in specifications]
            trained = shape.shortened() if common.quick else shape
            results.append(measure(trained, contestants, common.rounds, common.threads, peak, say))
    finally:
        peak.close()
    settings = {
        "rounds": common.rounds,
        "budget_seconds": budget_seconds,
        "quick": common.quick,
        "dtype": "float32",
        "optimizer": "adam",
        "learning_rate": 1e-3,
    }
    return Run(described, settings, peak.best, peak.measurements, results)


if __name__ == "__main__":
    sys.exit(main())
