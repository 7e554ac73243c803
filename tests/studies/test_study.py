import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from levelset.data import load, permuted_labels
from levelset.engine import Progress, Recipe
from levelset.errors import DataError
from levelset.studies import (
    STUDIES,
    Arm,
    Replicates,
    paired_design,
    paired_splits,
    run_design,
    run_study,
)
from levelset.studies.design import replicates_of
from levelset.theory import one_hot, softmax_cross_entropy


@pytest.fixture(scope="module")
def wine():
    return load("wine")


def small_design(dataset, keep_best, epochs=6, **fields):
    rows = np.arange(dataset.rows)
    recipe = Recipe(hidden=(8,), epochs=epochs, **fields)
    arms = (Arm("plain", recipe, "a"), Arm("penalized", recipe.changed(l2=0.1), "b"))
    replicates = Replicates(dataset, paired_splits(dataset, rows, 3, seed=1), (1, 2, 3))
    return paired_design(replicates, arms, keep_best=keep_best)


def test_the_splits_are_stratified_paired_and_within_the_given_rows(wine):
    rows = np.arange(0, wine.rows, 2)
    first, second = paired_splits(wine, rows, 2, seed=0)
    assert set(first.training) | set(first.validation) == set(rows)
    assert not set(first.training) & set(first.validation)
    assert not np.array_equal(first.training, second.training)
    assert np.array_equal(paired_splits(wine, rows, 2, seed=0)[1].training, second.training)
    shares = [np.bincount(wine.targets[part]) / len(part) for part in (rows, first.validation)]
    np.testing.assert_allclose(shares[0], shares[1], atol=0.05)


def test_the_arms_of_a_replicate_start_from_the_same_weights(wine):
    design = small_design(wine, keep_best=False, epochs=1, learning_rate=1e-12)
    results = run_design(design)
    for plain, penalized in results.networks:
        np.testing.assert_allclose(plain.weights[0], penalized.weights[0], atol=1e-9)
    assert not np.allclose(results.networks[0][0].weights[0], results.networks[1][0].weights[0])


@pytest.mark.parametrize("keep_best", [False, True])
def test_the_losses_are_those_of_the_networks_on_the_encoded_rows(wine, keep_best):
    design = small_design(wine, keep_best)
    results = run_design(design)
    for replicate, trial in enumerate(design.trials):
        split = trial.split
        x = trial.encoding.transform(wine, split.validation)
        expected = []
        for network in results.networks[replicate]:
            a = x.astype(np.float64)
            for weights, bias in zip(network.weights[:-1], network.biases[:-1], strict=True):
                a = np.maximum(a @ weights + bias, 0)
            logits = a @ network.weights[-1] + network.biases[-1]
            targets = one_hot(wine.targets[split.validation], 3)
            expected.append(softmax_cross_entropy(logits, targets).mean())
        np.testing.assert_allclose(results.validation_loss[replicate], expected, rtol=1e-5)


def test_the_methods_name_every_setting_that_is_not_a_default(wine):
    plain = small_design(wine, keep_best=True).methods
    assert "Also set" not in plain
    told = small_design(wine, keep_best=True, schedule="cosine", input_noise=0.1).methods
    assert told.endswith(" Also set: schedule = cosine, input_noise = 0.1.")


def test_the_methods_say_which_rows_validate_and_which_only_judge(wine):
    arms = small_design(wine, keep_best=False).arms
    validated = small_design(wine, keep_best=False).methods
    assert "(133 training, 45 validation rows)" in validated
    replicates = replicates_of(wine, np.arange(wine.rows), "quick", 0, test_share=0.2)
    judged = paired_design(replicates, arms, keep_best=True)
    split = replicates.splits[0]
    counts = [len(part) for part in (split.training, split.validation, split.test)]
    assert "({} training, {} validation, {} test rows)".format(*counts) in judged.methods
    assert sum(counts) == wine.rows


def test_a_diverged_arm_is_named_and_not_compared(wine):
    design = small_design(wine, keep_best=False, optimizer="sgd", learning_rate=1e9)
    with pytest.raises(DataError, match=r"The network of 'plain' must stay finite .* lower the"):
        run_design(design)


def test_progress_covers_the_whole_design(wine):
    seen: list[Progress] = []
    run_design(small_design(wine, keep_best=True, epochs=400), seen.append)
    assert {progress.epochs_total for progress in seen} == {2 * 3 * 400}
    done = [progress.epochs_done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == 2 * 3 * 400


# What every study promises.


def table_for(study, wine):
    """A bundled table that can answer the study's question."""
    for table in (wine, load("digits")):
        if not study.reason_left_out(table, np.arange(table.rows)):
            return table
    raise AssertionError(f"no bundled table answers {study.name}")


def texts_in(value: object, key: str = "") -> Iterator[str]:
    """Every text of a result that a reader sees; color keys are for machines."""
    if isinstance(value, str):
        if key != "color_key":
            yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from texts_in(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name), field.name)


@pytest.mark.parametrize("name", STUDIES)
def test_contract_every_claim_gets_a_finding_with_interval_and_n(name, wine):
    study = STUDIES[name](Recipe(hidden=(8,), epochs=5, learning_rate=9e-5))
    table = table_for(study, wine)
    result, choice = run_study(study, table, budget="quick", seed=3, command="levelset study")
    assert result.name == name
    assert result.claims == study.claims_about(table)
    assert tuple(finding.claim for finding in result.findings) == result.claims
    for finding in result.findings:
        interval = finding.interval
        assert interval.low <= interval.estimate <= interval.high
        assert interval.n >= 5
        assert finding.verdict in ("supported", "refuted", "not shown")
    assert result.charts
    assert result.tables
    assert all(len(row) == len(table.columns) for table in result.tables for row in table.rows)
    Recipe().changed(**choice)
    assert result.methods
    assert result.command == "levelset study"
    code = [text for text in texts_in(result) if re.search(r"\de[+-]\d", text)]
    assert not code  # 1e-05 is for programs


@pytest.mark.parametrize("name", STUDIES)
def test_contract_the_same_seed_gives_the_same_findings(name, wine):
    study = STUDIES[name](Recipe(hidden=(4,), epochs=3))
    table = table_for(study, wine)
    runs = [run_study(study, table, budget="quick", seed=5)[0] for _ in range(2)]
    assert runs[0].findings == runs[1].findings


@pytest.mark.parametrize("name", STUDIES)
def test_contract_claims_are_stated_before_the_data(name):
    assert len(STUDIES[name]().claims) >= 3
    assert STUDIES[name]().question.endswith("?")


@pytest.mark.parametrize("name", STUDIES)
def test_contract_what_is_claimed_about_a_table_depends_on_no_label(name, wine):
    study = STUDIES[name]()
    for table in (wine, load("digits")):
        claims = study.claims_about(table)
        assert [claim for claim in study.claims if claim in claims] == list(claims)
        assert len(claims) >= 3
        assert study.claims_about(permuted_labels(table, 1)) == claims
