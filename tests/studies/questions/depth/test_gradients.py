import itertools

import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import DepthStudy, run_design
from levelset.studies.questions.depth import gradients as measures
from levelset.studies.questions.depth import study as module


@pytest.fixture(scope="module")
def results():
    table, study = load("wine"), DepthStudy(Recipe(hidden=(16,), epochs=5))
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_the_gradient_is_that_of_the_untrained_network(results):
    variant, depth = measures.PLAIN[0], 2
    arm = list(itertools.product(measures.VARIANTS, measures.DEPTHS)).index((variant, depth))
    outcome = results.outcomes[1]
    network = outcome.snapshots[0][arm]
    rows = outcome.trial.training
    x, labels = rows.x.astype(np.float64), rows.labels

    def loss(first):
        a = x
        weights = (first, *network.weights[1:])
        for weight, bias in zip(weights[:-1], network.biases[:-1], strict=True):
            a = 1 / (1 + np.exp(-(a @ weight + bias)))
        logits = a @ weights[-1] + network.biases[-1]
        log_q = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return -log_q[np.arange(len(x)), labels].mean()

    first = network.weights[0].astype(np.float64)
    slopes = np.empty(first.shape)
    for at in np.ndindex(first.shape):
        step = np.zeros(first.shape)
        step[at] = 1e-5
        slopes[at] = (loss(first + step) - loss(first - step)) / 2e-5
    measured = measures.deep_gradients(results).first[1, 0, module.DEPTHS.index(depth)]
    assert measured == pytest.approx(np.sqrt((slopes**2).mean()), rel=1e-4)


def test_the_slope_is_the_median_over_pairs_and_one_dead_network_does_not_move_it():
    depths = np.array(module.DEPTHS, dtype=float)
    values = -2.0 * depths + 1.0
    values[-1] = -300.0
    pairs = [
        (values[j] - values[i]) / (depths[j] - depths[i])
        for i in range(len(depths))
        for j in range(i + 1, len(depths))
    ]
    assert measures.slope_per_layer(values) == pytest.approx(np.median(pairs))
    assert measures.slope_per_layer(values) == pytest.approx(-2.0)


def test_a_network_that_diverged_counts_as_the_commonest_class(results):
    arms = module._ARMS
    accuracy, diverged = (
        measures.final_accuracy(results, arms),
        measures.diverged(results, arms).sum(axis=0),
    )
    exploding = module.TRAINED.index(module._TIMES_2)
    assert diverged[exploding] >= 6
    labels = results.design.trials[0].training.labels
    for replicate, record in enumerate(results.records):
        for number, arm in enumerate(arms):
            if record.diverged_epoch[arm] >= 0:
                expected = np.bincount(labels).max() / len(labels)
            else:
                expected = record.training_accuracy[arm, record.epochs_run[arm] - 1]
            assert accuracy[replicate, number] == pytest.approx(expected, nan_ok=True)
