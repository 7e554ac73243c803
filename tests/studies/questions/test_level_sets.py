import numpy as np
import pytest

from levelset.data import from_arrays
from levelset.engine import Network, Recipe
from levelset.seeds import stream
from levelset.studies import LevelSetsStudy, run_design
from levelset.studies.questions import level_sets as module


@pytest.fixture(scope="module")
def ring():
    """A disc in a ring, with a tenth of the labels wrong: a boundary that may bend too much."""
    generator = stream(0, "ring")
    x = generator.uniform(-1, 1, (200, 2))
    labels = (np.hypot(*x.T) > 0.6).astype(np.int64)
    wrong = generator.random(200) < 0.1
    return from_arrays(x, np.where(wrong, 1 - labels, labels), name="ring")


@pytest.fixture(scope="module")
def study():
    return LevelSetsStudy(Recipe(hidden=(24,), epochs=60, learning_rate=1e-2))


@pytest.fixture(scope="module")
def results(study, ring):
    return run_design(study.design(ring, np.arange(ring.rows), "quick", 0))


def test_the_arms_differ_by_one_remedy(study, results):
    plain, *others = (arm.recipe for arm in results.design.arms)
    assert [recipe.l2 for recipe in others[:2]] == list(module.PENALTIES)
    assert [recipe.dropout for recipe in others[2:]] == list(module.DROPOUTS)
    assert all(recipe.changed(l2=0.0, dropout=0.0) == plain for recipe in others)
    assert results.design.trials[0].snapshots == (0, 1, 2, 6, 18, 60)


def test_a_strong_penalty_shortens_and_straightens_the_boundary_of_noisy_labels(study, results):
    early, shorter, straighter, *_ = study.findings(results)
    assert shorter.verdict == straighter.verdict == "supported"
    assert shorter.interval.high < 0
    assert straighter.interval.high < 0
    assert "first tenth" in early.claim


def test_rows_settle_into_the_class_they_end_in(results):
    unsettled = module.unsettled(results, 0)
    assert unsettled.shape == (8, 6)
    assert (unsettled[:, -1] == 0).all()
    trial = results.outcomes[2].trial
    first = results.outcomes[2].snapshots[1][0].predict(trial.judged.x)
    last = results.outcomes[2].networks[0].predict(trial.judged.x)
    share = sum(a != b for a, b in zip(first, last, strict=True)) / len(first)
    assert unsettled[2, 1] == pytest.approx(share)


def test_nearer_rows_are_those_at_the_boundary():
    # p_0 = p_1 where x_0 = 0; of the near rows half are wrong, of the far ones none.
    network = Network(Recipe(hidden=()), (np.array([[0.0, 1.0]]),), (np.zeros(2),))
    x = np.array([[-0.1], [0.1], [-0.2], [0.2], [-3.0], [3.0], [-4.0], [4.0]])
    labels = np.array([1, 1, 0, 0, 0, 1, 0, 1])
    assert module.errors_of_halves(network, x, labels, x) == (0.5, 0.0)


def test_the_slider_shows_the_same_moments_for_every_row(study, results):
    slider = study.charts(results)[0]
    assert slider.steps == (
        "before training", "epoch 1", "epoch 2", "epoch 6", "epoch 18", "epoch 60",
    )  # fmt: skip
    assert [len(row.panels) for row in slider.rows] == [6, 6, 6]
    before = [row.panels[0].probabilities for row in slider.rows]
    assert np.array_equal(before[0], before[1])  # the same initial weights


def test_rows_are_chosen_evenly():
    assert module.evenly(4, 10).tolist() == [0, 1, 2, 3]
    assert module.evenly(100, 3).tolist() == [0, 50, 99]
