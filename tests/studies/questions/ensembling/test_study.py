import numpy as np
import pytest

from levelset.data import load
from levelset.engine import Recipe
from levelset.studies import EnsemblingStudy, run_design
from levelset.studies.questions.ensembling import study as module
from levelset.studies.questions.ensembling.ensembles import measured


@pytest.fixture(scope="module")
def table():
    return load("wine")


@pytest.fixture(scope="module")
def study():
    return EnsemblingStudy(Recipe(hidden=(8,), epochs=12, learning_rate=3e-3))


@pytest.fixture(scope="module")
def results(study, table):
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_a_replicate_has_seeds_and_a_quarter_as_many_with_bootstrap_rows(results):
    samples = []
    for trial in results.design.trials:
        seeds = [member for member in trial.members if member.rows is None]
        bagged = [member for member in trial.members if member.rows is not None]
        assert len(seeds) == len({member.seed for member in seeds}) == 32
        assert [member.seed for member in bagged] == [member.seed for member in seeds[:8]]
        assert {len(member.rows) for member in bagged} == {len(trial.training)}
        assert trial.monitored is None
        samples += [tuple(member.rows) for member in bagged]
    assert len(set(samples)) == 8 * 8
    distinct = np.mean([len(set(rows)) / len(rows) for rows in samples])
    assert distinct == pytest.approx(1 - np.exp(-1), abs=0.02)


def test_what_theory_is_sure_of_is_supported(study, results):
    variance, loss = study.findings(results)[:2]
    assert variance.verdict == loss.verdict == "supported"
    assert variance.interval.low < 1 / module.SMALL < variance.interval.high
    assert loss.interval.high < 1  # a ratio of losses
    ensembles = measured(results)
    assert (ensembles.seeds.log_loss[:, 1:] <= ensembles.seeds.log_loss[:, :1]).all()


def test_falls_and_variances_are_compared_by_their_ratio(study, results):
    first_eight, more = study.findings(results)[3:5]
    ensembles = measured(results)
    loss = dict(zip(ensembles.sizes, ensembles.seeds.log_loss.T, strict=True))
    early, late = loss[1] - loss[8], loss[8] - loss[32]
    assert (late >= 0).all()
    assert first_eight.verdict == "supported"
    assert first_eight.interval.estimate == pytest.approx(np.exp(np.log(early / late).mean()))
    assert 4 < first_eight.interval.estimate < 20  # by theory about (7/8) / (1/8 − 1/32) = 9.3
    bagged, peers = ensembles.bagged.variance[:, 0], ensembles.peers.variance[:, 0]
    assert more.interval.estimate == pytest.approx(np.exp(np.log(bagged / peers).mean()))


def test_the_measures_are_those_of_the_networks_on_the_validation_rows(results):
    ensembles = measured(results)
    trial, networks = results.design.trials[2], results.networks[2]
    y = trial.judged.labels
    each = [network.predict_proba(trial.judged.x).astype(np.float64) for network in networks]
    rows = np.arange(len(y))
    alone = np.mean([-np.log(q[rows, y]).mean() for q in each[:32]])
    together = -np.log(np.mean(each[:32], axis=0)[rows, y]).mean()
    bagged = -np.log(np.mean(each[32:], axis=0)[rows, y]).mean()
    peers = -np.log(np.mean(each[:8], axis=0)[rows, y]).mean()
    assert ensembles.seeds.log_loss[2, 0] == pytest.approx(alone, rel=1e-6)
    assert ensembles.seeds.log_loss[2, -1] == pytest.approx(together, rel=1e-6)
    assert ensembles.bagged.log_loss[2, -1] == pytest.approx(bagged, rel=1e-6)
    assert ensembles.peers.log_loss[2, -1] == pytest.approx(peers, rel=1e-6)


def test_the_smallest_ensemble_with_most_of_the_gain(results):
    ensembles = measured(results)
    loss = dict(zip(ensembles.sizes, ensembles.seeds.log_loss.mean(axis=0), strict=True))
    wanted = 0.9 * (loss[1] - loss[32])
    enough = module._enough(ensembles)
    assert loss[1] - loss[enough] >= wanted
    assert all(loss[1] - loss[size] < wanted for size in loss if size < enough)


def test_networks_are_not_stopped_early_and_train_for_a_part_of_the_budget(table):
    study = EnsemblingStudy(Recipe(hidden=(4,), patience=3, monitor="accuracy"))
    design = study.design(table, np.arange(table.rows), "standard", 0)
    recipe = design.arms[0].recipe
    assert (recipe.epochs, recipe.patience, recipe.monitor) == (75, None, "loss")
