"""Averages of the weights that training passes through, which often predict better than the last.

Both are one recursion, with a rate that depends on how many weights were seen:

    n ← n + 1
    θ̄ ← θ̄ + r_n (θ − θ̄)

    exponential   r_n = (1 − d) / (1 − dⁿ)   after every step
    uniform       r_n = 1 / n                at the end of every epoch from a start epoch on

r_1 = 1, so the average begins at the first weights it sees and the initial ones leave no trace.

The statistics of batch normalization belong to the weights they were taken with. For averaged
weights they are taken anew: one forward pass over the training rows, and their mean and unbiased
variance (`update_running_statistics` with momentum 1).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

Array = Float64[np.ndarray, "*p"]


@dataclass(frozen=True)
class WeightAverage:
    """An average of parameters, and how many it is of.

    Attributes:
        average: θ̄, the shape of the parameters; meaningless while count is 0.
        count: n.
    """

    average: Array
    count: int

    @staticmethod
    def initial(parameters: Array) -> "WeightAverage":
        """Make the average of nothing."""
        return WeightAverage(np.zeros_like(parameters), count=0)


def exponential_average(state: WeightAverage, parameters: Array, decay: float) -> WeightAverage:
    """Take one more step's parameters into an exponential moving average, free of bias.

    θ̄_n = Σ_{s ≤ n} d^{n−s} θ_s / Σ_{s ≤ n} d^{n−s}

    It is Adam's corrected moment: m ← d m + (1 − d) θ from zero, divided by 1 − dⁿ.

    Args:
        state: θ̄ and n before.
        parameters: θ after an optimizer's step, any shape.
        decay: d in [0, 1); the average reaches back about 1 / (1 − d) steps.

    Returns:
        θ̄ and n after.

    Example:
        >>> state = exponential_average(WeightAverage.initial(np.zeros(1)), np.array([1.0]), 0.5)
        >>> exponential_average(state, np.array([4.0]), 0.5)  # (½·1 + 4) / (½ + 1)
        WeightAverage(average=array([3.]), count=2)

    Source: Polyak and Juditsky, SIAM Journal on Control and Optimization 30 (1992), for averaging;
    Kingma and Ba, ICLR 2015, section 7.2, for this average and its correction.
    """
    count = state.count + 1
    return _moved(state, parameters, (1.0 - decay) / (1.0 - decay**count), count)


def uniform_average(state: WeightAverage, parameters: Array) -> WeightAverage:
    """Take one more epoch's parameters into the plain mean: stochastic weight averaging.

    θ̄_n = (1/n) Σ_{s ≤ n} θ_s

    Args:
        state: θ̄ and n before.
        parameters: θ at the end of an epoch, any shape. With start epoch k, counted from 0, the
            mean is of the ends of epochs k, k + 1, …

    Returns:
        θ̄ and n after.

    Example:
        >>> state = uniform_average(WeightAverage.initial(np.zeros(1)), np.array([1.0]))
        >>> uniform_average(state, np.array([4.0]))
        WeightAverage(average=array([2.5]), count=2)

    Source: Izmailov et al., UAI 2018, algorithm 1, with a cycle of one epoch.
    """
    count = state.count + 1
    return _moved(state, parameters, 1.0 / count, count)


def _moved(state: WeightAverage, parameters: Array, rate: float, count: int) -> WeightAverage:
    return WeightAverage(state.average + rate * (parameters - state.average), count)
