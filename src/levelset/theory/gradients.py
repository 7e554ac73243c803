"""The gradient of one network as a single long vector: its norm, clipping, sharpness-aware steps.

The functions take all arrays of a network's gradient in one sequence, such as the `arrays` of
`Parameters`. There are no leading axes: a norm is one network's.
"""

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

Arrays = Sequence[Float64[np.ndarray, "..."]]


def global_norm(gradient: Arrays) -> float:
    """Measure the length of a gradient over all of its arrays.

    ‖g‖ = √(Σ_arrays Σ g²)

    Args:
        gradient: Arrays of any shapes.

    Returns:
        ‖g‖.

    Example:
        >>> global_norm([np.array([[2.0, 3.0]]), np.array([6.0])])
        7.0

    Source: Pascanu, Mikolov and Bengio, ICML 2013, section 3.2.
    """
    return math.sqrt(sum(float((array**2).sum()) for array in gradient))


def clip_by_global_norm(
    gradient: Arrays, largest_norm: float
) -> tuple[Float64[np.ndarray, "..."], ...]:
    """Shorten a gradient that is too long, without turning it.

    g ← g · min(1, c / ‖g‖)

    Args:
        gradient: g of the whole objective, penalty included; arrays of any shapes.
        largest_norm: c > 0.

    Returns:
        The arrays, all scaled by the one factor.

    Example:
        >>> clip_by_global_norm([np.array([3.0]), np.array([4.0])], largest_norm=1.0)
        (array([0.6]), array([0.8]))

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1. `torch.nn.utils.clip_grad_norm_` adds
    1e-6 to ‖g‖, and so clips to a little less than c.
    """
    norm = global_norm(gradient)
    factor = largest_norm / norm if norm > largest_norm else 1.0
    return tuple(array * factor for array in gradient)


def sharpness_aware_perturbation(
    gradient: Arrays, radius: float
) -> tuple[Float64[np.ndarray, "..."], ...]:
    """Find where, within a ball around the parameters, the loss is about highest.

    e = ρ g / ‖g‖,  0 where g = 0

    A sharpness-aware step takes the gradient of the data loss at θ + e and applies it at θ: it goes
    down where even the neighborhood's worst point goes down. g is the gradient of the data loss
    alone, and the penalty's gradient is taken at θ, as in the paper's L(θ + e) + λ‖θ‖². Both passes
    see the same rows, dropout masks and noise; running statistics follow the first.

    Args:
        gradient: g, arrays of any shapes.
        radius: ρ > 0.

    Returns:
        e, an array for each of g, of length ρ together.

    Example:
        One step on f(θ) = θ² at θ = 3, with ρ = 1 and η = ¼: the slope is that at 4.

        >>> theta = np.array([3.0])
        >>> (e,) = sharpness_aware_perturbation([2.0 * theta], radius=1.0)
        >>> theta - 0.25 * 2.0 * (theta + e)
        array([1.])

    Source: Foret, Kleiner, Mobahi and Neyshabur, ICLR 2021, equation 2 at p = 2, and algorithm 1.
    """
    norm = global_norm(gradient)
    factor = radius / norm if norm > 0.0 else 0.0
    return tuple(array * factor for array in gradient)
