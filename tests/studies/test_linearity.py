import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from levelset.data import from_arrays, load
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import LinearityStudy, run_design, run_study
from levelset.studies import linear_optimum as optimum
from levelset.studies import linearity as module


@pytest.fixture(scope="module")
def rings():
    """One class inside the other: what no straight line can tell apart."""
    generator = stream(0, "rings")
    labels = np.arange(240) % 2
    angle, radius = generator.uniform(0, 2 * np.pi, 240), 1.0 + labels
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return from_arrays(points + generator.normal(0, 0.1, (240, 2)), labels, name="rings")


@pytest.fixture(scope="module")
def study():
    return LinearityStudy(Recipe(hidden=(16,)))


@pytest.fixture(scope="module")
def results(study, rings):
    return run_design(study.design(rings, np.arange(rings.rows), "quick", 0))


def test_the_arms_share_an_objective_and_differ_in_depth_and_activation(results):
    shapes = [(arm.recipe.activation, arm.recipe.hidden) for arm in results.design.arms]
    assert shapes == [
        ("identity", ()),
        ("identity", (16,)),
        ("identity", (16,) * 3),
        ("relu", (16,)),
        ("relu", (16,) * 3),
    ]
    assert {arm.recipe.label_smoothing for arm in results.design.arms} == {module.SMOOTHING}
    assert {arm.recipe.l2 for arm in results.design.arms} == {0.0}
    assert {trial.monitored for trial in results.design.trials} == {None}
    assert len(results.records) >= 8


def test_the_width_never_falls_below_the_number_of_classes():
    table = load("digits")
    narrow = LinearityStudy(Recipe(hidden=(2,)))
    design = narrow.design(table, np.arange(table.rows), "quick", 0)
    assert design.arms[1].recipe.hidden == (10,)


def test_what_mathematics_says_is_supported(study, results):
    findings = study.findings(results)
    for finding in findings[:6]:
        assert finding.verdict == "supported", finding
    assert "classify more" in findings[-1].claim
    assert findings[-1].verdict == "supported"  # rings


def test_identity_networks_end_where_scikit_learn_does(results):
    outcome = results.outcomes[0]
    x, labels = outcome.trial.training.x.astype(np.float64), outcome.trial.training.labels
    smoothing, classes = module.SMOOTHING, 2
    said = np.repeat(np.arange(classes), len(x))
    weights = np.where(said == np.tile(labels, classes), 1 - smoothing, 0) + smoothing / classes
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    theirs.fit(np.tile(x, (classes, 1)), said, sample_weight=weights)
    log_q = theirs.predict_log_proba(x)
    least = -(1 - smoothing) * log_q[np.arange(len(x)), labels].mean()
    least -= smoothing / classes * log_q.sum(axis=1).mean()
    assert optimum.linear_optima(results)[0].loss == pytest.approx(least, abs=1e-7)
    reached = optimum.training_objective(results)[0, : len(module.LINEAR_DEPTHS)]
    np.testing.assert_allclose(reached, least, atol=1e-3)


def test_a_relu_network_is_not_its_layers_multiplied_out(results):
    assert (optimum.collapse_errors(results, module._RELU) > 0.01).all()


def test_the_loss_and_accuracy_of_logistic_regression_are_those_of_its_rows(results):
    model = optimum.linear_optima(results)[2].model
    judged = results.design.trials[2].judged
    q = model.probabilities(judged.x)
    right = sum(q[row].argmax() == label for row, label in enumerate(judged.labels))
    loss = -np.mean([np.log(q[row, label]) for row, label in enumerate(judged.labels)])
    assert optimum.linear_accuracy(results)[2] == pytest.approx(right / len(q))
    assert optimum.linear_loss(results)[2] == pytest.approx(loss)


def test_labels_without_a_pattern_support_no_claim_of_better_generalization():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    result, _ = run_study(LinearityStudy(Recipe(hidden=(8,))), noise, budget="quick")
    general = [finding for finding in result.findings if finding.subject != "mechanism"]
    assert [finding.subject for finding in general] == ["log loss", "accuracy"]
    assert all(finding.verdict != "supported" for finding in general)


def test_a_table_without_any_boundary_counts_as_straight():
    generator = stream(2, "rare")
    labels = np.repeat([0, 1], [72, 8])
    table = from_arrays(1e-3 * generator.normal(size=(80, 3)), labels)
    result, _ = run_study(LinearityStudy(Recipe(hidden=(4,), epochs=2)), table, budget="quick")
    for finding in result.findings:
        assert np.isfinite(finding.interval.estimate)
