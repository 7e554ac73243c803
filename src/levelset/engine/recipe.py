"""Recipe: how one network is built and trained."""

import math
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from levelset.engine.heads import Head, HeadName, as_heads
from levelset.engine.validated import Validated, one_or_each

ActivationName = Literal[
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "softplus",
]
InitializerName = Literal[
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "normal",
]
OptimizerName = Literal["sgd", "adam", "adamw"]
ScheduleName = Literal["constant", "step", "cosine", "one_cycle"]
AveragingName = Literal["none", "ema", "swa"]
MonitorName = Literal["loss", "accuracy"]
NormalizationName = Literal["none", "batch", "layer"]

Count = Annotated[int, Field(ge=1, le=2**31 - 1)]  # the core's streams number epochs in 32 bits
Width = Annotated[int, Field(ge=1, le=65_536)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
BelowOne = Annotated[float, Field(ge=0, lt=1)]
Activations = Annotated[
    Annotated[ActivationName, Tag("one")] | Annotated[tuple[ActivationName, ...], Tag("each")],
    Discriminator(one_or_each),
]
Heads = Annotated[
    Annotated[HeadName, Tag("one")] | Annotated[tuple[Head, ...], Tag("each")],
    Discriminator(one_or_each),
]


class Recipe(Validated):
    """How one network is built and trained: frozen, validated, hashable.

    The network is aₗ = φ(norm(aₗ₋₁ Wₗ + bₗ)) for each hidden layer, without norm by default, and
    softmax(a W + b), or what its heads ask for, at the end. It minimizes

        J(θ) = mean over rows of the cross-entropy + l2 · Σₗ ‖Wₗ‖²_F   (nats; biases are free)

    or, with several heads h, the sum of their mean losses times their weights in the place of the
    cross-entropy.

    Args:
        hidden: Units of each hidden layer; `()` is multinomial logistic regression.
        activation: φ of every hidden layer, or one for each.
        initializer: Distribution of the initial weights; by default that of each layer's
            activation (`levelset.theory.DEFAULT_INITIALIZER`), Glorot for the output layer.
            "normal" is N(0, gain²) whatever the fan.
        gain: Factor on the initial weights' standard deviation.
        normalization: "batch" or "layer" normalizes every hidden layer before its activation
            (`levelset.theory.NORMALIZATIONS`); "none" does not.
        residual: Whether a hidden layer with as many units as inputs adds its inputs to its
            outputs, aₗ = φ(·) + aₗ₋₁.
        heads: The loss of the one target: "softmax" cross-entropy of classes, "sigmoid"
            cross-entropy of yes or no, or "squared_error" of numbers. Or a `Head` for each of
            several targets, in the order of their columns.
        optimizer: "adam", "sgd", or "adamw" (adam with `weight_decay`).
        learning_rate: Step size η; a schedule multiplies it by at most 1.
        schedule: "constant", "step", "cosine" or "one_cycle" (`levelset.theory.SCHEDULES`).
        warmup_epochs: Epochs of linear warm-up in front of the schedule, fractions allowed.
        drop_epochs: Epochs between the drops of the step schedule.
        drop_factor: What each of them multiplies the rate by.
        learning_rate_factors: Factor on η for each layer, the output layer's last; 0 freezes a
            layer. None is 1 for all.
        momentum: μ of sgd; not used by adam.
        nesterov: Nesterov's form of sgd's momentum.
        beta1: Decay of adam's first moment.
        beta2: Decay of adam's second moment.
        epsilon: Added to the root of adam's second moment.
        batch_size: Rows of a mini-batch; the last of an epoch may be smaller.
        epochs: Most passes over the training rows.
        l2: λ of the objective above; see the translation to other libraries in the documentation.
        weight_decay: Decoupled decay of the weights, w ← (1 − η · weight_decay) w before each
            step; biases are free. With "sgd" or "adamw".
        gradient_clip: Largest global norm of the gradient of J; None does not clip.
        dropout: Share of each hidden layer's outputs that is dropped in training (inverted
            dropout).
        input_dropout: The same for the inputs.
        input_noise: Standard deviation of Gaussian noise on the inputs in training.
        weight_noise: Standard deviation of Gaussian noise on the weights in each training step.
        mixup: α of Beta(α, α): each mini-batch is mixed with itself in another order, by one
            share that is drawn from it; 0 mixes nothing.
        sam_radius: ρ of sharpness-aware minimization: each step takes its gradient at
            θ + ρ g / ‖g‖, g being the one at θ; 0 takes it at θ.
        label_smoothing: s of the targets (1 − s) onehot + s / c in training, of softmax heads.
        class_weight: "balanced" weighs each class by n / (c n_c) of the member's rows; for one
            softmax head.
        averaging: "ema" or "swa": validation and prediction use averaged weights.
        average_decay: d of the exponential moving average over steps, bias-corrected.
        average_start: Share of the epochs after which "swa" starts to average.
        monitor: What validation judges an epoch by: "loss", or "accuracy" as 1 − accuracy, for
            heads that classify.
        patience: Stop after this many epochs without a gain; None never stops early.
        min_delta: The least decrease of what is monitored that counts as a gain.

    Raises:
        RecipeError: Names every field that is wrong, what it must be and what was given.

    Example:
        >>> Recipe(hidden=(64, 64), l2=1e-4).changed(activation="tanh").activation
        'tanh'
        >>> Recipe(l2=-0.1)
        Traceback (most recent call last):
        levelset.errors.RecipeError: `l2` must be greater than or equal to 0, got -0.1.
    """

    hidden: tuple[Width, ...] = (64, 64)
    activation: Activations = "relu"
    initializer: InitializerName | None = None
    gain: Positive = 1.0
    normalization: NormalizationName = "none"
    residual: bool = False
    heads: Heads = "softmax"
    optimizer: OptimizerName = "adam"
    learning_rate: Positive = 1e-3
    momentum: BelowOne = 0.9
    nesterov: bool = False
    beta1: BelowOne = 0.9
    beta2: BelowOne = 0.999
    epsilon: Positive = 1e-8
    schedule: ScheduleName = "constant"
    warmup_epochs: NotNegative = 0.0
    drop_epochs: Annotated[int, Field(ge=1)] = 30
    drop_factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    learning_rate_factors: tuple[NotNegative, ...] | None = None
    batch_size: Count = 32
    epochs: Count = 100
    l2: NotNegative = 0.0
    weight_decay: NotNegative = 0.0
    gradient_clip: Positive | None = None
    dropout: BelowOne = 0.0
    input_dropout: BelowOne = 0.0
    input_noise: NotNegative = 0.0
    weight_noise: NotNegative = 0.0
    mixup: NotNegative = 0.0
    sam_radius: NotNegative = 0.0
    label_smoothing: BelowOne = 0.0
    class_weight: Literal["balanced"] | None = None
    averaging: AveragingName = "none"
    average_decay: BelowOne = 0.999
    average_start: BelowOne = 0.75
    monitor: MonitorName = "loss"
    patience: Count | None = None
    min_delta: NotNegative = 0.0

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "Recipe":
        if self.nesterov and self.optimizer != "sgd":
            raise ValueError(f'`nesterov` needs `optimizer="sgd"`, got "{self.optimizer}"')
        if self.nesterov and math.isclose(self.momentum, 0.0):
            raise ValueError("`nesterov` needs a `momentum` above 0, got 0")
        return self

    @model_validator(mode="after")
    def _one_activation_for_each_layer(self) -> "Recipe":
        if isinstance(self.activation, tuple) and len(self.activation) != len(self.hidden):
            raise ValueError(
                f"`activation` must be one name, or one for each of the {len(self.hidden)} hidden "
                f"layers, got {len(self.activation)}"
            )
        return self

    @model_validator(mode="after")
    def _one_factor_for_each_layer(self) -> "Recipe":
        factors = self.learning_rate_factors
        if factors is not None and len(factors) != len(self.hidden) + 1:
            raise ValueError(
                "`learning_rate_factors` must hold one number for each of the "
                f"{len(self.hidden) + 1} layers, the output layer's last, got {len(factors)}"
            )
        return self

    @model_validator(mode="after")
    def _decay_is_decoupled(self) -> "Recipe":
        if self.weight_decay > 0 and self.optimizer == "adam":
            raise ValueError(
                '`weight_decay` needs `optimizer="adamw"` or "sgd", got "adam"; `l2` penalizes '
                "with any optimizer"
            )
        return self

    @model_validator(mode="after")
    def _warm_up_ends_before_training(self) -> "Recipe":
        if self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"`warmup_epochs` must be below `epochs` = {self.epochs}, "
                f"got {self.warmup_epochs:g}"
            )
        return self

    @model_validator(mode="after")
    def _heads_ask_different_questions(self) -> "Recipe":
        targets = [head.target for head in as_heads(self.heads)]
        if not targets:
            raise ValueError("`heads` must be a name, or hold at least one Head, got none")
        if len(set(targets)) < len(targets):
            raise ValueError(
                f"`heads` must have targets that differ, got {', '.join(targets)}; give one head "
                "for each target"
            )
        return self

    @model_validator(mode="after")
    def _heads_are_of_the_right_kind(self) -> "Recipe":
        losses = [head.loss for head in as_heads(self.heads)]
        given = ", ".join(f'"{loss}"' for loss in losses)
        if self.label_smoothing > 0 and "softmax" not in losses:
            raise ValueError(f'`label_smoothing` needs a "softmax" head, got {given}')
        if self.class_weight is not None and losses != ["softmax"]:
            raise ValueError(
                f'`class_weight` needs one head, a "softmax", got {given}; weigh rows by '
                "`sample_weight` of the fleet instead"
            )
        if self.monitor == "accuracy" and not set(losses) - {"squared_error"}:
            raise ValueError(
                f'`monitor="accuracy"` needs a head that classifies, "softmax" or "sigmoid", got '
                f"{given}"
            )
        return self

    @property
    def activations(self) -> tuple[ActivationName, ...]:
        """φ of each hidden layer."""
        if isinstance(self.activation, tuple):
            return self.activation
        return (self.activation,) * len(self.hidden)

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
