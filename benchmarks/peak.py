"""The yardstick: how many float32 operations per second the cores do in large matrix products."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks.workers import Blueprint, PackageAbsentError, Task, WorkerPool

SIZE = 2048
REPEATS = 5


@dataclass(frozen=True)
class PeakMeasurement:
    """One measurement: every core multiplied at once.

    Args:
        library: Whose matrix product.
        gflops_by_core: Median over the repeats of every core, in 1e9 operations per second.
    """

    library: str
    gflops_by_core: tuple[float, ...]

    @property
    def gflops(self) -> float:
        """Sum over the cores, in 1e9 operations per second."""
        return sum(self.gflops_by_core)


class Peak:
    """One process per core, each with one BLAS thread, that multiply square matrices together.

    The product is measured in NumPy and, where it is installed, in PyTorch, whose BLAS is another
    one; the yardstick is the fastest measurement of the run.

    Args:
        cores: Number of processes.
    """

    def __init__(self, cores: int) -> None:
        self._pools: dict[str, WorkerPool] = {}
        self.measurements: list[PeakMeasurement] = []
        for library in ("numpy", "torch"):
            blueprint = Blueprint("benchmarks.peak:build", (library,))
            try:
                self._pools[library] = WorkerPool(blueprint, processes=cores, threads=1)
            except PackageAbsentError:
                continue

    def measure(self) -> None:
        """Take one measurement of every library and keep it."""
        for library, pool in self._pools.items():
            seconds_by_core = pool.each(SIZE, REPEATS)
            self.measurements.append(peak_measurement(library, seconds_by_core))

    @property
    def best(self) -> PeakMeasurement:
        """The fastest measurement so far."""
        return max(self.measurements, key=lambda measurement: measurement.gflops)

    def close(self) -> None:
        """End the processes."""
        for pool in self._pools.values():
            pool.close()


def peak_measurement(
    library: str, seconds_by_core: Sequence[Sequence[float]], size: int = SIZE
) -> PeakMeasurement:
    """Turn the durations of products of square matrices into a rate.

        G = 2 s³ / median(t) / 1e9

    Args:
        library: Whose matrix product.
        seconds_by_core: Durations t of every repeat of every core.
        size: Rows s of the matrices.

    Returns:
        The measurement.

    Example:
        >>> peak_measurement("numpy", [[1.0, 2.0, 4.0]], size=1000).gflops
        1.0
    """
    operations = 2 * size**3
    rates = tuple(operations / median(seconds) / 1e9 for seconds in seconds_by_core)
    return PeakMeasurement(library, rates)


def build(library: str) -> Task:
    """Make a worker's task: multiply matrices of a size some times, return the durations."""
    if library == "torch":
        import torch

        torch.set_num_threads(1)

        def product(left: Any, right: Any, out: Any) -> None:
            torch.mm(torch.from_numpy(left), torch.from_numpy(right), out=torch.from_numpy(out))
    else:

        def product(left: Any, right: Any, out: Any) -> None:
            np.matmul(left, right, out=out)

    def durations(size: int, repeats: int) -> list[float]:
        generator = np.random.default_rng(0)
        left, right = (generator.random((size, size), dtype=np.float32) for _ in range(2))
        out = np.empty_like(left)
        seconds = []
        for _ in range(repeats + 1):
            start = time.perf_counter()
            product(left, right, out)
            seconds.append(time.perf_counter() - start)
        return seconds[1:]  # the first product pages the operands in

    return durations
