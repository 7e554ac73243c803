import threading

import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Fleet, Member, Progress, Recipe
from levelset.errors import DataError
from levelset.studies import Arm, Design, Rows, Trial, run_design, run_trials


def rows(seed, count=60):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(count, 3)).astype(np.float32)
    return Rows(x, (x[:, 0] > 0).astype(np.int64))


def trial(seed, members=2, **fields):
    recipe = Recipe(hidden=(6,), epochs=8)
    given = {"judged": rows(seed + 100), "monitored": None, "classes": 2, **fields}
    return Trial(tuple(Member(recipe, seed=s) for s in range(members)), rows(seed), **given)


def test_trials_side_by_side_are_the_fleets_alone():
    trials = tuple(trial(seed) for seed in range(5))
    for asked, outcome in zip(trials, run_trials(trials), strict=True):
        fleet = Fleet(asked.members, asked.training.x, asked.training.y, classes=2)
        fleet.run()
        assert np.array_equal(outcome.probabilities, fleet.predict_proba(asked.judged.x))
        assert np.array_equal(outcome.training_probabilities, fleet.predict_proba(asked.training.x))
        assert outcome.trial is asked


def test_snapshots_are_the_networks_after_so_many_epochs():
    asked = trial(0, snapshots=(0, 3, 8))
    (outcome,) = run_trials((asked,))
    for epochs, networks in zip((0, 3, 8), outcome.snapshots, strict=True):
        fleet = Fleet(asked.members, asked.training.x, asked.training.y, classes=2)
        if epochs:
            fleet.run(epochs)
        for kept, expected in zip(networks, fleet.networks, strict=True):
            assert np.array_equal(kept.flat(), expected.flat())
    assert np.array_equal(outcome.snapshots[-1][0].flat(), outcome.networks[0].flat())


def test_a_members_training_loss_is_that_of_its_own_rows():
    table, own = rows(0), np.array([3, 3, 5, 9, 9, 9])
    member = Member(Recipe(hidden=(4,), epochs=3), seed=1, rows=own)
    (outcome,) = run_trials((Trial((member,), table, None, None, 2),))
    q = outcome.networks[0].predict_proba(table.x)
    expected = np.mean([-np.log(q[row, table.y[row]]) for row in own])
    assert outcome.training_losses()[0] == pytest.approx(expected, rel=1e-6)
    assert outcome.probabilities is None


def test_progress_is_that_of_the_whole_and_ends_there():
    seen: list[Progress] = []
    asked = tuple(trial(seed, snapshots=(2, 5)) for seed in range(4))
    run_trials(asked, seen.append)
    assert {(p.epochs_total, p.members_total) for p in seen} == {(4 * 2 * 8, 4 * 2)}
    done = [p.epochs_done for p in seen]
    assert done == sorted(done)
    assert (seen[-1].epochs_done, seen[-1].members_done) == (64, 8)


def test_epochs_that_early_stopping_leaves_over_count_as_done():
    seen: list[Progress] = []
    recipe = Recipe(hidden=(4,), epochs=200, patience=1, learning_rate=0.1)
    asked = Trial((Member(recipe),), rows(0), rows(1), rows(1), 2)
    (outcome,) = run_trials((asked,), seen.append)
    assert outcome.record.epochs_run[0] < 200
    assert seen[-1].epochs_done == 200


def test_an_exception_of_the_reader_stops_all_and_comes_back():
    def fail(progress: Progress) -> None:
        raise KeyboardInterrupt

    threads = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        run_trials(tuple(trial(seed) for seed in range(6)), fail)
    assert threading.active_count() == threads


def test_a_network_that_diverges_is_an_error_unless_it_is_a_result():
    recipe = Recipe(hidden=(4,), epochs=4, optimizer="sgd", learning_rate=1e9)
    table = load("iris")
    asked = {
        may: Trial((Member(recipe),), rows(0), rows(1), None, 2, may_diverge=may)
        for may in (False, True)
    }
    design = Design(table, (Arm("wild", recipe, "a"),), (asked[False],))
    with pytest.raises(DataError, match=r"The network of 'wild' must stay finite .* \(10⁹\)\."):
        run_design(design)
    assert run_trials((asked[True],))[0].record.diverged_epoch[0] >= 0
