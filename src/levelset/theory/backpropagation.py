"""Backpropagation of a whole multilayer perceptron, to be read beside the chain rule.

A network of L layers, rows of x in rows of a:

    forward        a₀ = x
                   z_l = a_{l−1} W_l + b_l                    l = 1 … L
                   a_l = φ_l(z_l) ⊙ m_l                       l = 1 … L−1

    objective      J = (Σᵢ wᵢ ℓᵢ) / (Σᵢ wᵢ) + λ Σ_l ‖W_l‖²_F,  ℓᵢ = ℓ(z_L, target) of row i

    backward       δ_l = ∂J/∂z_l
                   δ_L = (wᵢ / Σ w) ∂ℓᵢ/∂z_L                  row i
                   δ_l = (δ_{l+1} W_{l+1}ᵀ) ⊙ m_l ⊙ φ_l'(z_l)  l = L−1 … 1
                   ∂J/∂W_l = a_{l−1}ᵀ δ_l + 2λ W_l
                   ∂J/∂b_l = Σᵢ δ_l,ᵢ

m_l is the dropout mask of hidden layer l: 0 where a unit is dropped and 1 / (1 − p) where it is
kept, so that its mean is one and nothing changes at prediction (inverted dropout). Without dropout
m_l = 1. The last layer is linear: its pre-activations are the logits.

Sequences hold layer 1 first, so `weights[0]` is W_1. Leading axes (..., before b, i and o) are
carried: the same lines train one network, or a stack of networks of one shape.

Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), algorithms 6.3 and 6.4; Bishop,
"Pattern Recognition and Machine Learning" (2006), equations 5.53 to 5.56; dropout: Srivastava et
al., JMLR 15 (2014), section 4, scaled while training as in their section 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.errors import RecipeError
from levelset.theory.activations import Activation
from levelset.theory.losses import Loss

# A leading underscore: the size is named for the reader and differs from layer to layer.
Weight = Float64[np.ndarray, "*m _i _o"]
Bias = Float64[np.ndarray, "*m _o"]
Units = Float64[np.ndarray, "*m b _o"]


@dataclass(frozen=True)
class ForwardPass:
    """What the backward pass needs to know of the forward pass.

    Attributes:
        pre_activations: z_1 … z_L, each (..., b, o).
        activations: a_0 … a_{L−1}, each (..., b, i): what every layer was given.
    """

    pre_activations: tuple[Units, ...]
    activations: tuple[Units, ...]

    @property
    def logits(self) -> Units:
        """The output of the network, z_L, shape (..., b, c)."""
        return self.pre_activations[-1]


@dataclass(frozen=True)
class Gradient:
    """The gradient of the objective.

    Attributes:
        weights: ∂J/∂W_1 … ∂J/∂W_L, each (..., i, o).
        biases: ∂J/∂b_1 … ∂J/∂b_L, each (..., o).
    """

    weights: tuple[Weight, ...]
    biases: tuple[Bias, ...]


def forward(
    weights: Sequence[Weight],
    biases: Sequence[Bias],
    activations: Sequence[Activation],
    x: Float64[np.ndarray, "*m b d"],
    masks: Sequence[Units] | None = None,
) -> ForwardPass:
    """Compute the outputs of every layer.

    z_l = a_{l−1} W_l + b_l,  a_l = φ_l(z_l) ⊙ m_l

    Args:
        weights: W_1 … W_L, each (..., i, o).
        biases: b_1 … b_L, each (..., o).
        activations: φ_1 … φ_{L−1}, one for each hidden layer.
        x: Rows of features, shape (..., b, d).
        masks: Dropout masks m_1 … m_{L−1}, each (..., b, o), already scaled by 1 / (1 − p). None:
            no dropout.

    Returns:
        z_1 … z_L and a_0 … a_{L−1}.

    Raises:
        RecipeError: The number of activations is not the number of hidden layers.

    Example:
        A network that computes the exclusive or, which no linear model can:

        >>> from levelset.theory.activations import ACTIVATIONS
        >>> weights = [np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[1.0], [-2.0]])]
        >>> biases = [np.array([0.0, -1.0]), np.array([0.0])]
        >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        >>> forward(weights, biases, [ACTIVATIONS["relu"]], x).logits.ravel()
        array([0., 1., 1., 0.])

    Source: Goodfellow et al. (2016), algorithm 6.3; the example is their section 6.1.
    """
    if len(activations) != len(weights) - 1:
        raise RecipeError(
            f"`activations` must have one entry for each hidden layer = {len(weights) - 1}, got "
            f"{len(activations)}; leave out the last layer, which is linear."
        )
    keep = masks or [np.ones(1)] * len(activations)  # without dropout, m_l = 1
    a, z = [x], []
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        z.append(a[layer] @ weight + bias[..., np.newaxis, :])
        if layer < len(activations):
            a.append(activations[layer].value(z[layer]) * keep[layer])
    return ForwardPass(pre_activations=tuple(z), activations=tuple(a))


def backward(
    weights: Sequence[Weight],
    activations: Sequence[Activation],
    passed: ForwardPass,
    output_delta: Float64[np.ndarray, "*m b c"],
    l2: float,
    masks: Sequence[Units] | None = None,
) -> Gradient:
    """Carry the gradient from the logits back to every weight and bias.

    δ_l = (δ_{l+1} W_{l+1}ᵀ) ⊙ m_l ⊙ φ_l'(z_l)
    ∂J/∂W_l = a_{l−1}ᵀ δ_l + 2λ W_l,  ∂J/∂b_l = Σᵢ δ_l,ᵢ

    Args:
        weights: W_1 … W_L, each (..., i, o).
        activations: φ_1 … φ_{L−1}, one for each hidden layer.
        passed: What `forward` returned for these weights, activations and masks.
        output_delta: δ_L = ∂J/∂z_L, shape (..., b, c).
        l2: λ.
        masks: The dropout masks that `forward` was given.

    Returns:
        The gradient of J, layer by layer.

    Example:
        One linear layer, z = 3 w: the derivative of z with respect to w is 3.

        >>> passed = forward([np.array([[2.0]])], [np.array([0.0])], [], np.array([[3.0]]))
        >>> backward([np.array([[2.0]])], [], passed, np.array([[1.0]]), l2=0.0).weights
        (array([[3.]]),)

    Source: Goodfellow et al. (2016), algorithm 6.4; Bishop (2006), equations 5.53 and 5.56.
    """
    z, a = passed.pre_activations, passed.activations
    keep = masks or [np.ones(1)] * len(activations)  # without dropout, m_l = 1
    delta = [output_delta]  # δ_L; those of the layers below are put before it
    for layer in reversed(range(len(activations))):
        upstream = delta[0] @ weights[layer + 1].mT
        delta.insert(0, upstream * keep[layer] * activations[layer].derivative(z[layer]))
    return Gradient(
        weights=tuple(
            a_below.mT @ delta_l + 2.0 * l2 * weight
            for a_below, delta_l, weight in zip(a, delta, weights, strict=True)
        ),
        biases=tuple(delta_l.sum(axis=-2) for delta_l in delta),
    )


def objective_and_gradient(  # noqa: PLR0913  the symbols of J, one argument each
    weights: Sequence[Weight],
    biases: Sequence[Bias],
    activations: Sequence[Activation],
    loss: Loss,
    x: Float64[np.ndarray, "*m b d"],
    targets: Float64[np.ndarray, "*m b c"],
    l2: float,
    sample_weights: Float64[np.ndarray, "*m b"] | None = None,
    masks: Sequence[Units] | None = None,
) -> tuple[Float64[np.ndarray | np.float64, "*m"], Gradient]:
    """Compute the objective of a batch and its gradient.

    J = (Σᵢ wᵢ ℓᵢ) / (Σᵢ wᵢ) + λ Σ_l ‖W_l‖²_F;  biases are not penalized

    Args:
        weights: W_1 … W_L, each (..., i, o).
        biases: b_1 … b_L, each (..., o).
        activations: φ_1 … φ_{L−1}, one for each hidden layer.
        loss: ℓ, from LOSSES.
        x: Rows of features, shape (..., b, d).
        targets: What the loss compares the logits with, shape (..., b, c).
        l2: λ ≥ 0.
        sample_weights: w, shape (..., b). None: all ones.
        masks: Dropout masks m_1 … m_{L−1}, each (..., b, o), already scaled by 1 / (1 − p). None:
            no dropout.

    Returns:
        J, shape (...), and its gradient.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> value, gradient = objective_and_gradient(
        ...     weights=[np.array([[2.0]])], biases=[np.array([1.0])], activations=[], l2=0.5,
        ...     loss=LOSSES["squared_error"], x=np.array([[3.0]]), targets=np.array([[6.0]]),
        ... )  # (2·3 + 1 − 6)² + ½·2² = 3;  2·1·3 + 2·½·2 = 8;  2·1 = 2
        >>> float(value), gradient.weights, gradient.biases
        (3.0, (array([[8.]]),), (array([2.]),))

    Source: Goodfellow et al. (2016), algorithms 6.3 and 6.4 and section 7.1.1, whose penalty
    (α/2)‖W‖² is ours at α = 2λ.
    """
    passed = forward(weights, biases, activations, x, masks)
    if sample_weights is None:
        sample_weights = np.ones(x.shape[:-1])
    share = sample_weights / sample_weights.sum(axis=-1, keepdims=True)
    data_loss = (share * loss.value(passed.logits, targets)).sum(axis=-1)
    penalty = l2 * sum((weight**2).sum(axis=(-2, -1)) for weight in weights)
    output_delta = share[..., np.newaxis] * loss.gradient(passed.logits, targets)
    return data_loss + penalty, backward(weights, activations, passed, output_delta, l2, masks)
