import dataclasses

import numpy as np
import pytest

from levelset.data import load
from levelset.diagnostics import row_losses
from levelset.engine import Recipe
from levelset.studies import AugmentationStudy, run_design
from levelset.studies.questions.augmentation import study as module
from levelset.studies.questions.augmentation.augmented import changes_of, measured


@pytest.fixture(scope="module")
def digits():
    return load("digits")


@pytest.fixture(scope="module")
def study():
    return AugmentationStudy(Recipe(hidden=(16,), epochs=15, learning_rate=5e-3))


@pytest.fixture(scope="module")
def results(study, digits):
    return run_design(study.design(digits, np.arange(400), "quick", 0))


@pytest.fixture(scope="module")
def plain_results(study):
    wine = load("wine")
    return run_design(study.design(wine, np.arange(wine.rows), "quick", 0))


def test_what_theory_is_sure_of_is_supported(study, results):
    findings = study.findings(results)
    assert [finding.claim for finding in findings] == list(study.claims)
    fits, steady = findings[0], findings[4]
    assert "Mixup" in fits.claim
    assert "shifted test rows" in steady.claim
    assert fits.verdict == steady.verdict == "supported"
    assert fits.interval.low > 1  # a ratio of training losses
    assert steady.interval.low > 0.1
    subjects = [finding.subject for finding in findings]
    assert subjects[5:7] == ["log loss", "accuracy"]


def test_nothing_is_claimed_of_shifts_where_rows_are_no_pictures(study, plain_results):
    findings = study.findings(plain_results)
    claims = study.claims_about(plain_results.design.dataset)
    assert tuple(finding.claim for finding in findings) == claims
    assert [claim for claim in study.claims if claim not in claims] == list(study.claims[3:5])
    assert not any("shift" in claim.lower() for claim in claims)
    assert all(finding.p_value is not None for finding in findings)
    assert findings[0].judged_together == 6
    assert "nothing is claimed of shifts" in study.methods(plain_results)
    assert "Shifted copies" not in {row[0] for row in study.tables(plain_results)[0].rows}


def test_the_measures_are_those_of_the_networks(results, digits):
    outcome, changes = measured(results), len(changes_of(digits))
    trial, networks = results.design.trials[1], results.networks[1]
    split = trial.split
    x = trial.encoding.transform(digits, split.test)
    y = digits.targets[split.test]
    copies = trial.judged.x[len(split.validation) + len(split.test) :]
    for share in range(len(module.SHARES)):
        for number in range(changes):
            network = networks[share * changes + number]
            q = network.predict_proba(x)
            assert outcome.test[1, share, number] == pytest.approx(
                row_losses(q, y).mean(), rel=1e-5
            )
            assert outcome.test_accuracy[1, share, number] == (q.argmax(axis=1) == y).mean()
            right = network.predict_proba(copies).argmax(axis=1) == np.tile(y, 4)
            assert outcome.shifted_accuracy[1, share, number] == pytest.approx(right.mean())


def test_the_base_changes_nothing_of_its_own():
    study = AugmentationStudy(Recipe(hidden=(4,), epochs=2, input_noise=1.0, mixup=1.0, patience=1))
    wine = load("wine")
    none = study.design(wine, np.arange(wine.rows), "quick", 0).arms[0].recipe
    assert (none.input_noise, none.mixup, none.patience) == (0, 0, None)


def test_the_choice_is_a_change_that_a_recipe_can_make(study, results, plain_results, monkeypatch):
    for given in (results, plain_results):
        assert set(study.choice(given)) <= {"input_noise", "mixup"}
    outcome = measured(results)
    better = outcome.validation.copy()
    better[:, -1, 1] -= 5
    better[:, -1, -1] -= 9  # shifts, which no recipe has
    changed = dataclasses.replace(outcome, validation=better)
    monkeypatch.setattr(module, "measured", lambda _: changed)
    assert study.choice(results) == {"input_noise": 0.1}


def test_the_charts_go_over_the_rows_there_are(study, results):
    rows_chart, losses, accuracies = study.charts(results)
    assert [curve.name for curve in rows_chart.curves] == [
        "None",
        "Jitter",
        "Mixup",
        "Shifted copies",
    ]
    n = len(results.design.trials[0].split.training)
    for curve in rows_chart.curves:
        assert curve.x[-1] == n
        assert (np.diff(curve.x) > 0).all()
        assert curve.replicates.shape == (8, len(module.SHARES))
    assert (losses.reference, accuracies.reference) == (1.0, 0.0)


def test_only_so_many_rows_of_a_large_table_are_shifted(study, monkeypatch, digits):
    monkeypatch.setattr(module, "MOST_SHIFTED_ROWS", 200)
    design = study.design(digits, np.arange(digits.rows), "quick", 0)
    split = design.trials[0].split
    assert len(split.training) + len(split.validation) + len(split.test) <= 200
