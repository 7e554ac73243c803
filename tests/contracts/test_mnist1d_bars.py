"""MNIST-1D, drawn by levelset, is as hard as the published one.

The published bars are test accuracies of 32 % for logistic regression and 68 % for an MLP (README
of github.com/greydanus/mnist1d, for Greydanus and Kobak, arXiv:2011.14439): 40, 100, 100 and 10
units, trained by Adam at 0.01 for 6,000 batches of 100 out of 4,000 rows, tested on 1,000
(notebooks/models.py, train.py and mnist1d-classification.ipynb there; the one run printed in that
notebook ends at 65.1 %). Their network adds a skip connection around its second layer; levelset
comes to 67.3 % without it and to 66.4 % with it, over 10 draws of the table with two networks each.
"""

import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Fleet, Member, Recipe
from levelset.theory import Interval, mean_interval

DRAWS, SEEDS, TRAINING = 10, 2, 4000
RECIPE = Recipe(hidden=(100, 100), learning_rate=0.01, batch_size=100, epochs=150)

Rows = tuple[np.ndarray, np.ndarray]


def drawn(seed: int) -> tuple[Rows, Rows]:
    data = load(f"mnist1d:seed={seed}")
    x, y = data.values.astype(np.float32), data.targets
    return (x[:TRAINING], y[:TRAINING]), (x[TRAINING:], y[TRAINING:])


def over_draws(accuracies: list[float]) -> Interval:
    return mean_interval(np.array(accuracies), level=0.95)


@pytest.mark.slow
def test_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    accuracies = []
    for seed in range(DRAWS):
        training, test = drawn(seed)
        accuracies.append(LogisticRegression(max_iter=2000).fit(*training).score(*test))
    assert abs(over_draws(accuracies).estimate - 0.32) < 0.02, over_draws(accuracies)


@pytest.mark.slow
def test_a_network_of_two_hidden_layers() -> None:
    accuracies = []
    for seed in range(DRAWS):
        training, (x, y) = drawn(seed)
        fleet = Fleet([Member(RECIPE, seed=one) for one in range(SEEDS)], *training)
        fleet.run()
        accuracies.append(float((fleet.predict(x) == y).mean()))
    assert abs(over_draws(accuracies).estimate - 0.68) < 0.02, over_draws(accuracies)
