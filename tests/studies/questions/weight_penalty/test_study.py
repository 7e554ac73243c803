import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import WeightPenaltyStudy, honest_choice, run_design
from levelset.studies.questions.weight_penalty import study as module


@pytest.fixture(scope="module")
def study():
    return WeightPenaltyStudy(Recipe(hidden=(16,), epochs=60))


@pytest.fixture(scope="module")
def results(study):
    table = load("breast_cancer")
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_what_theory_is_sure_of_is_supported(study, results):
    smaller, worse_fit, *_ = study.findings(results)
    assert smaller.verdict == worse_fit.verdict == "supported"
    assert smaller.interval.high < 1  # a ratio of norms
    assert worse_fit.interval.low > 0


def test_small_penalties_are_written_as_a_reader_expects(study):
    wine = load("wine")
    arms = study.design(wine, np.arange(wine.rows), "thorough", 0).arms
    assert [arm.name for arm in arms[:4]] == ["λ = 0", "λ = 10⁻⁵", "λ = 3 × 10⁻⁵", "λ = 0.0001"]
    assert arms[1].color_key == "l2=1e-05"


def test_the_weight_norm_is_that_of_the_networks(results):
    norms = module._weight_norm(results)
    for replicate, networks in enumerate(results.networks):
        for arm, network in enumerate(networks):
            total = sum((weight.astype(np.float64) ** 2).sum() for weight in network.weights)
            assert norms[replicate, arm] == pytest.approx(np.sqrt(total), rel=1e-5)


def test_one_standard_error_takes_the_largest_penalty_that_is_as_good(results):
    chosen = module._one_standard_error(results)
    loss = results.validation_loss
    mean = loss.mean(axis=0)
    best = mean.argmin()
    share = results.design.test_share
    limit = mean[best] + loss[:, best].std(ddof=1) * np.sqrt(1 / len(loss) + share)
    assert mean[chosen] <= limit
    assert (mean[chosen + 1 :] > limit).all()
    assert chosen >= best


def test_the_gain_of_the_best_penalty_is_judged_on_rows_that_did_not_choose_it(results):
    gain, chosen = module._honest_gain(results)
    loss = results.validation_loss
    assert chosen.tolist() == honest_choice(results.judged_rows, range(1, loss.shape[1])).tolist()
    expected = [loss[r, 0] - loss[r, arm] for r, arm in enumerate(chosen)]
    assert gain.tolist() == pytest.approx(expected)


def test_the_translation_to_other_libraries():
    table = module._translation(batch_size=32, l2=0.01)
    values = {row[0]: row[2] for row in table.rows}
    assert values["levelset, Keras"] == 0.01
    assert values["PyTorch"] == pytest.approx(0.02)
    assert values["scikit-learn"] == pytest.approx(0.64)


def test_what_validation_would_monitor_is_left_out_since_it_takes_no_part():
    table = load("iris")
    monitored = WeightPenaltyStudy(Recipe(hidden=(4,), epochs=2, patience=1, monitor="accuracy"))
    design = monitored.design(table, np.arange(table.rows), "quick", 0)
    assert {(arm.recipe.patience, arm.recipe.monitor) for arm in design.arms} == {(None, "loss")}
    run_design(design)


def test_the_path_starts_without_a_penalty_and_ascends():
    for path in module.PATHS.values():
        assert path[0] == 0
        assert list(path) == sorted(set(path))


def test_the_penalty_straightens_the_level_sets_of_a_table_that_can_be_overfitted():
    table = load("moons:noise=0.4,rows=160,seed=1")
    study = WeightPenaltyStudy(Recipe(hidden=(32, 32), epochs=150, learning_rate=3e-3))
    findings = study.findings(run_design(study.design(table, np.arange(160), "quick", 0)))
    *_, bend, length = findings
    assert bend.verdict == length.verdict == "supported"
    assert bend.interval.high < 1
    assert length.interval.high < 0


def test_networks_without_a_level_set_count_as_straight_and_are_counted(study):
    generator = stream(2, "rare")
    labels = np.repeat([0, 1], [72, 8])
    table = from_arrays(1e-3 * generator.normal(size=(80, 3)), labels)
    short = WeightPenaltyStudy(Recipe(hidden=(4,), epochs=200, learning_rate=1e-2))
    results = run_design(short.design(table, np.arange(80), "quick", 0))
    assert not module._bending(results).found[:, -1].any()  # λ = 0.1 leaves the frequencies
    for finding in short.findings(results):
        assert np.isfinite([finding.interval.low, finding.interval.high]).all()
    assert np.isnan(module._mean_found(module._bending(results))[-1])
    assert short.tables(results)
    assert short.charts(results)


def test_generalization_is_claimed_in_log_loss_and_in_accuracy(study, results):
    subjects = [finding.subject for finding in study.findings(results)]
    assert subjects.count("log loss") == subjects.count("accuracy") == 1


def test_every_path_holds_the_penalties_whose_level_sets_are_measured():
    for path in module.PATHS.values():
        assert set(module.MEASURED) <= set(path)
