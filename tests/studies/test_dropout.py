import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.engine import Recipe
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.studies import DropoutStudy, run_design, run_study
from levelset.studies import dropout as module
from levelset.studies import thinned as measures


@pytest.fixture(scope="module")
def study():
    return DropoutStudy(Recipe(hidden=(24, 24), epochs=40, patience=2))


@pytest.fixture(scope="module")
def results(study):
    table = load("wine")
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_the_arms_differ_in_dropout_and_run_to_the_end(results):
    assert tuple(arm.recipe.dropout for arm in results.design.arms) == module.SHARES
    assert {arm.recipe.patience for arm in results.design.arms} == {None}
    assert all((record.epochs_run == 40).all() for record in results.records)


def test_the_rows_that_judge_neither_train_nor_choose_the_epoch(results):
    for trial in results.design.trials:
        split = trial.split
        assert len(trial.judged) == len(split.test) > 0
        assert not set(split.test) & (set(split.training) | set(split.validation))
        assert len(trial.monitored) == len(split.validation)


def test_what_theory_is_sure_of_is_supported(study, results):
    *_, nearer, _, lower = study.findings(results)
    assert nearer.verdict == lower.verdict == "supported"
    assert nearer.interval.high < 1
    assert lower.interval.high < 1


def test_epochs_to_target_count_within_a_replicate(results):
    epochs, reached = module._epochs_to_target(results)
    loss = results.over_epochs("validation_loss")
    for number, trial in enumerate(results.design.trials):
        shares = np.bincount(trial.training.labels) / len(trial.training)
        nothing = -(shares * np.log(shares)).sum()
        target = nothing - 0.9 * (nothing - loss[number].min())
        for arm in range(len(module.SHARES)):
            below = [e for e, value in enumerate(loss[number, arm], 1) if value <= target]
            assert reached[number, arm] == bool(below)
            assert epochs[number, arm] == (below[0] if below else 40)


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


def test_one_hidden_layer_with_scaled_weights_is_the_geometric_mean_but_for_chance():
    table = load("iris")
    shallow = DropoutStudy(Recipe(hidden=(16,), epochs=10))
    outcome = run_design(shallow.design(table, np.arange(table.rows), "quick", 0))
    found = measures.compare_thinned(outcome, module.SHARES.index(0.3))
    assert (found.geometric_distance < 0.05).all()


def test_the_choice_is_the_least_dropout_that_is_as_good(study, results):
    loss = results.validation_loss
    mean = loss.mean(axis=0)
    limit = mean.min() + loss[:, mean.argmin()].std(ddof=1) / np.sqrt(len(loss))
    first = next(share for share, value in zip(module.SHARES, mean, strict=True) if value <= limit)
    assert study.choice(results) == {"dropout": first}


def test_labels_without_a_pattern_support_no_claim_on_accuracy():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    result, _ = run_study(DropoutStudy(Recipe(hidden=(8,), epochs=10)), noise, budget="quick")
    (accuracy,) = (one for one in result.findings if one.subject == "accuracy")
    assert accuracy.verdict != "supported"


def test_without_hidden_layers_there_is_nothing_to_drop():
    with pytest.raises(DataError, match=r"study dropout cannot run on wine: dropout drops units"):
        run_study(DropoutStudy(Recipe(hidden=())), load("wine"), budget="quick")
