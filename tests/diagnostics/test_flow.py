"""Sizes of gradients and updates, from a record."""

import numpy as np
import pytest

from levelset.diagnostics import gradient_flow, steepest_slope
from levelset.engine import Fleet, Member, Recipe
from tests.diagnostics.tables import moons


@pytest.fixture
def fleet():
    x, y = moons(0, n=96)
    deep = Recipe(hidden=(7, 5, 3), activation="sigmoid", epochs=3, batch_size=96)
    shallow = Recipe(hidden=(4,), activation="tanh", epochs=2, batch_size=96)
    fleet = Fleet([Member(deep, seed=1), Member(shallow, seed=2)], x, y, dtype="float64")
    return fleet, x, y


def test_the_rms_of_the_first_step_is_that_of_the_gradients_numbers(fleet):
    fleet, x, y = fleet
    before = list(fleet.networks)
    fleet.run()
    flow = gradient_flow(fleet.record, fleet.networks)
    for member, network in enumerate(before):
        _, gradient = network.objective_and_gradient(x, y)
        for layer, array in enumerate(gradient.weights):
            rms = np.sqrt(np.mean(array**2))
            assert flow.gradient_rms[member, 0, layer] == pytest.approx(rms, rel=1e-5)
        first, last = gradient.weights[0], gradient.weights[-1]
        ratio = np.sqrt(np.mean(first**2) / np.mean(last**2))
        assert flow.first_over_last[member, 0] == pytest.approx(ratio, rel=1e-5)


def test_what_a_member_does_not_have_is_nan(fleet):
    fleet, _, _ = fleet
    fleet.run()
    flow = gradient_flow(fleet.record, fleet.networks)
    assert np.isnan(flow.gradient_rms[1, :, 2:]).all()
    assert np.isnan(flow.first_over_last[1, 2])
    assert np.isfinite(flow.first_over_last[0]).all()


def test_the_bound_is_a_quarter_for_each_sigmoid_layer(fleet):
    fleet, _, _ = fleet
    fleet.run()
    assert gradient_flow(fleet.record, fleet.networks).product_bound.tolist() == [0.25**3, 1.0]


@pytest.mark.parametrize(
    ("activation", "slope"),
    [("identity", 1.0), ("relu", 1.0), ("softplus", 1.0), ("selu", 1.7581), ("silu", 1.0998)],
)
def test_the_steepest_slope_of_an_activation(activation, slope):
    assert steepest_slope(activation) == pytest.approx(slope, abs=1e-4)
