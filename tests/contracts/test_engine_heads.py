"""Several targets, targets that are missing, and every loss: as the theory says it."""

import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member
from levelset.theory import sigmoid, softmax
from tests.reference.features import (
    HEAD_FIELDS,
    PLAIN_HEADS,
    ROWS,
    SAMPLE_WEIGHT,
    SOME_TARGETS,
    SOME_TARGETS_HELD_OUT,
    TARGETS,
    TARGETS_HELD_OUT,
    THREE,
    VALIDATION,
    X,
    make_recipe,
)
from tests.reference.instruction_sets import INSTRUCTION_SETS, every_instruction_set
from tests.reference.networks import logits_by_theory
from tests.reference.trained import (
    SEED,
    Trained,
    arrays,
    as_bytes,
    assert_same_arrays,
    assert_theory_agrees,
)
from tests.reference.validation import assert_same_validation

every_choice_of_heads = pytest.mark.parametrize("name", HEAD_FIELDS)
every_plain_head = pytest.mark.parametrize("name", PLAIN_HEADS)


@every_instruction_set
class TestTheory:
    @every_plain_head
    @pytest.mark.parametrize("fields", [{}, {"mixup": 0.5}, {"normalization": "batch"}], ids=str)
    def test_one_target(self, fields: dict, name: str, instruction_set: str) -> None:
        loss, target = PLAIN_HEADS[name]
        recipe = make_recipe(heads=loss, **fields)
        assert_theory_agrees(Trained(recipe, instruction_set, y=TARGETS[target]))

    @every_choice_of_heads
    @pytest.mark.parametrize("weighted", [False, True])
    def test_targets_that_are_missing(
        self, weighted: bool, name: str, instruction_set: str
    ) -> None:
        weights = SAMPLE_WEIGHT if weighted else None
        recipe = make_recipe(name)
        assert_theory_agrees(
            Trained(recipe, instruction_set, y=SOME_TARGETS, sample_weight=weights)
        )

    def test_targets_that_are_all_there(self, instruction_set: str) -> None:
        assert_theory_agrees(Trained(make_recipe("three"), instruction_set, y=TARGETS))

    @every_choice_of_heads
    def test_validation_and_the_best_epoch(self, name: str, instruction_set: str) -> None:
        held_out = VALIDATION[0], SOME_TARGETS_HELD_OUT
        recipe = make_recipe(name, learning_rate=0.2)
        trained = Trained(recipe, instruction_set, y=SOME_TARGETS, validation=held_out)
        networks = [trained.network(seen) for seen in trained.by_theory().seen]
        assert_same_validation(trained.record, networks, *held_out)
        best = int(np.argmin(trained.record.validation_loss[0]))
        assert trained.record.best_epoch[0] == best
        assert_same_arrays(arrays(trained.after), arrays(networks[best]), rtol=1e-10)


@every_instruction_set
@every_choice_of_heads
def test_answers_are_those_of_the_losses(name: str, instruction_set: str) -> None:
    trained = Trained(make_recipe(name, epochs=1), instruction_set, y=SOME_TARGETS)
    (given,) = trained.fleet.outputs(VALIDATION[0])
    outputs, first = logits_by_theory(trained.after, VALIDATION[0]), 0
    answer = {"softmax": softmax, "sigmoid": sigmoid, "squared_error": np.asarray}
    for head, width in zip(trained.after.heads, trained.after.head_columns, strict=True):
        expected = answer[head.loss](outputs[:, first : first + width])
        np.testing.assert_allclose(given[head.target], expected, rtol=1e-12, atol=1e-15)
        first += width


@every_choice_of_heads
def test_instruction_sets_agree(name: str) -> None:
    first, *others = (
        Trained(make_recipe(name), path, y=SOME_TARGETS).after for path in INSTRUCTION_SETS
    )
    for other in others:
        assert_same_arrays(arrays(other), arrays(first), rtol=1e-9)


@pytest.fixture(scope="module")
def trained() -> Trained:
    recipe = make_recipe("three", averaging="ema", average_decay=0.5)
    held_out = VALIDATION[0], SOME_TARGETS_HELD_OUT
    return Trained(recipe, y=SOME_TARGETS, validation=held_out)


class TestRecord:
    def test_loss_is_the_weighted_sum_of_the_heads(self, trained: Trained) -> None:
        record, weights = trained.record, [head.weight for head in trained.recipe.heads]
        for part in ("training", "validation"):
            each = getattr(record, f"{part}_head_loss")[0]
            whole = getattr(record, f"{part}_loss")[0]
            np.testing.assert_allclose(whole, each @ weights, rtol=1e-6)

    def test_accuracy_pools_the_heads_that_classify(self, trained: Trained) -> None:
        record = trained.record
        asked = [
            np.isfinite(SOME_TARGETS_HELD_OUT[head.target]).sum() for head in THREE["heads"][:2]
        ]
        each = record.validation_head_accuracy[0]
        assert np.isnan(each[:, 2]).all()
        pooled = each[:, :2] @ asked / sum(asked)
        np.testing.assert_allclose(record.validation_accuracy[0], pooled, rtol=1e-6)

    def test_numbers_have_no_accuracy(self) -> None:
        held_out = VALIDATION[0], TARGETS_HELD_OUT["sizes"]
        recipe = make_recipe(heads="squared_error")
        record = Trained(recipe, y=TARGETS["sizes"], validation=held_out).record
        assert np.isnan(record.training_accuracy).all()
        assert np.isnan(record.validation_accuracy).all()
        assert np.isfinite(record.validation_loss).all()

    def test_one_head_has_no_columns_of_its_own(self) -> None:
        record = Trained(make_recipe("one named target"), y=SOME_TARGETS).record
        assert record.training_head_loss.shape == (1, 4, 0)


class TestOneHead:
    """A head alone is the plain recipe of its loss."""

    @pytest.mark.parametrize("loss", ["softmax", "sigmoid"])
    def test_named_or_not(self, loss: str) -> None:
        plain = Trained(make_recipe(heads=loss), y=TARGETS["sick"], classes=2)
        named = Trained(make_recipe(heads=(Head(target="sick", loss=loss),)), y=TARGETS)
        assert as_bytes(plain.after) == as_bytes(named.after)

    def test_missing_rows_are_rows_of_weight_zero(self) -> None:
        # Without mixup and batch normalization only a row's own target is missed.
        recipe = make_recipe("one named target", epochs=3)
        present = np.isfinite(SOME_TARGETS["species"])
        missing = Trained(recipe, y=SOME_TARGETS)
        weighted = Trained(recipe, y=TARGETS, sample_weight=present.astype(float))
        assert_same_arrays(arrays(missing.after), arrays(weighted.after), rtol=1e-12)


class TestCompany:
    def test_members_of_one_fleet_may_learn_different_targets(self) -> None:
        choices = [*HEAD_FIELDS.values(), {"heads": (Head(target="sick"),)}]
        members = [Member(make_recipe(**fields), seed=SEED) for fields in choices]
        fleet = Fleet(members, X, SOME_TARGETS, dtype="float64", threads=2)
        fleet.run()
        for member, network in zip(members, fleet.networks, strict=True):
            alone = Trained(member.recipe, y=SOME_TARGETS)
            assert as_bytes(network) == as_bytes(alone.after)

    def test_a_head_that_is_not_asked_teaches_nothing(self) -> None:
        # Its targets are missing in all rows but one, which has no weight.
        lone = {"mass": np.where(np.arange(ROWS) == 7, 1.0, np.nan), "sick": TARGETS["sick"]}
        weights = (np.arange(ROWS) != 7).astype(float)
        sick = Head(target="sick", loss="sigmoid")
        both = (sick, Head(target="mass", loss="squared_error"))
        fields = {"hidden": (), "initializer": "normal", "l2": 0.0}
        silent = Trained(make_recipe(heads=both, **fields), y=lone, sample_weight=weights)
        before, after = silent.before, silent.after
        assert before.weights[0][:, 1].tobytes() == after.weights[0][:, 1].tobytes()
        assert before.weights[0][:, 0].tobytes() != after.weights[0][:, 0].tobytes()
        assert (silent.record.training_head_loss[0, :, 1] == 0).all()
