"""What a recipe can ask for is done step by step as the theory says it."""

from dataclasses import replace

import numpy as np
import pytest

from levelset.engine import Network
from levelset.theory import SCHEDULES
from tests.reference.features import (
    FEATURE_FIELDS,
    FEATURES,
    SAMPLE_WEIGHT,
    SGD,
    VALIDATION,
    X,
    every_feature,
    make_recipe,
)
from tests.reference.instruction_sets import INSTRUCTION_SETS, every_instruction_set
from tests.reference.trained import (
    Trained,
    arrays,
    as_bytes,
    assert_same_arrays,
    assert_theory_agrees,
)
from tests.reference.validation import assert_same_validation


@every_instruction_set
class TestTheory:
    @every_feature
    def test_parameters_and_record(self, feature: str, instruction_set: str) -> None:
        assert_theory_agrees(Trained(make_recipe(feature), instruction_set))

    @pytest.mark.parametrize(
        "feature",
        [None, "balanced classes", "mixup, balanced classes", "batch normalization", "everything"],
    )
    def test_sample_weights(self, feature: str | None, instruction_set: str) -> None:
        recipe = make_recipe(feature)
        assert_theory_agrees(Trained(recipe, instruction_set, sample_weight=SAMPLE_WEIGHT))

    @pytest.mark.parametrize(
        "feature", [None, "mixup at 1", "sam, batch normalization", "sam, clipping, frozen layers"]
    )
    def test_mini_batches_without_weight(self, feature: str | None, instruction_set: str) -> None:
        weights = (np.arange(len(X)) % 5 == 0).astype(float)
        recipe = make_recipe(feature, batch_size=3)
        assert_theory_agrees(Trained(recipe, instruction_set, sample_weight=weights))

    @pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
    @pytest.mark.parametrize(
        "hidden", [(), (1,), (3, 40, 6), (70,), (17, 17), (FEATURES,) * 3], ids=str
    )
    def test_any_shape_with_everything(
        self, hidden: tuple[int, ...], normalization: str, instruction_set: str
    ) -> None:
        # The padding of every array has noise drawn for it, and must stay zero.
        layers = {"hidden": hidden, "activation": "softplus", "learning_rate_factors": None}
        recipe = make_recipe("everything", normalization=normalization, **layers)
        assert_theory_agrees(Trained(recipe, instruction_set))

    @pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
    @pytest.mark.parametrize("averaging", ["none", "ema", "swa"])
    def test_validation_and_the_best_epoch(
        self, averaging: str, normalization: str, instruction_set: str
    ) -> None:
        recipe = make_recipe(
            averaging=averaging,
            normalization=normalization,
            average_decay=0.8,
            average_start=0.5,
            epochs=6,
            l2=0.0,
            learning_rate=0.2,
        )
        trained = Trained(recipe, instruction_set, validation=VALIDATION)
        networks = [trained.network(seen) for seen in trained.by_theory().seen]
        assert_same_validation(trained.record, networks, *VALIDATION)
        best = int(np.argmin(trained.record.validation_loss[0]))
        assert trained.record.best_epoch[0] == best
        assert_same_arrays(arrays(trained.after), arrays(networks[best]), rtol=1e-10)


@every_feature
def test_every_feature_makes_a_difference(feature: str) -> None:
    plain = {
        name: value
        for name, value in FEATURE_FIELDS.get(feature, {}).items()
        if name in {*SGD, "hidden"}
    }
    assert as_bytes(Trained(make_recipe(feature)).after) != as_bytes(
        Trained(make_recipe(**plain)).after
    )


@every_feature
def test_instruction_sets_agree(feature: str) -> None:
    # Weight noise too: what is drawn does not depend on how many numbers a register holds.
    first, *others = (Trained(make_recipe(feature), name).after for name in INSTRUCTION_SETS)
    for other in others:
        assert_same_arrays(arrays(other), arrays(first), rtol=1e-9)


@every_instruction_set
@every_feature
def test_float32_follows_theory_to_its_precision(feature: str, instruction_set: str) -> None:
    recipe = make_recipe(feature, batch_size=15, l2=0.0, epsilon=1e-3)
    trained = Trained(recipe, instruction_set, dtype="float32")
    expected = trained.network(trained.by_theory().seen[-1])
    assert trained.after.dtype == np.float32
    assert_same_arrays(arrays(trained.after), arrays(expected), rtol=1e-3)


class TestSharpnessAwareSteps:
    def test_go_down_the_slope_of_the_point_they_climbed_to(self) -> None:
        recipe = make_recipe(
            "sam with sgd", momentum=0.0, batch_size=len(VALIDATION[1]), epochs=1, l2=0.0
        )
        x, y = VALIDATION
        trained = Trained(recipe, x=x, y=y)
        start = trained.before
        _, uphill = start.objective_and_gradient(x, y)
        length = np.sqrt(sum((slope**2).sum() for group in uphill for slope in group))
        there = moved(start, uphill, recipe.sam_radius / length)
        expected = moved(start, there.objective_and_gradient(x, y)[1], -recipe.learning_rate)
        assert_same_arrays(arrays(trained.after), arrays(expected), rtol=1e-11)

    @pytest.mark.parametrize("radius", [1e-12, 1e-9])
    def test_of_a_tiny_radius_are_plain_steps(self, radius: float) -> None:
        tiny = Trained(make_recipe("sam with sgd", sam_radius=radius)).after
        plain = Trained(make_recipe(**SGD)).after
        assert_same_arrays(arrays(tiny), arrays(plain), rtol=100 * radius)


def moved(network: Network, direction: tuple, size: float) -> Network:
    weights, biases, *_ = direction
    return replace(
        network,
        weights=tuple(w + size * d for w, d in zip(network.weights, weights, strict=True)),
        biases=tuple(b + size * d for b, d in zip(network.biases, biases, strict=True)),
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
    assert_theory_agrees(Trained(recipe))
