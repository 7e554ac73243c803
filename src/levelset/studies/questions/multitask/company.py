"""The company that a class is learned in: which second target, known for which rows, how heavy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from levelset.diagnostics.losses import row_losses
from levelset.engine import Head, Member, Network, Recipe
from levelset.studies.choosing import choice_of_others
from levelset.studies.design import Rows
from levelset.studies.few_rows import draws_of, levels_of, usable_labels
from levelset.studies.results import Outcome, Results, measured_once

CLASS = "class"
RELATED_STEM = "related"
NEGLIGIBLE = 1e-9
"""Weight of a head that is there but teaches nothing."""

LEVELS = (5, 20)
"""Rows per class whose class may be known; all there are comes last."""

DRAWN_ROWS = 20
"""Rows per class that several draws of a level have together."""


MOMENTS = 7
"""Numbers of epochs after which networks are looked at."""


@dataclass(frozen=True)
class Company:
    """What a network learns beside the class, or in its place.

    Attributes:
        name: What the reader sees.
        key: What keeps its color.
        second: Stem of the second targets' names; empty for none.
        everywhere: Whether the second target is known for all rows, and not only where the class
            is.
        weight: Of all second targets together, beside the class's 1.
        has_class: Whether the class is learned.
    """

    name: str
    key: str
    second: str = ""
    everywhere: bool = False
    weight: float = 1.0
    has_class: bool = True

    def heads(self, target: str, count: int) -> tuple[Head, ...]:
        """Give the heads of its network, as many as in any other company.

        What is not learned has a head too, of negligible weight, so that all networks of a
        replicate begin as the same network.

        Args:
            target: Name of the class's target.
            count: How many second targets there are; they share the weight.
        """
        own = Head(target=target, weight=1.0 if self.has_class else NEGLIGIBLE)
        share = (self.weight if self.second else NEGLIGIBLE) / count
        names = (f"{self.second or RELATED_STEM} {place}" for place in range(1, count + 1))
        return (own, *(Head(target=name, weight=share) for name in names))


ALONE, RELATED, UNRELATED, SAME_RELATED, SAME_UNRELATED, LIGHT, HEAVY, SEPARATE = range(8)
COMPANIES = (
    Company("Alone", "alone"),
    Company("Related, all rows", "related", "related", everywhere=True),
    Company("Unrelated, all rows", "unrelated", "unrelated", everywhere=True),
    Company("Related, same rows", "related, same rows", "related"),
    Company("Unrelated, same rows", "unrelated, same rows", "unrelated"),
    Company("Related, all rows, weight 0.3", "weight=0.3", "related", everywhere=True, weight=0.3),
    Company("Related, all rows, weight 3", "weight=3", "related", everywhere=True, weight=3.0),
    Company("Related target alone", "separate", "related", everywhere=True, has_class=False),
)


@dataclass(frozen=True, eq=False)
class Measures:
    """How well a target is predicted on judged rows, by replicate, number of rows and company.

    Attributes:
        loss: Log loss in nats, shape (r, k, a); NaN where the company does not learn the target.
        accuracy: Share of rows classified rightly, likewise.
        epochs: After how many epochs, likewise; those of lowest mean loss in other replicates.
    """

    loss: Float64[np.ndarray, "r k a"]
    accuracy: Float64[np.ndarray, "r k a"]
    epochs: Float64[np.ndarray, "r k a"]


def member_of(
    company: Company, recipe: Recipe, seed: int, labeled: np.ndarray, all_rows: int
) -> Member:
    """Give the network of a company its rows.

    Rows whose class is known are repeated until they are as many as all rows.

    Args:
        company: Says whether the rows without a class are seen too.
        recipe: With the company's heads.
        seed: Of the network.
        labeled: Numbers of the rows whose class is known, shape (b,).
        all_rows: How many there are in all.
    """
    if not company.has_class:
        return Member(recipe, seed=seed, rows=np.arange(all_rows))
    repeated = np.resize(labeled, all_rows)
    others = np.setdiff1d(np.arange(all_rows), labeled)
    return Member(
        recipe,
        seed=seed,
        rows=np.concatenate([repeated, others]) if company.everywhere else repeated,
    )


def known_levels(results: Results) -> tuple[int | None, ...]:
    """Rows per class whose class is known; None, the last, is all there are."""
    return levels_of(usable_labels(results), LEVELS)


def moments(epochs: int) -> tuple[int, ...]:
    """Give the numbers of epochs after which networks are looked at: each double the one before.

    Example:
        >>> moments(60)
        (1, 2, 4, 8, 15, 30, 60)
    """
    return tuple(sorted({max(1, round(epochs / 2**halvings)) for halvings in range(MOMENTS)}))


@measured_once
def measured(results: Results) -> tuple[Measures, Measures]:
    """Measure how well the class is predicted, and the related target, on judged rows.

    A company is judged after the number of epochs that is best for it, and for the target in
    question, on the other replicates.
    """
    trial = results.design.trials[0]
    assert isinstance(trial.classes, Mapping)
    classes = next(count for name, count in trial.classes.items() if name.startswith(CLASS))
    draws = [
        len(draws_of(level, len(trial.training), classes, DRAWN_ROWS))
        for level in known_levels(results)
    ]
    scores = np.array([_scores(outcome) for outcome in results.outcomes])  # (r, s, m, 4)
    by_draw = scores.reshape(*scores.shape[:2], sum(draws), len(COMPANIES), 4)
    parts = np.split(by_draw, np.cumsum(draws)[:-1], axis=2)
    values = np.stack([part.mean(axis=2) for part in parts], axis=2)  # (r, s, k, a, 4)
    epochs = np.array(trial.snapshots, dtype=np.float64)
    return (
        at_best_epoch(values[..., 0], values[..., 1], epochs),
        at_best_epoch(values[..., 2], values[..., 3], epochs),
    )


def at_best_epoch(
    loss: Float64[np.ndarray, "r s k a"],
    accuracy: Float64[np.ndarray, "r s k a"],
    epochs: Float64[np.ndarray, " s"],
) -> Measures:
    """Stop each company where its mean loss over the other replicates is lowest.

    Args:
        loss: After each of s numbers of epochs, in nats.
        accuracy: Likewise.
        epochs: The numbers of epochs, shape (s,).
    """
    replicates, _, levels, companies = loss.shape
    chosen = np.empty((replicates, 1, levels, companies), dtype=np.int64)
    for level in range(levels):
        for company in range(companies):
            chosen[:, 0, level, company] = choice_of_others(loss[:, :, level, company])
    return Measures(
        loss=np.take_along_axis(loss, chosen, axis=1)[:, 0],
        accuracy=np.take_along_axis(accuracy, chosen, axis=1)[:, 0],
        epochs=epochs[chosen[:, 0]],
    )


def _scores(outcome: Outcome) -> list[list[tuple[float, float, float, float]]]:
    """Loss and accuracy of the class, then of the related target, (s, m, 4)."""
    judged = outcome.trial.judged
    assert judged is not None
    return [
        [
            _network_scores(network, judged, COMPANIES[number % len(COMPANIES)])
            for number, network in enumerate(networks)
        ]
        for networks in outcome.snapshots
    ]


def _network_scores(
    network: Network, judged: Rows, company: Company
) -> tuple[float, float, float, float]:
    nothing, answers = (float("nan"), float("nan")), network.outputs(judged.x)
    related = company.second == RELATED_STEM
    return (
        *(_score(answers, judged, CLASS) if company.has_class else nothing),
        *(_score(answers, judged, RELATED_STEM) if related else nothing),
    )


def _score(answers: Mapping[str, np.ndarray], judged: Rows, stem: str) -> tuple[float, float]:
    """Loss and accuracy of the heads whose target has this stem, as a mean over heads."""
    assert isinstance(judged.y, Mapping)
    own = [target for target in answers if target.startswith(stem)]
    truth = [judged.y[CLASS if stem == CLASS else target] for target in own]
    losses = [row_losses(answers[name], y).mean() for name, y in zip(own, truth, strict=True)]
    rights = [
        (answers[name].argmax(axis=1) == y).mean() for name, y in zip(own, truth, strict=True)
    ]
    return float(np.mean(losses)), float(np.mean(rights))
