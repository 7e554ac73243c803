import os

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Recipe, available_threads, core
from levelset.errors import RecipeError

X, Y = np.zeros((4, 2)), np.array([0, 1, 0, 1])
MEMBERS = [Member(Recipe(epochs=1))]


def test_defaults_are_the_machine() -> None:
    fleet = Fleet(MEMBERS, X, Y)
    assert fleet.threads == available_threads() >= 1
    assert fleet.instruction_set == core.instruction_sets()[0]


def test_available_threads_without_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_threads() == 1


@pytest.mark.parametrize("threads", [0, -2])
def test_threads(threads: int) -> None:
    message = rf"`threads` must be a positive integer or None, got {threads}\."
    with pytest.raises(RecipeError, match=message):
        Fleet(MEMBERS, X, Y, threads=threads)


def test_instruction_set() -> None:
    message = r"must be one that this machine runs \(.*baseline\), got 'mmx'\."
    with pytest.raises(RecipeError, match=message):
        Fleet(MEMBERS, X, Y, instruction_set="mmx")
