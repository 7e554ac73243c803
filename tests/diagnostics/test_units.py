"""Dead and saturated units, their history, and the directions that a layer uses."""

import numpy as np
import pytest

from levelset.diagnostics import (
    dead_units,
    effective_rank,
    effective_ranks,
    saturated_shares,
    unit_outputs,
    watch_units,
)
from levelset.engine import Fleet, Member, Recipe
from levelset.errors import RecipeError
from tests.diagnostics.tables import moons


def trained(**fields):
    x, y = moons(0, n=120)
    fleet = Fleet([Member(Recipe(epochs=4, **fields), seed=3)], x, y)
    fleet.run()
    return fleet, x, y


def test_dead_units_agree_with_the_records_last_epoch_when_weights_stand_still():
    fleet, x, y = trained(hidden=(24, 24), learning_rate=0.5)
    again = Fleet(
        [Member(Recipe(hidden=(24, 24), epochs=1, learning_rate=1e-30), initial=fleet.networks[0])],
        x,
        y,
    )
    again.run()
    shares = [layer.mean() for layer in dead_units(fleet.networks[0], x)]
    assert again.record.dead_share[0, 0, :2] == pytest.approx(shares)
    assert max(shares) > 0


def test_saturated_shares_agree_with_the_record_when_weights_stand_still():
    recipe = {"hidden": (8, 6), "activation": ("tanh", "sigmoid"), "gain": 4.0}
    fleet, x, y = trained(**recipe)
    still = Recipe(epochs=1, learning_rate=1e-30, **recipe)
    again = Fleet([Member(still, initial=fleet.networks[0])], x, y)
    again.run()
    shares = saturated_shares(fleet.networks[0], x)
    assert again.record.saturated_share[0, 0, :2] == pytest.approx(shares, abs=1e-3)


def test_layers_of_other_activations_are_neither_dead_nor_saturated():
    fleet, x, _ = trained(hidden=(5, 4), activation=("gelu", "tanh"))
    assert not any(layer.any() for layer in dead_units(fleet.networks[0], x))
    assert np.isnan(saturated_shares(fleet.networks[0], x)).tolist() == [True, False]


def test_a_residual_does_not_hide_a_dead_unit():
    recipe = Recipe(hidden=(2, 2), residual=True, epochs=1)
    fleet = Fleet([Member(recipe)], np.eye(2), np.array([0, 1]))
    fleet.run()
    network = fleet.networks[0]
    network.biases[1][:] = -100.0
    assert dead_units(network, np.eye(2))[1].all()


def slow_effective_rank(activations):
    """From the definition: singular values, their shares, the exponential of the entropy."""
    values = np.linalg.svd(activations - activations.mean(axis=0), compute_uv=False)
    entropy = 0.0
    for value in values:
        share = value / values.sum()
        if share > 0:
            entropy -= share * np.log(share)
    return np.exp(entropy)


@pytest.mark.parametrize("shape", [(40, 6), (5, 9), (100, 2)])
def test_the_effective_rank_is_that_of_its_definition(shape):
    activations = np.random.default_rng(0).normal(size=shape) @ np.diag(
        np.geomspace(1, 1e-2, shape[1])
    )
    assert effective_rank(activations) == pytest.approx(slow_effective_rank(activations), rel=1e-5)


def test_the_effective_rank_of_equal_directions_is_their_number():
    assert effective_rank(np.vstack([np.eye(7), -np.eye(7)])) == pytest.approx(7.0)


def test_outputs_that_do_not_vary_have_no_direction():
    assert effective_rank(np.full((10, 3), 0.3)) == 0.0


def test_scale_does_not_change_the_effective_rank():
    activations = np.random.default_rng(1).normal(size=(30, 4))
    assert effective_rank(1e-6 * activations) == pytest.approx(effective_rank(activations))


def test_effective_ranks_are_those_of_the_outputs():
    fleet, x, _ = trained(hidden=(8, 3))
    ranks = [effective_rank(outputs) for outputs in unit_outputs(fleet.networks[0], x)]
    assert effective_ranks(fleet.networks[0], x).tolist() == ranks


def test_units_are_watched_epoch_by_epoch():
    x, y = moons(1, n=100)
    recipe = Recipe(hidden=(16, 8), learning_rate=0.3, epochs=6)
    members = [Member(recipe, seed=seed) for seed in range(3)]
    history = watch_units(members, x, y)
    fleet = Fleet(members, x, y)
    for epoch in range(7):
        for member, network in enumerate(fleet.networks):
            for layer, dead in enumerate(dead_units(network, x)):
                assert (history.dead[layer][member, epoch] == dead).all()
        if epoch < 6:
            fleet.run(1)
    assert any((died > 0).any() for died in history.died)


def test_a_unit_dies_when_it_is_dead_to_the_end():
    x, y = moons(2, n=100)
    history = watch_units([Member(Recipe(hidden=(16,), learning_rate=0.5, epochs=5))], x, y)
    dead, died = history.dead[0][0], history.died[0][0]
    for unit, epoch in enumerate(died):
        if epoch < 0:
            assert not dead[-1, unit]
        else:
            assert dead[epoch:, unit].all()
            assert epoch == 0 or not dead[epoch - 1, unit]


def test_members_of_two_recipes_are_not_watched_together():
    x, y = moons(0, n=20)
    members = [Member(Recipe(epochs=1)), Member(Recipe(epochs=2))]
    with pytest.raises(RecipeError, match="one recipe without averaged weights, got 2 recipes"):
        watch_units(members, x, y)
