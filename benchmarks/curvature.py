"""Time what `levelset.diagnostics` measures of a network: curvature, landscape, level sets.

python -m benchmarks.curvature
python -m benchmarks.curvature --rounds 20 --threads 1

The network has 64-64 ReLU units, ten features and three classes, and 2,000 rows. The threads are
those of NumPy's BLAS.
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.machine import provenance
from benchmarks.measurement import summarize
from benchmarks.options import common_parser, publish, read_common, say
from benchmarks.tables import cells, columns, heading
from levelset.diagnostics.boundary_distance import boundary_distances
from levelset.diagnostics.curvature import curvature_of, estimate_trace, top_eigenvalues
from levelset.diagnostics.landscape import interpolate, loss_slice, loss_surface
from levelset.diagnostics.level_sets import decision_curves
from levelset.diagnostics.planes import principal_plane
from levelset.engine import Fleet, Member, Network, Recipe

TOP_FIVE = "Hessian, top 5 eigenvalues"
TARGETS: Mapping[str, float] = {TOP_FIVE: 3.0}

_ROWS, _FEATURES, _HIDDEN = 2_000, 10, (64, 64)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark.

    Args:
        arguments: The command line without the program's name; None: that of this process.

    Returns:
        Exit status.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = common_parser("benchmarks.curvature", __doc__, rounds=9)
    common = read_common(parser, parser.parse_args(given), given)
    rows = 200 if common.quick else _ROWS
    x, labels, networks = trained(rows)
    found = {}
    with threadpool_limits(common.threads):
        for name, measure in measures(networks, x, labels).items():
            say(f"{name}: {common.rounds} rounds")
            measure()  # what is imported when it is first used is not timed
            found[name] = asdict(summarize([seconds(measure) for _ in range(common.rounds)]))
    run = provenance(common.command, common.threads) | {
        "settings": {"rounds": common.rounds, "quick": common.quick, "dtype": "float64"},
        "network": {"hidden": _HIDDEN, "rows": rows, "features": _FEATURES},
        "wall_seconds": found,
    }
    publish(run, render(run), common.json)
    return 0


def trained(rows: int) -> tuple[np.ndarray, np.ndarray, Sequence[Network]]:
    """Train two networks on rows of three classes with curved boundaries."""
    x = np.random.default_rng(0).normal(size=(rows, _FEATURES))
    labels = (x[:, 0] * x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 1)
    recipe = Recipe(hidden=_HIDDEN, epochs=30)
    fleet = Fleet([Member(recipe, seed=seed) for seed in (0, 1)], x, labels)
    fleet.run()
    return x, labels, [fleet.networks[0], fleet.networks[1]]


def measures(
    networks: Sequence[Network], x: np.ndarray, labels: np.ndarray
) -> Mapping[str, Callable[[], object]]:
    """Name what is timed; each begins from the network and the rows."""
    network = networks[0]
    plane = principal_plane(x, tuple(map(str, range(_FEATURES))))
    return {
        TOP_FIVE: lambda: top_eigenvalues(curvature_of(network, x, labels), 5),
        "normalized, top 5 eigenvalues": lambda: top_eigenvalues(
            curvature_of(network, x, labels, normalized=True), 5
        ),
        "Hessian, trace by 100 draws": lambda: estimate_trace(
            curvature_of(network, x, labels), 100
        ),
        "loss slice, 51 positions": lambda: loss_slice(network, x, labels),
        "loss surface, 25 x 25": lambda: loss_surface(network, x, labels),
        "interpolation, 25 points": lambda: interpolate(networks[0], networks[1], x, labels),
        "level sets, grid of 160 x 160": lambda: decision_curves(
            network, plane, *plane.window(x)
        ).smoothness(),
        "boundary distance of 100 rows": lambda: boundary_distances(network, x[:100], others=x),
    }


def seconds(measure: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    measure()
    return time.perf_counter() - start


def render(run: Mapping[str, Any]) -> str:
    """Lay out a run: the machine, and a line for everything that was timed."""
    rows = [("measure", "n", "median, s", "[min - max]", "target")]
    for name, found in run["wall_seconds"].items():
        target = f"< {TARGETS[name]:g}" if name in TARGETS else ""
        rows.append((name, str(len(found["values"])), *cells(found, ".3f"), target))
    network = run["network"]
    note = (
        f"One network of {'-'.join(map(str, network['hidden']))} ReLU units, {network['features']} "
        f"features, 3 classes, {network['rows']:,} rows; n calls, wall time, float64."
    )
    return "\n\n".join([heading(run), columns(rows), note])


if __name__ == "__main__":
    sys.exit(main())
