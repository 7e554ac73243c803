from levelset.seeds import stream
from levelset.studies.treated import at, best_or_none, chosen_arms


def test_the_best_arm_is_chosen_where_it_is_clearly_better():
    loss = stream(0, "loss").normal(size=(12, 6))
    loss[:, 4] -= 5
    assert best_or_none(loss, 1 / 3) == 4
    loss[:, 0] -= 9
    assert best_or_none(loss, 1 / 3) == 0


def test_equal_arms_are_seldom_preferred_to_none_though_one_always_looks_best():
    tables = [stream(seed, "luck").normal(size=(12, 23)) for seed in range(100)]
    looks_best = sum(int(loss.mean(axis=0).argmin()) != 0 for loss in tables)
    chosen = sum(best_or_none(loss, 1 / 3) != 0 for loss in tables)
    assert looks_best > 90
    assert chosen < 15  # the error is corrected for rows that replicates share


def test_each_replicate_chooses_by_its_own_rows():
    loss = stream(1, "loss").normal(size=(7, 5))
    arms = [1, 2, 4]
    chosen = chosen_arms(loss, arms)
    for replicate in range(7):
        best = min(arms, key=lambda arm: loss[replicate, arm])
        assert chosen[replicate] == best
        assert at(loss, chosen)[replicate] == loss[replicate, best]
