import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import DropoutStudy, run_design
from levelset.studies.questions.dropout import study as module
from levelset.studies.questions.dropout import thinned as measures


@pytest.fixture(scope="module")
def results():
    table, study = load("wine"), DropoutStudy(Recipe(hidden=(24, 24), epochs=40))
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_thinned_networks_lack_the_units_of_their_masks(results):
    network = results.networks[0][module.SHARES.index(0.5)]
    x = results.design.trials[0].judged.x[:5]
    found = measures.draw_thinned(network, x, seed=3)
    generator = stream(3, "thinned networks")
    keep = [generator.random((measures.SIZES[-1], 24)) >= 0.5 for _ in range(2)]
    for k in (0, 17, measures.SIZES[-1] - 1):
        a = x.astype(np.float64)
        for layer in range(2):
            a = np.maximum(a @ network.weights[layer] + network.biases[layer], 0)
            a = np.where(keep[layer][k], 2 * a, 0)
        z = a @ network.weights[2] + network.biases[2]
        q = np.exp(z - z.max(axis=1, keepdims=True))
        np.testing.assert_allclose(found[k], q / q.sum(axis=1, keepdims=True), rtol=1e-9)


def test_distances_and_losses_equal_their_slow_twins(results):
    arm = module.SHARES.index(0.3)
    found = measures.compare_thinned(results, arm)
    outcome = results.outcomes[2]
    x, labels = outcome.trial.judged.x, outcome.trial.judged.labels
    q = measures.draw_thinned(outcome.networks[arm], x, outcome.trial.members[arm].seed)
    scaled = outcome.networks[arm].predict_proba(x).astype(np.float64)
    average = q.mean(axis=0)
    rows = range(len(x))
    distance = np.mean([np.abs(scaled[i] - average[i]).sum() / 2 for i in rows])
    loss = np.mean([-np.log(q[:4, i, labels[i]].mean()) for i in rows])
    alone = np.mean([-np.log(q[:, i, labels[i]]).mean() for i in rows])
    same = np.mean([scaled[i].argmax() == average[i].argmax() for i in rows])
    assert found.scaled_distance[2] == pytest.approx(distance, abs=1e-6)
    assert found.averaged_loss[2, measures.SIZES.index(4)] == pytest.approx(loss)
    assert found.single_loss[2] == pytest.approx(alone)
    assert found.agreement[2] == pytest.approx(same)
    assert found.single_loss[2] > found.averaged_loss[2, -1]


def test_one_hidden_layer_with_scaled_weights_is_the_geometric_mean_but_for_chance(results):
    found = measures.compare_thinned(results, module._SHALLOW)
    assert (found.geometric_distance < 0.05).all()
    assert (found.geometric_distance < 0.5 * found.scaled_distance).all()
