"""What theory says of a network is what the engine computes."""

import numpy as np
import pytest

from levelset.diagnostics.network import (
    batch_of,
    class_logits,
    forward_of,
    logits_by_the_core,
    probabilities_of,
    theory_of,
)
from levelset.engine import Fleet, Head, Member, Network, Recipe
from levelset.errors import DataError, RecipeError
from levelset.seeds import stream
from levelset.theory import network_objective_and_gradient, softmax

X = stream(0, "network").normal(size=(40, 3))
SPECIES = np.arange(40) % 3
MASS = np.where(np.arange(40) % 4 == 0, np.nan, X[:, 0])
HEADS = (
    Head(target="species"),
    Head(target="long", loss="sigmoid", weight=0.5),
    Head(target="mass", loss="squared_error", weight=2.0),
)
SEVERAL = {"species": SPECIES, "long": (X[:, 1] > 0).astype(float), "mass": MASS}


def trained(y: object = SPECIES, dtype: str = "float64", **changes: object) -> Network:
    recipe = Recipe(**{"hidden": (6, 6), "epochs": 3, **changes})
    fleet = Fleet([Member(recipe)], X, y, dtype=dtype)
    fleet.run()
    return fleet.networks[0]


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("residual", [False, True])
class TestEveryNetwork:
    def test_probabilities_are_the_engine_s(self, normalization: str, residual: bool) -> None:
        network = trained(normalization=normalization, residual=residual)
        np.testing.assert_allclose(
            probabilities_of(network, X), network.predict_proba(X), rtol=1e-10
        )

    def test_objective_is_the_engine_s(self, normalization: str, residual: bool) -> None:
        changes = {"normalization": normalization, "residual": residual, "l2": 0.01}
        network = trained(label_smoothing=0.1, **changes)
        architecture, parameters, _ = theory_of(network)
        batch = batch_of(network, X, SPECIES)
        value, gradient = network_objective_and_gradient(architecture, parameters, batch, 0.01)
        expected, slopes = network.objective_and_gradient(X, SPECIES)
        assert value == pytest.approx(expected, rel=1e-12)
        for mine, theirs in zip(gradient.weights, slopes.weights, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-12)


def test_several_heads_with_missing_targets() -> None:
    network = trained(SEVERAL, heads=HEADS)
    architecture, parameters, _ = theory_of(network)
    assert [head.width for head in architecture.heads] == [3, 1, 1]
    assert [head.weight for head in architecture.heads] == [1.0, 0.5, 2.0]
    batch = batch_of(network, X, SEVERAL)
    assert batch.present is not None
    np.testing.assert_array_equal(batch.present[:, 2], ~np.isnan(MASS))
    value, _ = network_objective_and_gradient(architecture, parameters, batch, 0.0)
    assert value == pytest.approx(network.objective_and_gradient(X, SEVERAL)[0], rel=1e-12)


def test_float32_weights_become_float64() -> None:
    network = trained(dtype="float32", normalization="batch")
    architecture, parameters, running = theory_of(network)
    assert architecture.normalization is not None
    assert running is not None
    assert all(array.dtype == np.float64 for array in parameters.arrays)
    np.testing.assert_array_equal(running[0].mean, network.running_means[0])
    np.testing.assert_allclose(probabilities_of(network, X), network.predict_proba(X), atol=1e-6)


def test_a_row_does_not_depend_on_the_rows_beside_it() -> None:
    network = trained(normalization="batch")
    together = forward_of(network, X).logits
    np.testing.assert_allclose(forward_of(network, X[7:8]).logits[0], together[7], rtol=1e-12)


def test_one_sigmoid_column_is_two_classes() -> None:
    network = trained(SPECIES.clip(max=1), heads="sigmoid")
    outputs = forward_of(network, X).logits
    assert outputs.shape == (40, 1)
    np.testing.assert_allclose(
        softmax(class_logits(network, outputs)), network.predict_proba(X), rtol=1e-10
    )


def test_what_does_not_fit_is_refused() -> None:
    network = trained()
    with pytest.raises(DataError, match=r"must have shape \(n, 3\)"):
        forward_of(network, X[:, :2])
    several = trained(SEVERAL, heads=HEADS)
    with pytest.raises(RecipeError, match="Class probabilities need one head"):
        probabilities_of(several, X)
    with pytest.raises(RecipeError, match='a head for the target "species"'):
        batch_of(several, X, {"mass": MASS})


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.parametrize("heads", ["softmax", "sigmoid"])
def test_the_core_s_logits_are_those_of_theory(normalization, activation, heads) -> None:
    y = SPECIES if heads == "softmax" else (X[:, :1] > 0).astype(float)
    recipe = {"normalization": normalization, "activation": activation, "heads": heads}
    network = trained(y, dtype="float32", residual=True, **recipe)
    expected = class_logits(network, forward_of(network, X).logits)
    found = logits_by_the_core(network)(X)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_core_s_logits_need_a_head_that_chooses() -> None:
    with pytest.raises(RecipeError, match="Class probabilities need one head"):
        logits_by_the_core(trained(X[:, :1], heads="squared_error"))
