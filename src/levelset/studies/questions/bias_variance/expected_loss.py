"""The parts of the expected loss of many settings at once, with what is known of their error."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64, Int

from levelset.theory import DECOMPOSITIONS, Decomposition, VarianceParts, jackknife_values
from levelset.theory.decomposition import DecompositionName

TERMS = ("expected loss", "noise", "bias", "variance", "rows", "seed", "log2 variance")

_LEAST_VARIANCE = 1e-12  # of networks that agree: rounding is all that is left


@dataclass(frozen=True, eq=False)
class ExpectedLoss:
    """The terms of one loss for every setting (a).

    Attributes:
        loss: The key in `levelset.theory.DECOMPOSITIONS`.
        noise_known: Whether noise was told apart. If not, it is inside the bias.
        values: For each of `TERMS`, one value per training set and setting, (r, a): their mean is
            the estimate and their spread that of the jackknife. "rows" is the part of the variance
            that the rows drawn make; "seed" is the rest of it, what training again on the same
            rows varies. "log2 variance" is for ratios of variances.
        deviation: The largest amount, over settings and rows, by which the terms of one row miss
            its expected loss.
    """

    loss: DecompositionName
    noise_known: bool
    values: Mapping[str, Float64[np.ndarray, "r a"]]
    deviation: float

    def estimate(self, term: str) -> Float64[np.ndarray, " a"]:
        """Give a term of every setting."""
        return self.values[term].mean(axis=0)


def expected_loss(
    cells: Float[np.ndarray, "r s a n c"],
    targets: Int[np.ndarray, " n"] | Float64[np.ndarray, "n c"],
    loss: DecompositionName,
) -> ExpectedLoss:
    """Decompose the expected loss of every setting over training sets and seeds.

    Terms are corrected for their center having been estimated, and are means over rows.

    Args:
        cells: Class probabilities by training set r ≥ 3, seed s ≥ 2, setting, row and class.
        targets: Class probabilities (n, c) where they are known, else labels (n,).
        loss: "brier", "cross_entropy" or "zero_one_kohavi_wolpert".

    Returns:
        The terms.

    Example:
        >>> from levelset.seeds import stream
        >>> yes = stream(0, "votes").uniform(0.3, 0.9, size=(8, 2, 1, 5))
        >>> cells = np.stack([1 - yes, yes], axis=-1)
        >>> found = expected_loss(cells, np.array([1, 1, 1, 1, 0]), "brier")
        >>> sums = found.estimate("bias") + found.estimate("variance")
        >>> bool(np.allclose(sums, found.estimate("expected loss")))
        True

    Source: the decompositions are those of `levelset.theory.decomposition`, the standard errors
    those of `levelset.theory.jackknife_values`.
    """
    sets, seeds, settings, _, classes = cells.shape
    rows = cells.reshape(sets, seeds, -1, classes).astype(np.float64)  # settings are rows too
    truth = np.tile(targets, (settings,) + (1,) * (targets.ndim - 1))
    plain, means = _means(rows, truth, loss, settings)
    left_out = [_means(np.delete(rows, r, axis=0), truth, loss, settings)[1] for r in range(sets)]
    values = jackknife_values(means.ravel(), np.stack(left_out).reshape(sets, -1))
    return ExpectedLoss(
        loss=loss,
        noise_known=plain.noise_known,
        values=dict(
            zip(TERMS, values.reshape(sets, len(TERMS), settings).swapaxes(0, 1), strict=True)
        ),
        deviation=deviation(plain),
    )


def deviation(by_row: Decomposition) -> float:
    """Give the largest amount by which the terms of a row miss its expected loss.

    |E loss − (k_N · noise + bias + k_V · variance)|
    """
    total = (
        by_row.noise_coefficient * by_row.noise
        + by_row.bias
        + by_row.variance_coefficient * by_row.variance
    )
    return float(np.abs(by_row.expected_loss - total).max())


def _means(
    cells: Float64[np.ndarray, "r s n c"],
    targets: np.ndarray,
    loss: DecompositionName,
    settings: int,
) -> tuple[Decomposition, Float64[np.ndarray, "t a"]]:
    """Give the plain terms of each row, and the means of the corrected ones for each setting."""
    method = DECOMPOSITIONS[loss]
    assert method.split is not None
    plain = method.decompose(cells.reshape(-1, *cells.shape[2:]), targets)
    split = method.split(cells)
    parts: VarianceParts = split.corrected()
    corrected = plain.corrected(split)
    terms = (
        corrected.expected_loss,
        corrected.noise,
        corrected.bias,
        corrected.variance,
        parts.data,
        parts.given_data,
    )
    means = [term.reshape(settings, -1).mean(axis=1) for term in terms]
    # Corrected components may be below zero; their total never is.
    spread = np.log2(np.maximum(means[TERMS.index("variance")], _LEAST_VARIANCE))
    return plain, np.stack([*means, spread])
