"""What is trained: the shapes of the benchmark, their operation counts and their data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from jaxtyping import Float32, Int64


@dataclass(frozen=True)
class Shape:
    """One network and the table that it is trained on.

    Args:
        name: Name on the command line and in the output.
        widths: Units of every layer, from the features to the classes.
        rows: Training rows.
        batch: Rows of a mini-batch; the last one of an epoch is shorter where `rows` requires it.
        members: Networks in the fleet.
        epochs: Epochs of one timed training.
    """

    name: str
    widths: tuple[int, ...]
    rows: int
    batch: int
    members: int
    epochs: int

    @property
    def features(self) -> int:
        """Units of the input layer."""
        return self.widths[0]

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of the hidden layers."""
        return self.widths[1:-1]

    @property
    def classes(self) -> int:
        """Units of the output layer."""
        return self.widths[-1]

    @property
    def flops_per_sample(self) -> int:
        """Operations of one training step on one row (see `flops_per_sample`)."""
        return flops_per_sample(self.widths)

    def shortened(self) -> "Shape":
        """The shape with a smaller fleet and fewer epochs, for a run of seconds."""
        return replace(self, members=min(self.members, 8), epochs=2)


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        shape.name: shape
        for shape in (
            Shape("tiny", (32, 64, 5), rows=2_000, batch=128, members=64, epochs=40),
            Shape("study", (20, 64, 64, 3), rows=2_000, batch=32, members=64, epochs=20),
            Shape("wide-one", (64, 100, 10), rows=5_000, batch=200, members=64, epochs=20),
            Shape("medium", (64, 256, 256, 10), rows=10_000, batch=256, members=16, epochs=5),
        )
    }
)


def flops_per_sample(widths: tuple[int, ...]) -> int:
    """Count the operations of one training step on one row.

        F = 2 · (2 Σ_{l≥0} d_l d_{l+1}) + 2 Σ_{l≥1} d_l d_{l+1}

    Forward pass and weight gradient of every layer, input gradient of every layer but the first;
    a multiplication and an addition count as two. Biases, activations, the loss, the optimizer and
    the gathering of rows are not counted, although every contestant pays for them.

    Args:
        widths: Units d_l of every layer, from the features to the classes.

    Returns:
        Floating-point operations per row and step.

    Example:
        >>> flops_per_sample((32, 64, 5))
        10112
    """
    products = [inputs * outputs for inputs, outputs in pairwise(widths)]
    return 4 * sum(products) + 2 * sum(products[1:])


@dataclass(frozen=True)
class Data:
    """The training table of one shape.

    Args:
        features: Standardized features, float32 `(n, d)`.
        labels: Class ids, int64 `(n,)`.
    """

    features: Float32[np.ndarray, "n d"]
    labels: Int64[np.ndarray, " n"]


def synthetic(shape: Shape, generator: np.random.Generator) -> Data:
    """Draw a learnable task: every class is two Gaussian clouds in opposite directions.

    The two clouds of a class share their mean with every other class, so a linear model learns
    nothing and a falling loss shows that the hidden layers learn.

    Args:
        shape: Rows, features and classes to draw.
        generator: Source of the numbers.

    Returns:
        Rows of balanced classes in random order.

    Example:
        >>> synthetic(SHAPES["tiny"], np.random.default_rng(0)).features.shape
        (2000, 32)
    """
    labels = generator.permutation(np.arange(shape.rows) % shape.classes)
    centers = generator.normal(size=(shape.classes, shape.features))
    centers *= 4.0 / np.linalg.norm(centers, axis=1, keepdims=True)
    signs = generator.choice([-1.0, 1.0], size=(shape.rows, 1))
    features = signs * centers[labels] + generator.normal(size=(shape.rows, shape.features))
    features /= features.std(axis=0)
    return Data(features.astype(np.float32), labels.astype(np.int64))
