"""The second derivative of a network's objective, applied to directions: the R-operator.

The Hessian H = ∂²J/∂θ² of p parameters has p² entries, but its product with a direction v costs
about as much as two gradients and is exact. With R{·} = ∂/∂r (·) at θ + r v, r = 0:

    H v = R{∂J/∂θ}

and R of every line of `propagation` is that line differentiated. V_l, v_l, γ̇_l, β̇_l are the parts
of v that belong to W_l, b_l, γ_l, β_l:

    forward    R{z_l} = R{a_{l−1}} W_l + a_{l−1} V_l + v_l,  R{a₀} = 0
               R{z'_l} = R of the norm
               R{a_l} = φ_l'(z'_l) ⊙ R{z'_l} ⊙ m_l + [l is joined] R{a_{l−1}}

    backward   R{δ_L} = (∂²J/∂z_L²) R{z_L}
               R{u_{l−1}} = R{δ_l} W_lᵀ + δ_l V_lᵀ + [l is joined] R{u_l}
               R{δ'_l} = m_l ⊙ (R{u_l} ⊙ φ_l'(z'_l) + u_l ⊙ φ_l''(z'_l) ⊙ R{z'_l})
               R{∂J/∂W_l} = R{a_{l−1}}ᵀ δ_l + a_{l−1}ᵀ R{δ_l} + 2λ V_l,  R{∂J/∂b_l} = Σᵢ R{δ_l,ᵢ}

    the norm   R{s} = mean(ẑ ⊙ R{z})
               R{ẑ} = (R{z} − mean R{z} − ẑ ⊙ R{s}) / s,  R{z'} = γ̇ ⊙ ẑ + γ ⊙ R{ẑ} + β̇
               with g = δ' ⊙ γ,  R{g} = R{δ'} ⊙ γ + δ' ⊙ γ̇:
               R{δ} = (R{g} − mean R{g} − R{ẑ} ⊙ mean(g ⊙ ẑ) − ẑ ⊙ mean R{g ⊙ ẑ} − δ R{s}) / s
               R{∂J/∂γ} = Σᵢ R{δ' ⊙ ẑ},  R{∂J/∂β} = Σᵢ R{δ'}

where statistics that are constants have R{s} = 0 and no means. Activations, residuals, both
normalizations, all heads and masks are in it. φ'' is 0 for relu and leaky_relu by convention (see
`activations`): H is then that of the linear piece on which each row lies.

Source: Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994),
section 3; Bishop (2006), section 5.4.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from levelset.theory.architecture import Architecture, Batch, Parameters
from levelset.theory.heads import multi_head_loss_gradient, multi_head_loss_hessian_product
from levelset.theory.normalization import Normalization, Normalized, RunningStatistics
from levelset.theory.propagation import (
    NetworkDeltas,
    NetworkPass,
    network_deltas,
    network_forward,
    normalizations,
)

Units = Float64[np.ndarray, "*m b _o"]
PerUnit = Float64[np.ndarray, "*m _o"]


@dataclass(frozen=True, eq=False)
class NetworkHessian:
    """H = ∂²J/∂θ² at one θ, as a map of directions; made by `network_hessian`.

    Attributes:
        architecture: How the layers are joined, and the heads.
        parameters: θ.
        batch: Rows, targets, sample weights, and which targets are there.
        l2: λ.
        norms: The normalization of each hidden layer; none without.
        passed: The forward pass at θ.
        deltas: The backward pass at θ.
        slopes: m_l ⊙ φ_l'(z'_l) of each hidden layer, (b, o).
        bends: m_l ⊙ u_l ⊙ φ_l''(z'_l) of each hidden layer, (b, o).
    """

    architecture: Architecture
    parameters: Parameters
    batch: Batch
    l2: float
    norms: tuple[Normalization, ...]
    passed: NetworkPass
    deltas: NetworkDeltas
    slopes: tuple[Units, ...]
    bends: tuple[Units, ...]

    def product(self, direction: Parameters) -> Parameters:
        """Multiply H with a direction.

        H v = R{∂J/∂θ}

        Args:
            direction: v, in the layout of the parameters, or with leading axes for several
                directions at once.

        Returns:
            H v, in the layout of the direction.

        Example:
            J = (2w + b − 6)² has the second derivatives 8, 4 and 2:

            >>> from levelset.theory import LOSSES, Head
            >>> heads = (Head("y", LOSSES["squared_error"], width=1),)
            >>> parameters = Parameters((np.array([[5.0]]),), (np.array([1.0]),))
            >>> batch = Batch(x=np.array([[2.0]]), targets=np.array([[6.0]]))
            >>> hessian = network_hessian(Architecture((), heads), parameters, batch, l2=0.0)
            >>> hessian.product(Parameters((np.array([[1.0]]),), (np.array([0.0]),))).vector
            array([8., 4.])
        """
        forward = _forward(self, direction)
        curved = multi_head_loss_hessian_product(
            self.passed.logits,
            forward.outputs,
            self.architecture.heads,
            self.batch.sample_weights,
            self.batch.present,
        )
        return _backward(self, direction, forward, curved)


def network_hessian(
    architecture: Architecture,
    parameters: Parameters,
    batch: Batch,
    l2: float,
    masks: Sequence[Units] | None = None,
    running: Sequence[RunningStatistics] | None = None,
) -> NetworkHessian:
    """Prepare the products of directions with the second derivative of a batch's objective.

    H = ∂²J/∂θ²,  J as in `network_objective_and_gradient`

    Args:
        architecture: How the layers are joined, and the heads.
        parameters: θ, of one network: without leading axes.
        batch: Rows, targets, sample weights, and which targets are there.
        l2: λ ≥ 0, on W alone.
        masks: Dropout masks m_1 … m_{L−1}, each (b, o), already scaled by 1 / (1 − p). None: no
            dropout.
        running: Statistics of layers 1 … L−1 for batch normalization as in prediction. None: as in
            training, where the mean and variance of the batch are differentiated too.

    Returns:
        H, ready to be multiplied: the passes at θ are done once, here.

    Raises:
        RecipeError: The parameters do not belong to the architecture, or the heads have more or
            fewer columns than the last layer.

    Example:
        The penalty λ ‖W‖² alone has the second derivative 2λ, and biases are free:

        >>> from levelset.theory import LOSSES, Head
        >>> heads = (Head("y", LOSSES["squared_error"], width=1),)
        >>> parameters = Parameters((np.array([[5.0]]),), (np.array([0.0]),))
        >>> batch = Batch(np.zeros((1, 1)), np.zeros((1, 1)), present=np.array([[False]]))
        >>> hessian = network_hessian(Architecture((), heads), parameters, batch, l2=0.5)
        >>> hessian.product(parameters).vector
        array([5., 0.])

    Source: the module's text.
    """
    passed = network_forward(architecture, parameters, batch.x, masks, running)
    heads = (architecture.heads, batch.sample_weights, batch.present)
    output_delta = multi_head_loss_gradient(passed.logits, batch.targets, *heads)
    deltas = network_deltas(architecture, parameters, passed, output_delta, masks, running)
    slopes, bends = [], []
    for layer, activation in enumerate(architecture.activations):
        z, keep = passed.activation_inputs[layer], masks[layer] if masks else 1.0
        slopes.append(keep * activation.derivative(z))
        bends.append(keep * deltas.activations[layer + 1] * activation.second_derivative(z))
    return NetworkHessian(
        architecture,
        parameters,
        batch,
        l2,
        normalizations(architecture, running),
        passed,
        deltas,
        tuple(slopes),
        tuple(bends),
    )


class _Normalized(NamedTuple):
    """R of what a normalization computed."""

    output: np.ndarray  # R{z'}
    standardized: np.ndarray  # R{ẑ}
    deviation: np.ndarray  # R{s}


class _Forward(NamedTuple):
    """R of what a forward pass computed."""

    activations: list[np.ndarray]  # R{a_0} … R{a_{L−1}}
    activation_inputs: list[np.ndarray]  # R{z'_1} … R{z'_{L−1}}
    normalized: list[_Normalized]
    outputs: np.ndarray  # R{z_L}


def _forward(hessian: NetworkHessian, direction: Parameters) -> _Forward:
    weights, passed = hessian.parameters.weights, hessian.passed
    a, inner, normalized = [np.zeros_like(passed.activations[0])], [], []
    z = np.zeros(1)
    for layer, weight in enumerate(weights):
        z = passed.activations[layer] @ direction.weights[layer]
        z += direction.biases[layer][..., np.newaxis, :]
        if layer > 0:  # R{a_0} is zero
            z += a[layer] @ weight
        if layer == len(weights) - 1:
            break  # the last layer is linear
        ready = z
        if hessian.norms:
            normalized.append(_normalize(hessian, direction, layer, z))
            ready = normalized[layer].output
        inner.append(ready)
        added = hessian.slopes[layer] * ready
        joined = hessian.architecture.joins(*weight.shape)
        a.append(added + a[layer] if joined else added)
    return _Forward(a, inner, normalized, z)


def _backward(
    hessian: NetworkHessian, direction: Parameters, forward: _Forward, curved: np.ndarray
) -> Parameters:
    weights, passed, deltas = hessian.parameters.weights, hessian.passed, hessian.deltas
    delta, upstream = curved, np.zeros(1)  # R{δ_L}; nothing joins the last layer
    # What belongs to layers below is put before what belongs to those above.
    of_weights, of_biases, of_scales, of_shifts = [], [], [], []
    for layer in reversed(range(len(weights))):
        joined = False
        if layer < len(weights) - 1:
            delta = hessian.slopes[layer] * upstream
            delta += hessian.bends[layer] * forward.activation_inputs[layer]
            if hessian.norms:
                delta, of_scale, of_shift = _through_norm(
                    hessian, direction, layer, forward.normalized[layer], delta
                )
                of_scales.insert(0, of_scale)
                of_shifts.insert(0, of_shift)
            joined = hessian.architecture.joins(*weights[layer].shape)
        product = passed.activations[layer].mT @ delta
        product += 2.0 * hessian.l2 * direction.weights[layer]
        if layer > 0:
            product += forward.activations[layer].mT @ deltas.pre_activations[layer]
            below = delta @ weights[layer].mT
            below += deltas.pre_activations[layer] @ direction.weights[layer].mT
            upstream = below + upstream if joined else below
        of_weights.insert(0, product)
        of_biases.insert(0, delta.sum(axis=-2))
    for layer, norm in enumerate(hessian.norms):
        if norm.removes_bias:
            of_biases[layer] = np.zeros_like(of_biases[layer])
    return Parameters(tuple(of_weights), tuple(of_biases), tuple(of_scales), tuple(of_shifts))


def _normalize(
    hessian: NetworkHessian, direction: Parameters, layer: int, z: np.ndarray
) -> _Normalized:
    """R of a normalization's forward pass, given R{z}."""
    normalized, axis = hessian.passed.normalized[layer], hessian.norms[layer].axis
    if axis is None:
        deviation, standardized = np.zeros(1), z / normalized.deviation
    else:
        deviation = _mean(normalized.standardized * z, axis)
        standardized = z - _mean(z, axis) - normalized.standardized * deviation
        standardized /= normalized.deviation
    output = direction.scales[layer][..., np.newaxis, :] * normalized.standardized
    output += hessian.parameters.scales[layer] * standardized
    output += direction.shifts[layer][..., np.newaxis, :]
    return _Normalized(output, standardized, deviation)


def _through_norm(
    hessian: NetworkHessian,
    direction: Parameters,
    layer: int,
    forward: _Normalized,
    delta: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """R of a normalization's backward pass, given R{δ'}: R{δ}, R{∂J/∂γ} and R{∂J/∂β}."""
    normalized: Normalized = hessian.passed.normalized[layer]
    axis, scale = hessian.norms[layer].axis, hessian.parameters.scales[layer]
    at = hessian.deltas.activation_inputs[layer]  # δ'
    of_scale = (delta * normalized.standardized + at * forward.standardized).sum(axis=-2)
    of_shift = delta.sum(axis=-2)
    g, g_moved = at * scale, delta * scale + at * direction.scales[layer][..., np.newaxis, :]
    if axis is None:
        return g_moved / normalized.deviation, of_scale, of_shift
    along = _mean(g * normalized.standardized, axis)
    along_moved = _mean(g_moved * normalized.standardized + g * forward.standardized, axis)
    moved = g_moved - _mean(g_moved, axis)
    moved -= forward.standardized * along + normalized.standardized * along_moved
    moved -= hessian.deltas.pre_activations[layer] * forward.deviation
    return moved / normalized.deviation, of_scale, of_shift


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    return values.mean(axis=axis, keepdims=True)
