import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.engine import Recipe
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.studies import DropoutStudy, run_design, run_study
from levelset.studies.questions.dropout import study as module


@pytest.fixture(scope="module")
def study():
    return DropoutStudy(Recipe(hidden=(24, 24), epochs=40, patience=2))


@pytest.fixture(scope="module")
def results(study):
    table = load("wine")
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_the_arms_differ_in_dropout_and_run_to_the_end(results):
    *compared, shallow = results.design.arms
    assert tuple(arm.recipe.dropout for arm in compared) == module.SHARES
    assert {arm.recipe.hidden for arm in compared} == {(24, 24)}
    assert (shallow.recipe.hidden, shallow.recipe.dropout) == ((24,), module.USUAL)
    assert {arm.recipe.patience for arm in results.design.arms} == {None}
    assert all((record.epochs_run == 40).all() for record in results.records)


def test_the_rows_that_judge_neither_train_nor_choose_the_epoch(results):
    for trial in results.design.trials:
        split = trial.split
        assert len(trial.judged) == len(split.test) > 0
        assert not set(split.test) & (set(split.training) | set(split.validation))
        assert len(trial.monitored) == len(split.validation)


def test_what_theory_is_sure_of_is_supported(study, results):
    *_, nearer, _, lower = study.findings(results)
    assert nearer.verdict == lower.verdict == "supported"
    assert nearer.interval.high < 1
    assert lower.interval.high < 1


def test_epochs_to_target_count_within_a_replicate(results):
    epochs, reached = module._epochs_to_target(results)
    loss = results.over_epochs("validation_loss")
    for number, trial in enumerate(results.design.trials):
        shares = np.bincount(trial.training.labels) / len(trial.training)
        nothing = -(shares * np.log(shares)).sum()
        target = nothing - 0.9 * (nothing - loss[number, :-1].min())
        for arm in range(len(module.SHARES)):
            below = [e for e, value in enumerate(loss[number, arm], 1) if value <= target]
            assert reached[number, arm] == bool(below)
            assert epochs[number, arm] == (below[0] if below else 40)


def test_the_choice_is_the_least_dropout_that_is_as_good(study, results):
    loss = results.validation_loss[:, : len(module.SHARES)]
    mean = loss.mean(axis=0)
    limit = mean.min() + loss[:, mean.argmin()].std(ddof=1) / np.sqrt(len(loss))
    first = next(share for share, value in zip(module.SHARES, mean, strict=True) if value <= limit)
    assert study.choice(results) == {"dropout": first}


def test_labels_without_a_pattern_support_no_claim_on_accuracy():
    generator = stream(1, "noise")
    noise = from_arrays(generator.normal(size=(120, 3)), generator.integers(0, 2, 120))
    result, _ = run_study(DropoutStudy(Recipe(hidden=(8,), epochs=10)), noise, budget="quick")
    (accuracy,) = (one for one in result.findings if one.subject == "accuracy")
    assert accuracy.verdict != "supported"


def test_without_hidden_layers_there_is_nothing_to_drop():
    with pytest.raises(DataError, match=r"study dropout cannot run on wine: dropout drops units"):
        run_study(DropoutStudy(Recipe(hidden=())), load("wine"), budget="quick")
