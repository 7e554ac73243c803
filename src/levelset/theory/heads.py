"""Several answers from one network: each head owns some columns of the last layer, and a loss.

    J = Σ_h α_h ℓ̄_h
    ℓ̄_h = (Σᵢ wᵢ kᵢₕ ℓᵢₕ) / (Σᵢ wᵢ kᵢₕ),  and 0 where the denominator is

ℓᵢₕ is head h's loss of row i, α_h the head's weight, wᵢ the row's sample weight, and kᵢₕ is 1 where
row i has a target for head h, else 0. A row without a target for a head is left out of that head's
mean, numerator and denominator, and teaches the shared layers through the other heads alone. α_h
are used as given: they are not divided by their sum.

One head with α = 1 and no missing targets is the plain objective (Σᵢ wᵢ ℓᵢ) / (Σᵢ wᵢ). Classes that
exclude one another are a softmax_cross_entropy head of c columns; a yes-or-no question is a
sigmoid_cross_entropy head of one, several are one of several (multilabel, summed over the
questions); numbers are a squared_error head.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from levelset.errors import RecipeError
from levelset.theory.losses import Loss

Outputs = Float64[np.ndarray, "*m b c"]
SampleWeights = Float64[np.ndarray, "*m b"]
Present = Bool[np.ndarray, "*m b h"]


@dataclass(frozen=True)
class Head:
    """One question that the network answers.

    Attributes:
        name: What it is called.
        loss: ℓ, from LOSSES.
        width: How many columns of the last layer it has. The columns of the heads follow one
            another in the order of the heads.
        weight: α > 0.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> Head("species", LOSSES["softmax_cross_entropy"], width=3).weight
        1.0
    """

    name: str
    loss: Loss
    width: int
    weight: float = 1.0


def head_columns(heads: Sequence[Head]) -> tuple[slice, ...]:
    """Give the columns of each head: the first width₁, the next width₂, and so on.

    Args:
        heads: The heads in order.

    Returns:
        One slice of the last axis for each head.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> species = Head("species", LOSSES["softmax_cross_entropy"], width=3)
        >>> head_columns([species, Head("mass", LOSSES["squared_error"], width=1)])
        (slice(0, 3, None), slice(3, 4, None))

    Source: the module's text.
    """
    ends = np.cumsum([head.width for head in heads]).tolist()
    return tuple(slice(end - head.width, end) for head, end in zip(heads, ends, strict=True))


def head_losses(
    outputs: Outputs,
    targets: Outputs,
    heads: Sequence[Head],
    sample_weights: SampleWeights | None = None,
    present: Present | None = None,
) -> Float64[np.ndarray, "*m h"]:
    """Measure each head's own mean loss, not yet weighted.

    ℓ̄_h = (Σᵢ wᵢ kᵢₕ ℓᵢₕ) / (Σᵢ wᵢ kᵢₕ),  0 where no row has a target

    Args:
        outputs: The last layer's pre-activations, shape (..., b, c), c the sum of the widths.
        targets: What each head's loss compares them with, in the same columns, shape (..., b, c).
            Anything, NaN included, where a target is missing.
        heads: The heads in order.
        sample_weights: w, shape (..., b). None: all ones.
        present: k, shape (..., b, h), true where the row has a target for the head. None: all.

    Returns:
        ℓ̄, shape (..., h).

    Raises:
        RecipeError: The heads have more or fewer columns than the outputs.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> heads = [Head("a", LOSSES["squared_error"], 1), Head("b", LOSSES["squared_error"], 1)]
        >>> outputs, targets = np.zeros((2, 2)), np.array([[1.0, 3.0], [3.0, np.nan]])
        >>> head_losses(outputs, targets, heads, present=~np.isnan(targets))
        array([5., 9.])

    Source: Caruana, "Multitask learning", Machine Learning 28 (1997); the mask is the module's.
    """
    share, present = _shares(outputs, heads, sample_weights, present)
    losses = []
    for number, (head, columns) in enumerate(zip(heads, head_columns(heads), strict=True)):
        # Where it is missing a target may be NaN, which a share of zero would not remove.
        known = np.where(present[..., number, np.newaxis], targets[..., columns], 0.0)
        per_row = head.loss.value(outputs[..., columns], known)
        losses.append((share[..., number] * per_row).sum(axis=-1))
    return np.stack(losses, axis=-1)


def multi_head_loss(
    outputs: Outputs,
    targets: Outputs,
    heads: Sequence[Head],
    sample_weights: SampleWeights | None = None,
    present: Present | None = None,
) -> Float64[np.ndarray | np.float64, "*m"]:
    """Measure the loss of several heads together.

    J = Σ_h α_h (Σᵢ wᵢ kᵢₕ ℓᵢₕ) / (Σᵢ wᵢ kᵢₕ)

    Args:
        outputs: The last layer's pre-activations, shape (..., b, c).
        targets: What each head's loss compares them with, shape (..., b, c).
        heads: The heads in order.
        sample_weights: w, shape (..., b). None: all ones.
        present: k, shape (..., b, h), true where the row has a target for the head. None: all.

    Returns:
        J, shape (...).

    Raises:
        RecipeError: The heads have more or fewer columns than the outputs.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> squared_error = LOSSES["squared_error"]
        >>> heads = [Head("a", squared_error, 1), Head("b", squared_error, 1, weight=2.0)]
        >>> outputs, targets = np.zeros((2, 2)), np.array([[1.0, 3.0], [3.0, np.nan]])
        >>> float(multi_head_loss(outputs, targets, heads, present=~np.isnan(targets)))
        23.0

    Source: Caruana (1997), with weights as in Kendall, Gal and Cipolla, CVPR 2018, equation 1.
    """
    weights = np.array([head.weight for head in heads])
    return (weights * head_losses(outputs, targets, heads, sample_weights, present)).sum(axis=-1)


def multi_head_loss_gradient(
    outputs: Outputs,
    targets: Outputs,
    heads: Sequence[Head],
    sample_weights: SampleWeights | None = None,
    present: Present | None = None,
) -> Outputs:
    """Differentiate the loss of several heads with respect to the outputs.

    ∂J/∂zᵢ = α_h wᵢ kᵢₕ / (Σⱼ wⱼ kⱼₕ) · ∂ℓᵢₕ/∂zᵢ  in the columns of head h

    Args:
        outputs: The last layer's pre-activations, shape (..., b, c).
        targets: What each head's loss compares them with, shape (..., b, c).
        heads: The heads in order.
        sample_weights: w, shape (..., b). None: all ones.
        present: k, shape (..., b, h), true where the row has a target for the head. None: all.

    Returns:
        ∂J/∂z, shape (..., b, c); zero where a target is missing.

    Raises:
        RecipeError: The heads have more or fewer columns than the outputs.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> heads = [Head("a", LOSSES["squared_error"], 1), Head("b", LOSSES["squared_error"], 1)]
        >>> outputs, targets = np.zeros((2, 2)), np.array([[1.0, 3.0], [3.0, np.nan]])
        >>> multi_head_loss_gradient(outputs, targets, heads, present=~np.isnan(targets))
        array([[-1., -6.],
               [-3.,  0.]])

    Source: the derivative of `multi_head_loss`.
    """
    share, present = _shares(outputs, heads, sample_weights, present)
    gradients = []
    for number, (head, columns) in enumerate(zip(heads, head_columns(heads), strict=True)):
        known = np.where(present[..., number, np.newaxis], targets[..., columns], 0.0)
        per_row = head.loss.gradient(outputs[..., columns], known)
        gradients.append(head.weight * share[..., number, np.newaxis] * per_row)
    return np.concatenate(gradients, axis=-1)


def multi_head_loss_hessian_product(
    outputs: Outputs,
    direction: Float64[np.ndarray, "*k b c"],
    heads: Sequence[Head],
    sample_weights: SampleWeights | None = None,
    present: Present | None = None,
) -> Float64[np.ndarray, "*k b c"]:
    """Multiply the second derivative of the loss of several heads with a direction of the outputs.

    (∂²J/∂zᵢ²) vᵢ = α_h wᵢ kᵢₕ / (Σⱼ wⱼ kⱼₕ) · (∂²ℓᵢₕ/∂zᵢ²) vᵢ  in the columns of head h

    Args:
        outputs: The last layer's pre-activations, shape (..., b, c).
        direction: v, shape (..., b, c); it may have leading axes that the outputs have not.
        heads: The heads in order.
        sample_weights: w, shape (..., b). None: all ones.
        present: k, shape (..., b, h), true where the row has a target for the head. None: all.

    Returns:
        The product, of the direction's shape; zero where a target is missing. No two heads and no
        two rows mix.

    Raises:
        RecipeError: The heads have more or fewer columns than the outputs.

    Example:
        >>> from levelset.theory.losses import LOSSES
        >>> heads = [Head("a", LOSSES["squared_error"], 1), Head("b", LOSSES["squared_error"], 1)]
        >>> present = np.array([[True, True], [True, False]])
        >>> multi_head_loss_hessian_product(np.zeros((2, 2)), np.ones((2, 2)), heads, None, present)
        array([[1., 2.],
               [1., 0.]])

    Source: the derivative of `multi_head_loss_gradient`.
    """
    share, _ = _shares(outputs, heads, sample_weights, present)
    products = []
    for number, (head, columns) in enumerate(zip(heads, head_columns(heads), strict=True)):
        per_row = head.loss.hessian_product(outputs[..., columns], direction[..., columns])
        products.append(head.weight * share[..., number, np.newaxis] * per_row)
    return np.concatenate(products, axis=-1)


def _shares(
    outputs: Outputs,
    heads: Sequence[Head],
    sample_weights: SampleWeights | None,
    present: Present | None,
) -> tuple[Float64[np.ndarray, "*m b h"], Present]:
    """Each row's share of each head's mean, wᵢ kᵢₕ / Σⱼ wⱼ kⱼₕ, and k."""
    columns = sum(head.width for head in heads)
    if columns != outputs.shape[-1]:
        raise RecipeError(
            f"The heads' widths must sum to the outputs of the last layer = {outputs.shape[-1]}, "
            f"got {columns}; give the last layer one output for each column of a head."
        )
    if sample_weights is None:
        sample_weights = np.ones(outputs.shape[:-1])
    if present is None:
        present = np.ones((*outputs.shape[:-1], len(heads)), dtype=bool)
    counted = sample_weights[..., np.newaxis] * present
    total = counted.sum(axis=-2, keepdims=True)
    return counted / np.where(total > 0.0, total, 1.0), present
