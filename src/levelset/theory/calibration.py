"""Calibration: whether events that are predicted with 70 % come 70 times in 100.

Rows are put in bins of like predictions, and in each the mean prediction is set beside the share of
rows where the event came. What is found depends on the bins, so every result here says how they
were made, and counts its rows.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float64, Int

from levelset.errors import DataError
from levelset.theory.encoding import one_hot, softmax
from levelset.theory.information import log_probabilities
from levelset.theory.losses import softmax_cross_entropy
from levelset.theory.statistics import wilson_interval

BinningName = Literal["equal_width", "equal_count"]
Scores = Float64[np.ndarray, " n"]
Codes = Int[np.ndarray, " n"]
Predictions = Float64[np.ndarray, "n c"]


@dataclass(frozen=True, eq=False)
class Reliability:
    """A reliability table: predicted and observed shares in k bins of predictions.

    Attributes:
        binning: "equal_width" or "equal_count".
        edges: Ends of the bins, ascending, shape (k + 1,). Each bin holds its upper end, the first
            its lower one too.
        counts: Rows in each, shape (k,).
        predicted: Their mean prediction, NaN of an empty bin, shape (k,).
        observed: Their share of events, NaN of an empty bin, shape (k,).
        low: Lower end of Wilson's interval of the observed share, shape (k,).
        high: Upper end, shape (k,).
        level: Confidence of the intervals, each bin by itself.
        error: The expected calibration error of these bins, as `calibration_error`.
    """

    binning: BinningName
    edges: Float64[np.ndarray, " k1"]
    counts: Int[np.ndarray, " k"]
    predicted: Float64[np.ndarray, " k"]
    observed: Float64[np.ndarray, " k"]
    low: Float64[np.ndarray, " k"]
    high: Float64[np.ndarray, " k"]
    level: float
    error: float

    @property
    def worst(self) -> float:
        """The maximum calibration error, maxₖ |observedₖ − predictedₖ| (Naeini et al., 2015)."""
        return float(np.nanmax(np.abs(self.observed - self.predicted)))


def bin_edges(scores: Scores, bins: int, binning: BinningName) -> Float64[np.ndarray, " k1"]:
    """Cut [0, 1] into bins of predictions.

    "equal_width": the ends are 0, 1/k, …, 1. "equal_count": they are the quantiles of the scores,
    so that bins hold equally many rows; equal scores stay together, and equal ends make one.

    Args:
        scores: Predicted probabilities, shape (n,), n ≥ 1.
        bins: The most bins, ≥ 1.
        binning: Which of the two.

    Returns:
        Ascending ends of k ≤ bins bins, shape (k + 1,).

    Raises:
        DataError: No scores, a score outside [0, 1], no bins, or a binning that there is not.

    Example:
        >>> bin_edges(np.array([0.1, 0.2, 0.3, 0.9]), 2, "equal_count")
        array([0.1 , 0.25, 0.9 ])

    Source: Nixon, Dusenberry, Zhang, Jerfel and Tran, "Measuring calibration in deep learning",
    CVPR Workshops 2019 (equal counts: adaptive calibration error).
    """
    if binning not in ("equal_width", "equal_count") or bins < 1:
        raise DataError(
            '`binning` must be "equal_width" or "equal_count" and `bins` >= 1, got '
            f"{binning!r} and {bins}."
        )
    if scores.size == 0 or not ((scores >= 0.0) & (scores <= 1.0)).all():
        raise DataError(
            "`scores` must hold at least one probability, all from 0 to 1, got shape "
            f"{scores.shape}; leave out networks that diverged."
        )
    shares = np.linspace(0.0, 1.0, bins + 1)
    if binning == "equal_width":
        return shares
    ends = np.unique(np.quantile(scores, shares))
    return ends if ends.size > 1 else np.repeat(ends, 2)


def bin_codes(scores: Scores, edges: Float64[np.ndarray, " k1"]) -> Codes:
    """Number the bin of each score.

    Bin j is (edge_j, edge_{j+1}], and bin 0 holds its lower end too.

    Args:
        scores: Predicted probabilities, shape (n,).
        edges: Of `bin_edges`, shape (k + 1,).

    Returns:
        Numbers from 0 to k − 1, shape (n,).

    Example:
        >>> bin_codes(np.array([0.0, 0.5, 0.6]), np.array([0.0, 0.5, 1.0]))
        array([0, 0, 1])

    Source: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017,
    section 2: intervals open below.
    """
    return np.searchsorted(edges[1:-1], scores)


def reliability(
    scores: Scores,
    events: Codes,
    *,
    bins: int = 15,
    binning: BinningName = "equal_width",
    level: float = 0.95,
) -> Reliability:
    """Set the predicted probability of an event beside its observed share.

    predictedₖ = (1/nₖ) Σ_{i in k} sᵢ,  observedₖ = (1/nₖ) Σ_{i in k} eᵢ

    Args:
        scores: Predicted probabilities s of the event, shape (n,).
        events: Whether it came, 0 or 1, shape (n,).
        bins: The most bins; 15 is usual (Guo et al., 2017).
        binning: "equal_width" or "equal_count".
        level: Confidence of the intervals.

    Returns:
        The table.

    Raises:
        DataError: As `bin_edges`; events that are not 0 or 1; a level outside (0, 1).

    Example:
        >>> table = reliability(np.array([0.2, 0.4, 0.9]), np.array([0, 1, 1]), bins=2)
        >>> table.counts, table.predicted.round(4), table.observed, round(table.error, 4)
        (array([2, 1]), array([0.3, 0.9]), array([0.5, 1. ]), 0.1667)

    Source: Murphy and Winkler, "Reliability of subjective probability forecasts of precipitation
    and temperature", Applied Statistics 26 (1977).
    """
    _require_codes("events", events, 2)
    edges = bin_edges(scores, bins, binning)
    codes, kept = bin_codes(scores, edges), edges.size - 1
    counts = np.bincount(codes, minlength=kept)
    came = np.bincount(codes, weights=events, minlength=kept)
    filled = np.maximum(counts, 1)
    empty = np.where(counts > 0, 0.0, np.nan)
    ends = np.full((kept, 2), np.nan)
    for k in np.flatnonzero(counts):
        interval = wilson_interval(int(came[k]), int(counts[k]), level)
        ends[k] = interval.low, interval.high
    return Reliability(
        binning=binning,
        edges=edges,
        counts=counts,
        predicted=np.bincount(codes, weights=scores, minlength=kept) / filled + empty,
        observed=came / filled + empty,
        low=ends[:, 0],
        high=ends[:, 1],
        level=level,
        error=calibration_error(scores, events, codes),
    )


def calibration_error(scores: Scores, events: Codes, codes: Codes) -> float:
    """Measure how far predicted shares lie from observed ones: the expected calibration error.

    ECE = Σₖ (nₖ/n) |observedₖ − predictedₖ| = (1/n) Σₖ |Σ_{i in k} (eᵢ − sᵢ)|

    It depends on the bins, and of few rows it is too large: even a calibrated network's is not 0.

    Args:
        scores: Predicted probabilities s of the event, shape (n,), n ≥ 1.
        events: Whether it came, 0 or 1, shape (n,).
        codes: Numbers of bins, shape (n,).

    Returns:
        The error, from 0 to 1.

    Example:
        >>> error = calibration_error(np.array([0.2, 0.4]), np.array([0, 1]), np.array([0, 0]))
        >>> round(error, 4)
        0.2

    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", AAAI 2015; Bröcker and Smith, "Increasing the reliability of reliability diagrams",
    Weather and Forecasting 22 (2007), for what finite rows do.
    """
    return float(np.abs(np.bincount(codes, weights=events - scores)).sum() / scores.size)


def top_label(probabilities: Predictions, labels: Codes) -> tuple[Scores, Codes]:
    """Give the confidence in the likeliest class, and whether that class came.

    sᵢ = max꜀ qᵢ꜀,  eᵢ = [argmax꜀ qᵢ꜀ = yᵢ]

    Args:
        probabilities: q, shape (n, c).
        labels: Class numbers y, shape (n,).

    Returns:
        Scores and events, as `reliability` takes them, each (n,).

    Raises:
        DataError: No rows, or a label that is no class.

    Example:
        >>> top_label(np.array([[0.2, 0.8], [0.7, 0.3]]), np.array([1, 1]))
        (array([0.8, 0.7]), array([1, 0]))

    Source: Guo et al. (2017), section 2.
    """
    _require_codes("labels", labels, probabilities.shape[1])
    hits = probabilities.argmax(axis=1) == labels
    return probabilities.max(axis=1), hits.astype(np.int64)


def one_against_rest(
    probabilities: Predictions, labels: Codes, class_number: int
) -> tuple[Scores, Codes]:
    """Give the probability of one class, and whether it came; classwise calibration, for each.

    sᵢ = qᵢ꜀,  eᵢ = [yᵢ = c]

    Args:
        probabilities: q, shape (n, c).
        labels: Class numbers y, shape (n,).
        class_number: c.

    Returns:
        Scores and events, as `reliability` takes them, each (n,).

    Raises:
        DataError: No rows, or a label that is no class.

    Example:
        >>> one_against_rest(np.array([[0.2, 0.8], [0.7, 0.3]]), np.array([1, 1]), 1)
        (array([0.8, 0.3]), array([1, 1]))

    Source: Kull, Perello-Nieto, Kängsepp, Silva Filho, Song and Flach, "Beyond temperature
    scaling", NeurIPS 2019: classwise ECE is the mean of the errors of these tables.
    """
    _require_codes("labels", labels, probabilities.shape[1])
    return probabilities[:, class_number], (labels == class_number).astype(np.int64)


def prediction_groups(probabilities: Predictions, bins: int, binning: BinningName) -> Codes:
    """Group rows by predicted class and, in it, by the bin of its probability.

    Args:
        probabilities: q, shape (n, c).
        bins: The most bins of the likeliest class's probability, over all rows.
        binning: "equal_width" or "equal_count".

    Returns:
        Numbers of groups, shape (n,).

    Raises:
        DataError: As `bin_edges`.

    Example:
        >>> prediction_groups(np.array([[0.2, 0.8], [0.1, 0.9], [0.7, 0.3]]), 5, "equal_width")
        array([8, 9, 3])

    Source: Guo et al. (2017), section 2, for the bins; the classes are kept apart so that the mean
    prediction of a group is like its rows'.
    """
    scores = probabilities.max(axis=1)
    edges = bin_edges(scores, bins, binning)
    return probabilities.argmax(axis=1) * (edges.size - 1) + bin_codes(scores, edges)


def tempered(probabilities: Predictions, temperature: float) -> Predictions:
    """Soften or sharpen predictions without changing which class is likeliest.

    q꜀(T) = softmax(z/T)꜀ = q꜀^{1/T} / Σₖ qₖ^{1/T}

    Args:
        probabilities: q = softmax(z), shape (n, c).
        temperature: T > 0; above 1 softens.

    Returns:
        Probabilities, shape (n, c).

    Example:
        >>> tempered(np.array([[0.1, 0.9]]), 2.0)
        array([[0.25, 0.75]])

    Source: Guo et al. (2017), equation 9.
    """
    return softmax(log_probabilities(probabilities) / temperature)


TEMPERATURE_BOUNDS = (0.01, 100.0)
"""Where a temperature is sought: at the ends, no finite one is best."""


def fit_temperature(probabilities: Predictions, labels: Codes) -> float:
    """Find the temperature of least log loss, on rows that did not train the network.

    T = argmin Σᵢ −log q_{i,yᵢ}(T), over log T; the loss is convex in 1/T, so it has one minimum.

    Args:
        probabilities: q of validation rows, shape (n, c).
        labels: Their class numbers, shape (n,).

    Returns:
        T within TEMPERATURE_BOUNDS. The lower one means that every row is predicted right, so that
        no T > 0 is best; the upper one that the predictions tell nothing of the labels.

    Raises:
        DataError: No rows, or a label that is no class.

    Example:
        >>> sure = np.array([[0.1, 0.9]] * 4)
        >>> round(fit_temperature(sure, np.array([1, 1, 1, 0])), 4)
        2.0

    Source: Guo et al. (2017), section 4.2.
    """
    from scipy.optimize import minimize_scalar

    _require_codes("labels", labels, probabilities.shape[1])
    logs = log_probabilities(probabilities)
    y = one_hot(labels, probabilities.shape[1])

    def loss(log_temperature: float) -> float:
        return float(softmax_cross_entropy(logs / math.exp(log_temperature), y).mean())

    low, high = TEMPERATURE_BOUNDS
    ends = math.log(low), math.log(high)
    found: Any = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-8})
    candidates = {low: ends[0], high: ends[1], math.exp(found.x): found.x}
    return min(candidates, key=lambda temperature: loss(candidates[temperature]))


def _require_codes(name: str, codes: Codes, count: int) -> None:
    if codes.size == 0 or codes.min() < 0 or codes.max() >= count:
        given = f"numbers from {codes.min()} to {codes.max()}" if codes.size else "no rows"
        raise DataError(f"`{name}` must hold numbers from 0 to {count - 1}, got {given}.")
