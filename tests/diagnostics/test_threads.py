"""Matrix products on one thread, for a while."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from levelset.diagnostics.curvature import (
    Curvature,
    curvature_of,
    estimate_trace,
    full_spectrum,
    top_eigenvalues,
)
from levelset.diagnostics.threads import one_blas_thread
from tests.diagnostics.drawn_networks import three_blobs, trained_network

X, LABELS = three_blobs()


def blas_threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_products_take_one_thread_and_then_as_many_as_before() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        with one_blas_thread():
            assert blas_threads() == {1}
        assert blas_threads() == before


@pytest.mark.parametrize(
    "measure",
    [lambda c: top_eigenvalues(c, 1), lambda c: estimate_trace(c, 2), full_spectrum],
    ids=["top eigenvalues", "trace", "spectrum"],
)
def test_curvature_is_measured_on_one_thread(measure, monkeypatch) -> None:
    curvature, seen = curvature_of(trained_network("tanh"), X, LABELS), set()
    times = Curvature.times

    def watched(self: Curvature, directions: np.ndarray) -> np.ndarray:
        seen.update(blas_threads())
        return times(self, directions)

    monkeypatch.setattr(Curvature, "times", watched)
    with threadpool_limits(limits=2, user_api="blas"):
        measure(curvature)
    assert seen == {1}
