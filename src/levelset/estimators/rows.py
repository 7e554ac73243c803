"""Rows: a table as an estimator was given it, checked, with its classes numbered."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float, Int, Shaped

from levelset.data import Split, stratified_split
from levelset.data.dataset import digest_of
from levelset.errors import DataError, RecipeError
from levelset.seeds import stream

ClassWeight: TypeAlias = Mapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Rows:
    """What a classifier learns from.

    Attributes:
        x: Features, (n, d).
        codes: Class numbers, (n,).
        weights: Of each row in the training loss, (n,); None weighs all alike.
    """

    x: Float[np.ndarray, "n d"]
    codes: Int[np.ndarray, " n"]
    weights: Float[np.ndarray, " n"] | None

    @property
    def digest(self) -> str:
        """SHA-256 of all that is learned from, to know the same rows again."""
        weights = b"" if self.weights is None else self.weights.tobytes()
        return digest_of(
            repr(self.x.shape).encode(), self.x.tobytes(), self.codes.tobytes(), weights
        )

    def part(self, numbers: Int[np.ndarray, " k"]) -> "Rows":
        """Give some of the rows, by ascending numbers; without a copy where they are all."""
        if len(numbers) == len(self.codes):
            return self
        weights = None if self.weights is None else self.weights[numbers]
        return Rows(self.x[numbers], self.codes[numbers], weights)


def number_classes(
    labels: Shaped[np.ndarray, " n"],
) -> tuple[Shaped[np.ndarray, " c"], Int[np.ndarray, " n"]]:
    """Number the classes of labels of any kind that can be sorted.

    Args:
        labels: Shape (n,).

    Returns:
        The distinct labels, sorted, (c,), and the number of each row's, (n,).

    Raises:
        DataError: If there are fewer than two, or labels of kinds that cannot be compared.

    Example:
        >>> number_classes(np.array(["no", "yes", "no"]))
        (array(['no', 'yes'], dtype='<U3'), array([0, 1, 0]))
    """
    try:
        classes, codes = np.unique(labels, return_inverse=True)
    except TypeError:
        kinds = ", ".join(sorted({type(label).__name__ for label in labels}))
        raise DataError(
            f"`y` must hold class labels of one kind, got {kinds}; make all of them texts, and "
            "leave rows without a label out."
        ) from None
    if len(classes) < 2:
        raise DataError(
            f"`y` must hold at least two classes, got 1 class: {classes.tolist()[0]!r}."
        )
    return classes, codes


def row_weights(
    sample_weight: object,
    class_weight: ClassWeight | None,
    classes: Shaped[np.ndarray, " c"],
    codes: Int[np.ndarray, " n"],
) -> Float[np.ndarray, " n"] | None:
    """Join weights of rows and weights of classes.

    Args:
        sample_weight: Weight of each row, (n,), or None.
        class_weight: Weights by label, 1 for a label that is not named; or None.
        classes: Labels by class number, (c,).
        codes: Class numbers, (n,).

    Returns:
        Their product, (n,); None where neither is given.

    Raises:
        DataError: If `sample_weight` does not hold one number for each row.
        RecipeError: If `class_weight` names a label that there is not.

    Example:
        >>> row_weights(None, {"b": 3.0}, np.array(["a", "b"]), np.array([0, 1, 1]))
        array([1., 3., 3.])
    """
    weights = None
    if sample_weight is not None:
        weights = np.asarray(sample_weight)
        if weights.shape != codes.shape or weights.dtype.kind not in "fiub":
            raise DataError(
                f"`sample_weight` must hold numbers of shape (n,) = ({len(codes)},), got "
                f"{weights.dtype} of shape {weights.shape}."
            )
        weights = weights.astype(np.float64)
    if class_weight is None:
        return weights
    labels = classes.tolist()
    unknown = [label for label in class_weight if label not in labels]
    if unknown:
        raise RecipeError(
            f"`class_weight` must name classes of `y` ({', '.join(map(repr, labels[:10]))}), got "
            f"{unknown[0]!r}."
        )
    by_class = np.array([float(class_weight.get(label, 1.0)) for label in labels])[codes]
    return by_class if weights is None else weights * by_class


def hold_out(
    rows: Rows, fraction: float | int, classes: Shaped[np.ndarray, " c"], seed: int
) -> tuple[Int[np.ndarray, " _"], Int[np.ndarray, " _"]]:
    """Choose rows to learn from and rows to validate on, by class.

    Args:
        rows: All of them, n.
        fraction: Share of each class to validate on, 0 <= fraction < 1.
        classes: Labels by class number, for the message.
        seed: Of the draw.

    Returns:
        Row numbers to learn from, and row numbers to validate on; of no row if the share is 0.

    Raises:
        DataError: If a class has too few rows to stand in both.
        RecipeError: If the share is no share.
    """
    if not isinstance(fraction, Real) or not 0 <= fraction < 1:
        raise RecipeError(
            f"`validation_fraction` must be in [0, 1), got {fraction!r}; 0.2 holds out a fifth."
        )
    everything = np.arange(len(rows.codes))
    if fraction == 0:
        return everything, everything[:0]
    shares = (1.0 - fraction, float(fraction), 0.0)
    names = [str(label) for label in classes]
    split: Split = stratified_split(rows.codes, stream(seed, "validation"), shares, names)
    return split.training, split.validation
