"""Networks whose level sets are known, and small trained ones."""

import math
from functools import cache

import numpy as np

from levelset.engine import Fleet, Member, Network, Recipe
from levelset.seeds import stream


def linear_network(weights: np.ndarray, biases: np.ndarray, **changes: object) -> Network:
    return Network(Recipe(hidden=(), **changes), (weights,), (biases,))


def circle_network(radius: float, features: int = 2, slope: float = 1e-2) -> Network:
    """z = (0, ‖x‖² − r²), but for a share of slope² ‖x‖² / 24.

    softplus(s) + softplus(−s) = 2 log 2 + s²/4 − s⁴/96 + …
    """
    inputs = slope * np.hstack([np.eye(features), -np.eye(features)])
    outputs = np.zeros((2 * features, 2))
    outputs[:, 1] = 4.0 / slope**2
    bias = -outputs[0, 1] * 2 * features * math.log(2.0) - radius**2
    return Network(
        Recipe(hidden=(2 * features,), activation="softplus"),
        (inputs, outputs),
        (np.zeros(2 * features), np.array([0.0, bias])),
    )


@cache
def three_blobs() -> tuple[np.ndarray, np.ndarray]:
    generator = stream(0, "blobs")
    labels = np.arange(120) % 3
    centers = np.array([[0.0, 1.5], [1.3, -0.8], [-1.3, -0.8]])
    return centers[labels] + generator.normal(scale=0.6, size=(120, 2)), labels


@cache
def trained_network(activation: str = "tanh", **changes: object) -> Network:
    x, labels = three_blobs()
    recipe = Recipe(**{"hidden": (12, 12), "activation": activation, "epochs": 40, **changes})
    fleet = Fleet([Member(recipe.changed(learning_rate=0.01))], x, labels, dtype="float64")
    fleet.run()
    return fleet.networks[0]
