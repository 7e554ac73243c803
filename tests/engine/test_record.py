import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member, Recipe
from levelset.engine.record import EPOCH_FIELDS, HEAD_FIELDS, LAYER_FIELDS
from tests.reference.early_stopping import stopping
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import validation_loss_by_theory
from tests.reference.tables import make_table

X, Y = make_table(60, 4, 3)
VALIDATION = make_table(40, 4, 3, seed=1)


def overfitting(patience: int | None, min_delta: float, epochs: int = 40) -> Fleet:
    """A wide network with dropout on few rows: its validation loss falls, wanders and rises."""
    recipe = Recipe(
        hidden=(40,),
        learning_rate=0.003,
        dropout=0.5,
        batch_size=10,
        epochs=epochs,
        patience=patience,
        min_delta=min_delta,
    )
    members = [Member(recipe, seed=seed) for seed in range(6)]
    fleet = Fleet(members, X, Y, validation=VALIDATION)
    fleet.run()
    return fleet


class TestEarlyStopping:
    @pytest.mark.parametrize("patience", [None, 1, 2, 3, 7, 40])
    @pytest.mark.parametrize("min_delta", [0.0, 1e-3, 0.02, 10.0])
    def test_stops_where_the_rule_says(self, patience: int | None, min_delta: float) -> None:
        curves = overfitting(None, 0.0).record.validation_loss
        record = overfitting(patience, min_delta).record
        for number, curve in enumerate(curves):
            given = (
                int(record.epochs_run[number]),
                int(record.best_epoch[number]),
                record.stop_reason[number],
            )
            assert given == stopping(curve.tolist(), patience, min_delta)

    def test_some_members_stop_early_and_some_do_not(self) -> None:
        reasons = {
            reason
            for patience in (2, 7)
            for reason in overfitting(patience, 0.0, epochs=12).record.stop_reason
        }
        assert reasons == {"patience", "finished"}

    def test_record_up_to_the_stop_is_that_of_a_longer_run(self) -> None:
        long, short = overfitting(None, 0.0).record, overfitting(2, 0.0).record
        for name in (*EPOCH_FIELDS, *LAYER_FIELDS):
            for number, done in enumerate(short.epochs_run):
                given = getattr(short, name)[number]
                np.testing.assert_array_equal(given[:done], getattr(long, name)[number][:done])
                assert np.isnan(given[done:]).all()


class TestKeepBest:
    @pytest.mark.parametrize("patience", [None, 3])
    def test_network_is_that_of_the_lowest_validation_loss(self, patience: int | None) -> None:
        fleet = overfitting(patience, 0.0)
        losses = fleet.record.validation_loss
        for number, network in enumerate(fleet.networks):
            best = fleet.record.best_epoch[number]
            assert losses[number, best] == np.nanmin(losses[number])
            loss = validation_loss_by_theory(network, *VALIDATION)
            assert loss == pytest.approx(losses[number, best], rel=1e-5)
        last = fleet.record.epochs_run - 1
        assert ((fleet.record.best_epoch > 0) & (fleet.record.best_epoch < last)).any()

    def test_validation_accuracy_is_that_of_the_predictions(self) -> None:
        fleet = overfitting(None, 0.0)
        best = fleet.record.best_epoch
        accuracy = (fleet.predict(VALIDATION[0]) == VALIDATION[1]).mean(axis=1)
        recorded = fleet.record.validation_accuracy[np.arange(len(best)), best]
        np.testing.assert_allclose(accuracy, recorded, rtol=1e-6)

    def test_without_validation_the_last_epoch_is_kept(self) -> None:
        fleet = Fleet([Member(Recipe(epochs=3))], X, Y)
        fleet.run()
        assert fleet.record.best_epoch.tolist() == [-1]
        assert np.isnan(fleet.record.validation_loss).all()
        norm = np.linalg.norm(fleet.networks[0].weights[0])
        assert norm == pytest.approx(fleet.record.weight_norm[0, -1, 0], rel=1e-6)


STEADY = Recipe(hidden=(8,), optimizer="sgd", learning_rate=0.01, epochs=6, batch_size=16)
WILD = STEADY.changed(learning_rate=1e6)


@every_instruction_set
@pytest.mark.parametrize("validation", [None, VALIDATION], ids=["no validation", "validation"])
class TestDivergence:
    def train(self, validation: tuple | None, instruction_set: str, *recipes: Recipe) -> Fleet:
        members = [Member(recipe) for recipe in recipes]
        fleet = Fleet(members, X, Y, validation=validation, instruction_set=instruction_set)
        fleet.run()
        return fleet

    def test_is_marked_and_the_fleet_goes_on(self, validation, instruction_set) -> None:
        fleet = self.train(validation, instruction_set, STEADY, WILD, STEADY)
        record = fleet.record
        assert record.stop_reason == ("finished", "diverged", "finished")
        assert record.diverged_epoch[[0, 2]].tolist() == [-1, -1]
        epoch = record.diverged_epoch[1]
        assert 0 <= epoch < 6
        assert record.epochs_run[1] == epoch + 1
        for name in (*EPOCH_FIELDS, *LAYER_FIELDS):
            assert np.isnan(getattr(record, name)[1, epoch + 1 :]).all()
        assert np.isfinite(record.training_loss[1, :epoch]).all()

    def test_others_are_unaffected(self, validation, instruction_set) -> None:
        fleet = self.train(validation, instruction_set, WILD, STEADY)
        alone = self.train(validation, instruction_set, STEADY)
        for mine, theirs in zip(fleet.networks[1].weights, alone.networks[0].weights, strict=True):
            assert mine.tobytes() == theirs.tobytes()
        assert fleet.record.training_loss[1].tobytes() == alone.record.training_loss[0].tobytes()

    @pytest.mark.parametrize("rate", [1e3, 1e6, 1e20, 1e38, 1e300])
    def test_parameters_stay_finite(self, validation, instruction_set, rate: float) -> None:
        # One batch an epoch: the step after the last finite loss may itself leave the numbers.
        recipe = WILD.changed(learning_rate=rate, batch_size=60)
        fleet = self.train(validation, instruction_set, recipe, recipe.changed(hidden=()))
        for network in fleet.networks:
            assert all(np.isfinite(array).all() for array in (*network.weights, *network.biases))
        assert np.isfinite(fleet.predict_proba(X)).all()

    def test_run_again_changes_nothing(self, validation, instruction_set) -> None:
        fleet = self.train(validation, instruction_set, WILD)
        before = fleet.predict_proba(X)
        fleet.run()
        assert fleet.record.stop_reason == ("diverged",)
        assert fleet.predict_proba(X).tobytes() == before.tobytes()


class TestArrays:
    def test_have_a_row_for_every_member_epoch_and_layer(self) -> None:
        members = [
            Member(Recipe(hidden=(3, 4), epochs=5)),
            Member(Recipe(hidden=(), epochs=7)),
        ]
        fleet = Fleet(members, X, Y)
        fleet.run(6)
        record = fleet.record
        assert all(getattr(record, name).shape == (2, 7) for name in EPOCH_FIELDS)
        assert all(getattr(record, name).shape == (2, 7, 3) for name in LAYER_FIELDS)
        assert record.epochs_run.tolist() == [5, 6]
        assert record.stop_reason == ("finished", "running")
        assert np.isfinite(record.gradient_norm[0, :5]).all()
        assert np.isfinite(record.gradient_norm[1, :6, 0]).all()
        assert np.isnan(record.gradient_norm[1, :, 1:]).all()

    def test_are_empty_before_training(self) -> None:
        record = Fleet([Member(Recipe(epochs=2))], X, Y).record
        assert np.isnan(record.training_loss).all()
        assert record.epochs_run.tolist() == [0]
        assert record.stop_reason == ("running",)
        assert record.diverged_epoch.tolist() == [-1]

    def test_are_read_only(self) -> None:
        record = Fleet([Member(Recipe(epochs=2))], X, Y).record
        with pytest.raises(ValueError, match="read-only"):
            record.training_loss[0, 0] = 0.0

    def test_shares_are_of_their_activations_only(self) -> None:
        names = ("relu", "tanh", "identity")
        members = [Member(Recipe(hidden=(9,), activation=name, epochs=1)) for name in names]
        fleet = Fleet(members, X, Y)
        fleet.run()
        given = np.isfinite(fleet.record.dead_share[:, 0]).tolist()
        assert given == [[True, False], [False, False], [False, False]]
        given = np.isfinite(fleet.record.saturated_share[:, 0]).tolist()
        assert given == [[False, False], [True, False], [False, False]]


class TestHeads:
    HEADS = (
        Head(target="kind", weight=0.5),
        Head(target="sign", loss="sigmoid"),
        Head(target="size", loss="squared_error", weight=2.0),
    )
    ANSWERS = {"kind": Y, "sign": X[:, :2] > 0, "size": X[:, 3]}  # noqa: RUF012
    RECIPE = Recipe(hidden=(5,), epochs=4, heads=HEADS)

    def train(self, *recipes: Recipe) -> Fleet:
        members = [Member(recipe) for recipe in recipes]
        fleet = Fleet(members, X, self.ANSWERS, validation=(X, self.ANSWERS), dtype="float64")
        fleet.run()
        return fleet

    def test_arrays_have_a_place_for_every_head(self) -> None:
        fewer = self.RECIPE.changed(heads=self.HEADS[1:], epochs=2)
        record = self.train(self.RECIPE, fewer, self.RECIPE.changed(heads=self.HEADS[:1])).record
        assert all(getattr(record, name).shape == (3, 4, 3) for name in HEAD_FIELDS)
        assert np.isfinite(record.training_head_loss[0]).all()
        assert np.isfinite(record.validation_head_loss[1, :2, :2]).all()
        assert np.isnan(record.validation_head_loss[1, :, 2]).all()
        assert np.isnan(record.validation_head_loss[1, 2:]).all()

    def test_there_are_none_where_no_member_has_several(self) -> None:
        record = self.train(self.RECIPE.changed(heads=self.HEADS[:1])).record
        assert all(getattr(record, name).shape == (1, 4, 0) for name in HEAD_FIELDS)

    def test_losses_are_summed_with_their_weights(self) -> None:
        record = self.train(self.RECIPE).record
        for name in ("training", "validation"):
            of_heads = getattr(record, f"{name}_head_loss") @ [0.5, 1.0, 2.0]
            np.testing.assert_allclose(getattr(record, f"{name}_loss"), of_heads, rtol=1e-6)

    def test_accuracies_are_pooled_over_answers(self) -> None:
        record = self.train(self.RECIPE).record
        for name in ("training", "validation"):
            of_heads = getattr(record, f"{name}_head_accuracy")
            assert np.isnan(of_heads[..., 2]).all()
            pooled = of_heads[..., :2] @ [1 / 3, 2 / 3]  # one answer a row beside two
            np.testing.assert_allclose(getattr(record, f"{name}_accuracy"), pooled, rtol=1e-6)

    def test_accuracy_of_the_best_epoch_is_that_of_the_outputs(self) -> None:
        fleet = self.train(self.RECIPE)
        outputs = fleet.outputs(X)[0]
        right = [
            (outputs["kind"].argmax(axis=1) == Y).mean(),
            ((outputs["sign"] > 0.5) == self.ANSWERS["sign"]).mean(),
        ]
        recorded = fleet.record.validation_head_accuracy[0, fleet.record.best_epoch[0], :2]
        np.testing.assert_allclose(recorded, right, rtol=1e-6)

    def test_accuracy_is_missing_where_nothing_classifies(self) -> None:
        record = self.train(self.RECIPE.changed(heads=self.HEADS[2:])).record
        assert np.isnan(record.training_accuracy).all()
        assert np.isnan(record.validation_accuracy).all()
        assert np.isfinite(record.validation_loss).all()
