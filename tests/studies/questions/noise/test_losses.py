import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import NoiseStudy, run_design
from levelset.studies.questions.noise import losses as measures
from levelset.studies.questions.noise import study as module
from levelset.theory import log_softmax


@pytest.fixture(scope="module")
def results():
    table, study = load("wine"), NoiseStudy(Recipe(hidden=(16,), epochs=40))
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_the_ratio_of_measured_and_expanded_goes_to_one_as_noise_becomes_small(results):
    small = measures.small_noise(results, module._SMOOTH)
    missed = np.abs(small.added / small.expansion - 1).mean(axis=0)
    assert missed[0] < 0.1 < missed[-1]
    assert missed[-1] > 3 * missed[-2] > 3 * missed[0]


def test_added_losses_equal_their_slow_twins(results):
    replicate, sigma = 1, module.USUAL_INPUT
    outcome = results.outcomes[replicate]
    network, rows = outcome.networks[0], outcome.trial.judged
    generator = stream(int(outcome.trial.members[0].seed), "noise on inputs")
    x, labels = rows.x.astype(np.float64), rows.labels
    noise = sigma * generator.standard_normal((measures.DRAWS, *x.shape))

    def loss(given, weights):
        a = np.maximum(given @ weights[0] + network.biases[0], 0)
        log_q = log_softmax(a @ weights[1] + network.biases[1])
        return -log_q[np.arange(len(labels)), labels].mean()

    def mean_over(losses):
        return np.mean(losses) - loss(x, network.weights)

    moved = [loss(x + s * one, network.weights) for one in noise for s in (1, -1)]
    found = measures.under_input_noise(results, 0, sigma)
    assert found[replicate] == pytest.approx(mean_over(moved), rel=1e-3)

    generator = stream(int(outcome.trial.members[0].seed), "noise on weights")
    moved = []
    for _ in range(measures.WEIGHT_DRAWS):
        shifts = [0.1 * generator.standard_normal(w.shape) for w in network.weights]
        for s in (1, -1):
            moved.append(loss(x, [w + s * e for w, e in zip(network.weights, shifts, strict=True)]))
    found = measures.under_weight_noise(results, 0, 0.1)
    assert found[replicate] == pytest.approx(mean_over(moved), rel=1e-3)
