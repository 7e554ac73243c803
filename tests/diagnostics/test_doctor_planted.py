"""The doctor finds what was planted, and nothing else."""

from collections.abc import Sequence

import pytest

from levelset.diagnostics.faults import FAULTS
from tests.diagnostics.held_out import HELD_OUT
from tests.diagnostics.planted import Planted, tally
from tests.diagnostics.tuned import TUNED

FOUND = 0.9
FALSE = 0.1


def test_every_fault_is_planted_thrice_and_left_out_thrice() -> None:
    for cases in (TUNED, HELD_OUT):
        for fault in FAULTS:
            assert sum(fault in case.has for case in cases) >= 3
            assert sum(fault not in case.has | case.may for case in cases) >= 3


def test_nothing_is_planted_that_the_doctor_does_not_know() -> None:
    named = {fault for case in (*TUNED, *HELD_OUT) for fault in case.has | case.may}
    assert named <= set(FAULTS)


def test_cases_have_names_of_their_own() -> None:
    names = [case.name for case in (*TUNED, *HELD_OUT)]
    assert len(set(names)) == len(names)


def check_found(cases: Sequence[Planted]) -> None:
    counts = tally(cases)
    for fault, count in counts.items():
        assert count.hits >= FOUND * count.planted, (fault, count.missed)
        assert len(count.alarms) <= FALSE * count.clean, (fault, count.alarms)
    assert sum(len(count.alarms) for count in counts.values()) <= FALSE * len(cases)


def test_cases_that_the_thresholds_have_not_seen() -> None:
    check_found(HELD_OUT)


@pytest.mark.slow
def test_cases_that_the_thresholds_were_chosen_on() -> None:
    check_found(TUNED)
