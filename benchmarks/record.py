"""The whole run as plain data, for `--json`.

    {"schema": 1, "command", "started", "versions", "hardware", "settings",
     "peak": {"gflops", "library", "measurements": [{"library", "gflops_by_core"}]},
     "shapes": [{"name", "widths", "rows", "batch", "members", "epochs", "flops_per_sample",
                 "contestants": [{"name", "setting", "members_timed", "epochs_timed",
                                  "wall_seconds", "model_samples_per_second", "gflops",
                                  "share_of_peak", "losses"}],
                 "levelset_over": {peer: ...}, "skipped": {name: reason}}]}

A quantity over the rounds is {"median", "low", "high", "values"}; gflops are 1e9 operations per
second, losses nats.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measurement import OURS, ContestantResult, ShapeResult, summarize
from benchmarks.peak import PeakMeasurement
from benchmarks.shapes import Shape


@dataclass(frozen=True)
class Run:
    """One run of the benchmark.

    Args:
        provenance: What `benchmarks.machine.provenance` returns.
        settings: Options of the run.
        best_peak: The yardstick.
        peaks: Every measurement of it.
        shapes: What was measured.
    """

    provenance: dict[str, Any]
    settings: dict[str, Any]
    best_peak: PeakMeasurement
    peaks: Sequence[PeakMeasurement]
    shapes: Sequence[ShapeResult]


def as_mapping(run: Run) -> dict[str, Any]:
    """Turn a run into what `json` can write."""
    return {
        **run.provenance,
        "settings": run.settings,
        "peak": {
            "gflops": run.best_peak.gflops,
            "library": run.best_peak.library,
            "measurements": [asdict(measurement) for measurement in run.peaks],
        },
        "shapes": [_shape(result, run.best_peak.gflops) for result in run.shapes],
    }


def _shape(result: ShapeResult, peak_gflops: float) -> dict[str, Any]:
    contestants = [
        _contestant(contestant, result.shape, peak_gflops) for contestant in result.results.values()
    ]
    ratios = {name: result.ratio(name) for name in result.results if name != OURS}
    return {
        **asdict(result.shape),
        "flops_per_sample": result.shape.flops_per_sample,
        "contestants": contestants,
        "levelset_over": {name: asdict(found) for name, found in ratios.items() if found},
        "skipped": dict(result.skipped),
    }


def _contestant(result: ContestantResult, shape: Shape, peak_gflops: float) -> dict[str, Any]:
    rates = result.rates(shape)
    gflops = summarize([rate * shape.flops_per_sample / 1e9 for rate in rates.values])
    first = result.outcomes[0]
    return {
        "name": result.name,
        "setting": result.setting,
        "members_timed": first.members,
        "epochs_timed": first.epochs,
        "wall_seconds": asdict(summarize([outcome.wall_seconds for outcome in result.outcomes])),
        "model_samples_per_second": asdict(rates),
        "gflops": asdict(gflops),
        "share_of_peak": asdict(summarize([rate / peak_gflops for rate in gflops.values])),
        "losses": first.losses.tolist(),
    }
