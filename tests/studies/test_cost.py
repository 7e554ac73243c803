import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Member, Recipe
from levelset.studies import Design, Rows, Trial, WeightPenaltyStudy, cost
from levelset.studies.cost import predicted_seconds, row_operations, row_visits


def test_operations_count_every_weight():
    rows = Rows(np.zeros((7, 4)), np.zeros(7, dtype=np.int64))
    member = Member(Recipe(hidden=(5, 3), epochs=2))
    expected = 0
    for i, o in ((4, 5), (5, 3), (3, 6)):
        for _ in range(i * o):
            expected += 2 + 4
    assert row_operations(Trial((member,), rows, None, None, 6), member) == expected


def test_visits_count_every_row_of_every_epoch_and_a_third_of_those_that_validate():
    rows = Rows(np.zeros((7, 4)), np.zeros(7, dtype=np.int64))
    watching = Rows(np.zeros((6, 4)), np.zeros(6, dtype=np.int64))
    member = Member(Recipe(hidden=(5,), epochs=3))
    assert row_visits(Trial((member,), rows, None, None, 2), member) == 21
    assert row_visits(Trial((member,), rows, None, watching, 2), member) == 27
    few = Member(member.recipe, rows=[1, 1, 2])
    assert row_visits(Trial((few,), rows, None, None, 2), few) == 9


def test_a_design_of_more_work_is_predicted_to_take_longer():
    table = load("wine")
    short, long = (
        WeightPenaltyStudy(Recipe(epochs=epochs)).design(table, np.arange(178), "quick", 0)
        for epochs in (1, 10_000)
    )
    assert 0 < predicted_seconds(short) < predicted_seconds(long)


def test_every_kind_of_recipe_can_be_tried_for_an_epoch():
    table = load("iris")
    base = Recipe(hidden=(4,), epochs=5, schedule="one_cycle", patience=3, averaging="ema")
    design = WeightPenaltyStudy(base).design(table, np.arange(150), "quick", 0)
    assert predicted_seconds(design) > 0


@pytest.mark.parametrize("slope", [2e-9, -1e-9])
def test_seconds_are_those_of_a_line_through_the_smallest_and_the_largest(monkeypatch, slope):
    rows = Rows(np.zeros((50, 4)), np.zeros(50, dtype=np.int64))
    members = tuple(Member(Recipe(hidden=(w,), epochs=e)) for w, e in ((3, 7), (90, 2), (20, 5)))
    trial = Trial(members, rows, None, None, 2)
    monkeypatch.setattr(cost, "_seconds_a_row", lambda work: 1e-6 + slope * work.operations)
    expected = 0.0
    for member in members:
        # Where the small network seems slower, all are taken to be as fast as the large one.
        each = row_operations(trial, member if slope > 0 else members[1])
        expected += 50 * member.recipe.epochs * (1e-6 + slope * each)
    assert predicted_seconds(Design(load("iris"), (), (trial,))) == pytest.approx(expected)
