"""Every number from logits to gradient: the cross-entropy study."""

import numpy as np

from levelset.data import Dataset
from levelset.engine import Head, Member, Recipe
from levelset.seeds import stream
from levelset.studies.charts import Chart, Cloud, Curve, CurveChart, ScatterChart, Table
from levelset.studies.convergence import frequency_loss
from levelset.studies.design import (
    Arm,
    BudgetName,
    Design,
    Rows,
    Trial,
    paired_design,
    replicates_of,
)
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge
from levelset.studies.questions.cross_entropy.identities import (
    ENGINE_TOLERANCE,
    GRADIENT_TOLERANCE,
    IDENTITY_TOLERANCE,
    MOST_ROWS,
    SMOOTHING,
    STEP,
    deviations,
    judged_logits,
)
from levelset.studies.results import Outcome, Results, measured_once
from levelset.studies.study import Study
from levelset.theory import (
    cross_entropy,
    entropy,
    kl_divergence,
    one_hot,
    resampled_error,
    smooth_labels,
    softmax,
    softmax_cross_entropy,
)
from levelset.theory.numerals import numeral

MOST_POINTS = 300
CODE = "code"


class CrossEntropyStudy(Study):
    """Follow rows from logits to gradient, check the identities, and ask what one-hot coding buys.

    Beside the softmax network stands one that regresses on the number of the class, by squared
    error, and answers with the nearest number.
    """

    name = "cross-entropy"
    question = "What is cross-entropy, number by number, and what does one-hot coding buy?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            "The engine's gradient by the biases of the last layer is the rows' mean of "
            f"softmax − one-hot, to {numeral(ENGINE_TOLERANCE)}.",
            f"H(p, q) = H(p) + KL(p‖q), to {numeral(IDENTITY_TOLERANCE)} nats.",
            f"H(p, q) and KL(p‖q) have the same gradient q − p by the logits, to "
            f"{numeral(GRADIENT_TOLERANCE)}.",
            "After training, the cross-entropy of validation rows lies below that of knowing the "
            "class frequencies.",
            "Softmax on one-hot labels classifies more validation rows rightly than regression on "
            "class numbers.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Softmax on every replicate, and after those regression on class numbers on each."""
        # The claim on the gradient is one of labels as they are.
        base = self.budgeted(budget, len(rows)).changed(
            patience=None, monitor="loss", label_smoothing=0.0, class_weight=None
        )
        one = paired_design(
            replicates_of(dataset, rows, budget, seed),
            [Arm("Softmax", base, "softmax")],
            keep_best=False,
        )
        heads = (Head(loss="squared_error", target=CODE),)
        coded = base.changed(heads=heads)
        codes = [class_codes(len(dataset.classes), seed, r) for r in range(len(one.trials))]
        regressions = [
            _on_codes(trial, coded, code) for trial, code in zip(one.trials, codes, strict=True)
        ]
        arms = (*one.arms, Arm("Class numbers", coded, "class numbers"))
        return Design(dataset, arms, (*one.trials, *regressions))

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims."""
        measured = deviations(_softmax_outcomes(results))
        softmax_right, coded_right = accuracies(results)
        loss = np.array([_validation_loss(outcome) for outcome in _softmax_outcomes(results)])
        nothing = np.array(
            [
                frequency_loss(outcome.trial.training.labels)
                for outcome in _softmax_outcomes(results)
            ]
        )
        return judge(
            [
                _within(self.claims[0], "largest deviation", measured.engine, ENGINE_TOLERANCE),
                _within(self.claims[1], "largest deviation", measured.identity, IDENTITY_TOLERANCE),
                _within(
                    self.claims[2],
                    "largest deviation",
                    measured.divergence,
                    GRADIENT_TOLERANCE,
                ),
                Comparison(
                    self.claims[3],
                    "cross-entropy of validation rows − entropy of the frequencies (nats)",
                    nothing - loss,
                    falls=True,
                    subject="log loss",
                ),
                Comparison(
                    self.claims[4],
                    "validation accuracy, softmax − class numbers",
                    softmax_right - coded_right,
                    note=_coding_note(len(results.design.dataset.classes)),
                    subject="accuracy",
                ),
            ],
            results.design.test_share,
        )

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The loss of each row on the curve −ln q, and the size of its gradient beside it."""
        outcome = _softmax_outcomes(results)[0]
        logits, labels = judged_logits(outcome)
        some = np.unique(np.linspace(0, len(labels) - 1, MOST_POINTS).astype(np.int64))
        q = softmax(logits[some])
        y = one_hot(labels[some], logits.shape[1])
        own = (q * y).sum(axis=1)
        loss, size = np.asarray(cross_entropy(y, q)), np.linalg.norm(q - y, axis=1)
        right = q.argmax(axis=1) == labels[some]
        clouds = tuple(
            Cloud(name, own[chosen], loss[chosen], key)
            for name, chosen, key in (("Right", right, "right"), ("Wrong", ~right, "wrong"))
            if chosen.any()
        )
        scatter = ScatterChart(
            title="What each validation row costs",
            caption=(
                "Every row of the first replicate lies on the curve −ln q of its own class: a "
                "sure mistake costs without bound."
            ),
            x_label="Probability q of the row's class",
            y_label="Cross-entropy (nats)",
            clouds=clouds,
        )
        order = np.argsort(own, kind="stable")
        pull = CurveChart(
            title="How hard each validation row pulls",
            caption=(
                "The gradient by the logits, softmax − one-hot, is never longer than √2, and "
                "nearly as long for any sure mistake."
            ),
            x_label="Probability q of the row's class",
            y_label="Length of softmax − one-hot",
            curves=(Curve("Gradient", own[order], size[order][np.newaxis], "softmax"),),
        )
        return (scatter, pull)

    def tables(self, results: Results) -> tuple[Table, ...]:
        """Rows worked through; entropies beside each other; the two codings."""
        return (_working(results), _entropies(results), _codings(results))

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        count = len(_softmax_outcomes(results))
        trial = results.design.trials[0]
        recipe = results.design.arms[0].recipe
        return (
            f"Two arms on {count} replicates: a stratified split ({len(trial.training)} training, "
            f"{len(trial.judged or ())} validation rows) and a seed, the same for both. Networks "
            f"train for {recipe.epochs} epochs and are judged at the last. Probabilities p are "
            f"one-hot labels smoothed by {SMOOTHING:g} where entropies and divergences are "
            f"compared; up to {MOST_ROWS} validation rows of each replicate. Gradients by the "
            f"logits are central differences of step {numeral(STEP)}, whose error falls as its "
            "square; the engine's gradient is float32, everything else float64. Deviations "
            "are given as ratios to their tolerances, so below 1 is equal. Formulas: Goodfellow, "
            "Bengio and Courville, Deep Learning (2016), sections 3.13 and 6.2.2.3. " + METHODS
        )


def class_codes(classes: int, seed: int, replicate: int) -> np.ndarray:
    """Deal the numbers 0 .. c−1 to the classes: an order that means nothing."""
    return stream(seed, "class codes", replicate).permutation(classes).astype(np.float64)


def _on_codes(trial: Trial, recipe: Recipe, codes: np.ndarray) -> Trial:
    """The same replicate, learned by regression on the classes' numbers."""
    return Trial(
        members=tuple(Member(recipe, seed=member.seed) for member in trial.members),
        training=Rows(trial.training.x, {CODE: codes[trial.training.labels]}),
        judged=None,
        monitored=None,
        classes={},
        split=trial.split,
        encoding=trial.encoding,
    )


def _coding_note(classes: int) -> str:
    if classes > 2:
        return "Class numbers are dealt anew in each replicate."
    return (
        "With two classes no class lies between others: what differs is the loss, and how fast it "
        "is learned."
    )


def _softmax_outcomes(results: Results) -> tuple[Outcome, ...]:
    return results.outcomes[: len(results.outcomes) // 2]


def _validation_loss(outcome: Outcome) -> float:
    logits, labels = judged_logits(outcome)
    return float(softmax_cross_entropy(logits, one_hot(labels, logits.shape[1])).mean())


def _within(claim: str, effect: str, deviation: np.ndarray, tolerance: float) -> Comparison:
    """Put "no larger than a tolerance" as a ratio below one."""
    ratio = np.maximum(deviation / tolerance, 2.0**-40)  # 0 has no logarithm
    return Comparison(
        claim, f"{effect} ÷ {numeral(tolerance)}", -np.log2(ratio), is_log_ratio=True, falls=True
    )


@measured_once
def accuracies(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """Validation accuracy of softmax and of regression on class numbers, (r,) each."""
    by_softmax, by_codes = [], []
    one = _softmax_outcomes(results)
    for outcome, coded in zip(one, results.outcomes[len(one) :], strict=True):
        rows, learned = outcome.trial.judged, coded.trial.training
        assert rows is not None
        assert not isinstance(learned.y, np.ndarray)
        codes = np.full(len(results.design.dataset.classes), np.inf)
        codes[outcome.trial.training.labels] = learned.y[CODE]
        answers = coded.networks[0].outputs(rows.x)[CODE][:, 0]
        nearest = np.abs(answers[:, np.newaxis] - codes).argmin(axis=1)
        by_softmax.append(float((outcome.networks[0].predict(rows.x) == rows.labels).mean()))
        by_codes.append(float((nearest == rows.labels).mean()))
    return np.array(by_softmax), np.array(by_codes)


def _worked_rows(outcome: Outcome) -> np.ndarray:
    """Numbers of the judged rows of lowest, middle and highest loss."""
    logits, labels = judged_logits(outcome)
    loss = softmax_cross_entropy(logits, one_hot(labels, logits.shape[1]))
    order = np.argsort(loss, kind="stable")
    return np.unique(order[[0, len(order) // 2, -1]])


def _working(results: Results) -> Table:
    outcome, classes = results.outcomes[0], results.design.dataset.classes
    split = outcome.trial.split
    assert split is not None
    logits, labels = judged_logits(outcome)
    rows = []
    for row in _worked_rows(outcome):
        z, y = logits[row], one_hot(labels[[row]], logits.shape[1])[0]
        exponentials, q = np.exp(z - z.max()), softmax(z)
        likeliest = np.argsort(-q, kind="stable")[:3]
        for label in np.unique(np.append(likeliest, labels[row])):
            rows.append(
                (
                    int(split.validation[row]),
                    classes[label],
                    *map(float, (z[label], exponentials[label], q[label], y[label])),
                    # A class that is not the row's own adds nothing, and no −0.
                    float(cross_entropy(y, q)) if y[label] else 0.0,
                    float(q[label] - y[label]),
                )
            )
    columns = (
        "row",
        "class",
        "logit z",
        "exp(z − max z)",
        "softmax q",
        "one-hot y",
        "−y ln q (nats)",
        "gradient q − y",
    )
    caption = (
        "The validation rows of lowest, middle and highest loss in the first replicate, numbered "
        "from 0 as in the table; their likeliest classes and their own."
    )
    return Table("From logits to gradient", caption, columns, tuple(rows))


def _entropies(results: Results) -> Table:
    """H(p), KL and H(p, q) of labels as they are and smoothed, beside each other."""
    outcome = results.outcomes[0]
    logits, labels = judged_logits(outcome)
    y, q = one_hot(labels, logits.shape[1]), softmax(logits)
    targets = (("one-hot", y), (f"smoothed by {SMOOTHING:g}", smooth_labels(y, SMOOTHING)))
    rows = tuple(
        (
            name,
            float(entropy(p).mean()) + 0.0,
            float(kl_divergence(p, q).mean()),
            float(cross_entropy(p, q).mean()),
        )
        for name, p in targets
    )
    return Table(
        "Entropy, divergence and cross-entropy",
        f"Means over the {len(labels)} validation rows of the first replicate, in nats: "
        "H(p, q) = H(p) + KL(p‖q). A one-hot label leaves nothing open, so H(p) = 0.",
        ("labels p", "H(p)", "KL(p‖q)", "H(p, q)"),
        rows,
    )


def _codings(results: Results) -> Table:
    by_softmax, by_codes = accuracies(results)
    classes = len(results.design.dataset.classes)
    rows = tuple(
        (name, float(values.mean()), resampled_error(values, results.design.test_share))
        for name, values in (("one-hot, softmax", by_softmax), ("class numbers", by_codes))
    )
    return Table(
        "Two codings of the class",
        f"Validation accuracy, means over {len(by_softmax)} replicates. A number for each of "
        f"{classes} classes says that some lie between others, which a class does not; with two "
        "classes there is no between.",
        ("coding", "accuracy", "standard error"),
        rows,
    )
