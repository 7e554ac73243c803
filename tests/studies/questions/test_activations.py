import numpy as np
import pytest

from levelset.data import from_arrays
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import ActivationsStudy, honest_choice, run_design, run_study
from levelset.studies.questions import activations as module


@pytest.fixture(scope="module")
def spiral():
    """Two interleaved arms: a boundary that needs depth or time."""
    generator = stream(0, "spiral")
    labels = np.arange(240) % 2
    turn = generator.uniform(0.3, 1.0, 240)
    angle = 4 * turn + np.pi * labels
    points = turn[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return from_arrays(points + generator.normal(0, 0.02, (240, 2)), labels, name="spiral")


@pytest.fixture(scope="module")
def study():
    return ActivationsStudy(Recipe(hidden=(16,), epochs=40, learning_rate=3e-3))


@pytest.fixture(scope="module")
def results(study, spiral):
    return run_design(study.design(spiral, np.arange(spiral.rows), "quick", 0))


def test_every_activation_meets_every_depth(study, results):
    shapes = [(arm.recipe.activation, arm.recipe.hidden) for arm in results.design.arms]
    compared = len(module.COMPARED) * len(module.DEPTHS)
    assert len(set(shapes)) == compared + len(module.RELATIVES)
    for name in module.RELATIVES:
        assert shapes[module._arm(name, 3)] == (name, (16,) * 3)
    for activation in module.COMPARED:
        for depth in module.DEPTHS:
            arm = results.design.arms[module._arm(activation, depth)]
            assert (arm.recipe.activation, len(arm.recipe.hidden)) == (activation, depth)
    assert len(results.records) >= 8


def test_what_theory_is_sure_of_is_supported(study, results):
    gradient = study.findings(results)[2]
    assert "gradient shrinks" in gradient.claim
    assert gradient.verdict == "supported"
    assert gradient.interval.low > 4


def test_epochs_to_target_count_from_one_and_are_censored_at_the_budget(results):
    epochs, reached = module._epochs_to_target(results)
    loss = results.over_epochs("validation_loss")
    depths = np.array([len(arm.recipe.hidden) for arm in results.design.arms])
    for replicate in range(loss.shape[0]):
        for arm in range(loss.shape[1]):
            same_depth = loss[replicate, depths == depths[arm]]
            target = 0.1 * np.log(2) + 0.9 * same_depth.min()  # two classes, equally frequent
            below = [e for e, value in enumerate(loss[replicate, arm], 1) if value <= target]
            assert reached[replicate, arm] == bool(below)
            assert epochs[replicate, arm] == (below[0] if below else 40)


def test_the_gradient_is_per_weight(results):
    by_layer = module._gradient_by_layer(results)
    deep = module._arm("relu", module.DEPTHS[-1])
    norm = results.records[0].gradient_norm[deep, 0, 0]
    assert by_layer[0, deep, 0] == pytest.approx(norm / np.sqrt(2 * 16), rel=1e-6)


def test_the_choice_is_the_shallowest_within_one_standard_error(study, results):
    loss = module._best_loss(results)
    mean = loss.mean(axis=0)
    best = mean.argmin()
    share = results.design.validation_share
    limit = mean[best] + loss[:, best].std(ddof=1) * np.sqrt(1 / len(loss) + share)
    good = [
        (len(arm.recipe.hidden), mean[number], arm.recipe.activation)
        for number, arm in enumerate(results.design.arms)
        if mean[number] <= limit
    ]
    depth, _, activation = min(good)
    chosen = study.choice(results)
    assert (len(chosen["hidden"]), chosen["activation"]) == (depth, activation)


def test_labels_without_a_pattern_support_no_claim_of_better_generalization():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    study = ActivationsStudy(Recipe(hidden=(8,), epochs=20))
    result, _ = run_study(study, noise, budget="quick")
    generalization = [f for f in result.findings if f.subject != "mechanism"]
    assert "test log loss is lower" in generalization[0].claim
    assert {finding.verdict for finding in generalization} == {"not shown"}


def test_claims_are_judged_on_rows_that_chose_no_epoch(study, results):
    for trial in results.design.trials:
        chooses, judges = set(trial.split.validation), set(trial.split.test)
        assert judges
        assert not judges & (chooses | set(trial.split.training))
        assert len(trial.monitored) == len(chooses)
        assert len(trial.judged) == len(judges)
    sigmoid, relu = (module._arm(name, 6) for name in ("sigmoid", "relu"))
    lower, right = study.findings(results)[3], study.findings(results)[5]
    loss, accuracy = results.validation_loss, results.validation_accuracy
    assert lower.interval.estimate == pytest.approx((loss[:, sigmoid] - loss[:, relu]).mean())
    difference = (accuracy[:, relu] - accuracy[:, sigmoid]).mean()
    assert right.interval.estimate == pytest.approx(difference)


def test_a_base_that_stops_early_or_slows_layers_is_compared_over_all_epochs(spiral):
    base = Recipe(hidden=(4, 4), epochs=3, patience=1, learning_rate_factors=(1.0, 1.0, 0.5))
    stopping = ActivationsStudy(base)
    own = run_design(stopping.design(spiral, np.arange(spiral.rows), "quick", 0))
    assert all((record.epochs_run == 3).all() for record in own.records)
    assert base.changed(**stopping.choice(own)).learning_rate_factors is None


def test_the_best_relative_is_judged_where_it_was_not_chosen(results):
    loss = results.validation_loss
    gain, chosen = module._gain_of_relatives(results)
    arms = [module._arm(name, 3) for name in module.RELATIVES]
    assert chosen.tolist() == honest_choice(results.judged_rows, arms).tolist()
    for replicate, arm in enumerate(chosen):
        relu = loss[replicate, module._arm("relu", 3)]
        assert gain[replicate] == pytest.approx(relu - loss[replicate, arm])
    for outcome, judged in zip(results.outcomes, results.judged_rows, strict=True):
        assert judged.rows.tolist() == outcome.trial.split.test.tolist()
