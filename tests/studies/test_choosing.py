import numpy as np
import pytest

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.studies import JudgedRows, choice_of_others, honest_choice, one_standard_error


def test_one_standard_error_takes_the_first_that_is_as_good_as_the_best():
    loss = stream(0, "loss").normal(size=(12, 6)) + np.linspace(1, 0, 6)
    for share in (0.1, 1 / 3, 1.0):
        for order in ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 4]):
            means = {arm: sum(loss[:, arm]) / 12 for arm in order}
            best = min(order, key=means.get)
            spread = np.sqrt(sum((loss[:, best] - means[best]) ** 2) / 11)
            limit = means[best] + spread * np.sqrt(1 / 12 + share)
            expected = [arm for arm in order if means[arm] <= limit]
            assert one_standard_error(loss, share, order) == expected[0]


def test_others_choose_without_the_replicate_itself():
    loss = stream(1, "loss").normal(size=(9, 5))
    chosen = choice_of_others(loss)
    for replicate in range(9):
        rest = [loss[other] for other in range(9) if other != replicate]
        assert chosen[replicate] == np.mean(rest, axis=0).argmin()


def judged_rows(seed: int, replicates: int, arms: int, rows: int, of: int) -> list[JudgedRows]:
    generator = stream(seed, "judged")
    own_loss = generator.normal(size=(arms, of))  # an arm's luck on a row, in every replicate
    drawn = [np.sort(generator.permutation(of)[:rows]) for _ in range(replicates)]
    return [JudgedRows(each, own_loss[:, each]) for each in drawn]


def test_an_honest_choice_is_made_row_by_row_without_the_rows_that_judge():
    judged = judged_rows(0, replicates=6, arms=5, rows=8, of=20)
    chosen = honest_choice(judged, arms=[1, 3, 4])
    for replicate, own in enumerate(judged):
        totals = {}
        for arm in (1, 3, 4):
            means = []
            for number, other in enumerate(judged):
                kept = [
                    other.loss[arm, place]
                    for place, row in enumerate(other.rows)
                    if row not in own.rows
                ]
                if number != replicate:
                    means.append(sum(kept) / len(kept))
            totals[arm] = sum(means)
        assert chosen[replicate] == min(totals, key=totals.get)


def test_arms_that_differ_by_luck_alone_gain_nothing_by_an_honest_choice():
    gains = {"honest": [], "others": []}
    for seed in range(200):
        judged = judged_rows(seed, replicates=8, arms=6, rows=10, of=30)
        loss = np.stack([each.loss.mean(axis=1) for each in judged])
        by_rule = {"honest": honest_choice(judged, range(6)), "others": choice_of_others(loss)}
        for rule, chosen in by_rule.items():
            gains[rule].append((loss.mean(axis=1) - loss[np.arange(8), chosen]).mean())
    error = np.std(gains["honest"]) / np.sqrt(200)
    assert abs(np.mean(gains["honest"])) < 2 * error  # no better and no worse than any arm
    assert np.mean(gains["others"]) > 0.1  # what sharing rows would have flattered it by


def test_replicates_that_judge_the_same_rows_have_none_to_choose_by():
    same = JudgedRows(np.arange(3), np.zeros((2, 3)))
    with pytest.raises(DataError, match="must judge different rows"):
        honest_choice([same, same], [0, 1])
