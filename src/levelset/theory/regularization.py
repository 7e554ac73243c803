"""What is done to rows, targets and weights before a training step, so that less is memorized.

One step does it in this order:

    1  targets   label smoothing
    2  rows      mixup, of features, targets and sample weights by one λ and one permutation
    3  features  noise on inputs, x + σ ε
    4  features  dropout of inputs, x ⊙ m
    5  weights   noise on weights, W + σ ε: forward and backward pass at the noisy weights, penalty
                 and step at the clean ones

and prediction does none of it. The random numbers are arguments.
"""

import numpy as np
from jaxtyping import Float64, Int

from levelset.theory.encoding import one_hot


def smooth_labels(
    targets: Float64[np.ndarray, "*n c"], smoothing: float
) -> Float64[np.ndarray, "*n c"]:
    """Take some certainty from the targets, so that logits need not grow without end.

    ỹ = (1 − s) y + s / c

    Args:
        targets: Probabilities y that sum to one over the last axis, shape (..., c): the columns of
            one softmax head.
        smoothing: s in [0, 1).

    Returns:
        ỹ, shape (..., c); it sums to one as well.

    Example:
        >>> smooth_labels(np.array([[0.0, 1.0]]), smoothing=0.2)
        array([[0.1, 0.9]])

    Source: Szegedy et al., CVPR 2016, section 7, with the uniform distribution.
    """
    return (1.0 - smoothing) * targets + smoothing / targets.shape[-1]


def mixup(
    rows: Float64[np.ndarray, "*m b k"], permutation: Int[np.ndarray, " b"], share: float
) -> Float64[np.ndarray, "*m b k"]:
    """Mix each row of a batch with another of it.

    x̃ᵢ = λ xᵢ + (1 − λ) x_{π(i)}

    Args:
        rows: Features, targets or sample weights (k = 1), shape (..., b, k). All of a batch are
            mixed with the same π and λ. A target that is missing (NaN) in either row is missing.
        permutation: π, the row numbers 0 … b − 1 in another order, shape (b,).
        share: λ in [0, 1], one for the batch; the authors draw it from Beta(α, α).

    Returns:
        x̃, shape (..., b, k).

    Example:
        >>> mixup(np.array([[0.0], [8.0]]), np.array([1, 0]), share=0.75)
        array([[2.],
               [6.]])

    Source: Zhang, Cissé, Dauphin and Lopez-Paz, ICLR 2018, section 1 and figure 1a.
    """
    return share * rows + (1.0 - share) * rows[..., permutation, :]


def add_noise(
    values: Float64[np.ndarray, "*n"], scale: float, draws: Float64[np.ndarray, "*n"]
) -> Float64[np.ndarray, "*n"]:
    """Add noise to inputs or to weights.

    x̃ = x + σ ε

    For small σ, noise on the inputs of a squared error is a penalty σ² ‖∂z/∂x‖² on the network's
    slope.

    Args:
        values: Features or weights, any shape. Biases, scales and shifts get no noise.
        scale: σ ≥ 0, in units of the values.
        draws: ε, independent standard normal numbers, new at every step, the same shape.

    Returns:
        The noisy values, the same shape.

    Example:
        >>> add_noise(np.array([1.0, 2.0]), 0.5, np.array([2.0, -2.0]))
        array([2., 1.])

    Source: Bishop, "Training with noise is equivalent to Tikhonov regularization", Neural
    Computation 7 (1995); on weights: Graves, NIPS 2011.
    """
    return values + scale * draws


def balanced_class_weights(
    labels: Int[np.ndarray, " n"], classes: int
) -> Float64[np.ndarray, " {classes}"]:
    """Weigh classes so that each has the same sum of weights, however rare it is.

    weight_c = n / (c n_c)

    Args:
        labels: Class labels of the training rows, from 0 to classes − 1, shape (n,).
        classes: The number of classes, c.

    Returns:
        One weight a class, shape (c,); 0 for a class without rows. A row's sample weight is its
        own weight times that of its class.

    Raises:
        DataError: A label is not one of the classes.

    Example:
        >>> balanced_class_weights(np.array([0, 0, 0, 1]), classes=2)
        array([0.66666667, 2.        ])

    Source: King and Zeng, "Logistic regression in rare events data", Political Analysis 9 (2001);
    `sklearn.utils.class_weight.compute_class_weight("balanced")`.
    """
    counts = one_hot(labels, classes).sum(axis=0)
    return np.where(counts > 0.0, labels.size / (classes * np.maximum(counts, 1.0)), 0.0)
