"""The linear model: what any network of identity activations is, and the least loss it can have.

    z = x W₁ W₂ … W_L + b,  b = Σ_l b_l W_{l+1} … W_L

A product of matrices is a matrix, so depth without a non-linearity adds no function to those of
multinomial logistic regression; it only writes them in another way. Its cross-entropy is convex in
(W, b): it has one least value, whichever way one looks for it.

Labels that a hyperplane separates have no least loss, only ever larger weights. Smoothed labels
always have one, because no logit may then grow without cost.

Source: Bishop, "Pattern Recognition and Machine Learning" (2006), sections 4.3.4 and 5.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from levelset.errors import DataError
from levelset.theory.encoding import one_hot, softmax
from levelset.theory.losses import softmax_cross_entropy, softmax_cross_entropy_gradient
from levelset.theory.regularization import smooth_labels


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Multinomial logistic regression: logits that are affine in the inputs.

    Attributes:
        weight: W, shape (d, c).
        bias: b, shape (c,).
    """

    weight: Float64[np.ndarray, "d c"]
    bias: Float64[np.ndarray, " c"]

    def logits(self, x: Float[np.ndarray, "n d"]) -> Float64[np.ndarray, "n c"]:
        """Give z = x W + b of each row, shape (n, c)."""
        return x.astype(np.float64) @ self.weight + self.bias

    def probabilities(self, x: Float[np.ndarray, "n d"]) -> Float64[np.ndarray, "n c"]:
        """Give the softmax of each row's logits, shape (n, c)."""
        return softmax(self.logits(x))


def multiplied_out(
    weights: Sequence[Float[np.ndarray, "_i _o"]], biases: Sequence[Float[np.ndarray, " _o"]]
) -> LinearModel:
    """Multiply the layers of a network of identity activations out to one.

    W = W₁ W₂ … W_L,  b = Σ_l b_l W_{l+1} … W_L

    Args:
        weights: W_1 … W_L, each (i, o), without residuals or normalization.
        biases: b_1 … b_L, each (o,).

    Returns:
        The one layer, in float64.

    Example:
        >>> weights = [np.array([[1.0, 2.0]]), np.array([[3.0], [5.0]])]
        >>> model = multiplied_out(weights, [np.array([1.0, 0.0]), np.array([7.0])])
        >>> model.weight, model.bias
        (array([[13.]]), array([10.]))

    Source: Bishop (2006), section 5.1.
    """
    weight = np.eye(weights[0].shape[0])
    bias = np.zeros(weights[0].shape[0])
    for own_weight, own_bias in zip(weights, biases, strict=True):
        wide = own_weight.astype(np.float64)
        weight, bias = weight @ wide, bias @ wide + own_bias.astype(np.float64)
    return LinearModel(weight, bias)


def smoothed_cross_entropy(
    probabilities: Float[np.ndarray, "*m n c"], labels: Int[np.ndarray, " n"], smoothing: float
) -> Float64[np.ndarray | np.float64, "*m"]:
    """Measure the mean cross-entropy of smoothed labels: what training with them minimizes.

    J = −(1/n) Σᵢ Σ꜀ ỹᵢ꜀ ln qᵢ꜀,  ỹ = (1 − s) y + s / c

    Args:
        probabilities: q, each above 0, shape (..., n, c).
        labels: Class numbers, shape (n,).
        smoothing: s in [0, 1).

    Returns:
        J, shape (...), in nats.

    Example:
        >>> float(smoothed_cross_entropy(np.array([[0.5, 0.5]]), np.array([0]), 0.1).round(4))
        0.6931

    Source: Szegedy et al., CVPR 2016, section 7.
    """
    targets = smooth_labels(one_hot(labels, probabilities.shape[-1]), smoothing)
    logs = np.log(probabilities.astype(np.float64))
    return -(targets * logs).sum(axis=-1).mean(axis=-1)


def logistic_regression(
    x: Float[np.ndarray, "n d"], labels: Int[np.ndarray, " n"], classes: int, smoothing: float
) -> tuple[LinearModel, float]:
    """Find the linear model of least mean cross-entropy of smoothed labels.

    min over (W, b) of (1/n) Σᵢ H(ỹᵢ, softmax(xᵢ W + b)),  ỹ = (1 − s) y + s / c

    Args:
        x: Rows, shape (n, d).
        labels: Class numbers 0 … c − 1, shape (n,).
        classes: c.
        smoothing: s in (0, 1); without it labels that can be separated have no least loss.

    Returns:
        The model, and its loss in nats. Directions in which no row varies have the weight 0.

    Raises:
        DataError: The smoothing is not between 0 and 1.

    Example:
        The best that can be said of labels that x separates is what smoothing left of them:

        >>> x, labels = np.array([[-1.0], [1.0]]), np.array([0, 1])
        >>> model, loss = logistic_regression(x, labels, classes=2, smoothing=0.2)
        >>> model.probabilities(x).round(4)
        array([[0.9, 0.1],
               [0.1, 0.9]])

    Source: Bishop (2006), section 4.3.4; the minimizer: Liu and Nocedal, "On the limited memory
    BFGS method for large scale optimization", Mathematical Programming 45 (1989).
    """
    from scipy.optimize import minimize  # here, because importing SciPy slows the start

    if not 0.0 < smoothing < 1.0:
        raise DataError(
            f"`smoothing` must lie between 0 and 1, got {smoothing:g}; without it the loss of "
            "labels that can be separated has no least value. 0.1 is usual."
        )
    rows = np.column_stack([x.astype(np.float64), np.ones(len(x))])
    targets = smooth_labels(one_hot(labels, classes), smoothing)

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        logits = rows @ flat.reshape(-1, classes)
        slope = rows.T @ softmax_cross_entropy_gradient(logits, targets) / len(rows)
        return float(softmax_cross_entropy(logits, targets).mean()), slope.ravel()

    found = minimize(
        objective,
        np.zeros(rows.shape[1] * classes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 2_000, "maxfun": 4_000, "ftol": 1e-12, "gtol": 1e-7, "maxcor": 30},
    )
    parameters = found.x.reshape(-1, classes)
    return LinearModel(parameters[:-1], parameters[-1]), float(found.fun)
