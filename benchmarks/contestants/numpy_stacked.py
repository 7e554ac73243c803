"""Stacked NumPy: batched `matmul`, gradients by hand, Adam in place on one flat vector."""

from itertools import pairwise
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64

from benchmarks.contestants.contestant import Stack
from benchmarks.contestants.initial import batch_slices, generators, glorot_weights, orders
from benchmarks.shapes import Data, Shape
from benchmarks.workers import Task


def build(shape: Shape, data: Data, settings: dict[str, Any], threads: int) -> Task:
    """Make the trainer."""
    del settings, threads  # the stack's size comes with every request, the threads from outside

    def train(stack: Stack, epochs: int) -> Float64[np.ndarray, " e"]:
        sources = generators(stack)
        networks = StackedNetworks(shape, glorot_weights(shape, sources))
        losses = np.zeros(epochs)
        for epoch in range(epochs):
            order = orders(shape.rows, sources)
            for part in batch_slices(shape):
                losses[epoch] += networks.step(data, order[:, part]) / shape.rows
        return losses

    return train


class StackedNetworks:
    """A stack of networks of one shape, with every buffer that a step needs.

    Args:
        shape: Widths and batch.
        weights: Initial weights of every layer.
    """

    def __init__(self, shape: Shape, weights: list[Float32[np.ndarray, "m i o"]]) -> None:
        members = len(weights[0])
        self._adam = Adam(members * sum(i * o + o for i, o in pairwise(shape.widths)))
        self._weights, self._biases = _views(self._adam.parameters, shape, members)
        self._weight_gradients, self._bias_gradients = _views(self._adam.gradient, shape, members)
        for mine, drawn in zip(self._weights, weights, strict=True):
            mine[...] = drawn
        sizes = {part.stop - part.start for part in batch_slices(shape)}
        self._activations = {
            size: [np.empty((members, size, units), np.float32) for units in shape.widths]
            for size in sizes
        }
        self._deltas = {
            size: [np.empty((members, size, units), np.float32) for units in shape.hidden]
            for size in sizes
        }

    def step(self, data: Data, rows: Int64[np.ndarray, "m b"]) -> float:
        """Do one step of every member on its own rows.

        Args:
            data: The table.
            rows: Rows of every member's mini-batch.

        Returns:
            Sum of the losses over rows and members, before the step.
        """
        batch = rows.shape[1]
        activations = self._activations[batch]
        np.take(data.features, rows, axis=0, out=activations[0], mode="clip")  # unbuffered
        last = len(self._weights) - 1
        for layer, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
            after = np.matmul(activations[layer], weight, out=activations[layer + 1])
            after += bias
            if layer < last:
                np.maximum(after, 0.0, out=after)
        loss = _loss_and_gradient(activations[-1], data.labels[rows])
        self._backward(activations, self._deltas[batch])
        self._adam.step()
        return loss

    def _backward(
        self,
        activations: list[Float32[np.ndarray, "m b _"]],
        deltas: list[Float32[np.ndarray, "m b _"]],
    ) -> None:
        delta = activations[-1]
        for layer in reversed(range(len(self._weights))):
            before = activations[layer]
            np.matmul(before.swapaxes(1, 2), delta, out=self._weight_gradients[layer])
            np.sum(delta, axis=1, keepdims=True, out=self._bias_gradients[layer])
            if layer > 0:
                weight = self._weights[layer].swapaxes(1, 2)
                delta = np.matmul(delta, weight, out=deltas[layer - 1])
                delta *= before > 0.0


class Adam:
    """Adam with its defaults, in place on one flat vector.

    Args:
        length: Parameters of the whole stack.
    """

    def __init__(self, length: int) -> None:
        self.parameters, self.gradient = (np.zeros(length, np.float32) for _ in range(2))
        self._first, self._second, self._scratch = (np.zeros(length, np.float32) for _ in range(3))
        self._count = 0

    def step(self) -> None:
        """Move the parameters; the gradient is used up."""
        self._count += 1
        rate = 1e-3 / (1 - 0.9**self._count)
        scale = (1 - 0.999**self._count) ** -0.5
        scratch = self._scratch
        self._first *= 0.9
        self._first += np.multiply(self.gradient, 0.1, out=scratch)
        np.multiply(self.gradient, self.gradient, out=scratch)
        scratch *= 0.001
        self._second *= 0.999
        self._second += scratch
        np.sqrt(self._second, out=scratch)
        scratch *= scale / rate
        scratch += 1e-8 / rate
        self.parameters -= np.divide(self._first, scratch, out=scratch)


def _loss_and_gradient(
    logits: Float32[np.ndarray, "m b c"], labels: Int64[np.ndarray, "m b"]
) -> float:
    """Replace logits by the gradient of the mean loss; return the sum of the losses."""
    batch = logits.shape[1]
    logits -= logits.max(axis=-1, keepdims=True)
    flat = logits.reshape(-1, logits.shape[-1])
    entries = (np.arange(len(flat)), labels.reshape(-1))
    picked = flat[entries]
    np.exp(flat, out=flat)
    totals = flat.sum(axis=-1, keepdims=True)
    loss = float(np.log(totals[:, 0]).sum() - picked.sum())
    flat /= totals * np.float32(batch)
    flat[entries] -= np.float32(1.0 / batch)
    return loss


def _views(
    flat: Float32[np.ndarray, " p"], shape: Shape, members: int
) -> tuple[list[Float32[np.ndarray, "m i o"]], list[Float32[np.ndarray, "m 1 o"]]]:
    """Cut a flat vector into the weights and biases of every layer."""
    weights, biases, start = [], [], 0
    for inputs, outputs in pairwise(shape.widths):
        middle = start + members * inputs * outputs
        stop = middle + members * outputs
        weights.append(flat[start:middle].reshape(members, inputs, outputs))
        biases.append(flat[middle:stop].reshape(members, 1, outputs))
        start = stop
    return weights, biases
