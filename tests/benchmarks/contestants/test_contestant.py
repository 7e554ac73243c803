import pytest

from benchmarks.contestants.contestant import stacks_of, workload


@pytest.mark.parametrize(("processes", "stack"), [(1, None), (2, None), (3, None), (2, 1), (2, 4)])
def test_every_member_is_dealt_once(processes, stack):
    stacks = stacks_of(10, processes, stack)
    assert sorted(member for part in stacks for member in part) == list(range(10))
    assert len(stacks) >= processes
    assert stack is None or max(map(len, stacks)) <= stack


def test_workload_is_whole_where_it_fits():
    assert workload(64, 2, 10, seconds_per_stack_epoch=0.01, budget_seconds=4.0) == (64, 10)


def test_workload_leaves_out_stacks_first_and_equally_for_all_processes():
    assert workload(64, 2, 10, seconds_per_stack_epoch=0.1, budget_seconds=4.0) == (8, 10)


def test_workload_leaves_out_epochs_where_one_stack_is_too_long():
    assert workload(2, 2, 10, seconds_per_stack_epoch=1.0, budget_seconds=4.0) == (2, 4)
    assert workload(64, 2, 10, seconds_per_stack_epoch=99.0, budget_seconds=4.0) == (2, 1)
