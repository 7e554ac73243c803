"""A gradient that is too long is shortened, and no other."""

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Recipe
from levelset.theory import global_norm
from tests.reference.features import ROWS, SGD, X, Y, make_recipe
from tests.reference.trained import Trained, as_bytes, parameters


class TestClipping:
    def test_update_has_the_clipped_length(self) -> None:
        recipe = make_recipe(
            optimizer="sgd", momentum=0.0, gradient_clip=0.1, batch_size=ROWS, epochs=1
        )
        trained = Trained(recipe)
        _, slopes = trained.before.objective_and_gradient(X, Y)
        assert global_norm([*slopes.weights, *slopes.biases]) > 2 * recipe.gradient_clip
        pairs = zip(parameters(trained.after), parameters(trained.before), strict=True)
        length = global_norm([after - before for after, before in pairs])
        assert length == pytest.approx(recipe.learning_rate * recipe.gradient_clip, rel=1e-10)

    def test_recorded_norm_is_that_before(self) -> None:
        recipe = make_recipe(gradient_clip=0.1, batch_size=ROWS, epochs=1)
        trained = Trained(recipe)
        _, slopes = trained.before.objective_and_gradient(X, Y)
        norms = [np.linalg.norm(slope) for slope in slopes.weights]
        np.testing.assert_allclose(trained.record.gradient_norm[0, 0], norms, rtol=1e-6)

    @pytest.mark.parametrize("fields", [SGD, {"optimizer": "adam"}], ids=str)
    def test_short_gradients_are_left_alone(self, fields: dict) -> None:
        far = Trained(make_recipe(gradient_clip=1e6, l2=0.0, **fields))
        assert as_bytes(far.after) == as_bytes(Trained(make_recipe(l2=0.0, **fields)).after)


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
    _, slopes = start.objective_and_gradient(x, y)
    norm = np.sqrt((slopes.weights[1] ** 2).sum() + (slopes.biases[1] ** 2).sum())
    clipped = Fleet([Member(frozen.changed(gradient_clip=float(norm) / 2))], x, y, dtype="float64")
    clipped.run()
    moved = clipped.networks[0].weights[1] - start.weights[1]
    np.testing.assert_allclose(moved, -0.1 * slopes.weights[1] / 2, rtol=1e-10)
