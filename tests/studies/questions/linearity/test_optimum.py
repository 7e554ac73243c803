import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import LinearityStudy, run_design
from levelset.studies.questions.linearity import optimum as optimum
from levelset.studies.questions.linearity import study as module


@pytest.fixture(scope="module")
def results():
    table, study = load("moons:rows=160"), LinearityStudy(Recipe(hidden=(16,)))
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


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
