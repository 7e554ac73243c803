"""levelset: one fleet; its construction is inside the timed region."""

from typing import Any

import numpy as np
from jaxtyping import Float64

from benchmarks.contestants.contestant import Stack
from benchmarks.shapes import Data, Shape
from benchmarks.workers import Task


def build(shape: Shape, data: Data, settings: dict[str, Any], threads: int) -> Task:
    """Make the trainer."""
    del settings  # there is one way only
    from benchmarks.plain import plain_recipe
    from levelset.engine import Fleet, Member

    def train(stack: Stack, epochs: int) -> Float64[np.ndarray, " e"]:
        recipe = plain_recipe(shape, epochs)
        members = [Member(recipe, seed=member) for member in stack]
        fleet = Fleet(members, data.features, data.labels, classes=shape.classes, threads=threads)
        fleet.run()
        return np.add.reduce(np.asarray(fleet.record.training_loss, dtype=np.float64), axis=0)

    return train
