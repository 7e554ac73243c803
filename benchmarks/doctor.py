"""Count what the doctor finds of planted faults, and measure how long `levelset doctor` takes.

python -m benchmarks.doctor
python -m benchmarks.doctor --rounds 9

The planted cases are those of `tests/diagnostics`: the set that the thresholds were chosen on, and
one that was held out. A time is that of a whole process, from its start to its end.
"""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.machine import provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.tables import cells, columns, heading
from tests.diagnostics.held_out import HELD_OUT
from tests.diagnostics.planted import Planted, Tally, tally
from tests.diagnostics.tuned import TUNED

SETS: Mapping[str, Sequence[Planted]] = {"tuned": TUNED, "held out": HELD_OUT}

COMMANDS: Mapping[str, tuple[str, float | None]] = {
    "python -c 'import levelset; levelset.load(\"wine\")'": ("load", None),
    "levelset doctor wine": ("doctor wine", 2.0),
    "levelset doctor wine --prove": ("doctor wine --prove", 15.0),
    "levelset doctor wine --no-scale --activation tanh --prove": (
        "doctor wine --no-scale --activation tanh --prove",
        15.0,
    ),
}
"""What is timed, by what a person would type: what `levelset` is given, and the most seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.doctor", __doc__, rounds=5)
    common = read_common(parser, parser.parse_args(given), given)
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick},
        "planted": {
            name: count(name, cases[::20] if common.quick else cases)
            for name, cases in SETS.items()
        },
        "commands": [time_command(line, common.rounds) for line in COMMANDS],
    }
    publish(run, render(run), common.json)
    return 0


def count(name: str, cases: Sequence[Planted]) -> dict[str, Any]:
    """Let the doctor look at planted cases.

    Args:
        name: Of the set.
        cases: What is planted.

    Returns:
        Hits and false alarms by fault.
    """
    say(f"{name}: {len(cases)} planted cases")
    return {fault: asdict(found) for fault, found in tally(cases).items()}


def time_command(line: str, rounds: int) -> dict[str, Any]:
    """Time a process from start to end, some times.

    Args:
        line: One of COMMANDS.
        rounds: How often.

    Returns:
        Wall seconds.
    """
    words, target = COMMANDS[line]
    program = "import levelset; levelset.load('wine')"
    if words != "load":
        program = f"from levelset.cli import main; main({words.split()!r})"
    seconds = []
    for number in range(rounds):
        say(f"{line}: {number + 1} of {rounds}")
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    return {"line": line, "target": target, "wall_seconds": asdict(summarize(seconds))}


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, a table for each set of planted cases, and the times."""
    times = [("command", "median, s", "[min - max]", "target")]
    for command in run["commands"]:
        target = "" if command["target"] is None else f"<= {command['target']:g}"
        times.append((command["line"], *cells(command["wall_seconds"]), target))
    sets = [_counts(name, found) for name, found in run["planted"].items()]
    return "\n\n".join([heading(run), *sets, columns(times)])


def _counts(name: str, counts: Mapping[str, Mapping[str, Any]]) -> str:
    rows: list[tuple[str, ...]] = [(name, "found", "of planted", "false alarms", "of clean")]
    tallies = {fault: Tally(**found) for fault, found in counts.items()}
    for fault, found in tallies.items():
        rows.append((fault, *_row([found])))
    rows.append(("all", *_row(list(tallies.values()))))
    amiss = [
        f"  {fault}: {kind} {', '.join(cases)}"
        for fault, found in tallies.items()
        for kind, cases in (("missed", found.missed), ("false alarm", found.alarms))
        if cases
    ]
    return "\n".join([columns(rows), *amiss])


def _row(found: Sequence[Tally]) -> tuple[str, ...]:
    hits, planted = sum(one.hits for one in found), sum(one.planted for one in found)
    alarms, clean = sum(len(one.alarms) for one in found), sum(one.clean for one in found)
    return str(hits), str(planted), str(alarms), str(clean)


if __name__ == "__main__":
    sys.exit(main())
