"""Charts and tables of the multitask study."""

from collections import Counter

import numpy as np

from levelset.studies.charts import Curve, CurveChart, IntervalChart, Table
from levelset.studies.few_rows import split_error, usable_labels
from levelset.studies.points import resampled_point
from levelset.studies.questions.multitask.company import (
    ALONE,
    COMPANIES,
    HEAVY,
    LEVELS,
    LIGHT,
    RELATED,
    SAME_RELATED,
    SAME_UNRELATED,
    SEPARATE,
    UNRELATED,
    known_levels,
    measured,
)
from levelset.studies.questions.multitask.second_targets import (
    BINS,
    bins_of,
    edges_of,
    held_out,
    shared_information,
)
from levelset.studies.results import Results

# With all rows, the same rows are all rows; what is learned alone from all rows is so at any level.
NOT_AT_ALL_ROWS, ONLY_AT_ALL_ROWS = (SAME_RELATED, SAME_UNRELATED), (SEPARATE,)
COMPARED = (ALONE, RELATED, UNRELATED, SAME_RELATED, SAME_UNRELATED)


def rows_per_class(results: Results) -> np.ndarray:
    """Rows per class at each level, as a mean over classes for all rows, (k,)."""
    classes = len(np.unique(usable_labels(results)))
    every = round(len(results.design.trials[0].training) / classes)
    return np.array([every if level is None else level for level in known_levels(results)])


def curve_charts(results: Results) -> tuple[CurveChart, ...]:
    """Draw accuracy and log loss of the class against rows, one line per company."""
    measures, rows = measured(results)[0], rows_per_class(results)
    n = len(measures.loss)
    drawn = (
        ("Accuracy", measures.accuracy, "Validation accuracy of the class", False),
        ("Log loss", measures.loss, "Validation log loss of the class (nats)", True),
    )
    return tuple(
        CurveChart(
            title=f"{what} of the class against rows whose class is known",
            caption=(
                "A related target above the line of the class alone helps; an unrelated one shows "
                f"what any second target does (n = {n} replicates). The last point is all rows, as "
                "many per class as on average."
                if what == "Accuracy"
                else f"Lower is better (n = {n} replicates)."
            ),
            x_label="Rows per class whose class is known",
            y_label=label,
            curves=tuple(
                Curve(COMPANIES[arm].name, rows, values[:, :, arm], COMPANIES[arm].key)
                for arm in COMPARED
            ),
            x_log=True,
            y_log=log,
        )
        for what, values, label, log in drawn
    )


def added_chart(results: Results) -> IntervalChart:
    """Draw what each company adds to the accuracy of the class with the fewest rows."""
    accuracy = measured(results)[0].accuracy[:, 0]
    points = []
    for arm in (RELATED, LIGHT, HEAVY, UNRELATED, SAME_RELATED, SAME_UNRELATED):
        gain = accuracy[:, arm] - accuracy[:, ALONE]
        name, key = COMPANIES[arm].name, COMPANIES[arm].key
        points.append(resampled_point(name, gain, results.design.validation_share, key))
    return IntervalChart(
        title=f"What each second target adds with {LEVELS[0]} rows per class",
        caption=(
            "Right of the line it helps the class; 95 % intervals, each for itself "
            f"(n = {len(accuracy)} replicates)."
        ),
        x_label="Validation accuracy of the class − that of learning it alone",
        points=tuple(points),
        reference=0.0,
    )


def weight_chart(results: Results) -> CurveChart:
    """Draw accuracy of the class against the weight of the related target, with fewest rows."""
    accuracy = measured(results)[0].accuracy[:, 0]
    arms = sorted((LIGHT, RELATED, HEAVY), key=lambda arm: COMPANIES[arm].weight)
    weights = np.array([COMPANIES[arm].weight for arm in arms])
    alone = np.repeat(accuracy[:, [ALONE]], len(arms), axis=1)
    return CurveChart(
        title=f"How heavy the second target should be, with {LEVELS[0]} rows per class",
        caption=(
            "The related target is known for all rows; the level line is the class alone "
            f"(n = {len(accuracy)} replicates)."
        ),
        x_label="Weight of the related target",
        y_label="Validation accuracy of the class",
        curves=(
            Curve(COMPANIES[RELATED].name, weights, accuracy[:, arms], COMPANIES[RELATED].key),
            Curve(COMPANIES[ALONE].name, weights, alone, COMPANIES[ALONE].key),
        ),
        x_log=True,
    )


def level_table(results: Results) -> Table:
    """Give one row per number of rows and company."""
    the_class, second = measured(results)
    counts, n = rows_per_class(results), len(the_class.loss)
    rows = tuple(
        (
            int(counts[level]),
            company.name,
            float(the_class.loss[:, level, arm].mean()),
            split_error(the_class.loss[:, level, arm], results),
            float(the_class.accuracy[:, level, arm].mean()),
            split_error(the_class.accuracy[:, level, arm], results),
            float(the_class.epochs[:, level, arm].mean()) if company.has_class else np.nan,
            float(second.loss[:, level, arm].mean()),
            float(second.accuracy[:, level, arm].mean()),
        )
        for level in range(len(counts))
        for arm, company in enumerate(COMPANIES)
        if arm not in (NOT_AT_ALL_ROWS if level == len(counts) - 1 else ONLY_AT_ALL_ROWS)
    )
    columns = (
        "rows per class",
        "second target",
        "log loss",
        "standard error, loss",
        "accuracy",
        "standard error, accuracy",
        "epochs",
        "related: log loss",
        "related: accuracy",
    )
    caption = (
        f"Means over {n} replicates on validation rows; losses in nats. Losses and accuracies are "
        "those of the class, but for the last two columns. Epochs: after "
        "how many the class is judged, those best on the other replicates. The related target has "
        f"{BINS} classes in about equal numbers, and its numbers are means over the columns held "
        "out. No value: the network does not learn that target. With all rows, the same rows are "
        "all rows, and the related target is learned alone too."
    )
    return Table("Every company", caption, columns, rows)


def target_table(results: Results) -> Table:
    """Give one row per column that was held out, and what it tells of the class."""
    dataset, told = results.design.dataset, {}
    for trial in results.design.trials:
        assert trial.split is not None
        part = trial.split.training
        for column in held_out(dataset, part):
            values = dataset.values[part, column]
            bins = bins_of(values, edges_of(values))
            told.setdefault(column, []).append(shared_information(bins, dataset.targets[part]))
    often = Counter({column: len(values) for column, values in told.items()})
    rows = tuple(
        (dataset.columns[column].name, times, float(np.mean(told[column])))
        for column, times in often.most_common()
    )
    return Table(
        "The second targets",
        f"Columns held out of the features in {len(results.design.trials)} replicates, and how "
        "much their quarters tell of the class: mutual information in the training rows, means. "
        f"To know a quarter says at most {np.log(BINS):.2f} nats.",
        ("column", "replicates", "information (nats)"),
        rows,
    )
