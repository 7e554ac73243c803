"""Losses of rows, for networks that may have diverged."""

import math

import numpy as np
import pytest

from levelset.diagnostics.losses import class_balanced_mean, row_losses


def test_losses_equal_their_slow_twin():
    generator = np.random.default_rng(0)
    q, y = generator.dirichlet(np.ones(3), size=(2, 7)), generator.integers(3, size=7)
    expected = [[-math.log(q[m, n, y[n]]) for n in range(7)] for m in range(2)]
    assert row_losses(q, y) == pytest.approx(np.array(expected))


def test_a_network_that_diverged_counts_as_one_that_knows_nothing():
    q = np.array([[np.nan, np.nan], [0.25, 0.75], [1.0, 0.0]])
    losses = row_losses(q, np.array([0, 1, 1]))
    assert losses == pytest.approx([np.log(2), -np.log(0.75), 87.3365], abs=1e-3)


def test_classes_count_alike_in_the_balanced_mean():
    losses, y = np.array([[1.0, 2.0, 3.0, 8.0]]), np.array([0, 0, 0, 1])
    assert class_balanced_mean(losses, y) == pytest.approx([5.0])
