"""What the peers that are written here share: initial weights, orders of the rows, batches."""

from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int64

from benchmarks.contestants.contestant import Stack
from benchmarks.shapes import Shape


def generators(members: Stack) -> list[np.random.Generator]:
    """Make one source of numbers per member."""
    return [np.random.default_rng([2024, member]) for member in members]


def glorot_weights(
    shape: Shape, sources: list[np.random.Generator]
) -> list[Float32[np.ndarray, "m i o"]]:
    """Draw the weights of every layer for a stack of members.

        W ~ U(-√(6 / (i + o)), √(6 / (i + o)))

    Args:
        shape: Widths of the layers.
        sources: One generator per member.

    Returns:
        Weights of every layer.

    Source:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS 2010, equation 16; scikit-learn's choice, taken by every contestant.
    """
    weights = []
    for inputs, outputs in pairwise(shape.widths):
        limit = (6.0 / (inputs + outputs)) ** 0.5
        drawn = [source.uniform(-limit, limit, (inputs, outputs)) for source in sources]
        weights.append(np.stack(drawn).astype(np.float32))
    return weights


def orders(rows: int, sources: list[np.random.Generator]) -> Int64[np.ndarray, "m n"]:
    """Draw every member's own order of the rows for one epoch."""
    return np.stack([source.permutation(rows) for source in sources])


def batch_slices(shape: Shape) -> list[slice]:
    """Cut an order of the rows into mini-batches, the last one shorter where it must be."""
    starts = range(0, shape.rows, shape.batch)
    return [slice(start, min(start + shape.batch, shape.rows)) for start in starts]
