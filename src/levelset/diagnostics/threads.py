"""Threads of the library of matrix products behind NumPy."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let NumPy's matrix products take one thread for a while.

    Products of a few hundred rows and units are over before a second thread has woken up, and on a
    machine whose cores are busy each of them waits for its slowest thread. Measured once on two
    busy cores, `levelset.diagnostics.curvature` took between as long and 8 times as long without
    this, 8 for the widest network (18,307 parameters). It holds for the whole process while it
    lasts.

    Example:
        >>> with one_blas_thread():
        ...     pass
    """
    from threadpoolctl import threadpool_limits  # 5 ms that only long measures should pay

    with threadpool_limits(limits=1, user_api="blas"):
        yield
