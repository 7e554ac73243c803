import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import run_design
from levelset.studies.questions.double_descent import grid as grid
from levelset.studies.questions.double_descent import study as module
from levelset.studies.questions.double_descent.descents import descents
from levelset.studies.questions.double_descent.study import DoubleDescentStudy

SCALE = grid.Scale((2, 4, 8, 16, 24, 64, 128), 5, 200, 200, 150)


@pytest.fixture(scope="module")
def study():
    return DoubleDescentStudy()


@pytest.fixture(scope="module")
def results(study):
    table = load("mnist1d:rows=2000")
    base = module._base(study.recipe)
    return run_design(grid.grid_design(table, np.arange(2000), SCALE, base, 0))


def test_what_theory_is_sure_of_is_supported(study, results):
    fits, _, _, rises, falls, _ = study.findings(results)
    assert fits.verdict == rises.verdict == falls.verdict == "supported"
    assert {finding.subject for finding in (rises, falls)} == {"log loss"}


def test_errors_are_those_at_the_last_epoch_and_not_at_the_best(results):
    found = descents(results)
    assert found.error.shape == (5, len(SCALE.widths), SCALE.epochs)
    for number, outcome in enumerate(results.outcomes):
        test = outcome.trial.monitored
        assert (outcome.record.epochs_run == SCALE.epochs).all()
        # The networks that came back are those of the best epoch: no worse in loss.
        for arm, network in enumerate(outcome.networks):
            q = network.predict_proba(test.x)[np.arange(len(test)), test.labels]
            best = -np.log(q.astype(np.float64)).mean()
            assert best == pytest.approx(found.loss[number, arm].min(), rel=1e-4)
    assert (found.loss[:, -1, -1] > found.loss[:, -1].min(axis=-1)).all()


def test_the_table_marks_the_threshold_and_the_peaks(study, results):
    (table,) = study.tables(results)
    found = descents(results)
    marks = [row[-1] for row in table.rows]
    assert [number for number, mark in enumerate(marks) if "interpolates" in mark] == [
        found.threshold
    ]
    assert sum("peak of the loss" in mark for mark in marks) == 1
    parameters = [row[1] for row in table.rows]
    assert parameters == [width**2 + 52 * width + 10 for width in SCALE.widths]


def test_independent_replicates_are_judged_as_such(study, results):
    assert "No row is used by two replicates" in study.methods(results)
    finding = study.findings(results)[0]
    found = descents(results)
    fall = found.training[:, 0, -1] - found.training[:, -1, -1]
    half = 2.776445 * fall.std(ddof=1) / np.sqrt(5)
    assert finding.interval.high - finding.interval.estimate == pytest.approx(half, rel=1e-5)


def test_replicates_that_share_rows_are_judged_more_strictly():
    quick = DoubleDescentStudy(Recipe(hidden=(4,), epochs=3))
    iris = load("iris")
    results = run_design(quick.design(iris, np.arange(iris.rows), "quick", 1))
    assert "Replicates share rows" in quick.methods(results)
    found = descents(results)
    fall = found.training[:, 0, -1] - found.training[:, -1, -1]
    half = 2.776445 * fall.std(ddof=1) * np.sqrt(1 / 5 + results.design.test_share)
    finding = quick.findings(results)[0]
    assert finding.interval.high - finding.interval.estimate == pytest.approx(half, rel=1e-5)


def test_the_recipes_own_epochs_and_rate_are_kept():
    iris = load("iris")
    own = DoubleDescentStudy(Recipe(epochs=3, learning_rate=0.02))
    design = own.design(iris, np.arange(iris.rows), "quick", 0)
    assert {(arm.recipe.epochs, arm.recipe.learning_rate) for arm in design.arms} == {(3, 0.02)}
    design = DoubleDescentStudy().design(iris, np.arange(iris.rows), "quick", 0)
    assert {arm.recipe.learning_rate for arm in design.arms} == {grid.LEARNING_RATE}


def test_noise_that_the_table_brings_is_said(study):
    assert "came with 20% label noise" in module._noise_text(load("iris:label_noise=0.2"))
    assert "15% of the training labels" in module._noise_text(load("iris"))


def test_permuted_labels_have_no_second_descent_in_error():
    table = load("mnist1d:rows=1000,permuted_labels=1")
    quick = DoubleDescentStudy(Recipe(hidden=(8,), epochs=15))
    results = run_design(quick.design(table, np.arange(table.rows), "quick", 2))
    for finding in quick.findings(results):
        if finding.subject == "accuracy":
            assert finding.verdict == "not shown"


@pytest.mark.parametrize("epochs", [1, 2])
def test_so_few_epochs_have_no_second_descent_and_no_traceback(epochs):
    short = DoubleDescentStudy(Recipe(hidden=(4,), epochs=epochs))
    iris = load("iris")
    results = run_design(short.design(iris, np.arange(iris.rows), "quick", 0))
    late = short.findings(results)[-1]
    assert late.verdict == "not shown"
    assert late.interval.low == late.interval.high == 0
    assert "no place for a peak" in late.note
    assert short.charts(results)
    assert short.tables(results)
    assert short.methods(results)


def test_a_report_leaves_it_out():
    assert not DoubleDescentStudy.in_report
