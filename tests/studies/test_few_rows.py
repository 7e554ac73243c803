import numpy as np

from levelset.seeds import stream
from levelset.studies import few_rows as module

LEVELS = (5, 10, 20, 50)


def test_ranked_rows_start_with_as_many_of_each_class():
    labels = np.repeat([0, 1, 2], [300, 12, 7])
    kept = module.ranked(labels, stream(0, "test"), 200)
    assert len(set(kept)) == len(kept)
    assert np.bincount(labels[kept]).tolist() == [200, 12, 7]
    for k in range(1, 8):
        assert np.bincount(labels[kept][: 3 * k]).tolist() == [k] * 3


def test_levels_leave_a_third_of_the_smallest_class_out():
    for count in (20, 30, 40, 70, 200, 10_000):
        levels = module.levels_of(np.repeat([0, 1], [count, 20_000]), LEVELS)
        kept = [level for level in LEVELS if level * 1.5 <= int(count * 0.75)]
        assert levels == (*kept, None)
        assert kept


def test_classes_of_few_rows_do_not_count():
    assert module.levels_of(np.repeat([0, 1, 2], [100, 100, 3]), LEVELS) == (5, 10, 20, 50, None)
    assert module.usable_classes(np.repeat([0, 1, 2], [100, 100, 3])) == (0, 1)


def test_draws_share_no_row_and_stay_within_the_table():
    for level, rows, expected in ((5, 80, 4), (5, 24, 2), (10, 80, 2), (20, 80, 1), (50, 80, 1)):
        draws = module.draws_of(level, rows, 2, together=20)
        assert len(draws) == expected
        taken = np.concatenate([draw for draw in draws if draw is not None])
        assert len(set(taken)) == len(taken) == expected * level * 2
    assert module.draws_of(None, 80, 2, together=20) == (None,)
