"""Bias and variance of a recipe: is its error one of aim, or of luck?

A fleet of one recipe, trained on resamples of the rows with several seeds each, shows how much of
the expected loss every such network shares, and how much the rows drawn and the seed make.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Float64, Int

from levelset.engine import Member, Recipe
from levelset.errors import DataError, RecipeError
from levelset.theory import (
    DECOMPOSITIONS,
    Decomposition,
    Interval,
    VarianceParts,
    standard_error_interval,
)
from levelset.theory.decomposition import DecompositionName
from levelset.theory.variance import EstimatorName

SamplingName = Literal["bootstrap", "disjoint"]


@dataclass(frozen=True, eq=False)
class TwoWayDesign:
    """Members of one recipe: every resample of the rows with every seed.

    Attributes:
        members: In the order of resamples and, within each, of seeds.
        resamples: a.
        seeds: b.
    """

    members: tuple[Member, ...]
    resamples: int
    seeds: int

    def cells(self, predictions: Float[np.ndarray, "m n c"]) -> Float[np.ndarray, "r s n c"]:
        """Arrange what a fleet of these members gives by resample and seed.

        Args:
            predictions: Of `Fleet.predict_proba`, shape (m, n, c).

        Returns:
            A view, shape (a, b, n, c).

        Raises:
            DataError: If they are not of as many members.
        """
        if len(predictions) != len(self.members):
            raise DataError(
                f"The design has {len(self.members)} members, {self.resamples} resamples x "
                f"{self.seeds} seeds, got predictions of {len(predictions)}; train all of "
                "`members`, in their order."
            )
        return predictions.reshape(self.resamples, self.seeds, *predictions.shape[1:])


def two_way_design(
    recipe: Recipe,
    rows: int,
    *,
    resamples: int,
    seeds: Sequence[int],
    generator: np.random.Generator,
    sampling: SamplingName = "bootstrap",
) -> TwoWayDesign:
    """Make the members that tell apart what the rows do and what the seed does.

    "bootstrap" draws as many rows as there are, with replacement: networks of almost the full
    training size, but samples of one table, about 63 % of whose rows are in each. "disjoint" shares
    the rows out: samples that are as independent as the rows, of the a-th part of the size.

    Args:
        recipe: Of every member.
        rows: Training rows of the fleet's table.
        resamples: a ≥ 1, samples of the rows.
        seeds: Of the networks; the same for every sample, and all different.
        generator: Where the samples come from.
        sampling: "bootstrap" or "disjoint".

    Returns:
        a · b members.

    Raises:
        RecipeError: No samples or seeds, a seed twice, or more disjoint samples than rows.

    Example:
        >>> from levelset.seeds import stream
        >>> design = two_way_design(
        ...     Recipe(), 100, resamples=3, seeds=(0, 1), generator=stream(0, "resamples")
        ... )
        >>> [member.seed for member in design.members]
        [0, 1, 0, 1, 0, 1]

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 6; Kohavi and
    Wolpert (1996) for disjoint samples.
    """
    if resamples < 1 or not seeds or len(set(seeds)) < len(seeds):
        raise RecipeError(
            "A two-way design needs at least 1 resample and 1 seed, every seed once, got "
            f"{resamples} and {list(seeds)}."
        )
    if sampling == "bootstrap":
        samples = [generator.integers(rows, size=rows) for _ in range(resamples)]
    elif rows < resamples:
        raise RecipeError(
            f"{resamples} disjoint samples need at least as many rows, got {rows}; ask for fewer, "
            'or for `sampling="bootstrap"`.'
        )
    else:
        size = rows // resamples
        samples = list(generator.permutation(rows)[: size * resamples].reshape(resamples, size))
    members = tuple(Member(recipe, seed, rows=sample) for sample in samples for seed in seeds)
    return TwoWayDesign(members, resamples, len(seeds))


@dataclass(frozen=True, eq=False)
class BiasVariance:
    """The expected loss of a recipe in its parts, as means over rows.

    Intervals say how far the estimate may be off because only so many samples of the training rows
    were drawn; their n is the number of those. They hold for these seeds and these rows.

    Attributes:
        loss: The key in `theory.DECOMPOSITIONS`.
        estimator: "corrected" or "plain": of bias, variance and the parts.
        noise_known: Whether noise was told apart. If not, it is inside the bias.
        terms_sum: Whether noise + bias + variance is the expected loss. If not, net_noise + bias +
            net_variance is.
        finite_sample: What the terms are off by, plain and corrected, in words.
        expected_loss: Of one network; in nats for cross-entropy.
        noise: What the truth leaves open; 0 where it is not known.
        bias: What the central prediction loses beside it (squared, for Brier).
        variance: How far networks lie from the central prediction.
        net_noise: Mean of noise times its coefficient.
        net_variance: Mean of variance times its coefficient: what variance costs in the end.
        data: Part of the variance that the rows drawn make; None with one seed, or for Domingos.
        seed: Part that the seed makes whatever the rows.
        interaction: Part that the seed makes with some rows and not with others.
        by_row: The decomposition of each row.
        parts_by_row: The parts of its variance, or None.
        resamples: a.
        seeds: b.
        rows: n.
    """

    loss: DecompositionName
    estimator: EstimatorName
    noise_known: bool
    terms_sum: bool
    finite_sample: str
    expected_loss: Interval
    noise: Interval
    bias: Interval
    variance: Interval
    net_noise: Interval
    net_variance: Interval
    data: Interval | None
    seed: Interval | None
    interaction: Interval | None
    by_row: Decomposition
    parts_by_row: VarianceParts | None
    resamples: int
    seeds: int
    rows: int


def bias_variance(
    cells: Float[np.ndarray, "r s n c"],
    targets: Int[np.ndarray, " n"] | Float64[np.ndarray, "n c"],
    loss: DecompositionName,
    *,
    generator: np.random.Generator,
    estimator: EstimatorName | None = None,
    level: float = 0.95,
    draws: int = 200,
) -> BiasVariance:
    """Decompose the expected loss of a two-way design, with intervals.

    The interval of a mean over rows is that mean ± t_{a−1} times its bootstrap standard error, over
    `draws` samples with replacement of the a data resamples, each with all its seeds. The
    percentiles of those samples would be off: repeats make the variance of each too small. In the
    simulation of the tests, 95 % intervals of the variance hold the truth about nine times in ten
    at 12 resamples; those of the bias are wide.

    Args:
        cells: Class probabilities, shape (a, b, n, c), of `TwoWayDesign.cells`, a ≥ 2; on rows
            that no member was trained on.
        targets: Class probabilities (n, c) where they are known, else labels (n,).
        loss: "brier", "cross_entropy", "zero_one_domingos" or "zero_one_kohavi_wolpert".
        generator: Where the bootstrap comes from.
        estimator: "plain" or "corrected"; by default corrected where that is possible.
        level: Confidence in (0, 1).
        draws: Bootstrap samples; 200 are enough for a standard error.

    Returns:
        The terms, their intervals, and the terms of each row.

    Raises:
        DataError: If there is one resample, a probability is not finite, the arrays hold no
            probabilities or labels, or nothing corrects the terms.

    Example:
        >>> from levelset.seeds import stream
        >>> yes = stream(0, "votes").uniform(0.3, 0.9, size=(8, 2, 5))
        >>> cells, labels = np.stack([1 - yes, yes], axis=-1), np.array([1, 1, 1, 1, 0])
        >>> found = bias_variance(cells, labels, "brier", generator=stream(0, "bootstrap"))
        >>> round(found.bias.estimate + found.variance.estimate, 4)
        0.4705
        >>> round(found.expected_loss.estimate, 4)
        0.4705

    Source: Efron and Tibshirani (1993), chapter 6 (standard errors; 200 samples) and section 12.2
    (Student's t); the terms are those of `theory.decomposition` and `theory.variance`.
    """
    method = DECOMPOSITIONS[loss]
    resamples, seeds, rows, _ = cells.shape
    if resamples < 2 or not np.isfinite(cells).all():
        raise DataError(
            "Bias and variance need at least 2 data resamples and finite probabilities, got "
            f"{resamples} resamples and {int((~np.isfinite(cells)).sum())} numbers that are not "
            "finite; of networks that diverged, leave out the whole resample or the whole seed."
        )
    cells = cells.astype(np.float64)
    named = estimator or ("plain" if method.correction == "none" else "corrected")
    by_row, parts = _decompose(cells, targets, loss, named)
    means = _means(by_row, parts)
    resampled = [
        _means(*_decompose(cells[picked], targets, loss, named))
        for picked in generator.integers(resamples, size=(draws, resamples))
    ]
    intervals = {
        name: standard_error_interval(
            mean, float(np.std([draw[name] for draw in resampled], ddof=1)), resamples, level
        )
        for name, mean in means.items()
    }
    return BiasVariance(
        loss=loss,
        estimator=named,
        noise_known=by_row.noise_known,
        terms_sum=method.terms_sum,
        finite_sample=method.finite_sample,
        **{"data": None, "seed": None, "interaction": None, **intervals},
        by_row=by_row,
        parts_by_row=parts,
        resamples=resamples,
        seeds=seeds,
        rows=rows,
    )


def _decompose(
    cells: Float64[np.ndarray, "r s n c"],
    targets: np.ndarray,
    loss: DecompositionName,
    estimator: EstimatorName,
) -> tuple[Decomposition, VarianceParts | None]:
    method = DECOMPOSITIONS[loss]
    whole = method.decompose(cells.reshape(-1, *cells.shape[2:]), targets)
    parts = method.split(cells) if method.split is not None and cells.shape[1] > 1 else None
    if estimator == "plain":
        return whole, parts
    return whole.corrected(parts), None if parts is None else parts.corrected()


def _means(by_row: Decomposition, parts: VarianceParts | None) -> dict[str, float]:
    terms = {
        "expected_loss": by_row.expected_loss,
        "noise": by_row.noise,
        "bias": by_row.bias,
        "variance": by_row.variance,
        "net_noise": by_row.noise_coefficient * by_row.noise,
        "net_variance": by_row.variance_coefficient * by_row.variance,
    }
    if parts is not None:
        terms |= {"data": parts.data, "seed": parts.seed, "interaction": parts.interaction}
    return {name: float(values.mean()) for name, values in terms.items()}
