import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import run_design
from levelset.studies.questions.sharpness import study as module
from levelset.studies.questions.sharpness.study import SharpnessStudy
from levelset.theory import spearman

ARMS = 9


@pytest.fixture(scope="module")
def study():
    return SharpnessStudy(Recipe(hidden=(12,), epochs=60, learning_rate=0.01, patience=2))


@pytest.fixture(scope="module")
def results(study):
    wine = load("wine")
    return run_design(study.design(wine, np.arange(wine.rows), "quick", 0))


def test_what_theory_is_sure_of_is_supported(study, results):
    findings = study.findings(results)
    assert findings[0].verdict == "supported"  # sharpness-aware steps
    assert findings[0].interval.high < 1
    attack = findings[-1]
    assert attack.verdict == "supported"
    assert attack.interval.low > 1


def test_at_least_a_hundred_networks_are_correlated_at_any_budget(study, results):
    assert len(results.design.arms) == ARMS
    networks = len(results.outcomes) * ARMS
    assert networks >= 100
    assert f"{networks} networks" in study.findings(results)[4].note


def test_the_arms_differ_in_one_remedy_each(results):
    base, *others = (arm.recipe for arm in results.design.arms)
    assert base.patience is None
    for other in others:
        differing = {
            name for name in Recipe.model_fields if getattr(other, name) != getattr(base, name)
        }
        assert len(differing) == 1
    for trial in results.design.trials:
        assert len({member.seed for member in trial.members}) == 1
        assert trial.monitored is None


def test_correlations_are_over_all_networks(study, results):
    gap = results.validation_loss - results.training_loss
    raw = module._minima(results)["top"]
    finding = study.findings(results)[4]
    centered = [np.concatenate([row - row.mean() for row in one]) for one in (np.log2(raw), gap)]
    expected = spearman(*centered)
    assert finding.interval.estimate == pytest.approx(expected, abs=1e-12)
    assert -1 <= finding.interval.low < finding.interval.high <= 1
    table = study.tables(results)[1]
    assert table.rows[0][1] == pytest.approx(expected, abs=1e-12)


def test_the_others_are_the_remedies_but_sam_and_large_batches(study, results):
    note = study.findings(results)[2].note
    assert "SAM" not in note
    assert "batches of 128" not in note
    for name in ("λ = 0.01", "dropout 0.3", "batches of 8", "averaged weights"):
        assert name in note


def test_a_capped_sample_of_training_rows_is_measured(results):
    rows = module._rows(results, 0)
    count = len(results.design.trials[0].training)
    assert len(rows) == min(module.MOST_ROWS, count) == len(set(rows))
    assert rows.max() < count


def test_the_surface_and_the_slices_hold_the_networks_in_their_middle(study, results):
    charts = {chart.title: chart for chart in study.charts(results)}
    surface = charts["The loss around the minimum, with plain and with sharpness-aware steps"]
    slices = charts["The loss along a random direction"]
    rows, trial = module._rows(results, 0), results.design.trials[0]
    labels = trial.training.labels[rows]
    for panel, curve, arm in zip(surface.panels, slices.curves, (0, 5), strict=False):
        assert results.design.arms[arm].name == panel.title == curve.name
        q = results.networks[0][arm].predict_proba(trial.training.x[rows])
        own = -np.log(q[np.arange(len(labels)), labels].astype(np.float64)).mean()
        middle = len(panel.x) // 2
        assert panel.z[middle, middle] == pytest.approx(own, rel=1e-4)
        assert curve.replicates[0, len(curve.x) // 2] == pytest.approx(own, rel=1e-4)


def test_networks_that_cannot_be_rescaled_are_not_attacked():
    study = SharpnessStudy(Recipe(hidden=(4,), activation="tanh", epochs=2))
    iris = load("iris")
    results = run_design(study.design(iris, np.arange(iris.rows), "quick", 0))
    assert len(study.claims) == len(study.findings(results)) == 6
    assert len(study.tables(results)) == 2
    assert "attack" not in " ".join(chart.title for chart in study.charts(results))


def test_a_perfect_correlation_is_still_a_number():
    values = np.arange(6.0).reshape(3, 2)
    assert np.isfinite(module._fisher_z(values, values))
    assert np.tanh(module._fisher_z(values, -values)) == pytest.approx(-1)
