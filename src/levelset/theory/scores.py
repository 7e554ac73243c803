"""Proper scores in parts: how reliable predictions are, and how well they tell rows apart.

A mean score over rows in groups of equal predictions is reliability − resolution + uncertainty.
Where the predictions of a group differ, two terms of what is inside the groups make the sum exact.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from levelset.errors import DataError
from levelset.theory.encoding import log_softmax, log_sum_exp, one_hot
from levelset.theory.information import entropy, kl_divergence, log_probabilities
from levelset.theory.variance import normalized_logs

Codes = Int[np.ndarray, " n"]
Predictions = Float64[np.ndarray, "n c"]


@dataclass(frozen=True)
class ScoreParts:
    """A mean score in parts, of rows in groups of like predictions.

    score = reliability − resolution + uncertainty + within_variance − within_covariance

    Attributes:
        score: The mean Brier score, or the mean log loss in nats.
        reliability: How far the groups' predictions lie from what was observed; 0 is best.
        resolution: How far what was observed differs between groups; more is better.
        uncertainty: The score of predicting the share of each class for every row.
        within_variance: Spread of the predictions inside groups; 0 if they are equal there.
        within_covariance: What that spread told of the labels; 0 if they are equal there.
        groups: The number of groups that hold a row.
        n: The number of rows.
    """

    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float
    groups: int
    n: int

    @property
    def generalized_resolution(self) -> float:
        """Resolution − within_variance + within_covariance, so that three terms sum."""
        return self.resolution - self.within_variance + self.within_covariance


def split_brier_score(probabilities: Predictions, labels: Codes, groups: Codes) -> ScoreParts:
    """Split the mean Brier score, Σ꜀ (qᵢ꜀ − yᵢ꜀)², over any groups of rows.

    With means q̄ₖ, ȳₖ of group k and ȳ of all rows, y one-hot, all terms summed over classes:
    reliability = Σₖ (nₖ/n) (q̄ₖ − ȳₖ)²,  resolution = Σₖ (nₖ/n) (ȳₖ − ȳ)²,  uncertainty = ȳ(1 − ȳ),
    within_variance = (1/n) Σᵢ (qᵢ − q̄ₖ)²,  within_covariance = (2/n) Σᵢ (qᵢ − q̄ₖ)(yᵢ − ȳₖ)

    Args:
        probabilities: q, shape (n, c).
        labels: Class numbers y, shape (n,).
        groups: Numbers of the groups, shape (n,); those of `prediction_groups`, or others.

    Returns:
        The parts, which sum. Of few rows a group, reliability and resolution are both too large
        (Bröcker, "Estimating reliability and resolution of probability forecasts through
        decomposition of the empirical score", Climate Dynamics 39, 2012).

    Raises:
        DataError: No rows, or a label that is no class.

    Example:
        >>> q, y = np.array([[0.2, 0.8], [0.2, 0.8], [0.6, 0.4]]), np.array([1, 0, 0])
        >>> parts = split_brier_score(q, y, np.array([0, 0, 1]))
        >>> round(parts.reliability, 4), round(parts.resolution, 4), round(parts.uncertainty, 4)
        (0.2267, 0.1111, 0.4444)

    Source: Murphy, "A new vector partition of the probability score", Journal of Applied
    Meteorology 12 (1973); Stephenson, Coelho and Jolliffe, "Two extra components in the Brier score
    decomposition", Weather and Forecasting 23 (2008), the within terms.
    """
    y, codes, counts = _read(probabilities, labels, groups)
    predicted, observed = _group_means(probabilities, codes), _group_means(y, codes)
    weights, shares = counts / len(y), y.mean(axis=0)
    spread, told = probabilities - predicted[codes], y - observed[codes]
    return ScoreParts(
        score=float(((probabilities - y) ** 2).sum(axis=1).mean()),
        reliability=float(weights @ ((predicted - observed) ** 2).sum(axis=1)),
        resolution=float(weights @ ((observed - shares) ** 2).sum(axis=1)),
        uncertainty=float((shares * (1.0 - shares)).sum()),
        within_variance=float((spread**2).sum(axis=1).mean()),
        within_covariance=float(2.0 * (spread * told).sum(axis=1).mean()),
        groups=counts.size,
        n=len(y),
    )


def split_log_loss(probabilities: Predictions, labels: Codes, groups: Codes) -> ScoreParts:
    """Split the mean log loss, −log q of the class that came, over any groups of rows.

    With the normalized geometric mean q̄ₖ of the predictions of group k, the shares ȳₖ of classes in
    it and ȳ of all rows: reliability = Σₖ (nₖ/n) KL(ȳₖ‖q̄ₖ),  resolution = Σₖ (nₖ/n) KL(ȳₖ‖ȳ),
    uncertainty = H(ȳ),  within_variance = (1/n) Σᵢ KL(q̄ₖ‖qᵢ),
    within_covariance = (1/n) Σᵢ Σ꜀ (yᵢ꜀ − ȳₖ꜀)(log qᵢ꜀ − mean of log q꜀ in k)

    Args:
        probabilities: q, shape (n, c); zeros count as `log_probabilities` says.
        labels: Class numbers y, shape (n,).
        groups: Numbers of the groups, shape (n,).

    Returns:
        The parts in nats, which sum; biased for few rows a group like those of `split_brier_score`.

    Raises:
        DataError: No rows, or a label that is no class.

    Example:
        >>> q, y = np.array([[0.2, 0.8], [0.2, 0.8], [0.6, 0.4]]), np.array([1, 0, 0])
        >>> parts = split_log_loss(q, y, np.array([0, 0, 1]))
        >>> round(parts.score, 4), round(parts.uncertainty, 4)
        (0.7811, 0.6365)

    Source: Bröcker, "Reliability, sufficiency, and the decomposition of proper scores", Quarterly
    Journal of the Royal Meteorological Society 135 (2009), for equal predictions in a group; the
    within terms are those of Stephenson et al. (2008) about the center of Heskes (1998).
    """
    y, codes, counts = _read(probabilities, labels, groups)
    logs = normalized_logs(probabilities)
    means, observed = _group_means(logs, codes), _group_means(y, codes)
    weights, shares = counts / len(y), y.mean(axis=0)
    divergence = (observed * (log_probabilities(observed) - log_softmax(means))).sum(axis=1)
    told = (y - observed[codes]) * (logs - means[codes])
    return ScoreParts(
        score=float(-(y * logs).sum(axis=1).mean()),
        reliability=float(weights @ divergence),
        resolution=float(
            weights @ kl_divergence(observed, np.broadcast_to(shares, observed.shape))
        ),
        uncertainty=float(entropy(shares)),
        within_variance=float(weights @ -log_sum_exp(means)),
        within_covariance=float(told.sum(axis=1).mean()),
        groups=counts.size,
        n=len(y),
    )


def _read(
    probabilities: Predictions, labels: Codes, groups: Codes
) -> tuple[Predictions, Codes, Int[np.ndarray, " k"]]:
    """Give one-hot labels, the groups numbered without gaps, and their counts."""
    if labels.size == 0:
        raise DataError("A mean score needs at least one row, got none.")
    _, codes, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return one_hot(labels, probabilities.shape[1]), codes, counts


def _group_means(values: Predictions, codes: Codes) -> Float64[np.ndarray, "k c"]:
    sums = np.stack([np.bincount(codes, weights=column) for column in values.T], axis=1)
    return sums / np.bincount(codes)[:, np.newaxis]
