import math

import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.diagnostics import row_losses
from levelset.engine import Recipe
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.studies import TransferStudy, run_design, run_study
from levelset.studies.questions.transfer import gains as gains
from levelset.studies.questions.transfer import task as module


@pytest.fixture(scope="module")
def corners():
    """Eight corners of a cube among features of noise: what tells four apart tells the others."""
    generator = stream(0, "corners")
    labels = np.arange(640) % 8
    corners = np.stack([(labels >> bit & 1) * 2.0 - 1 for bit in range(3)], axis=1)
    signal = corners + generator.normal(0, 0.2, corners.shape)
    x = np.concatenate([signal, generator.normal(size=(640, 40))], axis=1)
    return from_arrays(x, labels, name="corners")


@pytest.fixture(scope="module")
def study():
    return TransferStudy(Recipe(hidden=(16,), epochs=100, learning_rate=5e-3))


def both_stages(study, table, seed=0):
    first = run_design(study.design(table, np.arange(table.rows), "quick", seed))
    following = study.next_design(first, "quick", seed)
    return run_design(following, earlier=first)


@pytest.fixture(scope="module")
def results(study, corners):
    return both_stages(study, corners)


@pytest.fixture(scope="module")
def of_inputs():
    """A table of too few classes to share out: the source is its inputs."""
    return both_stages(TransferStudy(Recipe(hidden=(8,), epochs=5)), load("iris"))


def test_every_start_meets_every_number_of_rows(results):
    for trial in results.design.trials:
        sizes = [len(trial.training) if m.rows is None else len(m.rows) for m in trial.members]
        draws = {5: 4, 10: 2, 20: 1}  # of 60 rows of each of four classes
        expected = [4 * k for k, times in draws.items() for _ in range(times)]
        assert sizes == np.repeat([*expected, len(trial.training)], 5).tolist()
        assert len({member.seed for member in trial.members}) == 1


def test_rows_of_a_level_are_as_many_of_each_class_and_drawn_once(results):
    trial = results.design.trials[0]
    drawn = [member.rows for member in trial.members[::5] if member.rows is not None]
    for rows in drawn:
        counts = np.bincount(trial.training.labels[rows], minlength=4)
        assert set(counts) == {len(rows) // 4}
    fives = np.concatenate(drawn[:4])
    assert len(set(fives)) == len(fives) == 80


def test_source_and_target_share_no_class_and_change_with_the_replicate(corners):
    tasks = [module.task_of(corners.targets, 0, replicate) for replicate in range(8)]
    for task in tasks:
        assert sorted((*task.source, *task.target)) == list(range(8))
        assert len(task.target) == 4
    assert len(set(tasks)) > 4


def test_starts_are_the_networks_before_and_after_pretraining(results):
    earlier = results.earlier.outcomes[0]
    drawn, (real, shuffled) = earlier.snapshots[0][0], earlier.networks
    trunks = (drawn, real, real, shuffled, drawn)
    members = results.design.trials[0].members
    for number, member in enumerate(members):
        trunk = trunks[number % 5]
        np.testing.assert_array_equal(member.initial.weights[0], trunk.weights[0])
        np.testing.assert_array_equal(member.initial.weights[-1], members[0].initial.weights[-1])
    assert np.array_equal(earlier.snapshots[0][1].weights[0], drawn.weights[0])
    assert not np.array_equal(real.weights[0], drawn.weights[0])


def test_frozen_trunks_stay_and_the_others_move(results):
    outcome = results.outcomes[0]
    for number, (member, network) in enumerate(
        zip(outcome.trial.members, outcome.networks, strict=True)
    ):
        stayed = np.array_equal(network.weights[0], member.initial.weights[0])
        assert stayed == (number % 5 in (gains.FROZEN, gains.UNTRAINED))
        assert not np.array_equal(network.weights[-1], member.initial.weights[-1])


def test_a_fresh_head_is_drawn_as_the_theory_says(results):
    trunk = results.earlier.outcomes[0].networks[0]
    recipe = Recipe(hidden=(16,), gain=2.0)
    fresh = module.with_fresh_head(trunk, recipe, 500, stream(0, "test"))
    assert fresh.weights[-1].std() == pytest.approx(2 * math.sqrt(2 / (16 + 500)), rel=0.05)
    assert not fresh.biases[-1].any()
    assert fresh.classes == 500


def test_measures_are_means_over_the_draws_of_a_level(results):
    loss, accuracy = gains.by_level(results, "loss"), gains.by_level(results, "accuracy")
    assert loss.shape == accuracy.shape == (8, 4, 5)
    outcome = results.outcomes[2]
    q, labels = outcome.judged
    for arm in range(5):
        fives, all_rows = [5 * draw + arm for draw in range(4)], 5 * 7 + arm
        expected = np.mean([row_losses(q[m], labels).mean() for m in fives])
        assert loss[2, 0, arm] == pytest.approx(expected)
        assert accuracy[2, 3, arm] == pytest.approx((q[all_rows].argmax(1) == labels).mean())


def test_where_the_target_asks_for_what_the_source_taught_it_is_supported(study, results):
    findings = study.findings(results)
    assert tuple(finding.claim for finding in findings) == study.claims
    frozen = [finding for finding in findings if "frozen − scratch" in finding.effect]
    assert [finding.subject for finding in frozen] == ["log loss", "accuracy"]
    assert [finding.verdict for finding in frozen] == ["supported"] * 2
    assert frozen[1].interval.low > 0.1
    tuned = [finding.interval for finding in findings if "fine-tuned − scratch" in finding.effect]
    assert tuned[0].high < 0 < tuned[1].low  # alone; among nine claims it takes more replicates
    scores = np.array([gains.source_scores(outcome) for outcome in results.earlier.outcomes])
    true, shuffled = scores.mean(axis=0)
    assert true > 0.6
    assert shuffled < 0.4  # chance is 0.25


def test_labels_without_a_pattern_support_no_claim_of_accuracy():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(160, 5)), generator.permutation(160) % 4)
    result, _ = run_study(TransferStudy(Recipe(hidden=(8,), epochs=20)), noise, budget="quick")
    for finding in result.findings:
        assert finding.subject != "accuracy" or finding.verdict == "not shown"


def test_few_classes_are_all_the_targets_and_inputs_the_source(of_inputs):
    earlier = of_inputs.earlier.design.trials[0]
    np.testing.assert_array_equal(earlier.training.y["source"], earlier.training.x)
    (head,) = earlier.members[0].recipe.heads
    assert (head.loss, head.weight) == ("squared_error", 1 / 4)
    assert earlier.members[0].recipe.input_dropout == module.CORRUPTION
    second = of_inputs.design.trials[0]
    assert second.classes == 3
    assert second.members[0].recipe.input_dropout == 0
    assert "restores the inputs" in gains.source_in_words(of_inputs)


def test_the_share_restored_is_one_minus_the_squared_error_over_the_power(of_inputs):
    outcome = of_inputs.earlier.outcomes[0]
    x = outcome.trial.judged.x.astype(np.float64)
    answers = outcome.networks[0].outputs(outcome.trial.judged.x)["source"]
    error = sum((a - b) ** 2 for a, b in zip(answers.ravel(), x.ravel(), strict=True))
    power = sum(b**2 for b in x.ravel())
    assert gains.source_scores(outcome)[0] == pytest.approx(1 - error / power, rel=1e-5)


def test_where_no_input_varies_nothing_can_be_restored():
    same = from_arrays(np.ones((80, 2)), np.arange(80) % 2, name="same")
    found = both_stages(TransferStudy(Recipe(hidden=(4,), epochs=2)), same)
    assert found.earlier is not None
    assert np.isnan(gains.source_scores(found.earlier.outcomes[0])).all()
    assert gains.source_table(found).rows


def test_few_rows_make_no_fewer_steps():
    recipe = Recipe(epochs=60, batch_size=32)
    assert module.lengthened(recipe, 400, 400).epochs == 60
    for rows in (10, 40, 100):
        steps = module.lengthened(recipe, rows, 400).epochs * math.ceil(rows / 32)
        assert steps >= 500
    assert module.lengthened(recipe, 10, 40).epochs == 120  # what 40 rows make in 60


def test_a_base_with_everything_set_goes_through():
    recipe = Recipe(
        hidden=(6, 6),
        epochs=3,
        normalization="batch",
        class_weight="balanced",
        label_smoothing=0.1,
        input_dropout=0.5,
        learning_rate_factors=(0.5, 1.0, 2.0),
        averaging="ema",
        patience=2,
        monitor="accuracy",
    )
    assert module.frozen(recipe).learning_rate_factors == (0, 0, 2.0)
    result, choice = run_study(TransferStudy(recipe), load("iris"), budget="quick")
    assert len(result.findings) == 9
    assert not choice


def test_what_cannot_be_asked_is_said():
    iris = load("iris")
    with pytest.raises(DataError, match=r"hidden layers, and the recipe has none"):
        run_study(TransferStudy(Recipe(hidden=())), iris, budget="quick")
    rows = np.arange(60)  # 50 of the first class and 10 of the second
    with pytest.raises(
        DataError, match=r"two classes of at least 20 rows each among the 60 rows .* there are 1"
    ):
        run_study(TransferStudy(), iris, rows=rows, budget="quick")
