"""Network: trained weights that can predict."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from levelset.engine import core
from levelset.engine.checks import check_features
from levelset.engine.heads import Head, as_heads
from levelset.engine.plan import (
    Parameters,
    by_kind,
    compile_plan,
    join_parameters,
    layer_widths,
    parameter_count,
    parameter_shapes,
    split_parameters,
)
from levelset.engine.predictions import by_target, class_probabilities, count_classes
from levelset.engine.recipe import Recipe
from levelset.engine.targets import given_targets
from levelset.errors import RecipeError

PerUnit = Float[np.ndarray, " _"]


class Gradient(NamedTuple):
    """∂J/∂θ, in the layout of a Network's fields of the same names."""

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    scales: tuple[np.ndarray, ...]
    shifts: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Network:
    """A network's weights, with the recipe that says how to read them.

    Attributes:
        recipe: How it was built and trained.
        weights: W of each layer, (i, o).
        biases: b of each layer, (o).
        scales: γ of each hidden layer, (o), where the recipe normalizes.
        shifts: β of each hidden layer, (o), where the recipe normalizes.
        running_means: Mean by which each hidden layer is normalized in prediction, (o), with batch
            normalization.
        running_variances: The same for variances.
        head_columns: How many columns of the last layer each head has; () where one has all.
        instruction_set: The build of the core that computes its predictions.

    Raises:
        RecipeError: If the arrays do not follow one another, or not the recipe.
    """

    recipe: Recipe
    weights: tuple[Float[np.ndarray, "_ _"], ...]
    biases: tuple[PerUnit, ...]
    scales: tuple[PerUnit, ...] = ()
    shifts: tuple[PerUnit, ...] = ()
    running_means: tuple[PerUnit, ...] = ()
    running_variances: tuple[PerUnit, ...] = ()
    head_columns: tuple[int, ...] = ()
    instruction_set: str = ""

    def __post_init__(self) -> None:
        _check_arrays(self.recipe, self._parameters)
        if any((variance < 0).any() for variance in self.running_variances):
            raise RecipeError("`running_variances` must be >= 0, got a number below 0.")
        _check_columns(self.heads, self._columns, self.weights[-1].shape[1])

    @property
    def heads(self) -> tuple[Head, ...]:
        """The heads of its recipe."""
        return as_heads(self.recipe.heads)

    @property
    def features(self) -> int:
        """Number of input features d."""
        return self.weights[0].shape[0]

    @property
    def classes(self) -> int:
        """Number of classes c among which it chooses; a RecipeError if it does not choose one."""
        return count_classes(self.heads, self._columns)

    @property
    def dtype(self) -> np.dtype:
        """The type of its weights and of its predictions."""
        return self.weights[0].dtype

    def outputs(self, x: object) -> dict[str, Float[np.ndarray, "n _"]]:
        """Give the answers of every head for each row.

        Args:
            x: Features, shape (n, d).

        Returns:
            By target: class probabilities (n, c) of a softmax head, probabilities of yes (n, k) of
            a sigmoid head, numbers (n, k) of a squared_error head.

        Raises:
            DataError: If the shape is wrong or a value is not finite.
        """
        return by_target(self._outputs(x), self.heads, self._columns)

    def predict_proba(self, x: object) -> Float[np.ndarray, "n c"]:
        """Give the class probabilities of each row, those of no and yes for a sigmoid head.

        Args:
            x: Features, shape (n, d).

        Returns:
            Probabilities, shape (n, c); each row sums to 1.

        Raises:
            DataError: If the shape is wrong or a value is not finite.
            RecipeError: If its heads do not choose one class.
        """
        count_classes(self.heads, self._columns)
        return class_probabilities(self._outputs(x))

    def predict(self, x: object) -> Int[np.ndarray, " n"]:
        """Give the class number of the largest probability of each row, shape (n,)."""
        return self.predict_proba(x).argmax(axis=-1)

    def objective_and_gradient(self, x: object, y: object) -> tuple[float, Gradient]:
        """Compute J(θ) on all rows as one batch, and its gradient.

        Batch normalization takes the batch's own statistics and label smoothing counts; dropout,
        noise, mixup, and weights of rows or classes do not.

        Args:
            x: Features, shape (n, d).
            y: Targets as for a Fleet: one array, or a mapping from names to arrays.

        Returns:
            J (penalty included; cross-entropies in nats), and ∂J/∂θ.

        Raises:
            DataError: If an array cannot be used.
            RecipeError: If a head has no target.
        """
        rows = check_features(x, self.dtype, columns=self.features)
        given, targets = given_targets(y, len(rows)), []
        for head, columns in zip(self.heads, self._columns, strict=True):
            given.require(head, "The network")
            targets.append(given.array(head, columns, self.dtype))
        widths, normalization = self._widths(), self.recipe.normalization
        flat = np.empty(parameter_count(widths, normalization), self.dtype)
        value = core.gradient(self.instruction_set, self._plan(), self.flat(), rows, targets, flat)
        return value, Gradient(*split_parameters(flat, widths, normalization)[:4])

    def flat(self, dtype: np.dtype | None = None) -> np.ndarray:
        """Give all arrays as one new one: W₁ by rows, b₁, what normalizes layer 1, W₂, ...

        Args:
            dtype: Of the array; by default the network's.
        """
        return join_parameters(self._parameters).astype(dtype or self.dtype, copy=False)

    @property
    def _parameters(self) -> Parameters:
        normalizing = (self.scales, self.shifts, self.running_means, self.running_variances)
        return Parameters(self.weights, self.biases, *normalizing)

    @property
    def _columns(self) -> tuple[int, ...]:
        return self.head_columns or (self.weights[-1].shape[1],)

    def _outputs(self, x: object) -> np.ndarray:
        rows = check_features(x, self.dtype, columns=self.features)
        outputs = np.empty((len(rows), sum(self._columns)), self.dtype)
        core.predict(self.instruction_set, self._plan(), self.flat(), rows, outputs)
        return outputs

    def _widths(self) -> tuple[int, ...]:
        return layer_widths(self.recipe, self.features, self.weights[-1].shape[1])

    def _plan(self) -> "core.Plan":
        return compile_plan(self.recipe, self.features, self._columns)


def _check_arrays(recipe: Recipe, given: Parameters) -> None:
    if not given.weights or len(given.weights) != len(given.biases):
        raise RecipeError(
            "`weights` and `biases` must have one array each for every layer, got "
            f"{len(given.weights)} and {len(given.biases)}."
        )
    types = sorted({str(array.dtype) for kind in given for array in kind})
    if types not in (["float32"], ["float64"]):
        raise RecipeError(
            f"A network's arrays must all be float32 or all be float64, got {', '.join(types)}."
        )
    widths = layer_widths(recipe, given.weights[0].shape[0], given.weights[-1].shape[1])
    wanted = by_kind(parameter_shapes(widths, recipe.normalization))
    for name, shapes, kind in zip(Parameters._fields, wanted, given, strict=True):
        found = tuple(array.shape for array in kind)
        if found != shapes:
            raise RecipeError(
                f"`{name}` must have the shapes {shapes} for hidden layers {recipe.hidden} with "
                f'`normalization="{recipe.normalization}"`, got {found}.'
            )


def _check_columns(heads: tuple[Head, ...], columns: tuple[int, ...], outputs: int) -> None:
    least = [2 if head.loss == "softmax" else 1 for head in heads]
    fits = len(columns) == len(heads) and sum(columns) == outputs
    if not fits or any(own < few for own, few in zip(columns, least, strict=True)):
        raise RecipeError(
            f"`head_columns` must share the {outputs} columns of the last layer among "
            f"{len(heads)} heads, at least 2 to a softmax head, got {columns}."
        )
