"""How long does a full report take, and how large is its page?

python -m benchmarks.report
python -m benchmarks.report --tables wine --budgets quick --rounds 3

A time is that of a whole process, from its start to the written page.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say, select
from benchmarks.tables import cells, columns, heading

TABLES: Mapping[str, tuple[str, float]] = {
    "wine": ("wine", 60.0),
    "digits": ("digits", 240.0),
    "large": ("smooth:rows=20000,features=30", 360.0),
}
"""What is reported on, and the most seconds at the standard budget."""

BUDGETS: Mapping[str, float] = {"quick": 1 / 3, "standard": 1.0}
"""Share of those seconds that each budget may take."""

MOST_BYTES = 6_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.report", __doc__, rounds=1)
    parser.add_argument("--tables", help=f"of {', '.join(TABLES)}; default: all")
    parser.add_argument("--budgets", help=f"of {', '.join(BUDGETS)}; default: all")
    options = parser.parse_args(given)
    common = read_common(parser, options, given)
    tables = ("wine",) if common.quick else select(parser, "--tables", options.tables, TABLES)
    budgets = ("quick",) if common.quick else select(parser, "--budgets", options.budgets, BUDGETS)
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick},
        "reports": [
            time_report(table, budget, common.rounds) for table in tables for budget in budgets
        ],
    }
    publish(run, render(run), common.json)
    return 0


def time_report(table: str, budget: str, rounds: int) -> dict[str, Any]:
    """Time a report from start to end, some times.

    Args:
        table: One of TABLES.
        budget: One of BUDGETS.
        rounds: How often.

    Returns:
        Wall seconds and the page's bytes.
    """
    source, most = TABLES[table]
    seconds, size = [], 0
    for number in range(rounds):
        say(f"{source}, {budget}: {number + 1} of {rounds}")
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "report.html"
            words = ["report", source, "--budget", budget, "--out", str(page)]
            program = f"from levelset.cli import main; main({words!r})"
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - started)
            size = page.stat().st_size
    return {
        "line": f"levelset report {source} --budget {budget}",
        "target": most * BUDGETS[budget],
        "wall_seconds": asdict(summarize(seconds)),
        "bytes": size,
    }


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, and a line for each report."""
    rows = [("command", "median, s", "[min - max]", "asked, s", "page, MB")]
    for report in run["reports"]:
        rows.append(
            (
                report["line"],
                *cells(report["wall_seconds"], ".1f"),
                f"<= {report['target']:.0f}",
                f"{report['bytes'] / 1e6:.2f}",
            )
        )
    note = f"Asked of a page: under {MOST_BYTES / 1e6:g} MB."
    return "\n\n".join([heading(run), columns(rows), note])


if __name__ == "__main__":
    sys.exit(main())
