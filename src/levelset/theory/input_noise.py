"""What small noise on the inputs adds to the loss: a penalty on the network's slope.

With ε standard normal and J = ∂z/∂x the slope of the logits,

    E ℓ(x + σ ε) = ℓ(x) + (σ²/2) tr ∂²ℓ/∂x² + O(σ⁴)

    tr ∂²ℓ/∂x² = Σ_k J_kᵀ (∂²ℓ/∂z²) J_k  +  Σ_c (q_c − y_c) ∇²z_c
                 the gradient penalty        the residual part

The first part is never negative, holds no second derivative of the network, and is what Tikhonov
regularization adds. The second is small where the network is right on average, as it is near a
minimum: training with noise is then training with the penalty. For cross-entropy of a softmax,
∂²ℓ/∂z² = diag(q) − q qᵀ.

Both are carried forward with the rows, layer by layer:

    J_0 = I,  Δ_0 = 0
    J_{z_l} = J_{a_{l−1}} W_l,  Δ_{z_l} = Δ_{a_{l−1}} W_l
    J_{a_l} = φ' J_{z_l},  Δ_{a_l} = φ' Δ_{z_l} + φ'' Σ_k (J_{z_l})_k²,  + what a residual carries

φ'' is 0 for relu and leaky_relu by convention (see `activations`), which leaves out their corners.

Source: Bishop, "Training with noise is equivalent to Tikhonov regularization", Neural Computation
7 (1995), and "Pattern Recognition and Machine Learning" (2006), section 5.5.5.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.errors import RecipeError
from levelset.theory.architecture import Architecture, Parameters, require_matching
from levelset.theory.encoding import softmax
from levelset.theory.losses import softmax_cross_entropy_hessian_product

Rows = Float64[np.ndarray, "b d"]
PerRow = Float64[np.ndarray, " b"]


@dataclass(frozen=True, eq=False)
class NoisePenalty:
    """The two parts of tr ∂²ℓ/∂x² of each row, in nats per squared unit of the inputs.

    Attributes:
        gradient_penalty: Σ_k J_kᵀ (diag(q) − q qᵀ) J_k ≥ 0, shape (b,).
        residual: Σ_c (q_c − y_c) ∇²z_c, shape (b,).
    """

    gradient_penalty: PerRow
    residual: PerRow

    @property
    def trace(self) -> PerRow:
        """The sum of both, tr ∂²ℓ/∂x², shape (b,)."""
        return self.gradient_penalty + self.residual


@dataclass(frozen=True, eq=False)
class InputDerivatives:
    """Logits and their derivatives with respect to the inputs.

    Attributes:
        logits: z, shape (b, c).
        slopes: J = ∂z_c/∂x_k, shape (b, d, c).
        laplacians: ∇²z_c = Σ_k ∂²z_c/∂x_k², shape (b, c).
    """

    logits: Float64[np.ndarray, "b c"]
    slopes: Float64[np.ndarray, "b d c"]
    laplacians: Float64[np.ndarray, "b c"]


def input_derivatives(
    architecture: Architecture, parameters: Parameters, x: Rows
) -> InputDerivatives:
    """Carry slopes and Laplacians forward through a network, beside its activations.

    J and Δ as in the module's text.

    Args:
        architecture: How the layers are joined; without normalization.
        parameters: W and b.
        x: Rows of features, shape (b, d).

    Returns:
        z, J and ∇²z.

    Raises:
        RecipeError: The architecture is normalized, or the parameters do not belong to it.

    Example:
        z = tanh(2x) at 0 has the slope 2 and no curvature:

        >>> from levelset.theory.activations import ACTIVATIONS
        >>> architecture = Architecture((ACTIVATIONS["tanh"],), heads=())
        >>> parameters = Parameters((np.array([[2.0]]), np.eye(1)), (np.zeros(1), np.zeros(1)))
        >>> found = input_derivatives(architecture, parameters, np.array([[0.0]]))
        >>> found.slopes.item(), abs(found.laplacians.item())
        (2.0, 0.0)

    Source: the module's text.
    """
    require_matching(architecture, parameters)
    if architecture.normalization is not None:
        raise RecipeError(
            "The derivatives with respect to inputs are those of networks without normalization, "
            'got one with it; train with `normalization="none"`.'
        )
    a = x
    slopes = np.broadcast_to(np.eye(x.shape[1]), (len(x), x.shape[1], x.shape[1]))
    laplacians = np.zeros_like(x)
    hidden = len(architecture.activations)
    for layer, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        z, z_slopes, z_laplacians = a @ weight + bias, slopes @ weight, laplacians @ weight
        if layer == hidden:
            a, slopes, laplacians = z, z_slopes, z_laplacians
            break  # the last layer is linear
        activation = architecture.activations[layer]
        first, second = activation.derivative(z), activation.second_derivative(z)
        before = (a, slopes, laplacians)
        a = activation.value(z)
        slopes = first[:, np.newaxis, :] * z_slopes
        laplacians = first * z_laplacians + second * (z_slopes**2).sum(axis=1)
        if architecture.joins(*weight.shape):
            a, slopes, laplacians = a + before[0], slopes + before[1], laplacians + before[2]
    return InputDerivatives(a, slopes, laplacians)


def noise_penalty(
    architecture: Architecture,
    parameters: Parameters,
    x: Rows,
    targets: Float64[np.ndarray, "b c"],
) -> NoisePenalty:
    """Compute what (σ²/2) multiplies in the loss that small input noise adds.

    tr ∂²ℓ/∂x² = Σ_k J_kᵀ (diag(q) − q qᵀ) J_k + Σ_c (q_c − y_c) ∇²z_c

    Args:
        architecture: How the layers are joined; without normalization, its head a softmax.
        parameters: W and b.
        x: Rows of features, shape (b, d).
        targets: Probabilities y that sum to one over the last axis, shape (b, c).

    Returns:
        Both parts of each row.

    Raises:
        RecipeError: The architecture is normalized, or the parameters do not belong to it.

    Example:
        A linear network has slopes and nothing else; at q = ½ the loss bends by ¼ of their square:

        >>> parameters = Parameters((np.array([[2.0, 0.0]]),), (np.zeros(2),))
        >>> targets = np.array([[1.0, 0.0]])
        >>> found = noise_penalty(Architecture((), ()), parameters, np.zeros((1, 1)), targets)
        >>> found.gradient_penalty, found.residual
        (array([1.]), array([0.]))

    Source: Bishop (1995); the module's text.
    """
    found = input_derivatives(architecture, parameters, x)
    logits = np.broadcast_to(found.logits[:, np.newaxis, :], found.slopes.shape)
    bent = softmax_cross_entropy_hessian_product(np.ascontiguousarray(logits), found.slopes)
    residual = ((softmax(found.logits) - targets) * found.laplacians).sum(axis=-1)
    return NoisePenalty(np.asarray((found.slopes * bent).sum(axis=(1, 2))), np.asarray(residual))
