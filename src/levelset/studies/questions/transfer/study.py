"""Does a pretrained trunk help with few rows? The transfer study."""

from collections.abc import Sequence

import numpy as np

from levelset.data import Dataset
from levelset.engine import Member, Recipe
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
    ranked,
    too_few_classes,
    usable_classes,
    usable_labels,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge, stated
from levelset.studies.questions.transfer.gains import (
    CONTROL,
    FROZEN,
    KEYS,
    LEVELS,
    NAMES,
    SCRATCH,
    TUNED,
    UNTRAINED,
    by_level,
    curve_charts,
    gain_chart,
    level_table,
    source_in_words,
    source_table,
    target_levels,
)
from levelset.studies.questions.transfer.task import (
    LEAST_STEPS,
    SHUFFLED,
    SOURCE,
    Task,
    frozen,
    lengthened,
    only,
    source_recipe,
    task_of,
    with_fresh_head,
)
from levelset.studies.results import Outcome, Results
from levelset.studies.study import Study
from levelset.theory.numerals import numeral

FEWEST = LEVELS[0]
MOST_PER_CLASS = 200
"""Rows per class that count as all there are."""

DRAWN_ROWS = 20
"""Rows per class that several draws of a level have together."""


class TransferStudy(Study):
    """Pretrain a trunk on a source, then learn the target from few rows and from more.

    The source is half of the classes, and the target the others; with fewer than four classes the
    source is the rows themselves without their classes, of which a network restores dropped inputs.
    All networks of a replicate begin as one drawn network, before or after its pretraining.
    """

    name = "transfer"
    question = "Does a pretrained trunk help where the target has few rows?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        few = f"With {FEWEST} rows per class"
        return (
            f"{few}, fine-tuning a pretrained trunk gives a lower log loss than scratch.",
            f"{few}, fine-tuning a pretrained trunk gives a higher accuracy than scratch.",
            "What fine-tuning gains in log loss over scratch is smaller with all rows than with "
            f"{FEWEST} per class.",
            f"{few}, a frozen pretrained trunk gives a lower log loss than scratch.",
            f"{few}, a frozen pretrained trunk gives a higher accuracy than scratch.",
            "With all rows, fine-tuning gives a lower log loss than the frozen trunk.",
            "With all rows, fine-tuning gives a higher accuracy than the frozen trunk.",
            f"{few}, fine-tuning gains from what was learned: the log loss is lower than after "
            "pretraining on shuffled answers.",
            f"{few}, fine-tuning gains from what was learned: the accuracy is higher than after "
            "pretraining on shuffled answers.",
        )

    def reason_left_out(self, dataset: Dataset, rows: np.ndarray) -> str:
        """It takes a trunk, and two classes of enough rows."""
        if not self.recipe.hidden:
            return (
                "what is transferred are hidden layers, and the recipe has none; give it some, for "
                "example --hidden 64 64."
            )
        return too_few_classes(dataset.targets[rows])

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Pretrain one network per replicate on the source, and its twin on shuffled answers."""
        labels = dataset.targets[rows]
        used = rows[np.isin(labels, usable_classes(labels))]
        replicates = replicates_of(dataset, used, budget, seed)
        tasks = [task_of(labels, seed, number) for number in range(len(replicates.splits))]
        base = self._base(budget, int(np.isin(labels, tasks[0].pretraining).sum()))
        trials = tuple(
            _pretraining(replicates, number, task, base) for number, task in enumerate(tasks)
        )
        arms = tuple(
            Arm(f"pretraining on the {target}", member.recipe, target)
            for target, member in zip((SOURCE, SHUFFLED), trials[0].members, strict=True)
        )
        return Design(dataset, arms, trials)

    def next_design(self, results: Results, budget: BudgetName, seed: int) -> Design | None:
        """Learn the target from every number of rows, from every start."""
        if results.earlier is not None:
            return None
        dataset, labels = results.design.dataset, usable_labels(results)
        tasks = [task_of(labels, seed, number) for number in range(len(results.outcomes))]
        most = round(MOST_PER_CLASS * len(tasks[0].target) / (1 - VALIDATION_SHARE))
        base = self._base(budget, min(most, int(np.isin(labels, tasks[0].target).sum())))
        trials = tuple(
            _learning(dataset, outcome, task, base, target_levels(results))
            for outcome, task in zip(results.outcomes, tasks, strict=True)
        )
        recipes = (base, base, frozen(base), base, frozen(base))
        arms = tuple(
            Arm(name, recipe, key) for name, recipe, key in zip(NAMES, recipes, KEYS, strict=True)
        )
        return Design(dataset, arms, trials)

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims at the fewest rows and at all."""
        loss, accuracy = by_level(results, "loss"), by_level(results, "accuracy")
        gain = loss[:, :, SCRATCH] - loss[:, :, TUNED]
        few, most = f"{FEWEST} rows per class", "all rows"
        pairs = (
            (TUNED, SCRATCH, 0, few),
            (FROZEN, SCRATCH, 0, few),
            (TUNED, FROZEN, -1, most),
            (TUNED, CONTROL, 0, few),
        )
        comparisons = []
        for arm, other, level, where in pairs:
            versus = f"{NAMES[arm].lower()} − {NAMES[other].lower()}, {where}"
            both = [values[:, level, [arm, other]] for values in (loss, accuracy)]
            notes = [
                _beside_untrained(values) if arm == FROZEN else "" for values in (loss, accuracy)
            ]
            comparisons += _lower_and_higher(versus, both, notes)
        shrinks = Comparison(
            "",
            f"gain in log loss, {most} − {few} (nats)",
            gain[:, 0] - gain[:, -1],
            falls=True,
            note=f"It gains {numeral(gain[:, 0].mean(), 3)} nats with the fewest rows and "
            f"{numeral(gain[:, -1].mean(), 3)} with all.",
            subject="log loss",
        )
        comparisons.insert(2, shrinks)
        return judge(stated(self.claims, comparisons), results.design.validation_share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """Accuracy and log loss against rows, and what each trunk is worth."""
        return (*curve_charts(results), gain_chart(results))

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per number of rows and start; and what the trunks had learned."""
        return (level_table(results), source_table(results))

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        assert results.earlier is not None
        recipe, trial = results.design.arms[SCRATCH].recipe, results.design.trials[0]
        pretrained = results.earlier.design.arms[0].recipe
        assert trial.split is not None
        return (
            f"{len(results.outcomes)} replicates: a stratified split "
            f"({len(trial.split.training)} training, {len(trial.split.validation)} validation rows "
            f"of classes with at least {LEAST_ROWS}) and a seed, the same for all arms. "
            f"{source_in_words(results)} Inputs are encoded once per replicate, by its training "
            "rows. A network is drawn and pretrained for "
            f"{pretrained.epochs} epochs; a second one from the same draw learns the same answers "
            "dealt to other rows, so that it has trained as long and learned nothing true. "
            "Scratch begins as that network was drawn; all starts get the same new last layer, the "
            f"same rows (fewer rows are part of more), seed and epochs: {recipe.epochs} with "
            f"{recipe.optimizer} (learning rate {numeral(recipe.learning_rate)}, batches of "
            f"{recipe.batch_size}), or more where few rows would make fewer than {LEAST_STEPS} "
            "steps and fewer than all rows do. Fewer than "
            f"{DRAWN_ROWS} rows per class are drawn several times, no row twice, and their mean "
            f"counts; all rows are at most {MOST_PER_CLASS} per class. A frozen trunk keeps its "
            "weights and trains the last layer alone. Networks are judged at the last epoch on the "
            "target's validation rows, which play no part in training. The corrected t takes the "
            "test share of the split. Transfer: Yosinski, Clune, Bengio and "
            "Lipson, How transferable are features in deep neural networks? (2014); restoring "
            f"inputs: Vincent, Larochelle, Bengio and Manzagol (2008). {METHODS}"
        )

    def _base(self, budget: BudgetName, rows: int) -> Recipe:
        # No validation rows take part in training, so there is nothing to monitor.
        return self.budgeted(budget, rows).changed(patience=None, monitor="loss")


def _lower_and_higher(
    versus: str, both: Sequence[np.ndarray], notes: Sequence[str]
) -> list[Comparison]:
    """Compare log losses (r, 2), of which the first should be lower, and accuracies likewise."""
    loss, accuracy = (values[:, 0] - values[:, 1] for values in both)
    return [
        Comparison(
            "",
            f"log loss, {versus} (nats)",
            -loss,
            falls=True,
            note=notes[0],
            subject="log loss",
        ),
        Comparison("", f"accuracy, {versus}", accuracy, note=notes[1], subject="accuracy"),
    ]


def _beside_untrained(values: np.ndarray) -> str:
    """Say what of a frozen trunk's number is due to its being frozen."""
    scratch, frozen_one, untrained = values[:, 0, [SCRATCH, FROZEN, UNTRAINED]].mean(axis=0)
    return (
        f"Scratch {numeral(scratch, 3)}, frozen {numeral(frozen_one, 3)}; frozen before "
        f"pretraining {numeral(untrained, 3)}, which is what having few weights to train does "
        "alone."
    )


def _pretraining(replicates: Replicates, number: int, task: Task, base: Recipe) -> Trial:
    """The first stage of a replicate: its source, and the same with its answers shuffled."""
    encoding, training, validation, _ = replicates.encoded(number)
    rows, judged = (only(part, task.pretraining) for part in (training, validation))
    seed, answers = replicates.seeds[number], _answers(rows, task)
    dealt = stream(seed, SHUFFLED).permutation(len(rows))
    inputs = rows.x.shape[1]
    return Trial(
        members=tuple(
            Member(source_recipe(base, task, inputs, target), seed=seed)
            for target in (SOURCE, SHUFFLED)
        ),
        training=Rows(rows.x, {SOURCE: answers, SHUFFLED: answers[dealt]}),
        judged=Rows(judged.x, {SOURCE: _answers(judged, task)}),
        monitored=None,
        classes=dict.fromkeys((SOURCE, SHUFFLED), len(task.source)) if task.source else {},
        snapshots=(0,),
        split=replicates.splits[number],
        encoding=encoding,
    )


def _answers(rows: Rows, task: Task) -> np.ndarray:
    """What the source asks of rows: their classes, or their inputs."""
    return rows.labels if task.source else rows.x


def _learning(
    dataset: Dataset, outcome: Outcome, task: Task, base: Recipe, levels: Sequence[int | None]
) -> Trial:
    """The second stage of a replicate: every start with every number of rows."""
    split, encoding = outcome.trial.split, outcome.trial.encoding
    assert split is not None
    assert encoding is not None
    seed, classes = int(outcome.trial.members[0].seed), len(task.target)
    training, judged = (
        only(Rows(encoding.transform(dataset, part), dataset.targets[part]), task.target)
        for part in (split.training, split.validation)
    )
    kept = ranked(training.labels, stream(seed, "rows of the target"), MOST_PER_CLASS)
    pool = Rows(training.x[kept], training.labels[kept])
    return Trial(
        members=tuple(
            member
            for level in levels
            for member in _starts(outcome, base, level, len(pool), classes)
        ),
        training=pool,
        judged=judged,
        monitored=None,
        classes=classes,
        split=split,
        encoding=encoding,
    )


def _starts(
    outcome: Outcome, base: Recipe, level: int | None, rows: int, classes: int
) -> list[Member]:
    """Every start with one number of rows per class, for each draw of them.

    Args:
        outcome: Of the replicate's pretraining.
        base: Of the target.
        level: Rows per class; None for all.
        rows: How many all are, a ranked table.
        classes: c of the target.
    """
    pretrained, shuffled = outcome.networks
    drawn, seed = outcome.snapshots[0][0], int(outcome.trial.members[0].seed)
    tuned = lengthened(base, rows if level is None else level * classes, rows)
    starts = (
        (drawn, tuned),
        (pretrained, tuned),
        (pretrained, frozen(tuned)),
        (shuffled, tuned),
        (drawn, frozen(tuned)),
    )
    initial = [
        with_fresh_head(trunk, recipe, classes, stream(seed, "last layer of the target"))
        for trunk, recipe in starts
    ]
    return [
        Member(network.recipe, seed=seed, rows=draw, initial=network)
        for draw in draws_of(level, rows, classes, DRAWN_ROWS)
        for network in initial
    ]
