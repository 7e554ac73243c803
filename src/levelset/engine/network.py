"""Network: trained weights that can predict."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int

from levelset.engine import core
from levelset.engine.checks import check_features, check_labels
from levelset.engine.plan import compile_plan, layer_widths, parameter_count, split_parameters
from levelset.engine.recipe import Recipe
from levelset.errors import RecipeError


@dataclass(frozen=True, eq=False)
class Network:
    """A network's weights, with the recipe that says how to read them.

    Attributes:
        recipe: How it was built and trained.
        weights: W of each layer, (i, o).
        biases: b of each layer, (o).
        instruction_set: The build of the core that computes its predictions.

    Raises:
        RecipeError: If the arrays do not follow one another, or not the recipe's hidden layers.
    """

    recipe: Recipe
    weights: tuple[Float[np.ndarray, "_ _"], ...]
    biases: tuple[Float[np.ndarray, " _"], ...]
    instruction_set: str = ""

    def __post_init__(self) -> None:
        if not self.weights or len(self.weights) != len(self.biases):
            raise RecipeError(
                "`weights` and `biases` must have one array each for every layer, got "
                f"{len(self.weights)} and {len(self.biases)}."
            )
        arrays = (*self.weights, *self.biases)
        types = sorted({str(array.dtype) for array in arrays})
        if types not in (["float32"], ["float64"]):
            raise RecipeError(
                f"`weights` and `biases` must all be float32 or all float64, got {types}."
            )
        widths = (self.weights[0].shape[0], *self.recipe.hidden, self.weights[-1].shape[1])
        wanted = [*pairwise(widths), *((width,) for width in widths[1:])]
        given = [array.shape for array in arrays]
        if given != wanted:
            raise RecipeError(
                f"`weights` and `biases` must have the shapes {wanted} for hidden layers "
                f"{self.recipe.hidden}, got {given}."
            )

    @property
    def features(self) -> int:
        """Number of input features d."""
        return self.weights[0].shape[0]

    @property
    def classes(self) -> int:
        """Number of classes c."""
        return self.weights[-1].shape[1]

    @property
    def dtype(self) -> np.dtype:
        """The type of its weights and of its predictions."""
        return self.weights[0].dtype

    def predict_proba(self, x: object) -> Float[np.ndarray, "n c"]:
        """Give the class probabilities q = softmax(z) of each row.

        Args:
            x: Features, shape (n, d).

        Returns:
            Probabilities, shape (n, c); each row sums to 1.

        Raises:
            DataError: If the shape is wrong or a value is not finite.
        """
        rows = check_features(x, self.dtype, columns=self.features)
        probabilities = np.empty((len(rows), self.classes), self.dtype)
        core.predict(self.instruction_set, self._plan(), self.flat(), rows, probabilities)
        return probabilities

    def predict(self, x: object) -> Int[np.ndarray, " n"]:
        """Give the class number of the largest probability of each row, shape (n,)."""
        return self.predict_proba(x).argmax(axis=-1)

    def objective_and_gradient(
        self, x: object, y: object
    ) -> tuple[float, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Compute J(θ) on all rows as one batch, and its gradient.

        Label smoothing counts; dropout, noise, and weights of rows or classes do not.

        Args:
            x: Features, shape (n, d).
            y: Class numbers, shape (n,).

        Returns:
            J in nats (penalty included), ∂J/∂W of each layer, ∂J/∂b of each layer.

        Raises:
            DataError: If an array cannot be used.
        """
        rows = check_features(x, self.dtype, columns=self.features)
        labels = check_labels(y, len(rows), self.classes)
        flat = np.empty(parameter_count(self._widths()), self.dtype)
        value = core.gradient(self.instruction_set, self._plan(), self.flat(), rows, labels, flat)
        return (value, *split_parameters(flat, self._widths()))

    def _widths(self) -> tuple[int, ...]:
        return layer_widths(self.recipe, self.features, self.classes)

    def _plan(self) -> "core.Plan":
        return compile_plan(self.recipe, self.features, self.classes)

    def flat(self, dtype: np.dtype | None = None) -> np.ndarray:
        """Give all parameters as one new array: W₁ by rows, b₁, W₂, ...

        Args:
            dtype: Of the array; by default the network's.
        """
        layers = zip(self.weights, self.biases, strict=True)
        parts = [part.ravel() for layer in layers for part in layer]
        return np.concatenate(parts).astype(dtype or self.dtype)
