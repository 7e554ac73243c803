from dataclasses import replace

import numpy as np
import pytest

from levelset.data import load, shifted
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import Replicates, paired_splits
from levelset.studies.questions.augmentation.augmented import (
    DIRECTIONS,
    SHIFTS,
    augmented_trial,
    can_shift,
    changes_of,
    few_rows,
    with_epochs,
)

SHARES = (0.25, 1.0)


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def trial(digits):
    rows = np.arange(300)
    replicates = Replicates(digits, paired_splits(digits, rows, 1, seed=0, test_share=0.2), (7,))
    return augmented_trial(replicates, 0, Recipe(hidden=(8,), epochs=10), SHARES)


def member_of(trial, digits, share, change):
    changes = [one.name for one in changes_of(digits)]
    return trial.members[SHARES.index(share) * len(changes) + changes.index(change)]


def test_only_pictures_and_signals_can_be_shifted(digits):
    assert can_shift(digits)
    assert can_shift(load("mnist1d:rows=50"))
    assert not can_shift(load("wine"))
    assert SHIFTS in changes_of(digits)
    assert SHIFTS not in changes_of(load("wine"))


def test_all_members_visit_as_many_rows_from_one_seed(trial, digits):
    n = len(trial.split.training)
    assert len(trial.members) == len(SHARES) * len(changes_of(digits))
    for member in trial.members:
        visits = member.recipe.epochs * len(member.rows)
        assert visits == pytest.approx(10 * n, rel=0.1)
        assert member.seed == 7


def test_members_of_a_share_see_the_same_rows(trial, digits):
    n = len(trial.split.training)
    plain = member_of(trial, digits, 0.25, "None").rows
    assert len(plain) == pytest.approx(n / 4, abs=5)
    assert set(trial.training.labels[plain]) == set(range(10))
    for change in changes_of(digits):
        rows = member_of(trial, digits, 0.25, change.name).rows
        copies = DIRECTIONS + 1 if change.shifts else 1
        assert sorted(set(rows % n)) == plain.tolist()
        assert len(rows) == len(set(rows)) == copies * len(plain)
        recipe = member_of(trial, digits, 0.25, change.name).recipe
        assert {name: getattr(recipe, name) for name in change.fields} == dict(change.fields)


def test_shifted_copies_are_those_of_the_rows_learned_from_and_judged(trial, digits):
    split, encoding = trial.split, trial.encoding
    moves = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
    moved = [replace(digits, values=shifted(digits.values, 8, dx, dy)) for dx, dy in moves]
    expected = [encoding.transform(table, split.training) for table in moved]
    np.testing.assert_array_equal(trial.training.x, np.concatenate(expected))
    assert trial.training.labels.tolist() == digits.targets[split.training].tolist() * len(moves)
    plain = encoding.transform(digits, split.validation)
    expected = [plain, *(encoding.transform(table, split.test) for table in moved)]
    np.testing.assert_array_equal(trial.judged.x, np.concatenate(expected))
    last = trial.judged.labels[-len(split.test) :]
    assert last.tolist() == digits.targets[split.test].tolist()


def test_few_rows_keep_every_class():
    labels = np.array([0] * 50 + [1] * 20 + [2])
    some = few_rows(labels, 0.1, stream(0, "few"))
    assert np.bincount(labels[some]).tolist() == [5, 2, 1]
    assert few_rows(labels, 1.0, stream(0, "few")).tolist() == list(range(71))


def test_a_schedule_keeps_its_proportions():
    recipe = Recipe(epochs=100, warmup_epochs=5, schedule="step", drop_epochs=30)
    short = with_epochs(recipe, 2)
    assert (short.epochs, short.warmup_epochs, short.drop_epochs) == (2, 0.1, 1)
    assert with_epochs(recipe, 1000).drop_epochs == 300
