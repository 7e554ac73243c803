import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import CrossEntropyStudy, run_design, run_study
from levelset.studies.questions.cross_entropy.identities import (
    deviations,
    judged_logits,
    numerical_gradients,
)
from levelset.studies.questions.cross_entropy.study import accuracies, class_codes


@pytest.fixture(scope="module")
def study():
    return CrossEntropyStudy(Recipe(hidden=(16,), epochs=40, l2=1e-3))


@pytest.fixture(scope="module")
def results(study):
    table = load("wine")
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_what_is_equal_on_paper_is_equal(study, results):
    findings = study.findings(results)
    assert [finding.verdict for finding in findings] == ["supported"] * 5
    for identity in findings[:3]:
        assert 0 < identity.interval.high < 0.1  # of the tolerance


def test_a_network_whose_gradient_is_wrong_is_found_out(study, results):
    # Other labels than those it is asked about.
    outcome = results.outcomes[0]
    rows = outcome.trial.judged
    given = outcome.networks[0].objective_and_gradient(rows.x, rows.labels)[1].biases[-1]
    logits, labels = judged_logits(outcome)
    q = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    wrong = (q - np.eye(3)[(labels + 1) % 3]).mean(axis=0)
    assert np.abs(given - wrong).max() > 0.01
    assert deviations([outcome]).engine[0] < 1e-6


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_normalized_networks_have_the_same_gradient(normalization):
    table = load("iris")
    study = CrossEntropyStudy(Recipe(hidden=(8,), epochs=3, normalization=normalization))
    results = run_design(study.design(table, np.arange(table.rows), "quick", 0))
    assert study.findings(results)[0].verdict == "supported"


def test_numerical_gradients_are_softmax_minus_target():
    generator = np.random.default_rng(0)
    logits, p = generator.normal(size=(5, 4)), generator.dirichlet(np.ones(4), 5)
    q = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for gradient in numerical_gradients(logits, p):
        np.testing.assert_allclose(gradient, q - p, atol=1e-9)


def test_gradients_are_right_where_probabilities_are_too_small_to_write():
    logits, p = np.array([[0.0, 300.0]]), np.array([[0.95, 0.05]])
    for gradient in numerical_gradients(logits, p):
        np.testing.assert_allclose(gradient, [[-0.95, 0.95]], atol=1e-6)


def test_regression_answers_with_the_nearest_class_number(results):
    by_codes = accuracies(results)[1]
    count = len(results.outcomes) // 2
    for replicate in range(count):
        codes = class_codes(3, 0, replicate)
        rows = results.outcomes[replicate].trial.judged
        answers = results.outcomes[count + replicate].networks[0].outputs(rows.x)["code"]
        right = [
            min(range(3), key=lambda c, a=answer[0], k=codes: abs(a - k[c])) == label
            for answer, label in zip(answers, rows.labels, strict=True)
        ]
        assert by_codes[replicate] == pytest.approx(np.mean(right))
    assert sorted(class_codes(3, 0, 1)) == [0.0, 1.0, 2.0]


def test_the_working_adds_up(study, results):
    working, entropies, _ = study.tables(results)
    for _, _, _, exponential, q, y, loss, gradient in working.rows:
        assert 0 < exponential <= 1
        assert gradient == pytest.approx(q - y)
        assert loss == pytest.approx(-np.log(q) if y else 0.0, abs=1e-12)
    assert {row[0] for row in working.rows} <= set(results.outcomes[0].trial.split.validation)
    for _, own, divergence, total in entropies.rows:
        assert own + divergence == pytest.approx(total, abs=1e-12)


def test_two_classes_have_no_order_to_get_wrong():
    table = load("breast_cancer")
    study = CrossEntropyStudy(Recipe(hidden=(8,), epochs=60))
    result, _ = run_study(study, table, budget="quick")
    assert result.findings[0].verdict == "supported"
    coding = result.findings[4]
    assert abs(coding.interval.estimate) < 0.06
    assert "With two classes" in coding.note
