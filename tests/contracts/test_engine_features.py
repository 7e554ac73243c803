"""What a recipe can ask for is done step by step as the theory says it, and as PyTorch does it."""

import numpy as np
import pytest
import torch

from levelset.engine import Fleet, Member, Network, Recipe
from levelset.theory import LOSSES, SCHEDULES, global_norm, one_hot
from tests.reference.early_stopping import stopping
from tests.reference.features import (
    CLASSES,
    FEATURE_FIELDS,
    ROWS,
    SAMPLE_WEIGHT,
    SEED,
    SGD,
    VALIDATION,
    Trained,
    X,
    Y,
    as_bytes,
    assert_same_parameters,
    assert_same_record,
    every_feature,
    make_recipe,
    parameters,
)
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import logits_by_theory, validation_loss_by_theory
from tests.reference.torch_training import TorchTraining


@every_instruction_set
class TestTheory:
    @every_feature
    def test_parameters_and_record(self, feature: str, instruction_set: str) -> None:
        trained = Trained(make_recipe(feature), instruction_set)
        history = trained.by_theory()
        assert_same_parameters(trained.after, history.seen[-1], rtol=1e-10)
        assert_same_record(trained, history)

    @pytest.mark.parametrize("feature", [None, "balanced classes", "everything"])
    def test_sample_weights(self, feature: str | None, instruction_set: str) -> None:
        recipe = make_recipe(feature)
        trained = Trained(recipe, instruction_set, sample_weight=SAMPLE_WEIGHT)
        history = trained.by_theory()
        assert_same_parameters(trained.after, history.seen[-1], rtol=1e-10)
        assert_same_record(trained, history)

    @pytest.mark.parametrize("hidden", [(), (1,), (3, 40, 6), (70,), (17, 17)], ids=str)
    def test_any_shape_with_everything(self, hidden: tuple[int, ...], instruction_set: str) -> None:
        # The padding of every array has noise drawn for it, and must stay zero.
        layers = {"hidden": hidden, "activation": "softplus", "learning_rate_factors": None}
        recipe = make_recipe("everything", **layers)
        trained = Trained(recipe, instruction_set)
        history = trained.by_theory()
        assert_same_parameters(trained.after, history.seen[-1], rtol=1e-10)
        assert_same_record(trained, history)

    @pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
    def test_validation_and_the_best_epoch(self, averaging: str, instruction_set: str) -> None:
        fields = {"average_decay": 0.8, "average_start": 0.5, "epochs": 6}
        recipe = make_recipe(averaging=averaging, l2=0.0, learning_rate=0.2, **fields)
        trained = Trained(recipe, instruction_set, validation=VALIDATION)
        seen, losses = trained.by_theory().seen, []
        for arrays in seen:
            network = Network(recipe, tuple(arrays[:3]), tuple(arrays[3:]))
            losses.append(validation_loss_by_theory(network, *VALIDATION))
        np.testing.assert_allclose(trained.record.validation_loss[0], losses, rtol=1e-6)
        best = int(np.argmin(losses))
        assert trained.record.best_epoch[0] == best
        assert_same_parameters(trained.after, seen[best], rtol=1e-10)


@every_feature
def test_every_feature_makes_a_difference(feature: str) -> None:
    plain = {name: value for name, value in FEATURE_FIELDS.get(feature, {}).items() if name in SGD}
    assert as_bytes(Trained(make_recipe(feature)).after) != as_bytes(
        Trained(make_recipe(**plain)).after
    )


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("warmup_epochs", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("epochs", [1, 2, 7])
@pytest.mark.parametrize("batch_size", [15, 45])
def test_schedules_of_any_length(
    batch_size: int, epochs: int, warmup_epochs: float, schedule: str
) -> None:
    fields = {"hidden": (), "batch_size": batch_size, "epochs": epochs, "drop_epochs": 2}
    recipe = make_recipe(schedule=schedule, warmup_epochs=warmup_epochs, **SGD, **fields)
    trained = Trained(recipe)
    assert_same_parameters(trained.after, trained.by_theory().seen[-1], rtol=1e-10)


TORCH_FIELDS: dict[str, dict] = {
    "adamw": {"optimizer": "adamw", "weight_decay": 0.7},
    "adamw with a penalty": {"optimizer": "adamw", "weight_decay": 0.7, "l2": 0.3},
    "clipping": {"gradient_clip": 0.2},
    "clipping with adamw": {"gradient_clip": 0.2, "optimizer": "adamw", "weight_decay": 0.7},
    "clipping with sgd": SGD | {"gradient_clip": 0.2},
    "step": SGD | {"schedule": "step", "drop_epochs": 2, "drop_factor": 0.3},
    "cosine": SGD | {"schedule": "cosine"},
    "one_cycle": SGD | {"schedule": "one_cycle"},
    "one_cycle with adamw": {"schedule": "one_cycle", "optimizer": "adamw", "weight_decay": 0.7},
}


@every_instruction_set
class TestTorch:
    @pytest.mark.parametrize("epochs", [5, 12])
    @pytest.mark.parametrize("name", TORCH_FIELDS)
    def test_optimizers_and_schedules(self, name: str, epochs: int, instruction_set: str) -> None:
        recipe = make_recipe(**({"batch_size": ROWS, "epochs": epochs} | TORCH_FIELDS[name]))
        trained = Trained(recipe, instruction_set)
        expected = TorchTraining(recipe, trained.before, X, Y).parameters()
        assert_same_parameters(trained.after, expected, rtol=1e-10)

    def test_label_smoothing(self, instruction_set: str) -> None:
        recipe = make_recipe(label_smoothing=0.2, batch_size=ROWS, epochs=5)
        trained = Trained(recipe, instruction_set)

        def loss(logits: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.cross_entropy(logits, torch.tensor(Y), label_smoothing=0.2)

        expected = TorchTraining(recipe, trained.before, X, Y, loss).parameters()
        assert_same_parameters(trained.after, expected, rtol=1e-10)

    def test_class_weights(self, instruction_set: str) -> None:
        recipe = make_recipe(class_weight="balanced", batch_size=ROWS, epochs=5)
        trained = Trained(recipe, instruction_set)
        weight = torch.tensor(ROWS / (CLASSES * np.bincount(Y)))

        def loss(logits: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.cross_entropy(logits, torch.tensor(Y), weight)

        expected = TorchTraining(recipe, trained.before, X, Y, loss).parameters()
        assert_same_parameters(trained.after, expected, rtol=1e-10)

    def test_sample_weights(self, instruction_set: str) -> None:
        recipe = make_recipe(batch_size=ROWS, epochs=5)
        trained = Trained(recipe, instruction_set, sample_weight=SAMPLE_WEIGHT)
        weight = torch.tensor(SAMPLE_WEIGHT)

        def loss(logits: torch.Tensor) -> torch.Tensor:
            each = torch.nn.functional.cross_entropy(logits, torch.tensor(Y), reduction="none")
            return (weight * each).sum() / weight.sum()

        expected = TorchTraining(recipe, trained.before, X, Y, loss).parameters()
        assert_same_parameters(trained.after, expected, rtol=1e-10)


# ---- one property at a time ----


class TestClipping:
    def test_update_has_the_clipped_length(self) -> None:
        recipe = make_recipe(
            optimizer="sgd", momentum=0.0, gradient_clip=0.1, batch_size=ROWS, epochs=1
        )
        trained = Trained(recipe)
        _, weights, biases = trained.before.objective_and_gradient(X, Y)
        assert global_norm([*weights, *biases]) > 2 * recipe.gradient_clip
        pairs = zip(parameters(trained.after), parameters(trained.before), strict=True)
        length = global_norm([after - before for after, before in pairs])
        assert length == pytest.approx(recipe.learning_rate * recipe.gradient_clip, rel=1e-10)

    def test_recorded_norm_is_that_before(self) -> None:
        recipe = make_recipe(gradient_clip=0.1, batch_size=ROWS, epochs=1)
        trained = Trained(recipe)
        _, weights, _ = trained.before.objective_and_gradient(X, Y)
        norms = [np.linalg.norm(weight) for weight in weights]
        np.testing.assert_allclose(trained.record.gradient_norm[0, 0], norms, rtol=1e-6)

    @pytest.mark.parametrize("fields", [SGD, {"optimizer": "adam"}], ids=str)
    def test_short_gradients_are_left_alone(self, fields: dict) -> None:
        far = Trained(make_recipe(gradient_clip=1e6, l2=0.0, **fields))
        assert as_bytes(far.after) == as_bytes(Trained(make_recipe(l2=0.0, **fields)).after)


@every_instruction_set
@pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
@pytest.mark.parametrize("fields", [SGD, {"optimizer": "adamw"}], ids=str)
def test_frozen_layers_stay_as_they_are(fields: dict, averaging: str, instruction_set: str) -> None:
    recipe = make_recipe("everything").changed(
        learning_rate_factors=(0.0, 1.0, 0.0), averaging=averaging, **fields
    )
    trained = Trained(recipe, instruction_set)
    before, after = trained.before, trained.after
    for layer, frozen in enumerate((True, False, True)):
        pairs = [(before.weights, after.weights), (before.biases, after.biases)]
        same = [old[layer].tobytes() == new[layer].tobytes() for old, new in pairs]
        if averaging == "ema" and frozen:  # a mean of equal numbers, up to its rounding
            for old, new in pairs:
                np.testing.assert_allclose(new[layer], old[layer], rtol=1e-15)
        else:
            assert same == [frozen] * 2
    assert (trained.record.update_ratio[0][:, [0, 2]] == 0).all()
    assert (trained.record.gradient_norm[0] > 0).all()


class TestAveraging:
    def ends(self, recipe: Recipe) -> list[list[np.ndarray]]:
        """The parameters after each epoch of a run without averaging."""
        plain = recipe.changed(averaging="none")
        fleet = Fleet([Member(plain, seed=SEED)], X, Y, dtype="float64")
        ends = []
        for _ in range(recipe.epochs):
            fleet.run(1)
            ends.append(parameters(fleet.networks[0]))
        return ends

    @pytest.mark.parametrize("average_start", [0.0, 0.34, 0.5, 0.99])
    def test_swa_is_the_mean_of_the_last_epochs(self, average_start: float) -> None:
        recipe = make_recipe(averaging="swa", average_start=average_start, epochs=10, dropout=0.2)
        averaged = self.ends(recipe)[int(average_start * 10) :]
        expected = [np.mean(arrays, axis=0) for arrays in zip(*averaged, strict=True)]
        assert_same_parameters(Trained(recipe).after, expected, rtol=1e-12)

    def test_swa_before_its_start_is_the_last_epoch(self) -> None:
        recipe = make_recipe(averaging="swa", average_start=0.5, epochs=10)
        fleet = Fleet([Member(recipe, seed=SEED)], X, Y, dtype="float64")
        for end in self.ends(recipe)[:6]:
            fleet.run(1)
            assert as_bytes(fleet.networks[0]) == [array.tobytes() for array in end]

    def test_ema_is_the_weighted_mean_of_the_steps(self) -> None:
        decay = 0.7
        recipe = make_recipe(averaging="ema", average_decay=decay, batch_size=ROWS, epochs=7)
        ends = self.ends(recipe)
        fleet = Fleet([Member(recipe, seed=SEED)], X, Y, dtype="float64")
        for done in range(1, 8):
            fleet.run(1)
            shares = decay ** np.arange(done)[::-1]
            expected = [
                np.average(arrays, axis=0, weights=shares)
                for arrays in zip(*ends[:done], strict=True)
            ]
            assert_same_parameters(fleet.networks[0], expected, rtol=1e-12)

    @pytest.mark.parametrize("averaging", ["ema", "swa"])
    def test_training_itself_is_not_changed(self, averaging: str) -> None:
        averaged, plain = (
            Trained(make_recipe(averaging=name, average_start=0.25), validation=VALIDATION).record
            for name in (averaging, "none")
        )
        assert averaged.training_loss.tobytes() == plain.training_loss.tobytes()
        assert averaged.weight_norm.tobytes() == plain.weight_norm.tobytes()
        assert averaged.validation_loss.tobytes() != plain.validation_loss.tobytes()

    def test_before_training_the_network_is_the_initial_one(self) -> None:
        members = [Member(make_recipe(averaging=name)) for name in ("none", "ema", "swa")]
        networks = Fleet(members, X, Y).networks
        assert as_bytes(networks[0]) == as_bytes(networks[1]) == as_bytes(networks[2])


class TestMonitor:
    def fleet(self, monitor: str, patience: int | None) -> Fleet:
        recipe = make_recipe(
            monitor=monitor, patience=patience, epochs=30, l2=0.0, learning_rate=0.02, dropout=0.3
        )
        members = [Member(recipe, seed=seed) for seed in range(6)]
        fleet = Fleet(members, X, Y, validation=VALIDATION)
        fleet.run()
        return fleet

    @pytest.mark.parametrize("patience", [None, 1, 3, 8])
    def test_accuracy_decides(self, patience: int | None) -> None:
        curves = self.fleet("accuracy", None).record.validation_accuracy
        record = self.fleet("accuracy", patience).record
        for number, curve in enumerate(curves):
            errors = 1 - np.round(curve.astype(float) * len(VALIDATION[1])) / len(VALIDATION[1])
            given = (
                int(record.epochs_run[number]),
                int(record.best_epoch[number]),
                record.stop_reason[number],
            )
            assert given == stopping(errors.tolist(), patience, 0.0)

    def test_loss_decides_otherwise(self) -> None:
        by_loss, by_accuracy = (self.fleet(name, None) for name in ("loss", "accuracy"))
        loss, accuracy = by_loss.record, by_accuracy.record
        assert loss.validation_loss.tobytes() == accuracy.validation_loss.tobytes()
        assert (loss.best_epoch != accuracy.best_epoch).any()

    def test_network_is_that_of_the_best_accuracy(self) -> None:
        fleet = self.fleet("accuracy", None)
        for number, network in enumerate(fleet.networks):
            accuracy = (network.predict(VALIDATION[0]) == VALIDATION[1]).mean()
            best = fleet.record.validation_accuracy[number].max()
            assert accuracy == pytest.approx(best, rel=1e-6)


class TestWeights:
    def test_equal_weights_change_nothing(self) -> None:
        weighted = Trained(make_recipe(), sample_weight=np.full(ROWS, 0.5))
        assert_same_parameters(weighted.after, parameters(Trained(make_recipe()).after), 1e-12)

    def test_rows_of_weight_zero_teach_nothing(self) -> None:
        recipe, x = make_recipe(batch_size=ROWS), X.copy()
        x[SAMPLE_WEIGHT == 0] += 5
        first, second = (Trained(recipe, x=rows, sample_weight=SAMPLE_WEIGHT) for rows in (X, x))
        assert_same_parameters(first.after, parameters(second.after), 1e-12)

    def test_batches_of_weight_zero_teach_nothing(self) -> None:
        # One row a batch: the steps of weightless rows have gradient 0, and sgd stands still.
        weights = (np.arange(ROWS) == 7).astype(float)
        fields = {"optimizer": "sgd", "momentum": 0.0, "l2": 0.0, "batch_size": 1}
        some = Trained(make_recipe(**fields), sample_weight=weights)
        alone = Trained(make_recipe(**fields), x=X[7:8], y=Y[7:8])
        assert_same_parameters(some.after, parameters(alone.after), 1e-12)
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
        member = Member(make_recipe(epochs=2), initial=initial)
        fleet = Fleet([member], X, Y, dtype="float64", instruction_set=instruction_set)
        assert as_bytes(fleet.networks[0]) == kept
        fleet.run()
        assert as_bytes(initial) == kept

    def test_is_rounded_to_the_fleets_type(self, instruction_set: str) -> None:
        initial = self.train(instruction_set, "float64").networks[0]
        member = Member(make_recipe(epochs=2), initial=initial)
        fleet = Fleet([member], X, Y, instruction_set=instruction_set)
        for mine, theirs in zip(parameters(fleet.networks[0]), parameters(initial), strict=True):
            np.testing.assert_array_equal(mine, theirs.astype(np.float32))


def test_a_frozen_layer_does_not_use_up_the_norm_of_the_others() -> None:
    # The first layer's gradient is the larger by far; frozen, it must not shrink the second's step.
    generator = np.random.default_rng(3)
    x, y = 50 * generator.normal(size=(40, 3)), generator.integers(0, 2, 40)
    frozen = Recipe(
        hidden=(4,),
        activation="tanh",
        optimizer="sgd",
        momentum=0.0,
        learning_rate=0.1,
        learning_rate_factors=(0, 1),
        batch_size=40,
        epochs=1,
    )
    fleet = Fleet([Member(frozen)], x, y, dtype="float64")
    start = fleet.networks[0]
    _, weights, biases = start.objective_and_gradient(x, y)
    norm = np.sqrt((weights[1] ** 2).sum() + (biases[1] ** 2).sum())
    clipped = Fleet([Member(frozen.changed(gradient_clip=float(norm) / 2))], x, y, dtype="float64")
    clipped.run()
    moved = clipped.networks[0].weights[1] - start.weights[1]
    np.testing.assert_allclose(moved, -0.1 * weights[1] / 2, rtol=1e-10)
