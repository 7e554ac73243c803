"""What a pretrained trunk gained: measures of the transfer study, as numbers, charts and tables."""

from collections.abc import Mapping

import numpy as np

from levelset.studies.charts import Curve, CurveChart, IntervalChart, Table
from levelset.studies.design import Trial
from levelset.studies.few_rows import (
    levels_of,
    rows_needed,
    split_error,
    usable_labels,
)
from levelset.studies.points import resampled_point
from levelset.studies.questions.transfer.task import CORRUPTION, SHUFFLED, SOURCE
from levelset.studies.results import Outcome, Results

SCRATCH, TUNED, FROZEN, CONTROL, UNTRAINED = range(5)
NAMES = (
    "Scratch",
    "Fine-tuned",
    "Frozen",
    "Fine-tuned, shuffled source",
    "Frozen, untrained",
)
LEVELS = (5, 10, 20, 50)
"""Rows per class that the target may be learned from; all there are comes last."""

KEYS = ("scratch", "fine-tuned", "frozen", SHUFFLED, "untrained trunk")


def by_level(results: Results, measure: str) -> np.ndarray:
    """Give a measure of the judged rows by replicate, number of rows and start, (r, k, a).

    Args:
        results: Of the second stage.
        measure: "loss" in nats, "accuracy", or "training" for the loss on the rows learned from.
    """
    values = {
        "loss": lambda: results.validation_loss,
        "accuracy": lambda: results.validation_accuracy,
        "training": lambda: results.training_loss,
    }[measure]()
    return np.stack(
        [
            _mean_of_draws(own, trial)
            for own, trial in zip(values, results.design.trials, strict=True)
        ]
    )


def _mean_of_draws(values: np.ndarray, trial: Trial) -> np.ndarray:
    """Average a replicate's networks (m) over the draws of each level, (k, a)."""
    sizes = [len(trial.training) if m.rows is None else len(m.rows) for m in trial.members]
    by_draw, levels = values.reshape(-1, len(NAMES)), np.array(sizes)[:: len(NAMES)]
    return np.stack([by_draw[levels == size].mean(axis=0) for size in np.unique(levels)])


def target_levels(results: Results) -> tuple[int | None, ...]:
    """Rows per class that the target is learned from; None, the last, is all there are."""
    return levels_of(usable_labels(results), LEVELS)


def rows_per_class(results: Results) -> np.ndarray:
    """Rows per class at each level, as a mean over classes and replicates for all rows."""
    levels = target_levels(results)
    pools = [len(trial.training) / _classes_of(trial.classes) for trial in results.design.trials]
    return np.array([round(np.mean(pools)) if level is None else level for level in levels])


def _classes_of(classes: int | Mapping[str, int]) -> int:
    assert isinstance(classes, int)
    return classes


def curve_charts(results: Results) -> tuple[CurveChart, ...]:
    """Draw accuracy and log loss against rows, one line per start."""
    n, rows = len(results.outcomes), rows_per_class(results)
    measures = (
        ("Accuracy", "accuracy", "Validation accuracy"),
        ("Log loss", "loss", "Validation log loss (nats)"),
    )
    return tuple(
        CurveChart(
            title=f"{what} against rows",
            caption=(
                f"Where the lines meet, the target has rows enough of its own (n = {n} "
                "replicates). The last point is all rows, as many per class as on average."
            ),
            x_label="Rows per class of the target",
            y_label=label,
            curves=tuple(
                Curve(name, rows, by_level(results, measure)[:, :, arm], KEYS[arm])
                for arm, name in enumerate(NAMES)
            ),
            x_log=True,
            y_log=measure == "loss",
        )
        for what, measure, label in measures
    )


def gain_chart(results: Results) -> IntervalChart:
    """Draw what each trunk gains over scratch, at each number of rows."""
    loss, rows = by_level(results, "loss"), rows_per_class(results)
    points = []
    for level, count in enumerate(rows):
        for arm in (TUNED, FROZEN, CONTROL):
            gain = loss[:, level, SCRATCH] - loss[:, level, arm]
            name = f"{NAMES[arm]}, {count:.0f} rows per class"
            points.append(resampled_point(name, gain, results.design.validation_share, KEYS[arm]))
    return IntervalChart(
        title="What each trunk gains over scratch",
        caption=(
            "Right of the line the start helps; 95 % intervals, each for itself "
            f"(n = {len(loss)} replicates)."
        ),
        x_label="Validation log loss of scratch − that of the start (nats)",
        points=tuple(points),
        reference=0.0,
    )


def level_table(results: Results) -> Table:
    """Give one row per number of rows and start."""
    loss, accuracy = by_level(results, "loss"), by_level(results, "accuracy")
    training, counts = by_level(results, "training").mean(axis=0), rows_per_class(results)
    n, reached = len(loss), accuracy[:, :, SCRATCH].mean(axis=0)
    rows = tuple(
        (
            int(counts[level]),
            name,
            float(training[level, arm]),
            float(loss[:, level, arm].mean()),
            split_error(loss[:, level, arm], results),
            float(accuracy[:, level, arm].mean()),
            split_error(accuracy[:, level, arm], results),
            rows_needed(float(accuracy[:, level, arm].mean()), counts, reached, f"> {counts[-1]}"),
        )
        for level in range(len(counts))
        for arm, name in enumerate(NAMES)
    )
    columns = (
        "rows per class",
        "start",
        "training loss",
        "log loss",
        "standard error, loss",
        "accuracy",
        "standard error, accuracy",
        "scratch needs",
    )
    caption = (
        f"Means over {n} replicates on the target's validation rows; losses in nats. The last "
        "column reads from the learning curve of scratch how many rows per class give it the same "
        "accuracy."
    )
    return Table("Every start", caption, columns, rows)


def source_table(results: Results) -> Table:
    """How well the pretrained networks do what they were pretrained for, on validation rows."""
    assert results.earlier is not None
    scores = np.array([source_scores(outcome) for outcome in results.earlier.outcomes])
    n = len(scores)
    rows = tuple(
        (name, float(column.mean()), split_error(column, results))
        for name, column in zip(
            ("pretrained on the source", "pretrained on shuffled answers"), scores.T, strict=True
        )
    )
    measure = "accuracy" if classifies(results) else "share of variance restored"
    return Table(
        "What the trunks had learned",
        f"{source_in_words(results)} Means over {n} replicates on the source's validation rows.",
        ("network", measure, "standard error"),
        rows,
    )


def source_scores(outcome: Outcome) -> list[float]:
    """Score a replicate's pretrained networks by the source's true answers on validation rows.

    Returns:
        Of the pretrained network and of its shuffled twin: accuracy, or 1 − Σ (x − x̂)² / Σ x²
        where inputs are restored; NaN where no input varies.
    """
    judged = outcome.trial.judged
    assert judged is not None
    assert isinstance(judged.y, Mapping)
    truth = judged.y[SOURCE]
    scores = []
    for network, target in zip(outcome.networks, (SOURCE, SHUFFLED), strict=True):
        answers = network.outputs(judged.x)[target].astype(np.float64)
        if truth.ndim == 1:
            scores.append(float((answers.argmax(axis=1) == truth).mean()))
        else:
            varied = float((truth.astype(np.float64) ** 2).sum())
            missed = float(((answers - truth) ** 2).sum())
            scores.append(1 - missed / varied if varied else float("nan"))
    return scores


def classifies(results: Results) -> bool:
    """Whether the source is classes, and not the inputs."""
    assert results.earlier is not None
    return bool(results.earlier.design.trials[0].classes)


def source_in_words(results: Results) -> str:
    """Say what the trunks were pretrained for."""
    if classifies(results):
        target = _classes_of(results.design.trials[0].classes)
        return (
            "The source is half of the classes, dealt anew in each replicate, and the target "
            f"classifies the {target} others."
        )
    return (
        "With so few classes all are the target's: the source is the same rows without their "
        f"classes, and its network restores the inputs, of which {CORRUPTION:.0%} are dropped."
    )
