"""PyTorch as usual: modules and autograd, one member after the other in every process."""

from typing import Any

import numpy as np
from jaxtyping import Float64

from benchmarks.contestants.contestant import Stack
from benchmarks.shapes import Data, Shape
from benchmarks.workers import Task


def build(shape: Shape, data: Data, settings: dict[str, Any], threads: int) -> Task:
    """Make the trainer; `settings["adam"]` is "fused" or "foreach"."""
    import torch
    from torch import nn
    from torch.nn.functional import cross_entropy

    from benchmarks.contestants.initial import generators, glorot_weights, orders

    torch.set_num_threads(threads)
    fused = settings["adam"] == "fused"
    features, labels = torch.from_numpy(data.features), torch.from_numpy(data.labels)

    def network(weights: list[np.ndarray]) -> nn.Sequential:
        layers: list[nn.Module] = []
        for matrices in weights:
            _, inputs, outputs = matrices.shape
            linear = nn.Linear(inputs, outputs)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(matrices[0].T))
                linear.bias.zero_()
            layers += [linear, nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def train_member(member: int, epochs: int) -> Float64[np.ndarray, " e"]:
        sources = generators((member,))
        model = network(glorot_weights(shape, sources))
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused, foreach=not fused)
        losses = np.zeros(epochs)
        for epoch in range(epochs):
            order = torch.from_numpy(orders(shape.rows, sources)[0])
            total = torch.zeros(())
            batches = zip(
                features[order].split(shape.batch), labels[order].split(shape.batch), strict=True
            )
            for x, y in batches:
                loss = cross_entropy(model(x), y)
                adam.zero_grad(set_to_none=True)
                loss.backward()
                adam.step()
                total.add_(loss.detach(), alpha=len(y) / shape.rows)
            losses[epoch] = total.item()
        return losses

    def train(stack: Stack, epochs: int) -> Float64[np.ndarray, " e"]:
        return np.sum([train_member(member, epochs) for member in stack], axis=0)

    return train
