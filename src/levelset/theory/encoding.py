"""Class labels as vectors, and real numbers as probabilities.

A class label has no order, so it is not a number: coding three classes as 0, 1, 2 would say that
the second lies between the others. One-hot rows are equally far from one another.

The exponentials here are taken of differences from the largest logit, so every function is finite
for every finite logit.
"""

import numpy as np
from jaxtyping import Float64, Int

from levelset.errors import DataError


def one_hot(labels: Int[np.ndarray, "*n"], classes: int) -> Float64[np.ndarray, "*n {classes}"]:
    """Write each class label as the unit vector of its class.

    yᵢ꜀ = 1 if label i is c, else 0

    Args:
        labels: Class labels from 0 to classes − 1, shape (..., n).
        classes: The number of classes.

    Returns:
        Rows that sum to one, shape (..., n, c).

    Raises:
        DataError: A label is not one of the classes.

    Example:
        >>> one_hot(np.array([2, 0]), classes=3)
        array([[0., 0., 1.],
               [1., 0., 0.]])

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), section 4.1.2, "1-of-K".
    """
    outside = (labels < 0) | (labels >= classes)
    if outside.any():
        raise DataError(
            f"Labels must lie from 0 to classes - 1 = {classes - 1}, got {labels[outside][0]}; "
            f"number the classes from 0, or give a larger `classes`."
        )
    return (labels[..., np.newaxis] == np.arange(classes)).astype(np.float64)


def sigmoid(logits: Float64[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
    """Map the real line to (0, 1): the logistic function.

    σ(z) = 1 / (1 + e⁻ᶻ) = exp(−log(1 + e⁻ᶻ)),  σ(0) = ½,  σ(−z) = 1 − σ(z)

    Args:
        logits: Log odds z, any shape.

    Returns:
        Probabilities of the same shape. The second form above keeps the relative precision of
        small ones and cannot overflow.

    Example:
        >>> sigmoid(np.array([-1e4, 0.0, 1e4]))
        array([0. , 0.5, 1. ])

    Source: Bishop (2006), equation 4.59.
    """
    return np.exp(-np.logaddexp(0.0, -logits))


def log_sum_exp(logits: Float64[np.ndarray, "*n c"]) -> Float64[np.ndarray | np.float64, "*n"]:
    """Take the logarithm of a sum of exponentials: a smooth maximum.

    lse(z) = log Σ꜀ exp z꜀ = M + log Σ꜀ exp(z꜀ − M),  M = max꜀ z꜀

    Args:
        logits: z, shape (..., c).

    Returns:
        Shape (...), in nats.

    Example:
        >>> log_sum_exp(np.log([1.0, 2.0, 5.0])).round(12) == np.log(8.0).round(12)
        np.True_

    Source: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax
    functions", IMA Journal of Numerical Analysis 41 (2021).
    """
    largest = logits.max(axis=-1)
    return largest + np.log(np.exp(logits - largest[..., np.newaxis]).sum(axis=-1))


def log_softmax(logits: Float64[np.ndarray, "*n c"]) -> Float64[np.ndarray, "*n c"]:
    """Turn logits into log probabilities.

    log q꜀ = z꜀ − lse(z)

    Args:
        logits: z, shape (..., c).

    Returns:
        Logarithms of probabilities, shape (..., c), in nats; finite where the probability itself
        would round to zero.

    Example:
        >>> log_softmax(np.array([0.0, 1e4]))
        array([-10000.,      0.])

    Source: Blanchard, Higham and Higham (2021).
    """
    # The maximum goes first: lse of the shifted logits is small, so subtracting it loses no digits.
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax(logits: Float64[np.ndarray, "*n c"]) -> Float64[np.ndarray, "*n c"]:
    """Turn logits into probabilities.

    q꜀ = exp z꜀ / Σₖ exp zₖ

    Args:
        logits: z, shape (..., c).

    Returns:
        Probabilities that sum to one over the last axis, shape (..., c). Adding a constant to all
        logits of a row does not change them.

    Example:
        >>> softmax(np.log([[1.0, 1.0, 2.0]]))
        array([[0.25, 0.25, 0.5 ]])

    Source: Bishop (2006), equation 4.62.
    """
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
