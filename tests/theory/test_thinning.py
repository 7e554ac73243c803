import itertools

import numpy as np
import pytest

from levelset.errors import RecipeError
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    Architecture,
    Parameters,
    dropout_mask,
    geometric_mean,
    thinned_probabilities,
)


def network(widths: tuple[int, ...]) -> tuple[Architecture, Parameters]:
    generator = stream(0, "thinning", len(widths))
    shapes = list(itertools.pairwise(widths))
    parameters = Parameters(
        tuple(generator.normal(size=shape) for shape in shapes),
        tuple(generator.normal(size=shape[1]) for shape in shapes),
    )
    return Architecture((ACTIVATIONS["tanh"],) * (len(shapes) - 1), heads=()), parameters


def every_mask(units: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """All masks of some units, (2^o, o), and how probable each is."""
    kept = np.array(list(itertools.product([0.0, 1.0], repeat=units)))
    chance = np.prod(np.where(kept == 1, 1 - share, share), axis=1)
    return kept / (1 - share), chance


def test_the_mean_of_a_mask_is_one() -> None:
    mask = dropout_mask(stream(0, "mask").random((4000, 5)), 0.3)
    assert set(np.unique(mask)) == {0.0, 1 / 0.7}
    assert mask.mean() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_not_all_units_may_be_dropped(share: float) -> None:
    with pytest.raises(RecipeError, match=r"`share` must lie in \[0, 1\), got .*; 0.5 is usual"):
        dropout_mask(np.zeros(2), share)


def test_thinned_networks_equal_their_slow_twins() -> None:
    architecture, parameters = network((3, 4, 5, 2))
    generator = stream(1, "thinning")
    x = generator.normal(size=(6, 3))
    masks = [dropout_mask(generator.random((7, units)), 0.4) for units in (4, 5)]
    found = thinned_probabilities(architecture, parameters, x, masks)
    for k in range(7):
        for row in range(6):
            a = x[row]
            for layer in range(2):
                z = a @ parameters.weights[layer] + parameters.biases[layer]
                a = np.tanh(z) * masks[layer][k]
            z = a @ parameters.weights[2] + parameters.biases[2]
            np.testing.assert_allclose(found[k, row], np.exp(z) / np.exp(z).sum(), rtol=1e-12)


def test_scaled_weights_are_the_geometric_mean_of_one_hidden_layer_and_not_of_two() -> None:
    x = stream(2, "thinning").normal(size=(5, 3))
    share = 0.3
    for widths, equal in (((3, 6, 2), True), ((3, 3, 3, 2), False)):
        architecture, parameters = network(widths)
        hidden = widths[1:-1]
        parts = [every_mask(units, share) for units in hidden]
        numbers = list(itertools.product(*(range(len(part[0])) for part in parts)))
        masks = [parts[at][0][[n[at] for n in numbers]] for at in range(len(hidden))]
        chance = np.prod([[parts[at][1][n[at]] for at in range(len(hidden))] for n in numbers], 1)
        q = thinned_probabilities(architecture, parameters, x, masks)
        logs = (chance[:, None, None] * np.log(q)).sum(axis=0)
        exact = np.exp(logs) / np.exp(logs).sum(axis=-1, keepdims=True)
        whole = [np.ones((1, units)) for units in hidden]
        scaled = thinned_probabilities(architecture, parameters, x, whole)[0]
        assert np.allclose(scaled, exact, atol=1e-12) == equal


def test_geometric_mean_equals_its_slow_twin() -> None:
    q = stream(3, "thinning").dirichlet(np.ones(3), size=(4, 2))
    for row in range(2):
        product = [np.prod([q[k, row, c] for k in range(4)]) ** (1 / 4) for c in range(3)]
        expected = np.array(product) / sum(product)
        np.testing.assert_allclose(geometric_mean(q)[row], expected, rtol=1e-12)
