"""What the command lines of all benchmarks have in common."""

import argparse
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import available_cores


@dataclass(frozen=True)
class Common:
    """Options of every benchmark.

    Args:
        rounds: How often everything is measured.
        threads: Cores to use.
        quick: Whether the work is cut to a run of seconds that proves nothing.
        json: File for the whole run.
        command: What was typed.
    """

    rounds: int
    threads: int
    quick: bool
    json: Path | None
    command: str


def common_parser(name: str, description: str | None, rounds: int) -> argparse.ArgumentParser:
    """Make a parser that takes the common options.

    Args:
        name: The benchmark's module.
        description: What `--help` says.
        rounds: How often everything is measured by default.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=description)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--rounds", type=int, help=f"default: {rounds}; with --quick: {min(rounds, 2)}"
    )
    parser.add_argument("--threads", type=int, help="default: all available cores")
    parser.add_argument("--quick", action="store_true", help="little work; proves nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the whole run there")
    parser.set_defaults(default_rounds=rounds)
    return parser


def read_common(
    parser: argparse.ArgumentParser, given: argparse.Namespace, arguments: Sequence[str]
) -> Common:
    """Check the common options; a wrong one ends the program with a message."""
    default = min(given.default_rounds, 2) if given.quick else given.default_rounds
    common = Common(
        rounds=default if given.rounds is None else given.rounds,
        threads=available_cores() if given.threads is None else given.threads,
        quick=given.quick,
        json=given.json,
        command=" ".join([parser.prog, *arguments]),
    )
    if common.rounds < 1:
        parser.error(f"--rounds must be >= 1, got {common.rounds}")
    if not 1 <= common.threads <= available_cores():
        parser.error(
            f"--threads must be 1 to {available_cores()}, the cores available, got {common.threads}"
        )
    return common


def select(
    parser: argparse.ArgumentParser, option: str, wanted: str | None, names: Collection[str]
) -> tuple[str, ...]:
    """Find the names that the parts of a comma-separated text are or begin; None: all of them."""
    if wanted is None:
        return tuple(names)
    chosen: list[str] = []
    for part in wanted.split(","):
        found = [part] if part in names else [name for name in names if name.startswith(part)]
        if not part or not found:
            parser.error(f"{option} takes names of {', '.join(names)}; got {part!r}")
        chosen += found
    return tuple(dict.fromkeys(chosen))


def say(message: str) -> None:
    """Tell the impatient what happens."""
    print(message, file=sys.stderr, flush=True)


def publish(run: Mapping[str, Any], text: str, file: Path | None) -> None:
    """Print a run as text, and write it as JSON where a file is given."""
    print(text)
    if file is not None:
        file.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
