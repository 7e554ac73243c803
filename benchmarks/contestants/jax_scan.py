# pyright: reportMissingImports=false
# (JAX comes with the `benchmark` extra, which the checks do without.)
"""JAX: a training is one compiled scan over epochs and steps, of one member or stacked by `vmap`.

The number of epochs is part of the compiled program; the warm-up compiles it before any timing.
"""

from typing import Any

import numpy as np
from jaxtyping import Float64

from benchmarks.contestants.contestant import Stack
from benchmarks.shapes import Data, Shape
from benchmarks.workers import Task


def build(shape: Shape, data: Data, settings: dict[str, Any], threads: int) -> Task:
    """Make the trainer; `settings["vmap"]` says whether members are stacked."""
    del threads  # the environment sets them
    import jax

    from benchmarks.contestants.initial import generators, glorot_weights, orders

    training = _training(shape, data, settings["unroll"])
    compiled = jax.jit(jax.vmap(training) if settings["vmap"] else training)

    def train(stack: Stack, epochs: int) -> Float64[np.ndarray, " e"]:
        sources = generators(stack)
        weights = glorot_weights(shape, sources)
        order = np.stack([orders(shape.rows, sources) for _ in range(epochs)], axis=1)
        order = order.astype(np.int32)
        if settings["vmap"]:
            return _total(compiled(weights, order))
        losses = [
            compiled([w[index] for w in weights], order[index]) for index in range(len(stack))
        ]
        return _total(losses)

    return train


def _total(losses: Any) -> Float64[np.ndarray, " e"]:
    """Wait for the losses (m, e) and sum them over members."""
    return np.add.reduce(np.asarray(losses, dtype=np.float64), axis=0)


def _training(shape: Shape, data: Data, unroll: int) -> Any:
    """Make the function of one member: weights, rows' orders (e, n) -> mean losses (e,)."""
    import jax
    import jax.numpy as jnp

    step = _step(data, shape.classes)
    full = shape.rows // shape.batch
    rest = shape.rows - full * shape.batch

    def epoch(state: Any, order: Any) -> Any:
        batches = order[: full * shape.batch].reshape(full, shape.batch)
        state, losses = jax.lax.scan(step, state, batches, unroll=unroll)
        total = losses.sum() * shape.batch
        if rest:
            state, loss = step(state, order[full * shape.batch :])
            total = total + loss * rest
        return state, total / shape.rows

    def training(weights: Any, orders: Any) -> Any:
        parameters = [(weight, jnp.zeros(weight.shape[-1])) for weight in weights]
        zeros = jax.tree.map(jnp.zeros_like, parameters)
        _, losses = jax.lax.scan(epoch, (parameters, zeros, zeros, jnp.zeros(())), orders)
        return losses

    return training


def _step(data: Data, classes: int) -> Any:
    """Make one step of Adam: state, rows of the batch (b,) -> state, mean loss."""
    import jax
    import jax.numpy as jnp

    features = jnp.asarray(data.features)
    # Rows of an identity instead of labels: picking entries would put scatters in the gradient.
    targets = jnp.eye(classes, dtype=jnp.float32)[data.labels]

    def objective(parameters: Any, x: Any, y: Any) -> Any:
        for weight, bias in parameters[:-1]:
            x = jax.nn.relu(x @ weight + bias)
        weight, bias = parameters[-1]
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(x @ weight + bias), axis=-1))

    def step(state: Any, rows: Any) -> Any:
        parameters, first, second, count = state
        loss, gradient = jax.value_and_grad(objective)(parameters, features[rows], targets[rows])
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate, scale = 1e-3 / (1 - 0.9**count), 1 / (1 - 0.999**count)

        def update(p: Any, m: Any, v: Any) -> Any:
            return p - rate * m / (jnp.sqrt(v * scale) + 1e-8)

        parameters = jax.tree.map(update, parameters, first, second)
        return (parameters, first, second, count), loss

    return step
