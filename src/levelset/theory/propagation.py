"""Backpropagation with everything: normalization, residuals, several heads, noisy weights.

The plain network is in `backpropagation`; read that first. What is added to it:

    forward    z_l = a_{l−1} W_l + b_l
               z'_l = norm(z_l; γ_l, β_l)
               a_l = φ_l(z'_l) ⊙ m_l + [l is joined] a_{l−1}

    objective  J = Σ_h α_h ℓ̄_h(z_L) + λ Σ_l ‖W_l‖²_F       see `heads` for ℓ̄_h

    backward   u_l = ∂J/∂a_l,  δ_l = ∂J/∂z_l
               δ_L = ∂J/∂z_L
               u_{l−1} = δ_l W_lᵀ + [l is joined] u_l
               δ'_l = u_l ⊙ m_l ⊙ φ_l'(z'_l)
               (δ_l, ∂J/∂γ_l, ∂J/∂β_l) = norm's gradient of δ'_l
               ∂J/∂W_l = a_{l−1}ᵀ δ_l + 2λ W_l,  ∂J/∂b_l = Σᵢ δ_l,ᵢ

Dropout drops what a layer adds, and never what the residual carries past it. Biases, scales and
shifts are not penalized. Under batch normalization with the batch's statistics ∂J/∂b_l = 0 exactly,
not the rounding of a sum that must be zero: Adam would divide that by its own size and take steps.

Source: as for `backpropagation`, `normalization`, `heads` and `Architecture`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.theory.architecture import Architecture, Batch, Parameters, require_matching
from levelset.theory.heads import multi_head_loss, multi_head_loss_gradient
from levelset.theory.normalization import (
    Normalization,
    Normalized,
    RunningStatistics,
    fixed_normalization,
)

Units = Float64[np.ndarray, "*m b _o"]
PerUnit = Float64[np.ndarray, "*m _o"]


@dataclass(frozen=True)
class NetworkPass:
    """What the backward pass needs to know of the forward pass.

    Attributes:
        pre_activations: z_1 … z_L, each (..., b, o), before normalization.
        normalized: What the normalization made of z_1 … z_{L−1}; none without normalization.
        activations: a_0 … a_{L−1}, each (..., b, i): what every layer was given.
    """

    pre_activations: tuple[Units, ...]
    normalized: tuple[Normalized, ...]
    activations: tuple[Units, ...]

    @property
    def logits(self) -> Units:
        """The output of the network, z_L, shape (..., b, c)."""
        return self.pre_activations[-1]

    @property
    def activation_inputs(self) -> tuple[Units, ...]:
        """z'_1 … z'_{L−1}: what every activation was given."""
        return tuple(layer.output for layer in self.normalized) or self.pre_activations[:-1]


@dataclass(frozen=True)
class NetworkDeltas:
    """The gradient of J with respect to everything that a forward pass computed.

    Attributes:
        activations: u_0 … u_{L−1}, each (..., b, i); u_0 = ∂J/∂x.
        activation_inputs: δ'_1 … δ'_{L−1}, each (..., b, o).
        pre_activations: δ_1 … δ_L, each (..., b, o).
        scales: ∂J/∂γ_1 … ∂J/∂γ_{L−1}, each (..., o); none without normalization.
        shifts: ∂J/∂β_1 … ∂J/∂β_{L−1}, each (..., o); none without normalization.
    """

    activations: tuple[Units, ...]
    activation_inputs: tuple[Units, ...]
    pre_activations: tuple[Units, ...]
    scales: tuple[PerUnit, ...]
    shifts: tuple[PerUnit, ...]


def network_forward(
    architecture: Architecture,
    parameters: Parameters,
    x: Float64[np.ndarray, "*m b d"],
    masks: Sequence[Units] | None = None,
    running: Sequence[RunningStatistics] | None = None,
) -> NetworkPass:
    """Compute the outputs of every layer.

    z_l = a_{l−1} W_l + b_l,  z'_l = norm(z_l; γ_l, β_l),  a_l = φ_l(z'_l) ⊙ m_l + [joined] a_{l−1}

    Args:
        architecture: How the layers are joined.
        parameters: W, b, γ and β.
        x: Rows of features, shape (..., b, d).
        masks: Dropout masks m_1 … m_{L−1}, each (..., b, o), already scaled by 1 / (1 − p). None:
            no dropout.
        running: Statistics of layers 1 … L−1 for batch normalization as in prediction. None: as in
            training, with the batch's own. Layer normalization takes none.

    Returns:
        z_1 … z_L, what was normalized, and a_0 … a_{L−1}.

    Raises:
        RecipeError: The parameters do not belong to the architecture.

    Example:
        A joined layer that adds nothing passes its inputs on:

        >>> from levelset.theory.activations import ACTIVATIONS
        >>> architecture = Architecture((ACTIVATIONS["relu"],), heads=(), residual=True)
        >>> parameters = Parameters((np.zeros((2, 2)), np.eye(2)), (np.zeros(2), np.zeros(2)))
        >>> network_forward(architecture, parameters, np.array([[3.0, -4.0]])).logits
        array([[ 3., -4.]])

    Source: the module's text.
    """
    require_matching(architecture, parameters)
    keep = masks or [np.ones(1)] * len(architecture.activations)  # without dropout, m_l = 1
    norms = normalizations(architecture, running)
    a, z, normalized = [x], [], []
    for layer, (weight, bias) in enumerate(zip(parameters.weights, parameters.biases, strict=True)):
        z.append(a[layer] @ weight + bias[..., np.newaxis, :])
        if layer == len(architecture.activations):
            break  # the last layer is linear
        ready = z[layer]
        if norms:
            scale, shift = parameters.scales[layer], parameters.shifts[layer]
            normalized.append(norms[layer].value(z[layer], scale, shift))
            ready = normalized[layer].output
        added = architecture.activations[layer].value(ready) * keep[layer]
        a.append(added + a[layer] if architecture.joins(*weight.shape[-2:]) else added)
    return NetworkPass(tuple(z), tuple(normalized), tuple(a))


def network_backward(
    architecture: Architecture,
    parameters: Parameters,
    passed: NetworkPass,
    output_delta: Float64[np.ndarray, "*m b c"],
    masks: Sequence[Units] | None = None,
    running: Sequence[RunningStatistics] | None = None,
) -> Parameters:
    """Carry the gradient from the outputs back to every parameter, without the penalty's.

    u_{l−1} = δ_l W_lᵀ + [joined] u_l,  δ'_l = u_l ⊙ m_l ⊙ φ_l'(z'_l),  δ_l through the norm
    ∂J/∂W_l = a_{l−1}ᵀ δ_l,  ∂J/∂b_l = Σᵢ δ_l,ᵢ

    Args:
        architecture: How the layers are joined.
        parameters: W, b, γ and β.
        passed: What `network_forward` returned for the other arguments.
        output_delta: δ_L = ∂J/∂z_L, shape (..., b, c).
        masks: The dropout masks that `network_forward` was given.
        running: The statistics that `network_forward` was given; they are constants.

    Returns:
        The gradient, in the layout of the parameters.

    Example:
        A residual carries the gradient past a layer that is dead:

        >>> from levelset.theory.activations import ACTIVATIONS
        >>> architecture = Architecture((ACTIVATIONS["relu"],) * 2, heads=(), residual=True)
        >>> parameters = Parameters(
        ...     weights=(np.eye(2), np.zeros((2, 2)), np.ones((2, 1))),
        ...     biases=(np.zeros(2), np.array([-1.0, -1.0]), np.zeros(1)),
        ... )
        >>> passed = network_forward(architecture, parameters, np.array([[3.0, 4.0]]))
        >>> network_backward(architecture, parameters, passed, np.ones((1, 1))).weights[0]
        array([[3., 3.],
               [4., 4.]])

    Source: the module's text.
    """
    deltas = network_deltas(architecture, parameters, passed, output_delta, masks, running)
    given = zip(passed.activations, deltas.pre_activations, strict=True)
    biases = [delta.sum(axis=-2) for delta in deltas.pre_activations]
    for layer, norm in enumerate(normalizations(architecture, running)):
        if norm.removes_bias:
            biases[layer] = np.zeros_like(biases[layer])
    weights = tuple(a.mT @ delta for a, delta in given)
    return Parameters(weights, tuple(biases), deltas.scales, deltas.shifts)


def network_deltas(
    architecture: Architecture,
    parameters: Parameters,
    passed: NetworkPass,
    output_delta: Float64[np.ndarray, "*m b c"],
    masks: Sequence[Units] | None = None,
    running: Sequence[RunningStatistics] | None = None,
) -> NetworkDeltas:
    """Carry the gradient from the outputs back to what every layer computed, inputs included.

    δ'_l = u_l ⊙ m_l ⊙ φ_l'(z'_l),  δ_l through the norm,  u_{l−1} = δ_l W_lᵀ + [joined] u_l

    Args:
        architecture: How the layers are joined.
        parameters: W, b, γ and β.
        passed: What `network_forward` returned for the other arguments.
        output_delta: δ_L = ∂J/∂z_L, shape (..., b, c).
        masks: The dropout masks that `network_forward` was given.
        running: The statistics that `network_forward` was given; they are constants.

    Returns:
        u, δ' and δ, and the gradient of γ and β, which needs no more.

    Example:
        The slope of a linear network is its weights:

        >>> parameters = Parameters((np.array([[2.0], [5.0]]),), (np.zeros(1),))
        >>> architecture = Architecture((), heads=())
        >>> passed = network_forward(architecture, parameters, np.ones((1, 2)))
        >>> network_deltas(architecture, parameters, passed, np.ones((1, 1))).activations[0]
        array([[2., 5.]])

    Source: the module's text.
    """
    keep = masks or [np.ones(1)] * len(architecture.activations)  # without dropout, m_l = 1
    norms = normalizations(architecture, running)
    # What belongs to layers below is put before what belongs to those above.
    deltas, inner, scales, shifts = [output_delta], [], [], []
    upstream = [output_delta @ parameters.weights[-1].mT]
    for layer in reversed(range(len(architecture.activations))):
        slope = architecture.activations[layer].derivative(passed.activation_inputs[layer])
        delta = upstream[0] * keep[layer] * slope
        inner.insert(0, delta)
        if norms:
            gradient = norms[layer].gradient(
                passed.normalized[layer], parameters.scales[layer], delta
            )
            scales.insert(0, gradient.scale)
            shifts.insert(0, gradient.shift)
            delta = gradient.pre_activations
        deltas.insert(0, delta)
        weight = parameters.weights[layer]
        passing = upstream[0] if architecture.joins(*weight.shape[-2:]) else 0.0
        upstream.insert(0, delta @ weight.mT + passing)
    return NetworkDeltas(*map(tuple, (upstream, inner, deltas, scales, shifts)))


def network_objective_and_gradient(
    architecture: Architecture,
    parameters: Parameters,
    batch: Batch,
    l2: float,
    masks: Sequence[Units] | None = None,
    running: Sequence[RunningStatistics] | None = None,
    perturbation: Parameters | None = None,
) -> tuple[Float64[np.ndarray | np.float64, "*m"], Parameters]:
    """Compute the objective of a batch and its gradient.

    J = Σ_h α_h ℓ̄_h(θ + e) + λ Σ_l ‖W_l‖²_F

    Args:
        architecture: How the layers are joined, and the heads.
        parameters: θ: W, b, γ and β.
        batch: Rows, targets, sample weights, and which targets are there.
        l2: λ ≥ 0, on W alone.
        masks: Dropout masks m_1 … m_{L−1}, each (..., b, o), already scaled by 1 / (1 − p). None:
            no dropout.
        running: Statistics of layers 1 … L−1 for batch normalization as in prediction. None: as in
            training.
        perturbation: e, where the loss of the data is taken: noise on the weights, the step of
            `sharpness_aware_perturbation`, or their sum. The penalty stays at θ. None: 0.

    Returns:
        J, shape (...), and its gradient in the layout of the parameters.

    Raises:
        RecipeError: The parameters do not belong to the architecture, or the heads have more or
            fewer columns than the last layer.

    Example:
        >>> from levelset.theory.heads import Head
        >>> from levelset.theory.losses import LOSSES
        >>> architecture = Architecture((), heads=(Head("y", LOSSES["squared_error"], width=1),))
        >>> parameters = Parameters(weights=(np.array([[2.0]]),), biases=(np.array([1.0]),))
        >>> batch = Batch(x=np.array([[3.0]]), targets=np.array([[6.0]]))
        >>> value, gradient = network_objective_and_gradient(architecture, parameters, batch, 0.5)
        >>> float(value), gradient.weights, gradient.biases  # as in `objective_and_gradient`
        (3.0, (array([[8.]]),), (array([2.]),))

    Source: the module's text.
    """
    at = parameters.plus(perturbation) if perturbation else parameters
    passed = network_forward(architecture, at, batch.x, masks, running)
    heads = (architecture.heads, batch.sample_weights, batch.present)
    data_loss = multi_head_loss(passed.logits, batch.targets, *heads)
    output_delta = multi_head_loss_gradient(passed.logits, batch.targets, *heads)
    gradient = network_backward(architecture, at, passed, output_delta, masks, running)
    penalty = l2 * sum((weight**2).sum(axis=(-2, -1)) for weight in parameters.weights)
    weights = tuple(
        slope + 2.0 * l2 * weight
        for slope, weight in zip(gradient.weights, parameters.weights, strict=True)
    )
    return data_loss + penalty, Parameters(
        weights, gradient.biases, gradient.scales, gradient.shifts
    )


def normalizations(
    architecture: Architecture, running: Sequence[RunningStatistics] | None
) -> tuple[Normalization, ...]:
    """Give the normalization of each hidden layer, none without normalization.

    Args:
        architecture: Which normalization there is.
        running: Statistics for batch normalization as in prediction. None: as in training.

    Returns:
        As many records as hidden layers, or none.

    Example:
        >>> normalizations(Architecture((), ()), None)
        ()

    Source: the module's text.
    """
    norm = architecture.normalization
    if norm is None:
        return ()
    if norm.removes_bias and running is not None:
        return tuple(fixed_normalization(statistics) for statistics in running)
    return (norm,) * len(architecture.activations)
