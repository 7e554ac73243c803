"""Lanczos and Hutchinson against the full spectrum; invariance against rescaled networks."""

import numpy as np
import pytest
import torch

from levelset.diagnostics.curvature import (
    curvature_of,
    estimate_trace,
    full_spectrum,
    sharpness,
    top_eigenvalues,
)
from levelset.diagnostics.network import probabilities_of, theory_of
from levelset.diagnostics.rescaling import rescaled, rescaling_effect
from levelset.engine import Network
from levelset.errors import RecipeError
from tests.diagnostics.drawn_networks import linear_network, three_blobs, trained_network

X, LABELS = three_blobs()

both_kinds = pytest.mark.parametrize("normalized", [False, True])


def torch_hessian(network: Network) -> np.ndarray:
    """∂²J/∂θ² by PyTorch, of a network with tanh and no normalization."""
    _, parameters, _ = theory_of(network)
    shapes = [array.shape for array in parameters.arrays]
    layers, functional = len(parameters.weights), torch.nn.functional

    def objective(vector: torch.Tensor) -> torch.Tensor:
        pieces = vector.split([int(np.prod(shape)) for shape in shapes])
        arrays = [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]
        a = torch.tensor(X)
        for layer in range(layers - 1):
            a = torch.tanh(a @ arrays[layer] + arrays[layers + layer])
        logits = a @ arrays[layers - 1] + arrays[-1]
        penalty = sum((weight**2).sum() for weight in arrays[:layers])
        return functional.cross_entropy(logits, torch.tensor(LABELS)) + network.recipe.l2 * penalty

    hessian = torch.autograd.functional.hessian(objective, torch.tensor(parameters.vector))
    return np.asarray(hessian)


def test_the_spectrum_is_torch_s() -> None:
    network = trained_network("tanh", l2=0.01)
    found = full_spectrum(curvature_of(network, X, LABELS))
    expected = np.linalg.eigvalsh(torch_hessian(network))
    np.testing.assert_allclose(found, expected, atol=1e-11 * np.abs(expected).max())


def test_the_normalized_spectrum_is_that_of_the_scaled_hessian() -> None:
    network = trained_network("tanh")
    scale = np.abs(theory_of(network).parameters.vector)
    expected = np.linalg.eigvalsh(scale[:, None] * torch_hessian(network) * scale)
    found = full_spectrum(curvature_of(network, X, LABELS, normalized=True))
    np.testing.assert_allclose(found, expected, atol=1e-11 * np.abs(expected).max())


@both_kinds
@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_lanczos_finds_the_top_of_the_spectrum(
    normalization: str, activation: str, normalized: bool
) -> None:
    network = trained_network(activation, normalization=normalization)
    curvature = curvature_of(network, X, LABELS, normalized=normalized)
    top = top_eigenvalues(curvature, count=5)
    np.testing.assert_allclose(top.values, full_spectrum(curvature)[::-1][:5], rtol=1e-5)
    assert (top.residuals < 1e-2 * top.values[0]).all()
    np.testing.assert_allclose(np.linalg.norm(top.vectors, axis=1), 1.0, rtol=1e-9)


@both_kinds
def test_hutchinson_finds_the_trace_within_its_error(normalized: bool) -> None:
    curvature = curvature_of(trained_network("gelu"), X, LABELS, normalized=normalized)
    expected = full_spectrum(curvature).sum()
    found = [estimate_trace(curvature, draws=50, seed=seed) for seed in range(40)]
    scores = np.array([(one.estimate - expected) / one.standard_error for one in found])
    # Standard scores: mean 0 ± 4/√40, spread about 1.
    assert abs(scores.mean()) < 4 / np.sqrt(40)
    assert 0.7 < scores.std() < 1.4


def test_directions_in_parts_are_those_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    curvature = curvature_of(trained_network(), X, LABELS)
    together = estimate_trace(curvature, draws=10)
    monkeypatch.setattr("levelset.diagnostics.curvature._CHUNK_BYTES", 1)
    assert estimate_trace(curvature, draws=10).estimate == pytest.approx(
        together.estimate, rel=1e-12
    )


def test_logistic_regression_has_its_known_hessian() -> None:
    # Two classes, one feature: ∂²J/∂w_c∂w_c' = ± mean q₀ q₁ x².
    x = np.array([[-1.0], [0.5], [2.0]])
    network = linear_network(np.array([[0.0, 1.0]]), np.zeros(2))
    q = probabilities_of(network, x)[:, 1]
    design = np.hstack([x, np.ones((3, 1))])
    block = (design.T * (q * (1 - q))) @ design / 3
    expected = np.linalg.eigvalsh(np.kron(block, np.array([[1.0, -1.0], [-1.0, 1.0]])))
    found = full_spectrum(curvature_of(network, x, np.array([0, 1, 1])))
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_the_penalty_lifts_the_spectrum() -> None:
    network = trained_network("identity", hidden=())
    plain, lifted = (curvature_of(network, X, LABELS, l2=l2).times(np.eye(9)) for l2 in (0.0, 0.5))
    np.testing.assert_allclose(lifted - plain, np.diag([1.0] * 6 + [0.0] * 3), atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("layer", [0, 1])
def test_rescaling_keeps_the_function_and_its_invariant_sharpness(
    layer: int, normalization: str, activation: str
) -> None:
    network = trained_network(activation, normalization=normalization)
    before = full_spectrum(curvature_of(network, X, LABELS, l2=0.0, normalized=True))
    raw = top_eigenvalues(curvature_of(network, X, LABELS, l2=0.0), 1).values[0]
    other = rescaled(network, 3.0, layer)
    np.testing.assert_allclose(
        probabilities_of(other, X), probabilities_of(network, X), rtol=1e-9, atol=1e-12
    )
    after = full_spectrum(curvature_of(other, X, LABELS, l2=0.0, normalized=True))
    np.testing.assert_allclose(after, before, atol=1e-9 * np.abs(before).max())
    changed = top_eigenvalues(curvature_of(other, X, LABELS, l2=0.0), 1).values[0]
    assert abs(changed / raw - 1) > 0.1


def test_raw_sharpness_is_made_anything() -> None:
    shown = rescaling_effect(trained_network("relu"), X, LABELS, factors=(2.0**-8, 1.0, 2.0**8))
    assert shown.difference.max() == 0.0  # powers of two
    assert shown.raw[0] > 1e3 * shown.raw[1]
    assert shown.raw[2] > 1e3 * shown.raw[1]
    np.testing.assert_allclose(shown.normalized, shown.normalized[1], rtol=1e-9)


def test_sharpness_is_raw_and_normalized_without_the_penalty() -> None:
    network = trained_network("relu", l2=0.01)
    found = sharpness(network, X, LABELS, count=3, draws=20)
    raw = curvature_of(network, X, LABELS, l2=0.0)
    np.testing.assert_allclose(found.raw.values, full_spectrum(raw)[::-1][:3], rtol=1e-5)
    assert found.raw_trace == estimate_trace(raw, 20)
    invariant = curvature_of(network, X, LABELS, l2=0.0, normalized=True)
    np.testing.assert_allclose(
        found.normalized.values, full_spectrum(invariant)[::-1][:3], rtol=1e-5
    )
    assert found.normalized_trace == estimate_trace(invariant, 20)


def test_a_seed_gives_one_answer() -> None:
    curvature = curvature_of(trained_network(), X, LABELS)
    assert estimate_trace(curvature, 10, seed=1) == estimate_trace(curvature, 10, seed=1)
    assert estimate_trace(curvature, 10, seed=1) != estimate_trace(curvature, 10, seed=2)
    tops = [top_eigenvalues(curvature, 2).vectors for _ in range(2)]
    np.testing.assert_array_equal(tops[0], tops[1])


def test_what_cannot_be_measured_is_refused() -> None:
    network = trained_network("relu", hidden=(60, 60))
    curvature = curvature_of(network, X, LABELS)
    with pytest.raises(RecipeError, match="fewer than 2000 parameters, got 4023"):
        full_spectrum(curvature)
    with pytest.raises(RecipeError, match="`draws` must be >= 2"):
        estimate_trace(curvature, draws=1)
    with pytest.raises(RecipeError, match=r"`count` must be in 1 \.\. 4022"):
        top_eigenvalues(curvature, 4023)


@pytest.mark.parametrize(
    ("network", "factor", "layer", "message"),
    [
        (lambda: trained_network("relu"), 0.0, 0, "`factor` must be > 0 and finite, got 0"),
        (lambda: trained_network("relu"), 2.0, 2, "one of the 2 hidden layers from 0, got 2"),
        (lambda: trained_network("tanh"), 2.0, 0, "got tanh, which is not homogeneous"),
        (lambda: trained_network("relu", residual=True), 2.0, 0, "residuals, got one around layer"),
    ],
)
def test_networks_that_would_change_are_refused(network, factor, layer, message) -> None:
    with pytest.raises(RecipeError, match=message):
        rescaled(network(), factor, layer)


def test_a_layer_below_no_residual_may_be_rescaled() -> None:
    network = trained_network("relu", residual=True, hidden=(8, 6))
    other = rescaled(network, 2.0)
    np.testing.assert_array_equal(probabilities_of(other, X), probabilities_of(network, X))
