"""The formulas, in NumPy float64: pure functions on the last axes, leading axes carried."""

from levelset.theory.activations import ACTIVATIONS, Activation
from levelset.theory.backpropagation import (
    ForwardPass,
    Gradient,
    backward,
    forward,
    objective_and_gradient,
)
from levelset.theory.encoding import log_softmax, log_sum_exp, one_hot, sigmoid, softmax
from levelset.theory.initializers import DEFAULT_INITIALIZER, INITIALIZERS, Initializer, draw
from levelset.theory.losses import (
    LOSSES,
    Loss,
    sigmoid_cross_entropy,
    sigmoid_cross_entropy_gradient,
    softmax_cross_entropy,
    softmax_cross_entropy_gradient,
    squared_error,
    squared_error_gradient,
)
from levelset.theory.optimizers import AdamState, SgdState, adam_step, sgd_step
from levelset.theory.statistics import (
    Interval,
    bootstrap_interval,
    holm,
    mean_interval,
    resampled_interval,
    resampled_p_value,
    wilson_interval,
)

__all__ = [
    "ACTIVATIONS",
    "DEFAULT_INITIALIZER",
    "INITIALIZERS",
    "LOSSES",
    "Activation",
    "AdamState",
    "ForwardPass",
    "Gradient",
    "Initializer",
    "Interval",
    "Loss",
    "SgdState",
    "adam_step",
    "backward",
    "bootstrap_interval",
    "draw",
    "forward",
    "holm",
    "log_softmax",
    "log_sum_exp",
    "mean_interval",
    "objective_and_gradient",
    "one_hot",
    "resampled_interval",
    "resampled_p_value",
    "sgd_step",
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_cross_entropy_gradient",
    "softmax",
    "softmax_cross_entropy",
    "softmax_cross_entropy_gradient",
    "squared_error",
    "squared_error_gradient",
    "wilson_interval",
]
