import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import run_design
from levelset.studies.questions.bias_variance import study as module
from levelset.studies.questions.bias_variance.complexity import SHARES
from levelset.studies.questions.bias_variance.expected_loss import TERMS
from levelset.studies.questions.bias_variance.study import BiasVarianceStudy


@pytest.fixture(scope="module")
def study():
    return BiasVarianceStudy(Recipe(hidden=(32,), epochs=60, patience=3))


@pytest.fixture(scope="module")
def table():
    return load("gaussians:rows=160,features=10,noise=1.3")


@pytest.fixture(scope="module")
def results(study, table):
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_what_theory_is_sure_of_is_supported(study, results):
    rows, wide, penalty, biased, *_ = study.findings(results)
    assert rows.verdict == penalty.verdict == biased.verdict == "supported"
    assert wide.verdict != "refuted"
    assert rows.interval.high < 1  # a ratio of variances
    assert biased.interval.low > 0


def test_the_design_crosses_training_sets_and_seeds_and_keeps_the_test_rows(study, results, table):
    sets, seeds = module.TWO_WAY["quick"]
    trials = results.design.trials
    assert len(trials) == sets
    test = trials[0].split.test
    for trial in trials:
        np.testing.assert_array_equal(trial.split.test, test)
        assert not set(trial.split.training) & set(test)
        assert len(trial.training) == table.rows - len(test)
        assert [member.seed for member in trial.members] == [
            seed for seed in range(seeds) for _ in results.design.arms
        ]
        assert trial.monitored is None
    assert {arm.recipe.patience for arm in results.design.arms} == {None}
    assert not np.array_equal(trials[0].split.training, trials[1].split.training)
    assert len(set(trials[0].split.training)) < len(trials[0].training)  # a bootstrap sample


def test_a_share_of_the_rows_is_the_first_ones_of_the_training_set(results):
    trial, around = results.design.trials[0], module._around(results)
    seen = [trial.members[number].row_numbers() for number in around.axis("training rows").settings]
    for rows, share in zip(seen[:-1], SHARES[:-1], strict=True):
        np.testing.assert_array_equal(rows, np.arange(round(share * len(trial.training))))
    assert seen[-1] is None


def test_the_cells_are_what_each_network_believes(results):
    cells = module._cells(results)
    sets, seeds = module.TWO_WAY["quick"]
    settings = len(results.design.arms)
    assert cells.shape[:3] == (sets, seeds, settings)
    for r, s, a in ((0, 0, 0), (3, 1, 2), (sets - 1, seeds - 1, settings - 1)):
        trial = results.outcomes[r].trial
        member = trial.members[s * settings + a]
        assert (member.seed, member.recipe) == (s, results.design.arms[a].recipe)
        network = results.outcomes[r].networks[s * settings + a]
        np.testing.assert_allclose(cells[r, s, a], network.predict_proba(trial.judged.x), atol=1e-6)


def test_the_noise_is_told_apart_where_the_class_probabilities_are_known(results, table):
    test = results.design.trials[0].split.test
    brier = module._measured(results)["brier"]
    noise = np.mean([1 - (table.class_probabilities[row] ** 2).sum() for row in test])
    np.testing.assert_allclose(brier.estimate("noise"), noise, rtol=1e-10)


def test_the_noise_is_said_to_be_inside_the_bias_where_they_are_not(study):
    iris = load("iris")
    quick = BiasVarianceStudy(Recipe(hidden=(4,), epochs=2))
    results = run_design(quick.design(iris, np.arange(iris.rows), "quick", 1))
    *_, verdict = quick.findings(results)
    assert "it is inside the bias" in verdict.note
    base = quick.tables(results)[0]
    assert "cannot be told apart" in base.caption
    assert "noise" not in {row[1] for row in base.rows}


def test_the_identities_are_printed_and_hold(study, results):
    *_, identities = study.tables(results)
    assert len(identities.rows) == 4
    assert all(0 <= row[2] < 1e-10 for row in identities.rows)


def test_the_charts_show_the_jackknifed_terms_along_the_axes(study, results):
    around, brier = module._around(results), module._measured(results)["brier"]
    charts = study.charts(results)
    by_depth = charts[1]
    assert [curve.name for curve in by_depth.curves] == [
        "Expected loss",
        "Bias²",
        "Variance",
        "Noise",
    ]
    settings = list(around.axis("depth").settings)
    np.testing.assert_array_equal(by_depth.curves[1].replicates, brier.values["bias"][:, settings])
    penalties = charts[2]
    assert (penalties.curves[0].x > 0).all()
    assert "λ = 0 is in the table" in penalties.caption
    assert set(brier.values) == set(TERMS)


def test_few_test_rows_are_taken_of_a_large_table_of_many_classes():
    digits = load("digits")
    design = BiasVarianceStudy(Recipe(epochs=1)).design(digits, np.arange(digits.rows), "quick", 0)
    judged = design.trials[0].judged
    assert judged is not None
    assert len(judged) * 10 <= module.MOST_PROBABILITIES * 1.1
