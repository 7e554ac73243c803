from itertools import combinations

import numpy as np
import pytest

from levelset.seeds import stream
from levelset.theory import (
    brier_decomposition,
    disagreement,
    divergence_spread,
    log_loss_gain,
    softmax,
    squared_spread,
)

MEMBERS, ROWS, CLASSES = 5, 40, 3


@pytest.fixture(scope="module")
def probabilities():
    return softmax(stream(0, "logits").normal(0, 3, (MEMBERS, ROWS, CLASSES)))


@pytest.fixture(scope="module")
def labels():
    return stream(0, "labels").integers(0, CLASSES, ROWS)


def test_the_gain_in_log_loss_is_that_of_the_two_losses_and_never_negative(probabilities, labels):
    own = probabilities[:, np.arange(ROWS), labels]
    gain = log_loss_gain(own)
    for row in range(ROWS):
        members = np.mean([-np.log(own[m, row]) for m in range(MEMBERS)])
        ensemble = -np.log(np.mean([own[m, row] for m in range(MEMBERS)]))
        assert gain[row] == pytest.approx(members - ensemble, abs=1e-12)
    assert (gain >= 0).all()
    assert (np.abs(log_loss_gain(np.tile(own[:1], (4, 1)))) < 1e-12).all()


def test_the_spreads_are_what_the_two_means_gain(probabilities, labels):
    truth = np.eye(CLASSES)[labels]
    brier = ((probabilities - truth) ** 2).sum(axis=-1).mean(axis=0)
    of_mean = ((probabilities.mean(axis=0) - truth) ** 2).sum(axis=-1)
    np.testing.assert_allclose(brier - of_mean, squared_spread(probabilities), atol=1e-12)
    logs = np.log(probabilities)
    geometric = np.exp(logs.mean(axis=0))
    geometric /= geometric.sum(axis=-1, keepdims=True)
    rows = np.arange(ROWS)
    gain = -logs[:, rows, labels].mean(axis=0) + np.log(geometric[rows, labels])
    np.testing.assert_allclose(gain, divergence_spread(logs), atol=1e-12)
    np.testing.assert_allclose(
        brier_decomposition(probabilities, labels).variance, squared_spread(probabilities)
    )


def test_disagreement_counts_the_pairs_that_differ(probabilities):
    choices = probabilities.argmax(axis=-1)
    pairs = list(combinations(range(MEMBERS), 2))
    for row, given in enumerate(disagreement(choices, CLASSES)):
        differ = sum(choices[a, row] != choices[b, row] for a, b in pairs)
        assert given == pytest.approx(differ / len(pairs), abs=1e-12)
