import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.diagnostics import row_losses
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import RegularizersStudy, run_design, run_study
from levelset.studies.questions.regularizers.ranking import arms_of, chosen_by_remedy
from levelset.studies.questions.regularizers.remedies import REMEDIES
from levelset.studies.treated import measured


@pytest.fixture(scope="module")
def noisy():
    """Few rows with wrong labels among them: a network that is left alone learns noise."""
    generator = stream(0, "noisy")
    x = generator.normal(size=(180, 8))
    labels = ((x[:, 0] > 0) ^ (generator.uniform(size=180) < 0.25)).astype(np.int64)
    return from_arrays(x, labels, name="noisy")


@pytest.fixture(scope="module")
def study():
    return RegularizersStudy(Recipe(hidden=(24,), epochs=60, learning_rate=1e-2, dropout=0.5))


@pytest.fixture(scope="module")
def results(study, noisy):
    return run_design(study.design(noisy, np.arange(noisy.rows), "quick", 0))


def test_every_remedy_has_as_many_doses_on_the_same_rows_and_seed(results):
    arms, trials = results.design.arms, results.design.trials
    assert arms[0].recipe.dropout == 0
    assert len(arms) == 1 + 2 * len(REMEDIES)
    assert all(len(arms_of(results, remedy)) == 2 for remedy in REMEDIES)
    for unwatched, watched in zip(trials[::2], trials[1::2], strict=True):
        assert unwatched.split is watched.split
        assert unwatched.monitored is None
        assert len(watched.monitored) == len(watched.split.validation)
        recipes = [m.recipe for m in (*unwatched.members, *watched.members)]
        assert recipes == [arm.recipe for arm in arms]
        assert len({m.seed for m in (*unwatched.members, *watched.members)}) == 1
        assert all(m.recipe.patience is None for m in unwatched.members)
        assert all(m.recipe.patience is not None for m in watched.members)
    assert {arm.recipe.epochs for arm in arms} == {60}


def test_validation_rows_choose_and_test_rows_judge(results, noisy):
    outcome = measured(results)
    trial, networks = results.design.trials[2], (*results.networks[2], *results.networks[3])
    for part, given in (
        (trial.split.validation, outcome.validation),
        (trial.split.test, outcome.test),
        (trial.split.training, outcome.training),
    ):
        x, y = trial.encoding.transform(noisy, part), noisy.targets[part]
        losses = [row_losses(network.predict_proba(x), y).mean() for network in networks]
        np.testing.assert_allclose(given[1], losses, rtol=1e-5)
    for remedy, arms in zip(REMEDIES, chosen_by_remedy(results), strict=True):
        for replicate, arm in enumerate(arms):
            losses = {a: outcome.validation[replicate, a] for a in arms_of(results, remedy)}
            assert losses[arm] == min(losses.values())
    assert outcome.test_share == len(trial.split.test) / len(trial.split.training)


def test_where_a_network_learns_noise_remedies_are_found_to_help(study, results):
    findings = study.findings(results)
    assert [finding.claim for finding in findings] == list(study.claims)
    assert {finding.subject for finding in findings[:-1]} == {"log loss"}
    assert findings[-1].subject == "accuracy"
    supported = {REMEDIES[k].name for k in range(11) if findings[k].verdict == "supported"}
    assert {"L2 penalty", "Weight decay", "Dropout"} <= supported


def test_the_choice_is_the_best_on_validation_rows(study, results):
    arm = results.design.arms[measured(results).validation.mean(axis=0).argmin()]
    choice = study.choice(results)
    assert choice
    assert arm.recipe == results.design.arms[0].recipe.changed(**choice)


def test_labels_without_a_pattern_support_no_claim_of_better_accuracy():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    result, _ = run_study(RegularizersStudy(Recipe(hidden=(8,), epochs=15)), noise, budget="quick")
    assert result.findings[-1].verdict != "supported"


def test_what_validation_would_monitor_is_left_to_early_stopping():
    table = load("iris")
    study = RegularizersStudy(Recipe(hidden=(4,), epochs=2, monitor="accuracy"))
    design = study.design(table, np.arange(table.rows), "quick", 0)
    monitors = [{m.recipe.monitor for m in trial.members} for trial in design.trials[:2]]
    assert monitors == [{"loss"}, {"accuracy"}]
    study.findings(run_design(design))
