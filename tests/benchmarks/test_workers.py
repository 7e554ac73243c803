import pytest

from benchmarks.workers import Blueprint, PackageAbsentError, WorkerError, WorkerPool


def adder(offset: int):
    return lambda item, argument: offset + item * argument


def absent():
    raise ImportError("no such package")


def broken():
    raise ZeroDivisionError("broken on purpose")


def blueprint(function: str, *arguments: int) -> Blueprint:
    return Blueprint(f"tests.benchmarks.test_workers:{function}", arguments)


def test_items_are_shared_and_every_worker_answers():
    pool = WorkerPool(blueprint("adder", 100), processes=2, threads=1)
    try:
        assert pool.each(2, 3) == [106, 106]
        assert sorted(pool.share([1, 2, 3, 4, 5], 10)) == [110, 120, 130, 140, 150]
        assert sorted(pool.share([1], 10)) == [110]
    finally:
        pool.close()


def test_absent_package_is_told_from_a_defect():
    with pytest.raises(PackageAbsentError, match="no such package"):
        WorkerPool(blueprint("absent"), processes=1, threads=1)
    with pytest.raises(WorkerError, match="broken on purpose"):
        WorkerPool(blueprint("broken"), processes=1, threads=1)
