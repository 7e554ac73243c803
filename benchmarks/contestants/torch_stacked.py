"""PyTorch stacked by hand: all members of a process as one batch of matrices (`baddbmm`)."""

from typing import Any

import numpy as np
from jaxtyping import Float64

from benchmarks.contestants.contestant import Stack
from benchmarks.shapes import Data, Shape
from benchmarks.workers import Task


def build(shape: Shape, data: Data, settings: dict[str, Any], threads: int) -> Task:
    """Make the trainer; `settings["adam"]` is "fused" or "foreach"."""
    import torch
    from torch.nn.functional import cross_entropy

    from benchmarks.contestants.initial import batch_slices, generators, glorot_weights, orders

    torch.set_num_threads(threads)
    fused = settings["adam"] == "fused"
    features, labels = torch.from_numpy(data.features), torch.from_numpy(data.labels)

    def train(stack: Stack, epochs: int) -> Float64[np.ndarray, " e"]:
        members, sources = len(stack), generators(stack)
        weights = [torch.from_numpy(w).requires_grad_() for w in glorot_weights(shape, sources)]
        biases = [
            torch.zeros((members, 1, units), requires_grad=True) for units in shape.widths[1:]
        ]
        adam = torch.optim.Adam([*weights, *biases], lr=1e-3, fused=fused, foreach=not fused)
        losses = np.zeros(epochs)
        for epoch in range(epochs):
            order = torch.from_numpy(orders(shape.rows, sources))
            total = torch.zeros(())
            for part in batch_slices(shape):
                rows = order[:, part].reshape(-1)
                length = len(rows) // members
                hidden = features.index_select(0, rows).view(members, length, -1)
                for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
                    hidden = torch.baddbmm(bias, hidden, weight).relu_()
                logits = torch.baddbmm(biases[-1], hidden, weights[-1]).flatten(0, 1)
                # The sum over members of mean losses: every member gets its own gradient.
                loss = cross_entropy(logits, labels[rows], reduction="sum") / length
                adam.zero_grad(set_to_none=True)
                loss.backward()
                adam.step()
                total.add_(loss.detach(), alpha=length / shape.rows)
            losses[epoch] = total.item()
        return losses

    return train
