"""Variance of predictions over replicates, and its split by a two-way design.

Two things vary from one training to the next: the rows that were drawn, and the initialization
(with the order of batches and all else that the seed fixes). Training every resample of the rows
with every seed tells them apart.

Textbook notes often print Var[θ̂] = E[(E[θ̂] − θ)²], which is the squared bias. The variance is
E[(θ̂ − E[θ̂])²]: its center is the mean of the estimates, not the truth.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float64

from levelset.errors import DataError
from levelset.theory.encoding import log_softmax, log_sum_exp, one_hot
from levelset.theory.information import log_probabilities

EstimatorName = Literal["plain", "corrected"]
Replicates = Float64[np.ndarray, "r n c"]
Cells = Float64[np.ndarray, "r s n c"]
Row = Float64[np.ndarray, " n"]


def squared_spread(values: Replicates) -> Row:
    """Measure how far replicates lie from their mean.

    Σ꜀ (1/r) Σᵣ (v_r꜀ − v̄꜀)²

    Args:
        values: Predictions, shape (r, n, c).

    Returns:
        The plain variance (divided by r, not r − 1), summed over classes, shape (n,).

    Example:
        >>> squared_spread(np.array([[[0.2, 0.8]], [[0.6, 0.4]]])).round(4)
        array([0.08])

    Source: Geman, Bienenstock and Doursat, "Neural networks and the bias/variance dilemma", Neural
    Computation 4 (1992), section 3.1.
    """
    return ((values - values.mean(axis=0)) ** 2).sum(axis=-1).mean(axis=0)


def divergence_spread(logs: Replicates) -> Row:
    """Measure how far predicted distributions lie from their normalized geometric mean.

    E_D KL(q̄‖q_D) = −log Σ꜀ exp((1/r) Σᵣ log q_r꜀),  q̄ ∝ exp((1/r) Σᵣ log q_r)

    Args:
        logs: Logarithms of probabilities that sum to one, shape (r, n, c).

    Returns:
        The plain variance, shape (n,), in nats.

    Example:
        >>> divergence_spread(np.log([[[0.2, 0.8]], [[0.8, 0.2]]])).round(4)
        array([0.2231])

    Source: Heskes, "Bias/variance decompositions for likelihood-based estimators", Neural
    Computation 10 (1998).
    """
    return np.asarray(-log_sum_exp(logs.mean(axis=0)))


@dataclass(frozen=True, eq=False)
class VarianceParts:
    """Variance of a fresh network in three parts, by row: what the rows drawn did, the seed, both.

    Attributes:
        loss: The loss whose variance it is.
        estimator: "plain" parts are those of the networks at hand, and they sum exactly to their
            plain variance. "corrected" parts estimate the components of variance of a network on
            new rows with a new seed; each may be negative, which means that it cannot be told
            from zero with so many replicates, not that something was wrong. They are not cut off
            at zero: that would bias every mean over rows.
        resamples: a, the number of data resamples.
        seeds: b, the number of seeds.
        data: What the rows drawn do to the mean over seeds, shape (n,).
        seed: What the seed does to the mean over resamples, shape (n,).
        interaction: What is left: what a seed does with some rows and not with others, shape (n,).
            For cross-entropy it is the remainder, and can be negative even when plain.
    """

    loss: str
    estimator: EstimatorName
    resamples: int
    seeds: int
    data: Row
    seed: Row
    interaction: Row

    @property
    def total(self) -> Row:
        """The variance: the sum of the parts, shape (n,)."""
        return self.data + self.seed + self.interaction

    @property
    def given_data(self) -> Row:
        """What re-training on the same rows varies: seed and interaction together, shape (n,).

        E_data Var(q | data), the second term of the law of total variance.
        """
        return self.seed + self.interaction

    @property
    def of_center(self) -> Row:
        """Variance of the mean over all networks: data/a + seed/b + interaction/(a b), (n,)."""
        a, b = self.resamples, self.seeds
        return self.data / a + self.seed / b + self.interaction / (a * b)

    def corrected(self) -> "VarianceParts":
        """Estimate the components of variance, by equating mean squares with what is expected.

        σ²_ab = M_ab,  σ²_a = (M_a − M_ab)/b,  σ²_b = (M_b − M_ab)/a,  where
        M_a = data · a b/(a − 1),  M_b = seed · a b/(b − 1),
        M_ab = interaction · a b/((a − 1)(b − 1))  of the plain parts.

        Plain parts are off: those of data and seed hold a share of the interaction, and the total
        is too small. These are unbiased for squares, Brier's and Kohavi and Wolpert's. The spread
        of the cross-entropy is a square of the logits to second order, so for it they are right to
        that order: nearly, as long as networks do not disagree wildly.

        Returns:
            The components; itself if it holds them already.

        Source: Searle, Casella and McCulloch, "Variance Components" (1992), chapter 4: balanced
        data, two ways crossed, one observation in a cell.
        """
        if self.estimator == "corrected":
            return self
        a, b = self.resamples, self.seeds
        both = self.interaction * (a * b / ((a - 1) * (b - 1)))
        data = (self.data * (a * b / (a - 1)) - both) / b
        seed = (self.seed * (a * b / (b - 1)) - both) / a
        return replace(self, estimator="corrected", data=data, seed=seed, interaction=both)


def squared_error_parts(predictions: Cells) -> VarianceParts:
    """Split the variance of numbers that networks predict; for probabilities, that of Brier.

    data = Σ꜀ (1/a) Σ_r (q̄_r· − q̄)²,  seed = Σ꜀ (1/b) Σ_s (q̄_·s − q̄)²,
    interaction = Σ꜀ (1/ab) Σ_rs (q_rs − q̄_r· − q̄_·s + q̄)²

    Args:
        predictions: Shape (r, s, n, c): data resamples a = r ≥ 2, seeds b = s ≥ 2.

    Returns:
        Plain parts, which sum exactly to the plain variance.

    Raises:
        DataError: Fewer than two resamples or two seeds.

    Example:
        >>> data, seed = np.array([[0.1], [0.3]]), np.array([[0.0, 0.2]])
        >>> first = data + seed
        >>> parts = squared_error_parts(np.stack([first, 1 - first], axis=-1)[:, :, None])
        >>> parts.data.round(4), parts.seed.round(4), abs(parts.interaction.round(4))
        (array([0.02]), array([0.02]), array([0.]))

    Source: Searle, Casella and McCulloch (1992), chapter 4.
    """
    return _split("brier", predictions, squared_spread, lambda values: values)


def cross_entropy_parts(probabilities: Cells) -> VarianceParts:
    """Split the variance of the cross-entropy, about geometric means.

    data = E_r KL(q̄‖q̄_r·),  seed = E_s KL(q̄‖q̄_·s),  the interaction being what is left of
    E_rs KL(q̄‖q_rs). It holds that E_rs KL(q̄‖q_rs) = E_r KL(q̄‖q̄_r·) + E_rs KL(q̄_r·‖q_rs), so data
    and (seed + interaction) are each ≥ 0; the interaction alone need not be.

    Args:
        probabilities: q, shape (r, s, n, c): data resamples r ≥ 2, seeds s ≥ 2.

    Returns:
        Plain parts in nats, which sum exactly to the plain variance.

    Raises:
        DataError: Fewer than two resamples or two seeds.

    Example:
        >>> q = np.array([0.2, 0.4, 0.6, 0.8]).reshape(2, 2, 1)
        >>> parts = cross_entropy_parts(np.stack([q, 1 - q], axis=-1))
        >>> parts.data.round(4), parts.seed.round(4), parts.interaction.round(4)
        (array([0.0971]), array([0.0298]), array([-0.0051]))

    Source: Heskes (1998), applied twice.
    """
    return _split("cross_entropy", normalized_logs(probabilities), divergence_spread, log_softmax)


def kohavi_wolpert_parts(probabilities: Cells) -> VarianceParts:
    """Split Kohavi and Wolpert's variance of votes: half that of squared error on one-hot votes.

    Args:
        probabilities: q, shape (r, s, n, c): data resamples r ≥ 2, seeds s ≥ 2. A network votes for
            its likeliest class, the lower one of equals.

    Returns:
        Plain parts, which sum exactly to the plain variance.

    Raises:
        DataError: Fewer than two resamples or two seeds.

    Example:
        >>> q = np.array([0.2, 0.4, 0.6, 0.8]).reshape(2, 2, 1)
        >>> parts = kohavi_wolpert_parts(np.stack([q, 1 - q], axis=-1))
        >>> parts.data, parts.seed, parts.interaction
        (array([0.25]), array([0.]), array([0.]))

    Source: Kohavi and Wolpert, "Bias plus variance decomposition for zero-one loss functions", ICML
    1996, with the split of squared error.
    """
    parts = squared_error_parts(votes(probabilities))
    halves = {name: getattr(parts, name) / 2.0 for name in ("data", "seed", "interaction")}
    return replace(parts, loss="zero_one_kohavi_wolpert", **halves)


def votes(probabilities: Float64[np.ndarray, "*n c"]) -> Float64[np.ndarray, "*n c"]:
    """Give each prediction's likeliest class as a one-hot row, the lower one of equals.

    Args:
        probabilities: q, shape (..., c).

    Returns:
        One-hot rows, shape (..., c).

    Example:
        >>> votes(np.array([[0.2, 0.8], [0.5, 0.5]]))
        array([[0., 1.],
               [1., 0.]])

    Source: Bishop, "Pattern Recognition and Machine Learning" (2006), section 1.5.1.
    """
    return one_hot(probabilities.argmax(axis=-1), probabilities.shape[-1])


def normalized_logs(probabilities: Float64[np.ndarray, "*n c"]) -> Float64[np.ndarray, "*n c"]:
    """Take logarithms of probabilities whose rows sum to one only as well as float32 does.

    log q꜀ − log Σₖ qₖ, with `log_probabilities` for the logarithm.

    Args:
        probabilities: q, shape (..., c).

    Returns:
        Finite logarithms of probabilities that sum to one in float64, shape (..., c).

    Example:
        >>> np.exp(normalized_logs(np.array([0.25, 0.25])))
        array([0.5, 0.5])

    Source: as for `log_softmax`.
    """
    return log_softmax(log_probabilities(probabilities))


def _split(
    loss: str,
    values: Cells,
    spread: Callable[[Replicates], Row],
    as_prediction: Callable[[np.ndarray], np.ndarray],
) -> VarianceParts:
    """Split by the means over each axis, which `as_prediction` makes predictions again."""
    a, b = values.shape[:2]
    if a < 2 or b < 2:
        raise DataError(
            f"A split of variance needs at least 2 data resamples and 2 seeds, got {a} and {b}; "
            "train every resample with every seed."
        )
    total = spread(values.reshape(a * b, *values.shape[2:]))
    data = spread(as_prediction(values.mean(axis=1)))
    seed = spread(as_prediction(values.mean(axis=0)))
    return VarianceParts(loss, "plain", a, b, data, seed, total - data - seed)
