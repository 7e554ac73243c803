import math

import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.engine import Fleet, Head, Member, Recipe
from levelset.errors import DataError
from levelset.seeds import stream
from levelset.studies import MultitaskStudy, run_design, run_study
from levelset.studies.questions.multitask import company as module
from levelset.studies.questions.multitask.company import (
    ALONE,
    RELATED,
    SAME_RELATED,
    SEPARATE,
    UNRELATED,
)


def hidden(seed=0, rows=400, permuted=False):
    """The class is the sign of a sum of features, of which three columns are noisy copies."""
    generator = stream(seed, "hidden")
    x = generator.normal(size=(rows, 30))
    total = x[:, :10].sum(axis=1) / math.sqrt(10)
    copies = total[:, None] + generator.normal(0, 0.2, (rows, 3))
    labels = (total > 0).astype(np.int64)
    labels = generator.permutation(labels) if permuted else labels
    return from_arrays(np.concatenate([x, copies], axis=1), labels, name="hidden")


@pytest.fixture(scope="module")
def study():
    return MultitaskStudy(Recipe(hidden=(16,), epochs=20, learning_rate=5e-3))


@pytest.fixture(scope="module")
def results(study):
    table = hidden()
    return run_design(study.design(table, np.arange(table.rows), "quick", 0))


def test_every_company_meets_every_number_of_rows(results):
    for trial in results.design.trials:
        assert len(trial.members) == (4 + 1 + 1) * len(module.COMPANIES)
        assert len({member.seed for member in trial.members}) == 1
        assert trial.monitored is None


def test_columns_held_out_are_no_features(results):
    trial = results.design.trials[0]
    assert trial.training.x.shape[1] == 30
    assert not {"x31", "x32", "x33"} & set(trial.encoding.names)


def test_targets_are_known_where_they_should_be(results):
    trial = results.design.trials[0]
    for number, member in enumerate(trial.members):
        company = module.COMPANIES[number % len(module.COMPANIES)]
        own, *second = member.recipe.heads
        rows = np.unique(member.rows)
        for head in second:
            assert head.target.startswith(company.second or "related")
            assert np.isfinite(trial.training.y[head.target][rows].astype(float)).all()
        known = np.isfinite(trial.training.y[own.target][rows])
        if company.has_class:
            counts = np.bincount(trial.training.y[own.target][rows[known]].astype(int))
            few = known.sum() < len(trial.training)
            assert not few or counts[0] == counts[1] in (5, 20)
            assert known.all() != (company.everywhere and few)
        else:
            assert len(rows) == len(trial.training)


def test_all_networks_of_a_replicate_begin_as_the_same_network(results):
    trial = results.design.trials[0]
    fleet = Fleet(trial.members, trial.training.x, trial.training.y, classes=trial.classes)
    first, *others = (network.flat() for network in fleet.networks)
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_a_head_of_negligible_weight_teaches_nothing(results):
    trial = results.design.trials[0]
    member = trial.members[ALONE]
    own = member.recipe.heads[0]
    elsewhere = Head(target="unrelated 1", weight=module.NEGLIGIBLE)
    plain = Head(target="unrelated 1", weight=1.0)
    trunks = []
    for second in (member.recipe.heads[1], elsewhere, plain):
        recipe = member.recipe.changed(heads=(own, second))
        one = Member(recipe, seed=member.seed, rows=member.rows)
        fleet = Fleet([one], trial.training.x, trial.training.y, classes=trial.classes)
        fleet.run()
        trunks.append(fleet.networks[0].weights[0])
    np.testing.assert_allclose(trunks[0], trunks[1], atol=1e-4)
    assert np.abs(trunks[0] - trunks[2]).max() > 1e-2


def test_rows_whose_class_is_known_are_seen_equally_often(results):
    trial = results.design.trials[0]
    companies = len(module.COMPANIES)
    for first in range(0, len(trial.members), companies):
        fleet = trial.members[first : first + companies]
        labeled = np.unique(fleet[ALONE].rows)
        often = [np.isin(fleet[arm].rows, labeled).sum() for arm in (ALONE, RELATED, UNRELATED)]
        assert set(often) == {len(trial.training)}


def test_unrelated_targets_are_related_ones_dealt_to_other_rows(results):
    y = results.design.trials[0].training.y
    for place in (1, 2, 3):
        np.testing.assert_array_equal(
            np.bincount(y[f"related {place}"]), np.bincount(y[f"unrelated {place}"])
        )
    pairs = [
        sorted(zip(*(y[f"{stem} {place}"] for place in (1, 2, 3)), strict=True))
        for stem in ("related", "unrelated")
    ]
    assert pairs[0] == pairs[1]
    assert np.mean(y["related 1"] == y["unrelated 1"]) < 0.4


def test_second_targets_share_their_weight():
    heads = module.COMPANIES[module.HEAVY].heads("class of 5 rows", 4)
    assert [head.weight for head in heads] == [1, 0.75, 0.75, 0.75, 0.75]
    tiny = module.NEGLIGIBLE
    alone = module.COMPANIES[ALONE].heads("class of 5 rows", 4)
    assert [head.weight for head in alone] == [1, *[tiny / 4] * 4]
    separate = module.COMPANIES[SEPARATE].heads("class of 5 rows", 4)
    assert [head.weight for head in separate] == [tiny, *[0.25] * 4]


def test_scores_are_those_of_the_networks_on_judged_rows(results):
    outcome = results.outcomes[1]
    scores = module._scores(outcome)
    judged = outcome.trial.judged
    network = outcome.snapshots[3][RELATED]
    answers = network.outputs(judged.x)
    q = next(answer for name, answer in answers.items() if name.startswith("class"))
    labels = judged.y["class"]
    loss = np.mean([-math.log(row[label]) for row, label in zip(q, labels, strict=True)])
    second = [
        np.mean(answers[f"related {place}"].argmax(axis=1) == judged.y[f"related {place}"])
        for place in (1, 2, 3)
    ]
    assert scores[3][RELATED][0] == pytest.approx(loss, rel=1e-5)
    assert scores[3][RELATED][1] == pytest.approx(np.mean(q.argmax(axis=1) == labels))
    assert scores[3][RELATED][3] == pytest.approx(np.mean(second))
    assert np.isnan(scores[3][ALONE][2:]).all()
    assert np.isnan(scores[3][SEPARATE][:2]).all()
    assert np.isnan(scores[3][UNRELATED][2:]).all()


def test_an_arm_is_judged_at_the_epoch_best_on_other_replicates():
    generator = np.random.default_rng(0)
    loss, accuracy = generator.normal(size=(2, 6, 5, 1, 1))
    measures = module.at_best_epoch(loss, accuracy, np.array([1.0, 2, 4, 8, 16]))
    for replicate in range(6):
        others = np.delete(loss[:, :, 0, 0], replicate, axis=0).mean(axis=0)
        best = int(others.argmin())
        assert measures.loss[replicate, 0, 0] == loss[replicate, best, 0, 0]
        assert measures.accuracy[replicate, 0, 0] == accuracy[replicate, best, 0, 0]
        assert measures.epochs[replicate, 0, 0] == 2**best


def test_where_copies_of_the_cause_are_targets_they_are_found_to_help(study, results):
    findings = study.findings(results)
    assert tuple(finding.claim for finding in findings) == study.claims
    helps, than_unrelated = findings[1], findings[3]
    assert helps.subject == than_unrelated.subject == "accuracy"
    assert helps.verdict == than_unrelated.verdict == "supported"
    assert helps.interval.low > 0.1
    assert findings[6].verdict == "supported"  # less with all rows
    assert findings[8].subject == "mechanism"  # the related target is no chance where the class is
    for lower in findings[:3:2]:
        assert lower.interval.high < 0
    same_rows = module.measured(results)[0].accuracy[:, 0, SAME_RELATED].mean()
    assert same_rows < 0.65


def test_labels_without_a_pattern_support_no_claim_of_accuracy(study):
    result, choice = run_study(study, hidden(permuted=True), budget="quick")
    for finding in result.findings:
        assert finding.subject != "accuracy" or finding.verdict == "not shown"
    assert not choice


def test_the_table_names_the_columns_held_out(study, results):
    every, second = study.tables(results)
    assert {row[0] for row in second.rows} == {"x31", "x32", "x33"}
    assert all(row[1] == 8 for row in second.rows)
    assert [row[0] for row in every.rows].count(5) == len(module.COMPANIES) - 1
    last = [row[1] for row in every.rows if row[0] not in (5, 20)]
    assert last[-1] == "Related target alone"
    assert not any("same rows" in name for name in last)


def test_a_base_with_everything_set_goes_through():
    recipe = Recipe(
        hidden=(6, 6),
        epochs=3,
        normalization="batch",
        class_weight="balanced",
        label_smoothing=0.1,
        input_dropout=0.1,
        patience=2,
        monitor="accuracy",
    )
    result, _ = run_study(MultitaskStudy(recipe), load("iris"), budget="quick")
    assert len(result.findings) == 9


def test_epochs_are_halved_unless_they_were_given():
    iris = load("iris")
    for recipe, expected in ((Recipe(hidden=(4,)), 30), (Recipe(hidden=(4,), epochs=7), 7)):
        design = MultitaskStudy(recipe).design(iris, np.arange(iris.rows), "quick", 0)
        assert {member.recipe.epochs for member in design.trials[0].members} == {expected}


def test_what_cannot_be_asked_is_said():
    iris = load("iris")
    with pytest.raises(DataError, match="hidden layers, and the recipe has none"):
        run_study(MultitaskStudy(Recipe(hidden=())), iris, budget="quick")
    rows = np.arange(60)  # 50 of the first class and 10 of the second
    with pytest.raises(
        DataError, match=r"two classes of at least 20 rows each among the 60 rows .* there are 1"
    ):
        run_study(MultitaskStudy(), iris, rows=rows, budget="quick")
    yes_or_no = from_arrays((stream(0, "x").normal(size=(80, 4)) > 0) * 1.0, np.arange(80) % 2)
    with pytest.raises(DataError, match="3 columns, of which one can be held out as a target"):
        run_study(MultitaskStudy(), yes_or_no, budget="quick")
    with pytest.raises(DataError, match="3 columns"):
        run_study(MultitaskStudy(), load("moons"), budget="quick")
