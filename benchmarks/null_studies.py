"""How often do studies support a claim of generalization where there is nothing to learn?

python -m benchmarks.null_studies
python -m benchmarks.null_studies --tables 20 --studies dropout,noise

A null table has two balanced classes whose labels were dealt at random. There no classifier can be
right more often than another on rows it has not seen, so that every "supported" or "refuted" of a
claim on accuracy is a false one; the rate is given with Wilson's interval, over tables for each
study and over all. Claims on log loss are counted beside it and are not false: a remedy truly
lowers the loss of a network that believes in noise.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.machine import provenance
from benchmarks.options import common_parser, publish, read_common, say, select
from benchmarks.tables import columns, heading
from levelset.data import Dataset, from_arrays
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import STUDIES, Finding, run_study
from levelset.theory.statistics import wilson_interval

ROWS, FEATURES = 160, 4
RECIPE = Recipe(hidden=(16,), epochs=30, learning_rate=1e-2)
LIMIT = 0.07


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.null_studies", __doc__, rounds=1)
    parser.add_argument("--tables", type=int, help="null tables; default: 100, quick: 3")
    parser.add_argument("--studies", help="names, comma-separated; default: all that fit")
    options = parser.parse_args(given)
    common = read_common(parser, options, given)
    tables = options.tables or (3 if common.quick else 100)
    names = select(parser, "--studies", options.studies, fitting_studies())
    run = provenance(common.command, common.threads) | {
        "settings": {"tables": tables, "rows": ROWS, "features": FEATURES},
        "studies": {name: count(name, tables) for name in names},
    }
    publish(run, render(run), common.json)
    return 0


def fitting_studies() -> tuple[str, ...]:
    """Name the studies that a null table fits."""
    table = null_table(0)
    return tuple(
        name
        for name, study in STUDIES.items()
        if study.in_report and not study(RECIPE).reason_left_out(table, np.arange(ROWS))
    )


def null_table(seed: int) -> Dataset:
    """Draw features and deal balanced labels to them at random."""
    generator = stream(seed, "null table")
    labels = generator.permutation(np.arange(ROWS) % 2)
    return from_arrays(generator.normal(size=(ROWS, FEATURES)), labels, name="null")


def count(name: str, tables: int) -> dict[str, Any]:
    """Run one study on every null table and count the verdicts of its claims.

    Args:
        name: Of the study.
        tables: How many.

    Returns:
        Claims and false verdicts on accuracy; claims, supported and refuted on log loss.
    """
    say(f"{name}: {tables} tables")
    findings: list[Finding] = []
    any_false = 0
    for seed in range(tables):
        result, _ = run_study(STUDIES[name](RECIPE), null_table(seed), budget="quick", seed=seed)
        findings += result.findings
        any_false += any(
            f.subject == "accuracy" and f.verdict != "not shown" for f in result.findings
        )
    accuracy = [f for f in findings if f.subject == "accuracy"]
    loss = [f for f in findings if f.subject == "log loss"]
    return {
        "accuracy_claims": len(accuracy),
        "accuracy_supported": sum(f.verdict == "supported" for f in accuracy),
        "accuracy_refuted": sum(f.verdict == "refuted" for f in accuracy),
        "studies_with_a_false_verdict": any_false,
        "studies": tables if accuracy else 0,
        "loss_claims": len(loss),
        "loss_supported": sum(f.verdict == "supported" for f in loss),
        "loss_refuted": sum(f.verdict == "refuted" for f in loss),
    }


def render(run: dict[str, Any]) -> str:
    """Write a run as text."""
    rows = []
    for name, counted in [*run["studies"].items(), ("all", total(run["studies"].values()))]:
        claims = counted["accuracy_claims"]
        rows.append(
            [
                name,
                rate(counted["accuracy_supported"], claims),
                rate(counted["accuracy_refuted"], claims),
                rate(counted["studies_with_a_false_verdict"], counted["studies"]),
                f"{counted['loss_supported']} + {counted['loss_refuted']} of "
                f"{counted['loss_claims']}",
            ]
        )
    titles = [
        "study",
        "accuracy: supported",
        "accuracy: refuted",
        "studies with either",
        "log loss: supported + refuted",
    ]
    settings = run["settings"]
    return "\n".join(
        [
            heading(run),
            f"{settings['tables']} null tables of {settings['rows']} rows, "
            f"{settings['features']} features; asked: supported on accuracy < {LIMIT:.0%}",
            columns([titles, *rows]),
        ]
    )


def rate(hits: int, of: int) -> str:
    """Write a share with Wilson's interval."""
    if not of:
        return "no claim"
    interval = wilson_interval(hits, of)
    return f"{hits / of:.1%} [{interval.low:.1%}, {interval.high:.1%}] of {of}"


def total(counted: Any) -> dict[str, int]:
    """Add up the counts of several studies."""
    parts = list(counted)
    return {key: sum(part[key] for part in parts) for key in parts[0]}


if __name__ == "__main__":
    sys.exit(main())
