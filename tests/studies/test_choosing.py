import numpy as np

from levelset.studies import honest_choice, one_standard_error


def test_one_standard_error_takes_the_first_that_is_as_good_as_the_best():
    loss = np.random.default_rng(0).normal(size=(12, 6)) + np.linspace(1, 0, 6)
    for order in ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 4]):
        means = {arm: sum(loss[:, arm]) / 12 for arm in order}
        best = min(order, key=means.get)
        spread = np.sqrt(sum((loss[:, best] - means[best]) ** 2) / 11)
        expected = [arm for arm in order if means[arm] <= means[best] + spread / np.sqrt(12)]
        assert one_standard_error(loss, order) == expected[0]


def test_an_honest_choice_leaves_its_own_replicate_out():
    loss = np.random.default_rng(1).normal(size=(9, 5))
    chosen = honest_choice(loss)
    for replicate in range(9):
        rest = [loss[other] for other in range(9) if other != replicate]
        assert chosen[replicate] == np.mean(rest, axis=0).argmin()
