"""The contract of the peers that are written here: all train the same networks."""

import importlib

import numpy as np
import pytest

from benchmarks.contestants.initial import generators, glorot_weights, orders
from benchmarks.contestants.numpy_stacked import build
from benchmarks.shapes import Shape, synthetic

SHAPE = Shape("small", (6, 7, 5, 3), rows=50, batch=16, members=3, epochs=3)


def train_alone(member: int, data, epochs: int) -> list[float]:
    """One network in float64, weight by weight, from the textbook's equations."""
    sources = generators((member,))
    weights = [w[0].astype(float) for w in glorot_weights(SHAPE, sources)]
    parameters = [*weights, *(np.zeros(w.shape[1]) for w in weights)]
    layers = len(weights)
    first, second = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    count, losses = 0, []
    for _ in range(epochs):
        order, total = orders(SHAPE.rows, sources)[0], 0.0
        for start in range(0, SHAPE.rows, SHAPE.batch):
            rows = order[start : start + SHAPE.batch]
            inputs = [data.features[rows].astype(float)]
            for layer in range(layers):
                z = inputs[-1] @ parameters[layer] + parameters[layers + layer]
                inputs.append(np.maximum(z, 0) if layer < layers - 1 else z)
            p = np.exp(inputs[-1]) / np.exp(inputs[-1]).sum(1, keepdims=True)
            hot = np.eye(3)[data.labels[rows]]
            total -= float((hot * np.log(p)).sum())
            delta, gradient = (p - hot) / len(rows), [np.zeros(0)] * len(parameters)
            for layer in reversed(range(layers)):
                gradient[layer] = inputs[layer].T @ delta
                gradient[layers + layer] = delta.sum(0)
                delta = (delta @ parameters[layer].T) * (inputs[layer] > 0)
            count += 1
            for k, g in enumerate(gradient):
                first[k] = 0.9 * first[k] + 0.1 * g
                second[k] = 0.999 * second[k] + 0.001 * g**2
                m, v = first[k] / (1 - 0.9**count), second[k] / (1 - 0.999**count)
                parameters[k] -= 1e-3 * m / (np.sqrt(v) + 1e-8)
        losses.append(total / SHAPE.rows)
    return losses


def every_trainer():
    # The peers' packages are optional extras; each is checked where it is installed.
    yield pytest.param("numpy_stacked", {}, None, id="numpy")
    for adam in ("fused", "foreach"):
        yield pytest.param("torch_single", {"adam": adam}, "torch", id=f"torch-single-{adam}")
        yield pytest.param("torch_stacked", {"adam": adam}, "torch", id=f"torch-stacked-{adam}")
    for vmap in (False, True):
        yield pytest.param("jax_scan", {"vmap": vmap, "unroll": 1}, "jax", id=f"jax-{vmap}")


@pytest.mark.parametrize(("module", "settings", "package"), list(every_trainer()))
def test_peer_trains_every_member_as_the_slow_twin_does(module, settings, package, monkeypatch):
    if package is not None:
        pytest.importorskip(package)
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    data = synthetic(SHAPE, np.random.default_rng(0))
    factory = importlib.import_module(f"benchmarks.contestants.{module}").build
    found = factory(SHAPE, data, settings, 1)((0, 1, 2), 3)
    expected = np.sum([train_alone(member, data, 3) for member in range(3)], axis=0)
    np.testing.assert_allclose(found, expected, rtol=2e-4)


def test_build_ignores_what_other_trainers_need():
    data = synthetic(SHAPE, np.random.default_rng(0))
    assert build(SHAPE, data, {"adam": "fused"}, 1)((0,), 2).shape == (2,)
