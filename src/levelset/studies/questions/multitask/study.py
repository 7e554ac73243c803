"""Do related targets help each other? The multitask study."""

import numpy as np

from levelset.data import Dataset, fit_encoding
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies.charts import Chart, Table
from levelset.studies.design import (
    VALIDATION_SHARE,
    Arm,
    BudgetName,
    Design,
    Replicates,
    Rows,
    Trial,
    replicates_of,
)
from levelset.studies.few_rows import (
    LEAST_ROWS,
    draws_of,
    levels_of,
    ranked,
    too_few_classes,
    usable_classes,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge, stated
from levelset.studies.questions.multitask.company import (
    ALONE,
    CLASS,
    COMPANIES,
    DRAWN_ROWS,
    LEVELS,
    RELATED,
    SAME_RELATED,
    SEPARATE,
    UNRELATED,
    measured,
    member_of,
    moments,
)
from levelset.studies.questions.multitask.second_targets import (
    BINS,
    LEAST_COLUMNS,
    bins_of,
    candidates,
    edges_of,
    held_out,
    without,
)
from levelset.studies.questions.multitask.tables import (
    added_chart,
    curve_charts,
    level_table,
    target_table,
    weight_chart,
)
from levelset.studies.results import Results
from levelset.studies.study import Study
from levelset.theory.numerals import numeral

MOST_ROWS = 400
"""Rows that count as all there are, or `LEAST_MOST` of each class where classes are many."""

LEAST_MOST = 30
MOST_JUDGED = 1000
"""Validation rows of a replicate that judge."""


class MultitaskStudy(Study):
    """Learn the class from few rows, alone or beside a second target that shares the trunk.

    Second targets are bins of numeric columns that are held out of the features: those that tell
    most about the class are related to it, and the same values dealt to other rows are not.
    """

    name = "multitask"
    question = "Do related targets help each other?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        few = f"With {LEVELS[0]} rows per class"
        everywhere = "a related target that is known for all rows gives a"
        return (
            f"{few}, {everywhere} lower log loss of the class than learning it alone.",
            f"{few}, {everywhere} higher accuracy of the class than learning it alone.",
            f"{few}, {everywhere} lower log loss of the class than an unrelated one.",
            f"{few}, {everywhere} higher accuracy of the class than an unrelated one.",
            f"{few}, a related target of the same rows gives a lower log loss of the class than "
            "learning it alone.",
            f"{few}, a related target of the same rows gives a higher accuracy of the class than "
            "learning it alone.",
            "What a related target adds to the accuracy of the class is less with all rows than "
            f"with {LEVELS[0]} per class.",
            "With all rows, sharing a trunk with the class gives a lower log loss of the related "
            "target than a network of its own.",
            "With all rows, sharing a trunk with the class gives a higher accuracy of the related "
            "target than a network of its own.",
        )

    def reason_left_out(self, dataset: Dataset, rows: np.ndarray) -> str:
        """It takes a trunk, two classes of enough rows, and a column to spare."""
        if not self.recipe.hidden:
            return (
                "what targets share are hidden layers, and the recipe has none; give it some, for "
                "example --hidden 64 64."
            )
        if reason := too_few_classes(dataset.targets[rows]):
            return reason
        if len(dataset.columns) < LEAST_COLUMNS or not candidates(dataset, rows):
            return (
                f"it needs {LEAST_COLUMNS} columns, of which one can be held out as a target: "
                f"numeric, of at least {BINS} values, with none missing."
            )
        return ""

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Every company of the class, with every number of rows, on every replicate."""
        labels = dataset.targets[rows]
        classes = usable_classes(labels)
        replicates = replicates_of(dataset, rows[np.isin(labels, classes)], budget, seed)
        levels = levels_of(labels, LEVELS)
        most = max(LEAST_MOST, MOST_ROWS // len(classes))
        seen = min(len(labels), round(most * len(classes) / (1 - VALIDATION_SHARE)))
        base = self._base(budget, seen)
        trials = tuple(
            _trial(replicates, number, base, levels, classes, most)
            for number in range(len(replicates.splits))
        )
        arms = tuple(
            Arm(company.name, member.recipe, company.key)
            for company, member in zip(COMPANIES, trials[0].members, strict=False)
        )
        return Design(dataset, arms, trials)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims at the fewest rows and at all."""
        the_class, second = measured(results)
        few, most = f"{LEVELS[0]} rows per class", "all rows"
        gain = the_class.accuracy[:, :, RELATED] - the_class.accuracy[:, :, ALONE]
        comparisons: list[Comparison] = []
        for measures, what, arm, other, level, where in (
            (the_class, "the class", RELATED, ALONE, 0, few),
            (the_class, "the class", RELATED, UNRELATED, 0, few),
            (the_class, "the class", SAME_RELATED, ALONE, 0, few),
            (second, "the related target", RELATED, SEPARATE, -1, most),
        ):
            versus = f"{COMPANIES[arm].name.lower()} − {COMPANIES[other].name.lower()}, {where}"
            lower = measures.loss[:, level, other] - measures.loss[:, level, arm]
            higher = measures.accuracy[:, level, arm] - measures.accuracy[:, level, other]
            comparisons += [
                Comparison(
                    "",
                    f"log loss of {what}, {versus} (nats)",
                    lower,
                    falls=True,
                    subject="log loss",
                ),
                Comparison(
                    "",
                    f"accuracy of {what}, {versus}",
                    higher,
                    # Where the class is chance, its company may truly cost the other target.
                    subject="accuracy" if measures is the_class else "mechanism",
                ),
            ]
        shrinks = Comparison(
            "",
            f"gain in accuracy, {most} − {few}",
            gain[:, 0] - gain[:, -1],
            falls=True,
            note=f"It adds {numeral(gain[:, 0].mean(), 3)} with the fewest rows and "
            f"{numeral(gain[:, -1].mean(), 3)} with all.",
            subject="accuracy",
        )
        comparisons.insert(6, shrinks)
        return judge(stated(self.claims, comparisons), results.design.validation_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Accuracy and log loss against rows, what company adds, and its weight."""
        return (*curve_charts(results), added_chart(results), weight_chart(results))

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per number of rows and company; and the second targets."""
        return (level_table(results), target_table(results))

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        recipe, trial = results.design.arms[ALONE].recipe, results.design.trials[0]
        assert trial.split is not None
        count = len(held_out(results.design.dataset, trial.split.training))
        return (
            f"{len(results.outcomes)} replicates: a stratified split "
            f"({len(trial.split.training)} training, {len(trial.split.validation)} validation rows "
            f"of classes with at least {LEAST_ROWS}) and a seed, the same for all arms. "
            f"{count} numeric column{'s' if count > 1 else ''} held out of the features of every "
            "network, those whose quarters tell most about the class in the training rows (mutual "
            f"information); the related target is their quarters, one head of {BINS} classes for "
            "each. The unrelated target is the same quarters dealt to other rows. The heads of a "
            "second target share its weight, 1 where nothing else is said, beside the class's "
            "weight of 1. Every network has all heads; one that it does not learn has a negligible "
            "weight, so that all networks of a replicate begin as the same network. All rows are "
            f"{len(trial.training)} training rows; with few, the class "
            "is known for so many rows of each class and missing elsewhere. Rows whose class is "
            "known are repeated until they are as many as all rows, so that every network sees "
            "them equally often; a network whose second target is known for all rows sees the "
            f"others besides. Fewer than {DRAWN_ROWS} rows per class are drawn several times, and "
            f"their mean counts. Networks train for up to {recipe.epochs} epochs with "
            f"{recipe.optimizer} (learning rate {numeral(recipe.learning_rate)}, batches of "
            f"{recipe.batch_size}) and are judged by the head in question, on at most "
            f"{MOST_JUDGED} validation rows that play no part in training, after that of "
            f"{', '.join(map(str, trial.snapshots))} epochs at which the mean loss of their arm on "
            "the other replicates is lowest: arms that learn faster are not judged overtrained. "
            "The corrected t takes the test share of the split. Multitask learning: "
            "Caruana (Machine Learning 28, 1997); columns as targets: Caruana and de Sa (1997). "
            f"{METHODS}"
        )

    def _base(self, budget: BudgetName, rows: int) -> Recipe:
        # No validation rows take part in training, so there is nothing to monitor; weights by
        # class are for one target.
        base = self.budgeted(budget, rows).changed(patience=None, monitor="loss", class_weight=None)
        if "epochs" in self.recipe.model_fields_set:
            return base
        # An epoch shows rows whose class is known several times, and nothing gains from the rest.
        return base.changed(epochs=base.epochs // 2)


def _trial(
    replicates: Replicates,
    number: int,
    base: Recipe,
    levels: tuple[int | None, ...],
    classes: tuple[int, ...],
    most: int,
) -> Trial:
    """One replicate: every number of rows and draw, in every company."""
    split, seed, dataset = replicates.splits[number], replicates.seeds[number], replicates.dataset
    chosen = stream(seed, "judged").permutation(split.validation)[:MOST_JUDGED]
    kept = ranked(dataset.targets[split.training], stream(seed, "rows of the class"), most)
    rows, held = split.training[kept], held_out(dataset, split.training)
    labels, judged = (np.searchsorted(classes, dataset.targets[part]) for part in (rows, chosen))
    related, related_judged = (
        _related(dataset, part, held, split.training) for part in (rows, chosen)
    )
    dealt = stream(seed, "unrelated").permutation(len(rows))
    y = {**related, **{f"un{name}": bins[dealt] for name, bins in related.items()}}
    counts, members = dict.fromkeys(y, BINS), []
    for level in levels:
        for draw, known in enumerate(draws_of(level, len(rows), len(classes), DRAWN_ROWS)):
            labeled = np.arange(len(rows)) if known is None else known
            target = f"{CLASS} of {level or 'all'} rows, draw {draw}"
            y[target] = np.full(len(rows), np.nan)
            y[target][labeled] = labels[labeled]
            counts[target] = len(classes)
            members += [
                member_of(
                    company,
                    base.changed(heads=company.heads(target, len(held))),
                    seed,
                    labeled,
                    len(rows),
                )
                for company in COMPANIES
            ]
    features = without(dataset, held)
    encoding = fit_encoding(features, split.training)
    return Trial(
        members=tuple(members),
        training=Rows(encoding.transform(features, rows), y),
        judged=Rows(encoding.transform(features, chosen), {CLASS: judged, **related_judged}),
        monitored=None,
        classes=counts,
        snapshots=moments(base.epochs),
        split=split,
        encoding=encoding,
    )


def _related(
    dataset: Dataset, rows: np.ndarray, held: tuple[int, ...], training: np.ndarray
) -> dict[str, np.ndarray]:
    """The bins of the columns held out, by the edges that training rows give them."""
    values = dataset.values
    return {
        f"related {place}": bins_of(values[rows, column], edges_of(values[training, column]))
        for place, column in enumerate(held, start=1)
    }
