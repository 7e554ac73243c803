"""Calibration of one network's probabilities, and what a temperature would gain."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int

from levelset.errors import DataError
from levelset.theory import (
    TEMPERATURE_BOUNDS,
    Interval,
    Reliability,
    ScoreParts,
    bin_codes,
    bin_edges,
    bootstrap_interval,
    calibration_error,
    cross_entropy,
    fit_temperature,
    one_against_rest,
    one_hot,
    prediction_groups,
    reliability,
    split_brier_score,
    split_log_loss,
    tempered,
    top_label,
)
from levelset.theory.calibration import BinningName


class Predicted(NamedTuple):
    """Rows that were predicted, and what came.

    Attributes:
        probabilities: Of classes, shape (n, c).
        labels: Class numbers, shape (n,).
    """

    probabilities: Float[np.ndarray, "n c"]
    labels: Int[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class Calibration:
    """How well predicted probabilities agree with what came, by one way to make bins.

    Attributes:
        binning: "equal_width" or "equal_count".
        bins: The most bins of a table.
        top_label: Confidence in the likeliest class beside the share of rows where it came; its
            `error` is the expected calibration error (ECE).
        classwise: The probability of each class beside the share of rows of it.
        classwise_error: Mean of their errors.
        error_if_calibrated: ECE that is expected of as many rows, in the same bins, if the
            probabilities were right: what finite rows alone make of it.
        p_value: Chance of an ECE at least as large if the probabilities were right.
        brier: The Brier score in parts, over groups by predicted class and bin.
        log_loss: The log loss in parts, over the same groups, in nats.
        n: Rows.
    """

    binning: BinningName
    bins: int
    top_label: Reliability
    classwise: tuple[Reliability, ...]
    classwise_error: float
    error_if_calibrated: float
    p_value: float
    brier: ScoreParts
    log_loss: ScoreParts
    n: int


def measure_calibration(
    predicted: Predicted,
    *,
    generator: np.random.Generator,
    bins: int = 15,
    binning: BinningName = "equal_width",
    level: float = 0.95,
    draws: int = 200,
) -> Calibration:
    """Measure how well a network's probabilities agree with what came.

    Args:
        predicted: Of rows that did not train the network.
        generator: Where the labels of calibrated networks come from.
        bins: The most bins of a table.
        binning: "equal_width" or "equal_count".
        level: Confidence of the tables' intervals.
        draws: Sets of labels, drawn from the probabilities, that say what calibrated ones give.

    Returns:
        Tables, errors and scores.

    Raises:
        DataError: If the arrays hold no probabilities and labels of the same rows.

    Example:
        >>> from levelset.seeds import stream
        >>> sure = Predicted(np.array([[0.1, 0.9]] * 20), np.array([0, 1] * 10))
        >>> found = measure_calibration(sure, generator=stream(0, "labels"))
        >>> round(found.top_label.error, 4), found.p_value < 0.01
        (0.4, True)

    Source: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017;
    Bröcker and Smith, "Increasing the reliability of reliability diagrams", Weather and Forecasting
    22 (2007), for labels drawn from the probabilities.
    """
    q, labels = _read(predicted)
    scores, events = top_label(q, labels)
    top = reliability(scores, events, bins=bins, binning=binning, level=level)
    classwise = tuple(
        reliability(*one_against_rest(q, labels, c), bins=bins, binning=binning, level=level)
        for c in range(q.shape[1])
    )
    drawn = _errors_if_calibrated(scores, bin_codes(scores, top.edges), generator, draws)
    groups = prediction_groups(q, bins, binning)
    return Calibration(
        binning=binning,
        bins=bins,
        top_label=top,
        classwise=classwise,
        classwise_error=float(np.mean([table.error for table in classwise])),
        error_if_calibrated=float(drawn.mean()),
        p_value=float((1 + (drawn >= top.error).sum()) / (1 + draws)),
        brier=split_brier_score(q, labels, groups),
        log_loss=split_log_loss(q, labels, groups),
        n=len(labels),
    )


@dataclass(frozen=True)
class TemperatureGain:
    """What dividing all logits by one number would gain, without changing any decision.

    Attributes:
        temperature: T, fitted on all validation rows; above 1 where the network is too sure.
        at_bound: Whether the best T lies at an end of `theory.TEMPERATURE_BOUNDS`, so that none
            is best.
        gain: Log loss before less after, in nats a row; its n is the number of test rows.
        log_loss_before: Mean over the test rows.
        log_loss_after: The same with the temperature.
        error_before: ECE of the likeliest class, in 15 bins of equal width.
        error_after: The same with the temperature.
        cross_fitted: Whether the test rows were the validation rows, each tempered by the fit to
            the other folds.
    """

    temperature: float
    at_bound: bool
    gain: Interval
    log_loss_before: float
    log_loss_after: float
    error_before: float
    error_after: float
    cross_fitted: bool


def temperature_gain(
    validation: Predicted,
    test: Predicted | None = None,
    *,
    generator: np.random.Generator,
    folds: int = 5,
    level: float = 0.95,
    draws: int = 2000,
) -> TemperatureGain:
    """Fit a temperature on validation rows and measure what it gains on others.

    Args:
        validation: To fit on; rows that did not train the network.
        test: To measure on. If None, validation rows are used for both by cross-fitting: each fold
            is tempered by the temperature of the other folds.
        generator: Where the folds and the bootstrap come from.
        folds: Number of folds, ≥ 2.
        level: Confidence of the gain's interval, the BCa bootstrap over test rows.
        draws: Resamples of the test rows.

    Returns:
        The temperature and its gain; the interval holds for the fitted temperature.

    Raises:
        DataError: If the arrays hold no probabilities and labels of the same rows, or there are
            fewer rows than folds.

    Example:
        >>> from levelset.seeds import stream
        >>> sure = Predicted(np.array([[0.1, 0.9]] * 40), np.array([1, 1, 1, 0] * 10))
        >>> found = temperature_gain(sure, sure, generator=stream(0, "temperature"))
        >>> round(found.temperature, 3), round(found.gain.estimate, 4), found.gain.n
        (2.0, 0.0923, 40)

    Source: Guo et al. (2017), section 4.2.
    """
    q, labels = _read(validation)
    temperature = fit_temperature(q, labels)
    if test is None:
        before, kept = q, labels
        after = _cross_fitted(q, labels, generator, folds)
    else:
        before, kept = _read(test)
        after = tempered(before, temperature)
    y = one_hot(kept, before.shape[1])
    losses = np.stack([cross_entropy(y, before), cross_entropy(y, after)])
    return TemperatureGain(
        temperature=temperature,
        at_bound=temperature in TEMPERATURE_BOUNDS,
        gain=bootstrap_interval(losses[0] - losses[1], generator, level, draws),
        log_loss_before=float(losses[0].mean()),
        log_loss_after=float(losses[1].mean()),
        error_before=_top_label_error(before, kept),
        error_after=_top_label_error(after, kept),
        cross_fitted=test is None,
    )


def _read(
    predicted: Predicted,
) -> tuple[Float64[np.ndarray, "n c"], Int[np.ndarray, " n"]]:
    """Check the arrays; rows of float32 are made to sum to one in float64."""
    q, labels = np.asarray(predicted.probabilities, np.float64), np.asarray(predicted.labels)
    if q.ndim != 2 or labels.shape != q.shape[:1] or len(q) == 0 or labels.dtype.kind not in "iu":
        raise DataError(
            "Calibration needs `probabilities` (n, c) and whole numbers `labels` (n,), n >= 1, got "
            f"shapes {q.shape} and {labels.shape}; pass one network's probabilities at a time, and "
            "class numbers."
        )
    sums = q.sum(axis=1, keepdims=True)
    if not (np.isfinite(q).all() and q.min() >= 0.0 and np.abs(sums - 1.0).max() < 1e-4):
        raise DataError(
            "`probabilities` must be finite, >= 0 and sum to 1 in every row, got sums from "
            f"{sums.min():.4g} to {sums.max():.4g}; pass probabilities, not logits, and leave out "
            "a network that diverged."
        )
    return q / sums, labels


def _errors_if_calibrated(
    scores: np.ndarray, codes: np.ndarray, generator: np.random.Generator, draws: int
) -> Float64[np.ndarray, " r"]:
    """ECE of events that come exactly as often as predicted, shape (r,)."""
    events = generator.random((draws, scores.size)) < scores
    return np.array([calibration_error(scores, came.astype(int), codes) for came in events])


def _cross_fitted(
    q: Float64[np.ndarray, "n c"], labels: np.ndarray, generator: np.random.Generator, folds: int
) -> Float64[np.ndarray, "n c"]:
    if not 2 <= folds <= len(labels):
        raise DataError(
            f"Cross-fitting needs from 2 folds to as many as rows, got {folds} folds of "
            f"{len(labels)} rows; pass `test` rows, or other `folds`."
        )
    fold = generator.permutation(len(labels)) % folds
    after = np.empty_like(q)
    for number in range(folds):
        held = fold == number
        after[held] = tempered(q[held], fit_temperature(q[~held], labels[~held]))
    return after


def _top_label_error(q: Float64[np.ndarray, "n c"], labels: np.ndarray) -> float:
    scores, events = top_label(q, labels)
    return calibration_error(
        scores, events, bin_codes(scores, bin_edges(scores, 15, "equal_width"))
    )
