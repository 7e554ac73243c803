"""Rows that count more than others, rows that count for nothing, and rows that come again."""

import numpy as np
import pytest

from levelset.engine import Fleet, Member
from levelset.theory import LOSSES, one_hot
from tests.reference.features import (
    CLASSES,
    ROWS,
    SAMPLE_WEIGHT,
    VALIDATION,
    X,
    Y,
    make_recipe,
)
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import logits_by_theory, validation_loss_by_theory
from tests.reference.trained import SEED, Trained, as_bytes, assert_same_arrays, parameters


class TestWeights:
    def test_equal_weights_change_nothing(self) -> None:
        weighted = Trained(make_recipe(), sample_weight=np.full(ROWS, 0.5))
        assert_same_arrays(
            parameters(weighted.after), parameters(Trained(make_recipe()).after), 1e-12
        )

    def test_rows_of_weight_zero_teach_nothing(self) -> None:
        recipe, x = make_recipe(batch_size=ROWS), X.copy()
        x[SAMPLE_WEIGHT == 0] += 5
        first, second = (Trained(recipe, x=rows, sample_weight=SAMPLE_WEIGHT) for rows in (X, x))
        assert_same_arrays(parameters(first.after), parameters(second.after), 1e-12)

    def test_batches_of_weight_zero_teach_nothing(self) -> None:
        # One row a batch: the steps of weightless rows have gradient 0, and sgd stands still.
        weights = (np.arange(ROWS) == 7).astype(float)
        fields = {"optimizer": "sgd", "momentum": 0.0, "l2": 0.0, "batch_size": 1}
        some = Trained(make_recipe(**fields), sample_weight=weights)
        alone = Trained(make_recipe(**fields), x=X[7:8], y=Y[7:8])
        assert_same_arrays(parameters(some.after), parameters(alone.after), 1e-12)
        assert np.isfinite(some.record.training_loss).all()

    def test_accuracy_and_validation_count_every_row_once(self) -> None:
        recipe = make_recipe(batch_size=ROWS, epochs=1, class_weight="balanced")
        trained = Trained(recipe, sample_weight=SAMPLE_WEIGHT, validation=VALIDATION)
        hits = (logits_by_theory(trained.before, X).argmax(axis=1) == Y).mean()
        assert trained.record.training_accuracy[0, 0] == pytest.approx(hits, rel=1e-6)
        held_out = validation_loss_by_theory(trained.after, *VALIDATION)
        assert trained.record.validation_loss[0, 0] == pytest.approx(held_out, rel=1e-6)

    def test_training_loss_is_the_weighted_mean(self) -> None:
        trained = Trained(make_recipe(batch_size=ROWS, epochs=1), sample_weight=SAMPLE_WEIGHT)
        logits = logits_by_theory(trained.before, X)
        losses = LOSSES["softmax_cross_entropy"].value(logits, one_hot(Y, CLASSES))
        expected = np.average(losses, weights=SAMPLE_WEIGHT)
        assert trained.record.training_loss[0, 0] == pytest.approx(expected, rel=1e-6)

    def test_classes_are_those_of_the_members_rows(self) -> None:
        rows = np.flatnonzero(Y != 2)[:20]
        recipe = make_recipe(class_weight="balanced")
        fleet = Fleet([Member(recipe, seed=SEED, rows=rows)], X, Y, dtype="float64")
        fleet.run()
        alone = Trained(recipe, x=X[rows], y=Y[rows])
        assert as_bytes(fleet.networks[0]) == as_bytes(alone.after)


@every_instruction_set
@pytest.mark.parametrize("feature", [None, "everything"])
def test_counts_are_the_rows_they_count(feature: str | None, instruction_set: str) -> None:
    counts = np.random.default_rng(5).multinomial(ROWS, np.full(ROWS, 1 / ROWS))
    rows = np.repeat(np.arange(ROWS), counts)
    recipe = make_recipe(feature)
    members = [Member(recipe, counts=counts), Member(recipe, rows=rows), Member(recipe)]
    fleet = Fleet(members, X, Y, instruction_set=instruction_set)
    fleet.run()
    first, second, whole = fleet.networks
    assert as_bytes(first) == as_bytes(second) != as_bytes(whole)
    record = fleet.record
    assert record.training_loss[0].tobytes() == record.training_loss[1].tobytes()
