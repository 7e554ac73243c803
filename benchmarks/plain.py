"""The recipe that every contestant trains, as levelset writes it."""

from benchmarks.shapes import Shape
from levelset.engine import Recipe


def plain_recipe(shape: Shape, epochs: int) -> Recipe:
    """Write the plain recipe of a shape: ReLU, Glorot-uniform weights, Adam at 1e-3."""
    return Recipe(
        hidden=shape.hidden,
        activation="relu",
        initializer="glorot_uniform",
        optimizer="adam",
        learning_rate=1e-3,
        batch_size=shape.batch,
        epochs=epochs,
    )
