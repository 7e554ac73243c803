import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.errors import DataError
from levelset.report.baselines import NAMES, run_contest
from levelset.studies import set_aside

DATASET = load("iris")
STUDIED, TEST = set_aside(DATASET, 0.2, 0)
RECIPE = Recipe(hidden=(8,), epochs=30, learning_rate=0.02)


@pytest.fixture(scope="module")
def contest():
    return run_contest(DATASET, STUDIED, TEST, RECIPE, "quick", 0)


def test_every_classifier_is_judged_on_the_same_test_rows(contest):
    baselines = contest.baselines(0)
    assert [baseline.name for baseline in baselines] == list(NAMES.values())
    assert {baseline.accuracy.n for baseline in baselines} == {len(TEST)}
    assert contest.replicates == 8


def test_the_majority_class_is_what_it_must_be(contest):
    # Three classes of one size: each frequency is a third in every split.
    assert contest.log_loss["majority"] == pytest.approx(np.full(len(TEST), np.log(3)))
    assert contest.correct["majority"].mean() == pytest.approx(1 / 3)


@pytest.mark.parametrize("name", ["logistic", "boosting", "mlp"])
def test_iris_can_be_learned(contest, name):
    assert contest.excess("majority", 0, one=name).high < -0.3
    assert contest.correct[name].mean() > 0.85


def test_an_excess_is_the_paired_difference(contest):
    interval = contest.excess("logistic", 0)
    paired = contest.log_loss["mlp"] - contest.log_loss["logistic"]
    assert interval.estimate == pytest.approx(paired.mean())
    assert interval.low <= interval.estimate <= interval.high


def test_a_contest_is_the_same_twice(contest):
    again = run_contest(DATASET, STUDIED, TEST, RECIPE, "quick", 0)
    for name in NAMES:
        assert (again.log_loss[name] == contest.log_loss[name]).all()


def test_a_network_that_diverges_at_once_is_refused():
    recipe = Recipe(hidden=(8,), epochs=2, optimizer="sgd", learning_rate=1e30)
    with pytest.raises(DataError, match=r"must stay finite.*lower the learning rate \(10³⁰\)"):
        run_contest(DATASET, STUDIED, TEST, recipe, "quick", 0)
