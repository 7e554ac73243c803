"""Bias, variance and noise of the expected loss over training sets.

D is what was drawn to train a network: its rows, its seed. q_D are its class probabilities at a
row, p the true ones there, and every decomposition says of each row

    expected loss = k_N · noise + bias + k_V · variance

with coefficients k_N = k_V = 1 but for Domingos' of the 0-1 loss. Noise is what the truth leaves
open. It can be told apart only where p is known, as of synthetic data; given labels alone, the bias
is that against the labels and holds the noise, a term that textbooks often leave out.

Over r replicates these are plain estimates: their center is estimated from the same networks as
their spread, so the variance is too small and the bias too large, by the order of 1/r.
`Decomposition.corrected` mends that where it can be done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from jaxtyping import Float64, Int

from levelset.errors import DataError
from levelset.theory.encoding import log_softmax, one_hot
from levelset.theory.information import entropy, log_probabilities
from levelset.theory.variance import (
    Cells,
    EstimatorName,
    Replicates,
    Row,
    VarianceParts,
    cross_entropy_parts,
    divergence_spread,
    kohavi_wolpert_parts,
    normalized_logs,
    squared_error_parts,
    squared_spread,
    votes,
)

DecompositionName = Literal[
    "brier", "cross_entropy", "zero_one_domingos", "zero_one_kohavi_wolpert"
]
Targets = Int[np.ndarray, " n"] | Float64[np.ndarray, "n c"]


@dataclass(frozen=True, eq=False)
class Decomposition:
    """The expected loss of each row in its parts; all arrays have shape (n,).

    Attributes:
        loss: The key in DECOMPOSITIONS.
        estimator: "plain" or "corrected" terms; `expected_loss` is unbiased in both.
        replicates: r, the number of networks.
        noise_known: Whether noise is told apart. If not, it is zero here and inside the bias.
        expected_loss: Mean over replicates and the labels that may come; nats for cross-entropy.
        noise: The loss of predicting p itself, or its likeliest class (Domingos).
        bias: What the central prediction loses beside it (squared, for Brier). A corrected one
            may be negative, which means no more than that it is near zero.
        variance: How far the replicates lie from the central prediction.
        noise_coefficient: k_N.
        variance_coefficient: k_V.
    """

    loss: DecompositionName
    estimator: EstimatorName
    replicates: int
    noise_known: bool
    expected_loss: Row
    noise: Row
    bias: Row
    variance: Row
    noise_coefficient: Row
    variance_coefficient: Row

    def corrected(self, parts: VarianceParts | None = None) -> "Decomposition":
        """Correct variance and bias for their center having been estimated; the sum stays.

        variance · r/(r − 1),  bias − variance/(r − 1)  for independent replicates; of a two-way
        design, the total of its components and the bias less the variance of the mean over cells.

        Args:
            parts: Of the same networks, if they are a two-way design, whose cells share rows and
                seeds and are not independent.

        Returns:
            The corrected terms; itself if they are corrected already.

        Raises:
            DataError: If the loss has no correction, or there is one replicate.
        """
        if self.estimator == "corrected":
            return self
        method = DECOMPOSITIONS[self.loss]
        if method.correction == "none":
            raise DataError(
                f"The terms of {method.name} cannot be corrected; use the plain ones, knowing that "
                f"{method.finite_sample}"
            )
        if self.replicates < 2:
            raise DataError("A corrected variance needs at least 2 replicates, got 1; train more.")
        if parts is None:
            variance = self.variance * (self.replicates / (self.replicates - 1))
            of_center = variance / self.replicates
        else:
            variance, of_center = parts.corrected().total, parts.corrected().of_center
        bias = self.bias - of_center
        return replace(self, estimator="corrected", variance=variance, bias=bias)


def squared_error_decomposition(
    predictions: Replicates, means: Float64[np.ndarray, "n c"], noise: Row, *, noise_known: bool
) -> Decomposition:
    """Decompose the squared error of predicted numbers.

    E_D E_t Σ꜀ (q_D꜀ − t꜀)² = Σ꜀ Var[t꜀] + Σ꜀ (q̄꜀ − E t꜀)² + Σ꜀ E_D (q_D꜀ − q̄꜀)²,  q̄ = E_D q_D

    Args:
        predictions: q, shape (r, n, c).
        means: E t, shape (n, c); observed targets if no more is known.
        noise: Var t summed over columns, shape (n,); zeros if it is not known.
        noise_known: Whether `means` and `noise` are those of the truth.

    Returns:
        The plain terms; they sum.

    Example:
        >>> q = np.array([[[1.0]], [[3.0]]])
        >>> parts = squared_error_decomposition(q, np.zeros((1, 1)), np.ones(1), noise_known=True)
        >>> parts.expected_loss, parts.noise, parts.bias, parts.variance
        (array([6.]), array([1.]), array([4.]), array([1.]))

    Source: Geman, Bienenstock and Doursat (1992), as for `squared_spread`.
    """
    return Decomposition(
        loss="brier",
        estimator="plain",
        replicates=len(predictions),
        noise_known=noise_known,
        expected_loss=((predictions - means) ** 2).sum(axis=-1).mean(axis=0) + noise,
        noise=noise,
        bias=((predictions.mean(axis=0) - means) ** 2).sum(axis=-1),
        variance=squared_spread(predictions),
        noise_coefficient=np.ones_like(noise),
        variance_coefficient=np.ones_like(noise),
    )


def brier_decomposition(probabilities: Replicates, targets: Targets) -> Decomposition:
    """Decompose the Brier score, the squared error of probabilities against one-hot labels.

    E_D E_y Σ꜀ (q_D꜀ − y꜀)² = (1 − Σ꜀ p꜀²) + Σ꜀ (q̄꜀ − p꜀)² + Σ꜀ E_D (q_D꜀ − q̄꜀)²,  q̄ = E_D q_D

    Args:
        probabilities: q, shape (r, n, c).
        targets: Class probabilities p, shape (n, c), where they are known; else labels, (n,).

    Returns:
        The plain terms; they sum, and the corrected ones are unbiased.

    Raises:
        DataError: If an array holds no probabilities or labels.

    Example:
        >>> q = np.array([[[0.2, 0.8]], [[0.6, 0.4]]])
        >>> parts = brier_decomposition(q, np.array([1]))
        >>> parts.bias.round(4), parts.variance.round(4), parts.corrected().variance.round(4)
        (array([0.32]), array([0.08]), array([0.16]))

    Source: Geman, Bienenstock and Doursat (1992), summed over classes.
    """
    p, known = _read(probabilities, targets)
    # Of one-hot labels, which may as well be all that is known, this noise is zero.
    noise = 1.0 - (p**2).sum(axis=-1)
    return squared_error_decomposition(probabilities, p, noise, noise_known=known)


def cross_entropy_decomposition(probabilities: Replicates, targets: Targets) -> Decomposition:
    """Decompose the cross-entropy about the normalized geometric mean.

    E_D H(p, q_D) = H(p) + KL(p‖q̄) + E_D KL(q̄‖q_D),  q̄ ∝ exp(E_D log q_D)

    The geometric mean is nearest to all q_D in KL(·‖q_D), as the mean is in squares; for a softmax
    it is the softmax of the mean logits. About the plain mean the terms would not sum.

    Args:
        probabilities: q, shape (r, n, c); zeros count as `log_probabilities` says.
        targets: Class probabilities p, shape (n, c), where they are known; else labels, (n,).

    Returns:
        The plain terms, in nats; they sum. E[variance] is too small by the order of 1/r (Jensen,
        −log Σ exp being concave) and the bias too large by as much; corrected, by less.

    Raises:
        DataError: If an array holds no probabilities or labels.

    Example:
        >>> q = np.array([[[0.2, 0.8]], [[0.8, 0.2]]])
        >>> parts = cross_entropy_decomposition(q, np.array([1]))
        >>> parts.expected_loss.round(4), parts.bias.round(4), parts.variance.round(4)
        (array([0.9163]), array([0.6931]), array([0.2231]))

    Source: Heskes (1998), as for `divergence_spread`.
    """
    p, known = _read(probabilities, targets)
    logs = normalized_logs(probabilities)
    center = log_softmax(logs.mean(axis=0))
    ones = np.ones(len(p))
    return Decomposition(
        loss="cross_entropy",
        estimator="plain",
        replicates=len(logs),
        noise_known=known,
        expected_loss=-(p * logs).sum(axis=-1).mean(axis=0),
        noise=np.asarray(entropy(p)),
        bias=(p * (log_probabilities(p) - center)).sum(axis=-1),
        variance=divergence_spread(logs),
        noise_coefficient=ones,
        variance_coefficient=ones,
    )


def domingos_decomposition(probabilities: Replicates, targets: Targets) -> Decomposition:
    """Decompose the 0-1 loss about the main prediction, the most frequent vote.

    P(v ≠ t) = k_N P(t ≠ t*) + [v̂ ≠ t*] + k_V P_D(v ≠ v̂),  t* = argmax p,  v̂ = mode of v
    k_N = P_D(v = t*) − P_D(v ≠ t*) P(v = t | v ≠ t*, t ≠ t*)
    k_V = 1 where v̂ = t*, else −P_D(v = t* | v ≠ v̂)

    The bare terms do not sum. With the coefficients they do, for any number of classes, as long as
    the label t that comes does not depend on D. For two classes k_N = 2 P_D(v = t*) − 1 and
    k_V = ±1: where the main prediction is wrong, variance helps. A conditional probability whose
    condition cannot happen counts as 1, its value for two classes.

    Args:
        probabilities: q, shape (r, n, c); a network votes for the likeliest class.
        targets: Class probabilities p, shape (n, c), where they are known; else labels, (n,).

    Returns:
        The plain terms, with their coefficients. Of equally frequent votes, or likely classes, the
        lower is the main one. Nothing corrects them: the mode fits the replicates it was taken
        from, so the variance is too small; the bias is off where votes are nearly even.

    Raises:
        DataError: If an array holds no probabilities or labels.

    Example:
        >>> votes = np.array([[[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]]])
        >>> parts = domingos_decomposition(votes, np.array([1]))
        >>> parts.expected_loss.round(4), parts.bias, parts.variance.round(4)
        (array([0.6667]), array([1.]), array([0.3333]))
        >>> parts.variance_coefficient
        array([-1.])

    Source: Domingos, "A unified bias-variance decomposition", ICML 2000, theorems 1 and 2 (two
    classes, more classes).
    """
    p, known = _read(probabilities, targets)
    shares = votes(probabilities).mean(axis=0)
    main, best = shares.argmax(axis=-1), p.argmax(axis=-1)
    right, variance = _of(shares, best), 1.0 - _of(shares, main)
    wrong_labels = p * (1.0 - votes(p))
    noise = wrong_labels.sum(axis=-1)
    alike = _ratio((shares * wrong_labels).sum(axis=-1), noise * (1.0 - right))
    return Decomposition(
        loss="zero_one_domingos",
        estimator="plain",
        replicates=len(probabilities),
        noise_known=known,
        expected_loss=1.0 - (shares * p).sum(axis=-1),
        noise=noise,
        bias=(main != best).astype(np.float64),
        variance=variance,
        noise_coefficient=right - (1.0 - right) * alike,
        variance_coefficient=np.where(main == best, 1.0, -_ratio(right, variance)),
    )


def kohavi_wolpert_decomposition(probabilities: Replicates, targets: Targets) -> Decomposition:
    """Decompose the 0-1 loss by the squared distances of distributions of votes.

    P(v ≠ t) = ½ (1 − Σ꜀ p꜀²) + ½ Σ꜀ (P_D(v = c) − p꜀)² + ½ (1 − Σ꜀ P_D(v = c)²)

    It is half of Brier's for votes. Its bias is not zero where votes are right but not unanimous.

    Args:
        probabilities: q, shape (r, n, c); a network votes for the likeliest class.
        targets: Class probabilities p, shape (n, c), where they are known; else labels, (n,).

    Returns:
        The plain terms; they sum, and the corrected ones are unbiased.

    Raises:
        DataError: If an array holds no probabilities or labels.

    Example:
        >>> votes = np.array([[[1.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]]])
        >>> parts = kohavi_wolpert_decomposition(votes, np.array([1]))
        >>> parts.expected_loss.round(4), parts.bias.round(4), parts.variance.round(4)
        (array([0.6667]), array([0.4444]), array([0.2222]))

    Source: Kohavi and Wolpert (1996), as for `kohavi_wolpert_parts`.
    """
    _read(probabilities, targets)
    whole = brier_decomposition(votes(probabilities), targets)
    terms = ("expected_loss", "noise", "bias", "variance")
    halves = {name: getattr(whole, name) / 2.0 for name in terms}
    return replace(whole, loss="zero_one_kohavi_wolpert", **halves)


@dataclass(frozen=True)
class DecompositionMethod:
    """A way to decompose an expected loss, and what it promises.

    Attributes:
        name: The key in DECOMPOSITIONS.
        decompose: (probabilities (r, n, c), targets) -> Decomposition.
        split: (probabilities (r, s, n, c)) -> VarianceParts; None if the variance has no such
            split.
        terms_sum: Whether noise + bias + variance is the expected loss without coefficients.
        correction: What `Decomposition.corrected` does: "exact" leaves no bias, "leading order"
            none to second order in the logits' spread; "none" if there is no correction.
        finite_sample: What the plain terms are off by, for a page.
    """

    name: DecompositionName
    decompose: Callable[[Replicates, Targets], Decomposition]
    split: Callable[[Cells], VarianceParts] | None
    terms_sum: bool
    correction: Literal["exact", "leading order", "none"]
    finite_sample: str


_PLAIN = "the plain variance is too small and the bias as much too large, by the order of 1/r"
_EXACT = f"{_PLAIN}; corrected, neither is off."
_METHODS = (
    DecompositionMethod(
        "brier",
        brier_decomposition,
        squared_error_parts,
        terms_sum=True,
        correction="exact",
        finite_sample=_EXACT,
    ),
    DecompositionMethod(
        "cross_entropy",
        cross_entropy_decomposition,
        cross_entropy_parts,
        terms_sum=True,
        correction="leading order",
        finite_sample=f"{_PLAIN}; corrected, both are nearly right.",
    ),
    DecompositionMethod(
        "zero_one_domingos",
        domingos_decomposition,
        None,
        terms_sum=False,
        correction="none",
        finite_sample="the plain variance is too small, as the main prediction is the mode of the "
        "same votes, and the bias is off where votes are nearly even.",
    ),
    DecompositionMethod(
        "zero_one_kohavi_wolpert",
        kohavi_wolpert_decomposition,
        kohavi_wolpert_parts,
        terms_sum=True,
        correction="exact",
        finite_sample=_EXACT,
    ),
)
DECOMPOSITIONS: Mapping[DecompositionName, DecompositionMethod] = MappingProxyType(
    {method.name: method for method in _METHODS}
)


def _read(probabilities: Replicates, targets: Targets) -> tuple[Float64[np.ndarray, "n c"], bool]:
    """Give p, and whether it is the truth rather than a label."""
    known = targets.ndim == 2
    p = targets.astype(np.float64) if known else one_hot(targets, probabilities.shape[-1])
    for name, rows in (("probabilities", probabilities), ("targets", p)):
        off = np.abs(rows.sum(axis=-1) - 1.0).max(initial=0.0)
        if not (np.isfinite(rows).all() and rows.min(initial=0.0) >= 0.0 and off < 1e-4):
            raise DataError(
                f"`{name}` must be finite, >= 0 and sum to 1 over the last axis, got sums off by "
                f"{off:.2g}; leave out networks that diverged, and pass labels as integers."
            )
    return p / p.sum(axis=-1, keepdims=True), known


def _of(values: Float64[np.ndarray, "n c"], classes: Int[np.ndarray, " n"]) -> Row:
    """Pick one class of each row."""
    return np.take_along_axis(values, classes[:, np.newaxis], axis=-1)[:, 0]


def _ratio(numerator: Row, denominator: Row) -> Row:
    """Divide; 1 where the denominator is zero."""
    return np.divide(numerator, denominator, np.ones_like(numerator), where=denominator > 0.0)
