"""Measure what the telemetry of every step costs: the core as it is over a build without it.

python -m benchmarks.telemetry
python -m benchmarks.telemetry --shapes study --rounds 30

Telemetry is always on: norms of gradients, weights and updates, dead and saturated units. Its cost
is therefore that of `benchmarks/step.cpp`, built twice, over the build whose kernels leave it out.
In every round both programs train, in random order, and the whole one twice: its second run over
its first is what the machine's own noise does to a ratio. Each run counts with its fastest repeat.
"""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import provenance
from benchmarks.measurement import ratio, summarize
from benchmarks.options import common_parser, publish, read_common, say, select
from benchmarks.shapes import SHAPES
from benchmarks.tables import cells, columns, heading

TARGET = "<= 1.05"
REPEATS = 5
_ROOT = Path(__file__).resolve().parent.parent
_BUILD = _ROOT / "build" / "step"
_WHOLE, _AGAIN, _BARE = "step_kernels", "step_kernels again", "step_bare"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.telemetry", __doc__, rounds=20)
    parser.add_argument("--shapes", help=f"of {', '.join(SHAPES)} (default: all)")
    options = parser.parse_args(given)
    common = read_common(parser, options, given)
    shapes = select(parser, "--shapes", options.shapes, SHAPES)
    build()
    run = provenance(common.command, 1) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float32"},
        "shapes": [measure(shape, common.rounds) for shape in shapes],
    }
    publish(run, render(run), common.json)
    return 0


def build() -> None:
    """Build both programs, or what has changed of them."""
    tools = Path(sys.executable).parent
    configure = ["-S", str(_ROOT), "-B", str(_BUILD), "-G", "Ninja", "-DLEVELSET_BENCHMARKS=ON"]
    configure += ["-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_MAKE_PROGRAM={tools / 'ninja'}"]
    say("building the timing programs")
    for step in (configure, ["--build", str(_BUILD)]):
        subprocess.run([tools / "cmake", *step], check=True, stdout=subprocess.DEVNULL)


def measure(shape: str, rounds: int) -> dict[str, Any]:
    """Time both programs on a shape, interleaved.

    Args:
        shape: Name of the shape.
        rounds: How often.

    Returns:
        Microseconds a step, and the ratios of the rounds.
    """
    generator = np.random.default_rng(0)
    times: dict[str, list[float]] = {_WHOLE: [], _AGAIN: [], _BARE: []}
    for number in range(rounds):
        say(f"{shape}: round {number + 1} of {rounds}")
        for program in generator.permutation(list(times)):
            times[program].append(step_microseconds(program.split()[0], shape))
    whole, again, bare = (summarize(times[program]) for program in times)
    return {
        "name": shape,
        "microseconds": asdict(whole),
        "over_bare": asdict(ratio(whole, bare)),
        "again_over_whole": asdict(ratio(again, whole)),
    }


def step_microseconds(program: str, shape: str) -> float:
    """Run a program once: the microseconds a step of its fastest repeat."""
    command = [_BUILD / program, shape, str(REPEATS)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return min(float(line) for line in printed.split())


def render(run: dict[str, Any]) -> str:
    """Lay out a run: the machine, and a line for every shape."""
    rows = [("shape", "us a step", "", "with / without", "", "target", "noise", "")]
    for shape in run["shapes"]:
        rows.append(
            (
                shape["name"],
                *cells(shape["microseconds"], ".2f"),
                *cells(shape["over_bare"], ".3f"),
                TARGET if shape["name"] == "study" else "",
                *cells(shape["again_over_whole"], ".3f"),
            )
        )
    return "\n\n".join([heading(run), columns(rows), "median [min - max] over rounds; one thread."])


if __name__ == "__main__":
    sys.exit(main())
