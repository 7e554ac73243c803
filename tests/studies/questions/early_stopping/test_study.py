import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.diagnostics import row_losses
from levelset.engine import Fleet, Member, Recipe
from levelset.seeds import stream
from levelset.studies import EarlyStoppingStudy, run_design
from levelset.studies.questions.early_stopping import study as module


@pytest.fixture(scope="module")
def noisy():
    """Few rows with wrong labels among them: what is learned late is noise."""
    generator = stream(0, "noisy")
    x = generator.normal(size=(200, 10))
    labels = ((x[:, 0] > 0) ^ (generator.uniform(size=200) < 0.3)).astype(np.int64)
    return from_arrays(x, labels, name="noisy")


@pytest.fixture(scope="module")
def study():
    return EarlyStoppingStudy(Recipe(hidden=(32,), epochs=60, learning_rate=1e-2))


@pytest.fixture(scope="module")
def results(study, noisy):
    return run_design(study.design(noisy, np.arange(noisy.rows), "quick", 0))


def test_a_run_is_watched_by_validation_rows_and_by_test_rows(results):
    trials = results.design.trials
    assert len(trials) == 2 * 8
    for by_validation, by_test in zip(trials[::2], trials[1::2], strict=True):
        assert by_test.monitored is by_validation.judged
        assert by_validation.split is by_test.split
        assert [m.seed for m in by_validation.members] == [m.seed for m in by_test.members]
        assert len({member.seed for member in by_test.members}) == module.SEEDS
        assert all(member.recipe.patience is None for member in by_test.members)
    assert module._twins_apart(results) == 0


def test_the_test_curve_at_the_epoch_kept_is_the_loss_of_the_network_kept(study, results):
    stops = study._stops(results)
    kept = [
        row_losses(*outcome.judged).mean(axis=-1)
        for outcome in results.outcomes
        if outcome.trial.judged is not None
    ]
    np.testing.assert_allclose(stops.test[-1], kept, rtol=1e-5)


@pytest.mark.parametrize("fields", [{}, {"min_delta": 0.01}, {"monitor": "accuracy"}])
@pytest.mark.parametrize("patience", [1, 5, 13])
def test_what_is_read_from_the_curves_is_what_a_real_patience_does(noisy, patience, fields):
    recipe = Recipe(hidden=(16,), epochs=40, learning_rate=1e-2, **fields)
    study = EarlyStoppingStudy(recipe)
    results = run_design(study.design(noisy, np.arange(noisy.rows), "quick", 3))
    stops = study._stops(results)
    k = stops.of(patience)
    for replicate in range(2):
        trial = results.design.trials[2 * replicate]
        members = [Member(recipe.changed(patience=patience), m.seed) for m in trial.members]
        watching, judging = trial.monitored, trial.judged
        assert watching is not None
        assert judging is not None
        rows = (watching.x, watching.y)
        fleet = Fleet(members, trial.training.x, trial.training.y, validation=rows, classes=2)
        fleet.run()
        assert fleet.record.epochs_run.tolist() == stops.epochs_run[k, replicate].tolist()
        assert (fleet.record.best_epoch + 1).tolist() == stops.epoch_kept[k, replicate].tolist()
        loss = row_losses(fleet.predict_proba(judging.x), judging.labels).mean(axis=-1)
        np.testing.assert_allclose(stops.test[k, replicate], loss, rtol=1e-5)


def test_where_networks_learn_noise_stopping_is_found_to_help(study, results):
    findings = study.findings(results)
    ends, lower_loss = findings[:2]
    assert ends.verdict == lower_loss.verdict == "supported"
    assert ends.interval.high < 1  # a share of the epochs
    assert lower_loss.interval.high < 1  # a ratio of losses
    assert [finding.subject for finding in findings[1:3]] == ["log loss", "accuracy"]
    assert study.choice(results)["patience"] in study._stops(results).patiences


def test_the_table_has_every_patience_and_the_last_epoch(study, results):
    (table,) = study.tables(results)
    names = [str(row[0]).removesuffix(" (chosen)") for row in table.rows]
    assert names == [*map(str, module.PATIENCES), "never stops", "last epoch's network"]
    paid = table.columns.index("paid")
    assert dict(zip(names, (row[paid] for row in table.rows), strict=True))["never stops"] == 0
    assert sum("chosen" in str(row[0]) for row in table.rows) == 1


def test_the_claims_are_about_the_patience_of_the_base_recipe():
    study = EarlyStoppingStudy(Recipe(hidden=(4,), epochs=20, patience=4))
    assert all("patience of 4" in claim for claim in study.claims)
    table = load("iris")
    results = run_design(study.design(table, np.arange(table.rows), "quick", 0))
    assert study._stops(results).patiences == (1, 2, 3, 4, 5, 8, 13, None)
    assert len(study.findings(results)) == len(study.claims)


def test_the_smallest_patience_is_not_compared_with_itself():
    study = EarlyStoppingStudy(Recipe(hidden=(4,), epochs=5, patience=1))
    assert study.claims[-1].endswith("than a patience of 8.")
    table = load("iris")
    results = run_design(study.design(table, np.arange(table.rows), "quick", 0))
    stops = study._stops(results)
    assert stops.patiences == (1, 2, 3, 8, None)
    finding = study.findings(results)[-1]
    assert finding.effect == "test log loss, patience 1 ÷ patience 8"
    test = np.log2(stops.test[[0, 3]].mean(axis=-1))
    assert finding.interval.estimate == pytest.approx(2 ** (test[0] - test[1]).mean())
