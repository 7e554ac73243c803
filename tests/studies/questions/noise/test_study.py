import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import NoiseStudy, run_design, run_study
from levelset.studies.questions.noise import study as module


@pytest.fixture(scope="module")
def study():
    return NoiseStudy(Recipe(hidden=(16,), epochs=40, input_noise=0.3, patience=2))


@pytest.fixture(scope="module")
def results(study):
    table = load("wine")
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_the_arms_differ_in_one_noise_each(results):
    noise = [(arm.recipe.input_noise, arm.recipe.weight_noise) for arm in results.design.arms]
    expected = [(0.0, 0.0)]
    expected += [(sigma, 0.0) for sigma in module.INPUT_NOISE]
    expected += [(0.0, sigma) for sigma in module.WEIGHT_NOISE]
    assert noise == [*expected, (0.0, 0.0)]
    smooth = results.design.arms[module._SMOOTH].recipe
    assert (smooth.activation, smooth.normalization) == ("tanh", "none")
    assert results.design.arms[module._NOISY_INPUT].recipe.input_noise == module.USUAL_INPUT
    assert results.design.arms[module._NOISY_WEIGHT].recipe.weight_noise == module.USUAL_WEIGHT


def test_a_normalized_base_has_a_smooth_arm_without_it():
    table = load("iris")
    normalized = NoiseStudy(
        Recipe(hidden=(8, 8), activation=("relu", "tanh"), epochs=2, normalization="batch")
    )
    outcome = run_design(normalized.design(table, np.arange(table.rows), "quick", 0))
    assert outcome.design.arms[0].recipe.normalization == "batch"
    assert len(normalized.findings(outcome)) == len(normalized.claims)


def test_what_theory_is_sure_of_is_supported(study, results):
    *_, equal, mostly = study.findings(results)
    assert equal.verdict == mostly.verdict == "supported"
    assert equal.interval.high < module.CLOSE
    assert mostly.interval.low > 1


def test_noise_in_training_makes_robust_against_it():
    # A line between two clouds that noise crosses: what is learned with it leaves a margin.
    generator = stream(0, "clouds")
    labels = np.arange(200) % 2
    x = generator.normal(size=(200, 2)) + 3.0 * labels[:, None]
    table = from_arrays(x, labels, name="clouds")
    bold = NoiseStudy(Recipe(hidden=(32,), epochs=120, learning_rate=1e-2))
    findings = bold.findings(run_design(bold.design(table, np.arange(200), "quick", 0)))
    inputs, weights = findings[4:6]
    assert inputs.interval.estimate < 0
    assert weights.interval.estimate < 0


def test_the_choice_is_no_noise_where_that_is_as_good(study, results):
    loss = results.validation_loss[:, list(module._COMPARED)]
    mean = loss.mean(axis=0)
    limit = mean.min() + loss[:, mean.argmin()].std(ddof=1) / np.sqrt(len(loss))
    chosen = study.choice(results)
    if mean[0] <= limit:
        assert chosen == {"input_noise": 0.0, "weight_noise": 0.0}
    else:
        best = results.design.arms[int(mean.argmin())].recipe
        assert chosen == {"input_noise": best.input_noise, "weight_noise": best.weight_noise}


def test_labels_without_a_pattern_support_no_claim_on_accuracy():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    result, _ = run_study(NoiseStudy(Recipe(hidden=(8,), epochs=10)), noise, budget="quick")
    accuracy = [finding for finding in result.findings if finding.subject == "accuracy"]
    assert len(accuracy) == 2
    assert all(finding.verdict != "supported" for finding in accuracy)
