"""Train one network with levelset, PyTorch's eager mode and scikit-learn, and print the ratios.

python -m benchmarks.single
python -m benchmarks.single --shapes study --rounds 9

A training is the whole call in Python, levelset's with the making of its fleet. The others may use
one thread or all of them, whichever is faster here.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.contestants.contestant import Specification, Variant
from benchmarks.contestants.registry import SPECIFICATIONS
from benchmarks.fleet import compete
from benchmarks.options import common_parser, publish, read_common, select
from benchmarks.record import as_mapping
from benchmarks.shapes import SHAPES
from benchmarks.tables import columns, contest, contest_heading, ratio_cell

TORCH, SCIKIT_LEARN = "torch-eager", "scikit-learn"
TARGETS: Mapping[str, float] = {TORCH: 10.0, SCIKIT_LEARN: 5.0}
# One network is trained whole, however long that takes.
_BUDGET_SECONDS = 3600.0

_LAYOUTS = {"one thread": False, "all threads": True}

CONTESTANTS = (
    SPECIFICATIONS["levelset"],
    Specification(
        TORCH,
        SPECIFICATIONS["torch-single"].trainer,
        tuple(
            Variant(f"{layout}, {adam} Adam", one_process, 1, {"adam": adam})
            for layout, one_process in _LAYOUTS.items()
            for adam in ("fused", "foreach")
        ),
    ),
    Specification(
        SCIKIT_LEARN,
        SPECIFICATIONS["scikit-learn"].trainer,
        tuple(Variant(layout, one_process, 1) for layout, one_process in _LAYOUTS.items()),
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.single", __doc__, rounds=7)
    parser.add_argument(
        "--shapes", default="study,tiny", help=f"of {', '.join(SHAPES)} (default: study,tiny)"
    )
    read = parser.parse_args(given)
    common = read_common(parser, read, given)
    names = select(parser, "--shapes", read.shapes, SHAPES)
    shapes = [replace(SHAPES[name], members=1) for name in names]
    run = as_mapping(compete(common, shapes, CONTESTANTS, _BUDGET_SECONDS))
    publish(run, render(run), common.json)
    return 0


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, a table for every shape, and the ratios beside their targets."""
    rows = [("times the rate of", *(f"{name} (>= {least:g})" for name, least in TARGETS.items()))]
    rows += [
        (shape["name"], *(ratio_cell(shape["levelset_over"], name) for name in TARGETS))
        for shape in run["shapes"]
    ]
    note = (
        "One network; wall time of the whole call, the making of levelset's fleet included. Same "
        "rows, epochs and recipe\n(float32, Adam 1e-3, ReLU, Glorot-uniform weights); median "
        "[min - max] over rounds of the ratios of a round."
    )
    return "\n\n".join([contest_heading(run), *map(contest, run["shapes"]), columns(rows), note])


if __name__ == "__main__":
    sys.exit(main())
