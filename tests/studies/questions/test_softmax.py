import numpy as np
import pytest

from levelset.data import from_arrays
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import SoftmaxStudy, run_design
from levelset.studies.questions import softmax as module
from levelset.theory import fit_temperature


@pytest.fixture(scope="module")
def noisy():
    """Three classes of which a quarter of the labels are wrong: what a long training believes."""
    generator = stream(0, "overlap")
    x = generator.normal(size=(240, 15))
    labels = np.digitize(x[:, 0], [-0.4, 0.4])
    wrong = generator.random(240) < 0.25
    return from_arrays(x, np.where(wrong, generator.integers(0, 3, 240), labels))


@pytest.fixture(scope="module")
def study():
    return SoftmaxStudy(Recipe(hidden=(32,), epochs=120, learning_rate=1e-2))


@pytest.fixture(scope="module")
def results(study, noisy):
    return run_design(study.design(noisy, np.arange(noisy.rows), "quick", 0))


def test_what_is_trained_on_noise_for_long_is_too_sure_and_a_temperature_mends_it(study, results):
    sure, temperature, gain, smooth, _ = study.findings(results)
    assert [f.verdict for f in (sure, temperature, gain, smooth)] == ["supported"] * 4
    assert temperature.interval.low > 1
    assert gain.interval.high < 0
    assert gain.subject == "log loss"


def test_beliefs_are_those_of_the_networks(results):
    beliefs = module._beliefs(results)
    for replicate, outcome in enumerate(results.outcomes):
        trial, dataset = outcome.trial, results.design.dataset
        x = trial.encoding.transform(dataset, trial.split.validation)
        for arm, network in enumerate(outcome.networks):
            held_out = network.predict_proba(x).astype(np.float64)
            fitted = fit_temperature(
                held_out / held_out.sum(axis=1, keepdims=True),
                dataset.targets[trial.split.validation],
            )
            q = network.predict_proba(trial.judged.x)
            assert beliefs.temperature[replicate, arm] == pytest.approx(fitted)
            assert beliefs.confidence[replicate, arm] == pytest.approx(q.max(axis=1).mean())
            right = np.mean(
                [row.argmax() == label for row, label in zip(q, trial.judged.y, strict=True)]
            )
            assert beliefs.accuracy[replicate, arm] == pytest.approx(right)
    assert not beliefs.undecided.any()


def test_where_every_validation_row_is_right_the_temperature_counts_as_one():
    generator = stream(1, "apart")
    labels = np.arange(60) % 2
    table = from_arrays(labels[:, None] * 8.0 + generator.normal(0, 0.3, (60, 2)), labels)
    study = SoftmaxStudy(Recipe(hidden=(8,), epochs=40, learning_rate=1e-2))
    results = run_design(study.design(table, np.arange(60), "quick", 0))
    beliefs = module._beliefs(results)
    assert beliefs.undecided.all()
    assert (beliefs.temperature == 1).all()
    assert "In 8 of 8 replicates every validation row is right" in study.findings(results)[1].note
    assert len(study.charts(results)) == 2  # two classes have no triangle


def test_the_simplex_holds_probabilities_before_after_and_at_temperatures(study, results):
    simplex = study.charts(results)[0]
    assert simplex.classes == results.design.dataset.classes
    for panel in simplex.panels:
        np.testing.assert_allclose(panel.probabilities.sum(axis=1), 1.0)
    _, cold, one, hot = simplex.panels
    likeliest = one.probabilities.argmax(axis=1)
    for panel, surer in ((cold, True), (hot, False)):
        assert np.array_equal(panel.probabilities.argmax(axis=1), likeliest)
        difference = panel.probabilities.max(axis=1) - one.probabilities.max(axis=1)
        assert (difference >= 0).all() if surer else (difference <= 0).all()


def test_the_three_most_frequent_classes_are_the_corners():
    labels = np.array([0, 1, 1, 2, 3, 3, 3, 4, 4])
    assert module.most_frequent(labels, 5).tolist() == [1, 3, 4]
