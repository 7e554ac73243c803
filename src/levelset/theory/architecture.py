"""What a whole network is made of: its architecture, its parameters, and a batch to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from levelset.errors import RecipeError
from levelset.theory.activations import Activation
from levelset.theory.heads import Head
from levelset.theory.normalization import Normalization

Weight = Float64[np.ndarray, "*m _i _o"]
PerUnit = Float64[np.ndarray, "*m _o"]


@dataclass(frozen=True)
class Architecture:
    """How the layers of a network are joined.

        a₀ = x
        z_l = a_{l−1} W_l + b_l                      l = 1 … L
        z'_l = norm(z_l; γ_l, β_l), or z_l without   l = 1 … L−1
        a_l = φ_l(z'_l) ⊙ m_l                        where no residual joins the layer
        a_l = φ_l(z'_l) ⊙ m_l + a_{l−1}              where one does

    A residual joins every hidden layer that has as many units as inputs, the first included, if
    there are residuals at all. The last layer is linear and is neither normalized nor joined.

    Attributes:
        activations: φ_1 … φ_{L−1}, one for each hidden layer.
        heads: What the columns of the last layer answer.
        normalization: A record of NORMALIZATIONS, or None.
        residual: Whether there are residuals.

    Example:
        >>> from levelset.theory import ACTIVATIONS, LOSSES, NORMALIZATIONS
        >>> species = Head("species", LOSSES["softmax_cross_entropy"], width=3)
        >>> deep = Architecture(
        ...     (ACTIVATIONS["gelu"],) * 8, (species,), NORMALIZATIONS["layer"], residual=True
        ... )
        >>> deep.joins(inputs=64, outputs=64), deep.joins(inputs=4, outputs=64)
        (True, False)

    Source: residuals: He, Zhang, Ren and Sun, CVPR 2016, equation 1, here around one layer and
    added after the activation.
    """

    activations: tuple[Activation, ...]
    heads: tuple[Head, ...]
    normalization: Normalization | None = None
    residual: bool = False

    def joins(self, inputs: int, outputs: int) -> bool:
        """Tell whether a residual joins a hidden layer of this many inputs and units.

        Example:
            >>> Architecture((), (), residual=True).joins(inputs=3, outputs=3)
            True
        """
        return self.residual and inputs == outputs


@dataclass(frozen=True)
class Parameters:
    """What a network learns; also the gradient with respect to it, and any shift of it.

    Attributes:
        weights: W_1 … W_L, each (..., i, o).
        biases: b_1 … b_L, each (..., o).
        scales: γ_1 … γ_{L−1}, each (..., o); none without normalization. They start at 1.
        shifts: β_1 … β_{L−1}, each (..., o); none without normalization. They start at 0.
    """

    weights: tuple[Weight, ...]
    biases: tuple[PerUnit, ...]
    scales: tuple[PerUnit, ...] = ()
    shifts: tuple[PerUnit, ...] = ()

    @property
    def arrays(self) -> tuple[Float64[np.ndarray, "..."], ...]:
        """All arrays in one row: weights, biases, scales, shifts."""
        return (*self.weights, *self.biases, *self.scales, *self.shifts)

    def with_arrays(self, arrays: Sequence[Float64[np.ndarray, "..."]]) -> "Parameters":
        """Put arrays in the order of `arrays` back into their places.

        Args:
            arrays: As many as `arrays` has.

        Returns:
            Parameters of this network's layout.

        Example:
            >>> one = Parameters(weights=(np.ones((2, 1)),), biases=(np.zeros(1),))
            >>> one.with_arrays([2.0 * array for array in one.arrays]).weights[0].ravel()
            array([2., 2.])
        """
        layers, hidden = len(self.weights), len(self.scales)
        taken = iter(arrays)
        weights, biases, scales, shifts = (
            tuple(next(taken) for _ in range(count)) for count in (layers, layers, hidden, hidden)
        )
        return Parameters(weights, biases, scales, shifts)

    @property
    def vector(self) -> Float64[np.ndarray, "*m p"]:
        """All p numbers of a network one after another, in the order of `arrays`, as a new array.

        Example:
            >>> Parameters(weights=(np.ones((2, 1)),), biases=(np.zeros(1),)).vector
            array([1., 1., 0.])
        """
        axes = [2] * len(self.weights) + [1] * (len(self.arrays) - len(self.weights))
        pieces = [
            array.reshape(*array.shape[: array.ndim - own], -1)
            for array, own in zip(self.arrays, axes, strict=True)
        ]
        return np.concatenate(pieces, axis=-1)

    def with_vector(self, vector: Float64[np.ndarray, "*k p"]) -> "Parameters":
        """Cut a vector in the order of `vector` into arrays of one network's shapes.

        Args:
            vector: Shape (..., p); its leading axes become those of the arrays. This network has
                none.

        Returns:
            Parameters of this network's layout.

        Example:
            >>> one = Parameters(weights=(np.ones((2, 1)),), biases=(np.zeros(1),))
            >>> one.with_vector(np.array([3.0, 4.0, 5.0])).biases
            (array([5.]),)
        """
        ends = np.cumsum([array.size for array in self.arrays])
        pieces = np.split(vector, ends[:-1], axis=-1)
        shaped = zip(pieces, self.arrays, strict=True)
        return self.with_arrays(
            [piece.reshape(*vector.shape[:-1], *array.shape) for piece, array in shaped]
        )

    def plus(self, other: "Parameters") -> "Parameters":
        """Add two sets of parameters, array by array.

        Example:
            >>> one = Parameters(weights=(np.ones((2, 1)),), biases=(np.zeros(1),))
            >>> one.plus(one).weights[0].ravel()
            array([2., 2.])
        """
        pairs = zip(self.arrays, other.arrays, strict=True)
        return self.with_arrays([mine + theirs for mine, theirs in pairs])


@dataclass(frozen=True)
class Batch:
    """Rows to learn from, after everything in `regularization` that is done to them.

    Attributes:
        x: Rows of features, shape (..., b, d).
        targets: What the heads' losses compare the outputs with, shape (..., b, c).
        sample_weights: w, shape (..., b). None: all ones.
        present: k, shape (..., b, h), true where a row has a target for a head. None: all.
    """

    x: Float64[np.ndarray, "*m b d"]
    targets: Float64[np.ndarray, "*m b c"]
    sample_weights: Float64[np.ndarray, "*m b"] | None = None
    present: Bool[np.ndarray, "*m b h"] | None = None


def require_matching(architecture: Architecture, parameters: Parameters) -> None:
    """Check that parameters belong to an architecture.

    Args:
        architecture: How the layers are joined.
        parameters: What they hold.

    Returns:
        None, if they match.

    Raises:
        RecipeError: The number of activations, scales or shifts is not that of hidden layers.

    Example:
        >>> require_matching(Architecture((), ()), Parameters((np.ones((2, 1)),), (np.zeros(1),)))

    Source: the shapes of the class docstrings.
    """
    hidden = len(parameters.weights) - 1
    scaled = hidden if architecture.normalization else 0
    given = (len(architecture.activations), len(parameters.scales), len(parameters.shifts))
    if given != (hidden, scaled, scaled):
        raise RecipeError(
            f"A network with {hidden} hidden layers must have {hidden} activations, {scaled} "
            f"scales and {scaled} shifts, got {given[0]}, {given[1]} and {given[2]}; scales and "
            f"shifts belong to normalized layers, and the last layer has no activation."
        )
