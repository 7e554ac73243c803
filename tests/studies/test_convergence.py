import math

import numpy as np
import pytest

from levelset.studies import epochs_to_target, frequency_loss, own_targets, target_loss


def test_the_loss_of_the_frequencies_leaves_empty_classes_out():
    assert frequency_loss(np.array([0, 2, 2, 2])) == pytest.approx(
        -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    )


def test_the_target_lies_between_knowing_the_frequencies_and_the_best_arm():
    loss = np.array([[[0.9, 0.5, np.nan], [0.8, 0.7, 0.6]], [[0.9, 0.3, np.nan], [0.8, 0.7, 0.6]]])
    labels = np.array([0, 1])
    assert target_loss(loss, labels) == pytest.approx(math.log(2) - 0.9 * (math.log(2) - 0.4))


def test_epochs_count_from_one_and_stop_at_the_budget():
    loss = np.random.default_rng(0).uniform(size=(4, 3, 20))
    epochs, reached = epochs_to_target(loss, 0.05)
    for replicate in range(4):
        for arm in range(3):
            below = [e for e, value in enumerate(loss[replicate, arm], 1) if value <= 0.05]
            assert reached[replicate, arm] == bool(below)
            assert epochs[replicate, arm] == (below[0] if below else 20)
    assert 0 < reached.sum() < reached.size


def test_a_replicate_of_its_own_has_its_own_target():
    loss = np.random.default_rng(1).uniform(0, 0.6, size=(3, 2, 5))
    labels = [np.array([0, 1]), np.array([0, 1, 1]), np.array([0, 1])]
    targets = own_targets(loss, labels)
    for replicate in range(3):
        shares = np.bincount(labels[replicate]) / len(labels[replicate])
        nothing = -(shares * np.log(shares)).sum()
        best = min(loss[replicate].ravel())
        assert targets[replicate] == pytest.approx(0.1 * nothing + 0.9 * best)
    epochs, reached = epochs_to_target(loss, targets)
    for replicate in range(3):
        alone, was = epochs_to_target(loss[[replicate]], float(targets[replicate]))
        assert epochs[replicate].tolist() == alone[0].tolist()
        assert reached[replicate].tolist() == was[0].tolist()
