"""Layers that stay as they are, and networks that start from another."""

import numpy as np
import pytest

from levelset.engine import Fleet, Member
from tests.reference.features import X, Y, make_recipe
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.trained import SEED, Trained, arrays, as_bytes


@every_instruction_set
@pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
@pytest.mark.parametrize("fields", [{"optimizer": "sgd"}, {"optimizer": "adamw"}], ids=str)
def test_frozen_layers_stay_as_they_are(fields: dict, averaging: str, instruction_set: str) -> None:
    factors = (0.0, 1.0, 0.5, 0.0)
    recipe = make_recipe("everything").changed(
        learning_rate_factors=factors, averaging=averaging, **fields
    )
    trained = Trained(recipe, instruction_set)
    before, after = trained.before, trained.after
    groups = ((before.weights, after.weights), (before.scales, after.scales))
    for old, new in (*groups, (before.shifts, after.shifts)):
        for first, last, factor in zip(old, new, factors[: len(old)], strict=True):
            if averaging == "ema" and factor == 0:  # a mean of equal numbers, up to its rounding
                np.testing.assert_allclose(last, first, rtol=1e-15)
            else:
                assert (first.tobytes() == last.tobytes()) == (factor == 0)
    moved = [before.biases[k].tobytes() != after.biases[k].tobytes() for k in range(4)]
    assert moved == [False] * 4  # batch normalization takes biases away; the last is frozen
    assert before.running_means[0].tobytes() != after.running_means[0].tobytes()
    assert (trained.record.update_ratio[0][:, [0, 3]] == 0).all()
    assert (trained.record.gradient_norm[0] > 0).all()


@every_instruction_set
class TestInitial:
    def train(self, instruction_set: str, dtype: str, **rest: object) -> Fleet:
        member = Member(make_recipe("everything", epochs=5), seed=SEED, **rest)
        fleet = Fleet([member], X, Y, dtype=dtype, instruction_set=instruction_set)
        fleet.run()
        return fleet

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_from_its_own_initial_weights_is_from_scratch(
        self, dtype: str, instruction_set: str
    ) -> None:
        scratch = self.train(instruction_set, dtype)
        untrained = Fleet(scratch.members, X, Y, dtype=dtype, instruction_set=instruction_set)
        initial = untrained.networks[0]
        again = self.train(instruction_set, dtype, initial=initial)
        assert as_bytes(again.networks[0]) == as_bytes(scratch.networks[0])
        assert again.record.training_loss.tobytes() == scratch.record.training_loss.tobytes()

    def test_from_a_trained_network_is_not_from_scratch(self, instruction_set: str) -> None:
        scratch = self.train(instruction_set, "float64")
        further = self.train(instruction_set, "float64", initial=scratch.networks[0])
        assert as_bytes(further.networks[0]) != as_bytes(scratch.networks[0])

    def test_starts_as_the_network_and_leaves_it_alone(self, instruction_set: str) -> None:
        initial = self.train(instruction_set, "float64").networks[0]
        kept = as_bytes(initial)
        member = Member(make_recipe("everything", epochs=2), initial=initial)
        fleet = Fleet([member], X, Y, dtype="float64", instruction_set=instruction_set)
        assert as_bytes(fleet.networks[0]) == kept
        fleet.run()
        assert as_bytes(initial) == kept

    def test_is_rounded_to_the_fleets_type(self, instruction_set: str) -> None:
        initial = self.train(instruction_set, "float64").networks[0]
        member = Member(make_recipe("everything", epochs=2), initial=initial)
        fleet = Fleet([member], X, Y, instruction_set=instruction_set)
        for mine, theirs in zip(arrays(fleet.networks[0]), arrays(initial), strict=True):
            np.testing.assert_array_equal(mine, theirs.astype(np.float32))
