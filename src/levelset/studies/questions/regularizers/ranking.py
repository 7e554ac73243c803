"""Remedies in the order of what they do on test rows, as charts and tables."""

import numpy as np

from levelset.studies.charts import Cloud, IntervalChart, ScatterChart, Table
from levelset.studies.judgement import SIGNIFICANCE
from levelset.studies.points import resampled_point
from levelset.studies.questions.regularizers.remedies import REMEDIES, Dose, Remedy
from levelset.studies.ratios import log2_of
from levelset.studies.results import Results
from levelset.studies.treated import at, chosen_arms, measured
from levelset.theory.statistics import resampled_interval

SIMULTANEOUS = 1 - SIGNIFICANCE / len(REMEDIES)
"""Level of each interval so that all hold together with 95 % (Bonferroni)."""


def arms_of(results: Results, remedy: Remedy) -> list[int]:
    """Give the numbers of a remedy's arms, in the order of its doses."""
    arms = results.design.arms
    return [number for number, arm in enumerate(arms) if arm.color_key == remedy.color_key]


def dose_of(results: Results, arm: int) -> Dose:
    """Give the dose of an arm that has one."""
    remedy = next(remedy for remedy in REMEDIES if arm in arms_of(results, remedy))
    return remedy.doses[arms_of(results, remedy).index(arm)]


def chosen_by_remedy(results: Results) -> list[np.ndarray]:
    """Give the arm of each remedy that each replicate's validation rows choose, (r,) each."""
    validation = measured(results).validation
    return [chosen_arms(validation, arms_of(results, remedy)) for remedy in REMEDIES]


def how_often(results: Results, chosen: np.ndarray, whole: bool = False) -> str:
    """Say how often each arm was chosen, the most frequent first.

    Args:
        results: Of the study.
        chosen: The arm of each replicate.
        whole: Whether the remedy is named too.
    """
    numbers, counts = np.unique(chosen, return_counts=True)
    said = []
    for place in np.argsort(-counts, kind="stable"):
        name = results.design.arms[numbers[place]].name
        said.append(f"{name if whole else name.split(': ')[-1]} ({counts[place]}×)")
    return ", ".join(said)


def _ranking(results: Results) -> list[int]:
    """Numbers of the remedies, from the one with the lowest test log loss (geometric mean)."""
    test = log2_of(measured(results).test)
    means = [at(test, arms).mean() for arms in chosen_by_remedy(results)]
    return [int(number) for number in np.argsort(means, kind="stable")]


def _beside_none(results: Results, values: np.ndarray, remedy: int) -> np.ndarray:
    """A remedy's difference from none, at the dose that each replicate chose, (r,)."""
    return at(values, chosen_by_remedy(results)[remedy]) - values[:, 0]


def ranked_chart(
    title: str,
    x_label: str,
    results: Results,
    values: np.ndarray,
    is_log_ratio: bool = False,
) -> IntervalChart:
    """Draw every remedy's difference from none, in the order of their test log loss.

    Args:
        title: What the chart is of.
        x_label: Name and unit of the difference.
        results: Of the study.
        values: What is compared, of each replicate and arm, shape (r, a).
        is_log_ratio: Whether they are log₂ of what is compared by its ratio.
    """
    points = []
    for number in _ranking(results):
        points.append(
            resampled_point(
                REMEDIES[number].name,
                _beside_none(results, values, number),
                measured(results).test_share,
                REMEDIES[number].color_key,
                is_log_ratio=is_log_ratio,
                level=SIMULTANEOUS,
            )
        )
    return IntervalChart(
        title=title,
        caption=(
            "In the order of their test log loss, each at the dose that validation rows "
            f"chose (n = {len(values)} replicates). The intervals hold all together with 95 %; "
            "where two overlap widely, their order says little."
        ),
        x_label=x_label,
        points=tuple(points),
        reference=1.0 if is_log_ratio else 0.0,
        x_log=is_log_ratio,
    )


def fit_chart(results: Results) -> ScatterChart:
    """Draw what each remedy does to the fit: test loss against training loss."""
    outcome, chosen = measured(results), chosen_by_remedy(results)
    none = np.zeros(len(outcome.test), dtype=np.int64)
    entries = [("None", "reference", none)]
    entries += [
        (REMEDIES[number].name, REMEDIES[number].color_key, chosen[number])
        for number in _ranking(results)
    ]
    clouds = tuple(
        Cloud(
            name,
            np.array([at(outcome.training, arms).mean()]),
            np.array([at(outcome.test, arms).mean()]),
            key,
            (name,),
        )
        for name, key, arms in entries
    )
    return ScatterChart(
        title="What each remedy gives up on training rows, and gets on test rows",
        caption=(
            f"Means over {len(none)} replicates at the chosen doses. A remedy that moves a network "
            "to the right fits the training rows less well; one that moves it down was worth it."
        ),
        x_label="Training log loss (nats)",
        y_label="Test log loss (nats)",
        clouds=clouds,
        x_log=True,
    )


def ranking_table(results: Results) -> Table:
    """Tell every remedy beside none, at its chosen dose."""
    outcome, chosen = measured(results), chosen_by_remedy(results)
    rows: list[tuple[str | float, ...]] = []
    for number in _ranking(results):
        arms = chosen[number]
        loss, accuracy = (
            resampled_interval(_beside_none(results, values, number), outcome.test_share)
            for values in (log2_of(outcome.test), outcome.test_accuracy)
        )
        rows.append(
            (
                REMEDIES[number].name,
                how_often(results, arms).split(" (")[0],
                float(at(outcome.test, arms).mean()),
                *(float(np.exp2(end)) for end in (loss.estimate, loss.low, loss.high)),
                accuracy.estimate,
                (accuracy.high - accuracy.low) / 2,
            )
        )
    rows.append(("None", "", float(outcome.test[:, 0].mean()), 1.0, 1.0, 1.0, 0.0, 0.0))
    return Table(
        title="The ranking",
        caption=(
            f"Over {len(outcome.test)} replicates. Dose: the most chosen on validation rows. Test "
            "loss: the mean log loss in nats. ÷ none: geometric mean of its ratio to that of no "
            "remedy on the same test rows, with its 95 % interval (from, to); then the accuracy's "
            "difference and half the width of its interval, each for itself. A ratio below 1 and "
            "an accuracy above 0 are better. The remedies are not compared with one another: "
            "their order is that of means."
        ),
        columns=(
            "remedy",
            "dose",
            "test loss",
            "÷ none",
            "from",
            "to",
            "accuracy − none",
            "±",
        ),
        rows=tuple(rows),
    )


def dose_table(results: Results) -> Table:
    """Tell every dose."""
    outcome = measured(results)
    times = np.zeros(len(results.design.arms), dtype=np.int64)
    for arms in chosen_by_remedy(results):
        times += np.bincount(arms, minlength=len(times))
    rows = tuple(
        (
            *(arm.name.split(": ") if ": " in arm.name else (arm.name, "")),
            float(outcome.validation[:, number].mean()),
            float(outcome.test[:, number].mean()),
            float(outcome.test_accuracy[:, number].mean()),
            "" if number == 0 else int(times[number]),
        )
        for number, arm in enumerate(results.design.arms)
    )
    return Table(
        title="Every dose",
        caption=(
            f"Means over {len(outcome.test)} replicates; losses are log losses in nats. Chosen: "
            "replicates whose validation rows chose this dose of the remedy."
        ),
        columns=("remedy", "dose", "validation loss", "test loss", "test accuracy", "chosen"),
        rows=rows,
    )
