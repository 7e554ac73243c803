"""The networks of `levelset.theory` by PyTorch's own layers."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from levelset.theory import Architecture, RunningStatistics

TORCH_ACTIVATIONS = {
    "identity": torch.nn.Identity(),
    "sigmoid": torch.nn.Sigmoid(),
    "tanh": torch.nn.Tanh(),
    "relu": torch.nn.ReLU(),
    "leaky_relu": torch.nn.LeakyReLU(),
    "elu": torch.nn.ELU(),
    "selu": torch.nn.SELU(),
    "gelu": torch.nn.GELU(),
    "silu": torch.nn.SiLU(),
    "softplus": torch.nn.Softplus(threshold=700),  # by default it is z beyond z = 20
}


def network_outputs(
    architecture: Architecture,
    arrays: Sequence[torch.Tensor],
    x: np.ndarray,
    running: Sequence[RunningStatistics] | None = None,
) -> torch.Tensor:
    """The outputs of a network without dropout; arrays in the order of `Parameters.arrays`."""
    hidden = len(architecture.activations)
    weights, biases = arrays[: hidden + 1], arrays[hidden + 1 : 2 * hidden + 2]
    scales, shifts = arrays[2 * hidden + 2 : 3 * hidden + 2], arrays[3 * hidden + 2 :]
    a = torch.tensor(x)
    for layer, activation in enumerate(architecture.activations):
        z = functional.linear(a, weights[layer].T, biases[layer])
        if architecture.normalization is not None:
            scale, shift = scales[layer], shifts[layer]
            if architecture.normalization.name == "layer":
                z = functional.layer_norm(z, z.shape[-1:], scale, shift)
            elif running is None:
                z = functional.batch_norm(z, None, None, scale, shift, training=True)
            else:
                mean = torch.tensor(running[layer].mean)
                variance = torch.tensor(running[layer].variance)
                z = functional.batch_norm(z, mean, variance, scale, shift)
        added = TORCH_ACTIVATIONS[activation.name](z)
        a = added + a if architecture.residual and added.shape == a.shape else added
    return functional.linear(a, weights[-1].T, biases[-1])
