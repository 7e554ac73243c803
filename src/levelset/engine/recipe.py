"""Recipe: how one network is built and trained."""

import difflib
import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from levelset.errors import RecipeError

ActivationName = Literal["identity", "sigmoid", "tanh", "relu"]
InitializerName = Literal[
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
]
OptimizerName = Literal["adam", "sgd"]

Count = Annotated[int, Field(ge=1, le=2**31 - 1)]  # the core's streams number epochs in 32 bits
Width = Annotated[int, Field(ge=1, le=65_536)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]


class Recipe(BaseModel):
    """How one network is built and trained: frozen, validated, hashable.

    The network is aₗ = φ(aₗ₋₁ Wₗ + bₗ) for each hidden layer and softmax(a W + b) at the end. It
    minimizes

        J(θ) = mean over rows of the cross-entropy + l2 · Σₗ ‖Wₗ‖²_F   (nats; biases are free)

    Args:
        hidden: Units of each hidden layer; `()` is multinomial logistic regression.
        activation: φ of every hidden layer.
        initializer: Distribution of the initial weights; by default He for relu and Glorot for
            the others and for the output layer (`levelset.theory.DEFAULT_INITIALIZER`).
        gain: Factor on the initial weights' standard deviation.
        optimizer: "adam" or "sgd".
        learning_rate: Step size η.
        momentum: μ of sgd; not used by adam.
        nesterov: Nesterov's form of sgd's momentum.
        beta1: Decay of adam's first moment.
        beta2: Decay of adam's second moment.
        epsilon: Added to the root of adam's second moment.
        batch_size: Rows of a mini-batch; the last of an epoch may be smaller.
        epochs: Most passes over the training rows.
        l2: λ of the objective above; see the translation to other libraries in the documentation.
        dropout: Share of each hidden layer's outputs that is dropped in training (inverted
            dropout).
        patience: Stop after this many epochs without a gain in validation loss; None never stops
            early.
        min_delta: The least decrease of the validation loss that counts as a gain, in nats.

    Raises:
        RecipeError: Names every field that is wrong, what it must be and what was given.

    Example:
        >>> Recipe(hidden=(64, 64), l2=1e-4).changed(activation="tanh").activation
        'tanh'
        >>> Recipe(l2=-0.1)
        Traceback (most recent call last):
        levelset.errors.RecipeError: `l2` must be greater than or equal to 0, got -0.1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    hidden: tuple[Width, ...] = (64, 64)
    activation: ActivationName = "relu"
    initializer: InitializerName | None = None
    gain: Positive = 1.0
    optimizer: OptimizerName = "adam"
    learning_rate: Positive = 1e-3
    momentum: BelowOne = 0.9
    nesterov: bool = False
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8
    batch_size: Count = 32
    epochs: Count = 100
    l2: NotNegative = 0.0
    dropout: BelowOne = 0.0
    patience: Count | None = None
    min_delta: NotNegative = 0.0

    if not TYPE_CHECKING:  # editors and type checkers read the fields above as the signature

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise RecipeError(_sentence(error)) from None

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "Recipe":
        if self.nesterov and self.optimizer == "adam":
            raise ValueError('`nesterov` needs `optimizer="sgd"`, got "adam"')
        if self.nesterov and math.isclose(self.momentum, 0.0):
            raise ValueError("`nesterov` needs a `momentum` above 0, got 0")
        return self

    def changed(self, **fields: Any) -> "Recipe":
        """Give this recipe with some fields changed, and checked again.

        Args:
            **fields: New values by field name.

        Returns:
            Another recipe; the fields that were given are this one's and the new ones.

        Raises:
            RecipeError: As for a new recipe.
        """
        return Recipe(**(self.model_dump(exclude_unset=True) | fields))

    def changes(self) -> dict[str, Any]:
        """Give the fields that differ from the defaults, by name: a short way to show a recipe.

        Example:
            >>> Recipe(l2=0.01).changes()
            {'l2': 0.01}
        """
        return self.model_dump(exclude_defaults=True)


def _sentence(error: ValidationError) -> str:
    """Say every fault of a recipe in one paragraph."""
    faults = []
    for fault in error.errors(include_url=False):
        name = ".".join(
            str(part) for part in fault["loc"] if not str(part).startswith("constrained")
        )
        if fault["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, Recipe.model_fields, n=1)
            hint = (
                f"did you mean `{near[0]}`?"
                if near
                else f"fields: {', '.join(Recipe.model_fields)}."
            )
            faults.append(f"`{name}` is not a field of a recipe; {hint}")
        elif fault["type"] == "value_error":
            faults.append(f"{fault.get('ctx', {}).get('error')}.")
        else:
            must = (
                fault["msg"].replace("Input should be", "must be").replace("Input should", "must")
            )
            faults.append(f"`{name}` {must}, got {fault['input']!r}.")
    return " ".join(faults)
