"""What does the network believe? The softmax study."""

from dataclasses import dataclass

import numpy as np

from levelset.data import Dataset
from levelset.diagnostics.losses import row_losses
from levelset.diagnostics.network import logits_by_the_core
from levelset.engine import Network
from levelset.studies.charts import Chart, Curve, CurveChart, SimplexChart, SimplexPanel, Table
from levelset.studies.design import Arm, BudgetName, Design, Trial, paired_design, replicates_of
from levelset.studies.finding import Finding
from levelset.studies.judgement import METHODS, Comparison, judge, stated
from levelset.studies.results import Outcome, Results, measured_once
from levelset.studies.study import Study
from levelset.theory import fit_temperature, reliability, softmax, tempered, top_label
from levelset.theory.calibration import TEMPERATURE_BOUNDS

TEST_SHARE = 0.2
SMOOTHING = 0.1
BINS = 10
TEMPERATURES = np.geomspace(0.1, 10.0, 41)
SIMPLEX_TEMPERATURES = (0.5, 1.0, 3.0)
CORNERS = 3
SHOWN_ROWS = 4
MOST_POINTS = 200


@dataclass(frozen=True, eq=False)
class Beliefs:
    """How sure each network is of the judged rows, and how right, (r, a) each.

    Attributes:
        confidence: Mean probability of the likeliest class.
        accuracy: Share of rows whose class it is.
        calibration_error: ECE of the likeliest class, in bins of equal width.
        temperature: T fitted on the validation rows; 1 where they are all right.
        loss: Mean cross-entropy, in nats.
        tempered_loss: The same at that temperature.
        undecided: Whether all validation rows were right, which says nothing of T.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    calibration_error: np.ndarray
    temperature: np.ndarray
    loss: np.ndarray
    tempered_loss: np.ndarray
    undecided: np.ndarray


class SoftmaxStudy(Study):
    """Ask how sure networks are and how often they are right, and what a temperature mends.

    Every network trains for all its epochs; temperatures are fitted on validation rows, and all is
    judged on test rows.
    """

    name = "softmax"
    question = "What does the network believe, and may it be believed?"

    @property
    def claims(self) -> tuple[str, ...]:
        """What the study states before it has seen the data."""
        return (
            "At the end of training the network is too sure: its mean confidence lies above its "
            "accuracy.",
            "The temperature that fits validation rows best lies above 1.",
            "That temperature lowers the log loss of test rows.",
            f"Label smoothing of {SMOOTHING:g} makes the network less sure.",
            f"Label smoothing of {SMOOTHING:g} lowers the calibration error.",
        )

    def design(self, dataset: Dataset, rows: np.ndarray, budget: BudgetName, seed: int) -> Design:
        """Hard and smoothed labels on every replicate, kept before training too."""
        # Validation rows fit the temperature; they must not choose the epoch as well.
        base = self.budgeted(budget, len(rows)).changed(
            patience=None, monitor="loss", label_smoothing=0.0
        )
        arms = [
            Arm("Labels as they are", base, "plain"),
            Arm(
                f"Label smoothing {SMOOTHING:g}",
                base.changed(label_smoothing=SMOOTHING),
                f"label smoothing={SMOOTHING:g}",
            ),
        ]
        replicates = replicates_of(dataset, rows, budget, seed, TEST_SHARE)
        return paired_design(replicates, arms, keep_best=False, snapshots=(0,))

    def findings(self, results: Results) -> tuple[Finding, ...]:
        """Judge the claims."""
        beliefs, share = _beliefs(results), results.design.test_share
        return judge(stated(self.claims, [*_sureness(beliefs), *_smoothing(beliefs)]), share)

    def charts(self, results: Results) -> tuple[Chart, ...]:
        """The simplex, one row from logits to probabilities, and the reliability diagram."""
        simplex = _simplex(results) if len(results.design.dataset.classes) >= CORNERS else None
        charts = (simplex, _temperature_chart(results), _reliability_chart(results))
        return tuple(chart for chart in charts if chart is not None)

    def tables(self, results: Results) -> tuple[Table, ...]:
        """One row per arm; and some rows from logits to probabilities."""
        beliefs, n = _beliefs(results), len(results.outcomes)
        columns = (
            "network",
            "accuracy",
            "confidence",
            "calibration error",
            "log loss",
            "temperature",
            "log loss at it",
        )
        rows = tuple(
            (
                arm.name,
                *(
                    float(values[:, number].mean())
                    for values in (
                        beliefs.accuracy,
                        beliefs.confidence,
                        beliefs.calibration_error,
                        beliefs.loss,
                    )
                ),
                float(np.exp(np.log(beliefs.temperature[:, number]).mean())),
                float(beliefs.tempered_loss[:, number].mean()),
            )
            for number, arm in enumerate(results.design.arms)
        )
        caption = (
            f"Means over the test rows of {n} replicates (temperatures: geometric); log losses in "
            f"nats. Calibration error: of the likeliest class, in {BINS} bins. A temperature "
            "divides all logits of a row by one number, so it changes no decision."
        )
        return (Table("How sure and how right", caption, columns, rows), _working(results))

    def methods(self, results: Results) -> str:
        """Say how it was done."""
        test = results.outcomes[0].trial.judged
        return (
            f"{len(results.design.arms)} arms on {len(results.outcomes)} replicates, each with its "
            f"own seed and stratified split: {len(results.design.trials[0].training)} training "
            f"rows, {_validation_count(results.design.trials[0])} validation rows that fit the "
            f"temperature alone, and {len(test or ())} test rows that judge. Networks train for "
            f"{results.design.arms[0].recipe.epochs} epochs and are judged at the last. "
            "Temperature scaling and the expected calibration error: Guo, Pleiss, Sun and "
            f"Weinberger (ICML 2017). {METHODS}"
        )


def _validation_count(trial: Trial) -> int:
    assert trial.split is not None
    return len(trial.split.validation)


def _sureness(beliefs: Beliefs) -> list[Comparison]:
    """How sure the network is of labels as they are, and what a temperature mends."""
    plain, n = 0, len(beliefs.undecided)
    undecided = int(beliefs.undecided[:, plain].sum())
    note = (
        f"In {undecided} of {n} replicates every validation row is right, "
        "which says nothing of T; it counts as 1 there."
        if undecided
        else ""
    )
    return [
        Comparison(
            "",
            "mean confidence − accuracy",
            (beliefs.confidence - beliefs.accuracy)[:, plain],
        ),
        Comparison(
            "",
            "temperature",
            np.log2(beliefs.temperature[:, plain]),
            is_log_ratio=True,
            note=note,
        ),
        Comparison(
            "",
            "test log loss, at the temperature − at 1 (nats)",
            (beliefs.loss - beliefs.tempered_loss)[:, plain],
            falls=True,
            note=note,
            subject="log loss",
        ),
    ]


def _smoothing(beliefs: Beliefs) -> list[Comparison]:
    """What label smoothing does to confidence and to calibration."""
    measured = (
        ("mean confidence", beliefs.confidence),
        ("calibration error", beliefs.calibration_error),
    )
    return [
        Comparison("", f"{name}, smoothed − as they are", both[:, 0] - both[:, 1], falls=True)
        for name, both in measured
    ]


@measured_once
def _beliefs(results: Results) -> Beliefs:
    rows = [_beliefs_of(outcome, results.design.dataset) for outcome in results.outcomes]
    return Beliefs(*(np.array(part) for part in np.moveaxis(np.array(rows), -1, 0)))


def _beliefs_of(outcome: Outcome, dataset: Dataset) -> list[list[float]]:
    """The fields of Beliefs for each arm of one replicate, (a) of (7)."""
    trial = outcome.trial
    assert trial.split is not None
    assert trial.encoding is not None
    x_validation = trial.encoding.transform(dataset, trial.split.validation)
    y_validation = dataset.targets[trial.split.validation]
    probabilities, labels = outcome.judged
    rows = []
    for network, q in zip(outcome.networks, _as_probabilities(probabilities), strict=True):
        held_out = _as_probabilities(network.predict_proba(x_validation))
        temperature = fit_temperature(held_out, y_validation)
        undecided = temperature == TEMPERATURE_BOUNDS[0]
        if undecided:
            temperature = 1.0
        confidence, right = top_label(q, labels)
        rows.append(
            [
                float(confidence.mean()),
                float(right.mean()),
                reliability(confidence, right, bins=BINS).error,
                temperature,
                float(row_losses(q, labels).mean()),
                float(row_losses(tempered(q, temperature), labels).mean()),
                float(undecided),
            ]
        )
    return rows


def _as_probabilities(given: np.ndarray) -> np.ndarray:
    """Make rows of float32 sum to one in float64."""
    wide = given.astype(np.float64)
    return wide / wide.sum(axis=-1, keepdims=True)


def _logits(network: Network, x: np.ndarray) -> np.ndarray:
    return logits_by_the_core(network)(x)


def most_frequent(labels: np.ndarray, classes: int) -> np.ndarray:
    """Give the numbers of the three most frequent classes, ascending."""
    counts = np.bincount(labels, minlength=classes)
    return np.sort(np.argsort(-counts, kind="stable")[:CORNERS])


def _simplex(results: Results) -> SimplexChart:
    """Draw where the rows of three classes lie before and after training, and at temperatures."""
    outcome, dataset = results.outcomes[0], results.design.dataset
    rows = outcome.trial.judged
    assert rows is not None
    corners = most_frequent(outcome.trial.training.labels, len(dataset.classes))
    chosen = np.flatnonzero(np.isin(rows.labels, corners))
    chosen = chosen[np.unique(np.linspace(0, len(chosen) - 1, MOST_POINTS).astype(np.int64))]
    x, labels = rows.x[chosen], np.searchsorted(corners, rows.labels[chosen])
    before, after = outcome.snapshots[0][0], outcome.networks[0]

    def panel(title: str, network: Network, temperature: float) -> SimplexPanel:
        return SimplexPanel(title, softmax(_logits(network, x)[:, corners] / temperature), labels)

    only = (
        ""
        if len(dataset.classes) == CORNERS
        else " Of all classes the three most frequent are drawn, with probabilities among them."
    )
    return SimplexChart(
        title="Test rows in the simplex of three classes",
        caption=(
            "A corner is certainty, the middle is one third each. Higher temperatures T draw all "
            f"rows towards the middle, and no row changes its likeliest class.{only}"
        ),
        panels=(
            panel("Before training", before, 1.0),
            *(panel(f"After, T = {value:g}", after, value) for value in SIMPLEX_TEMPERATURES),
        ),
        classes=tuple(dataset.classes[corner] for corner in corners),
    )


def _least_sure(outcome: Outcome, count: int) -> np.ndarray:
    """Numbers of the judged rows whose two likeliest classes are closest, by the first network."""
    q = np.sort(outcome.judged[0][0], axis=-1)
    return np.argsort(q[:, -1] - q[:, -2], kind="stable")[:count]


def _temperature_chart(results: Results) -> CurveChart:
    outcome, classes = results.outcomes[0], results.design.dataset.classes
    rows = outcome.trial.judged
    assert rows is not None
    (row,) = _least_sure(outcome, 1)
    logits = _logits(outcome.networks[0], rows.x[[row]])
    shown = np.argsort(-logits[0], kind="stable")[:5]
    q = softmax(logits / TEMPERATURES[:, np.newaxis])  # (k, c)
    curves = tuple(
        Curve(classes[label], TEMPERATURES, q[np.newaxis, :, label], f"class {classes[label]}")
        for label in shown
    )
    return CurveChart(
        title="One row's probabilities at every temperature",
        caption=(
            f"The test row of the first replicate that is least sure; it is of class "
            f"{classes[rows.labels[row]]}. At T = 1 stands what the network says."
        ),
        x_label="Temperature T",
        y_label="Probability of a class",
        curves=curves,
        x_log=True,
    )


def _reliability_chart(results: Results) -> CurveChart:
    """Observed share against confidence, bin by bin, one line per arm."""
    edges = np.linspace(0.0, 1.0, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    curves = []
    for number, arm in enumerate(results.design.arms):
        observed = np.full((len(results.outcomes), BINS), np.nan)
        for replicate, outcome in enumerate(results.outcomes):
            probabilities, labels = outcome.judged
            confidence, right = top_label(_as_probabilities(probabilities[number]), labels)
            bins = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, BINS - 1)
            for own in np.unique(bins):
                observed[replicate, own] = right[bins == own].mean()
        curves.append(Curve(arm.name, middles, observed, arm.color_key))
    return CurveChart(
        title="Reliability: how often a confidence is right",
        caption=(
            "Below the level line of the reference the network is too sure. Each replicate gives "
            "one share a bin; bins that few rows fall into are wide bands."
        ),
        x_label="Probability of the likeliest class",
        y_label="Share of rows that are right",
        curves=(
            *curves,
            Curve("As sure as right", middles, middles[np.newaxis], "reference"),
        ),
    )


def _working(results: Results) -> Table:
    """Logits, exponentials and probabilities of the rows that are least sure."""
    outcome, classes = results.outcomes[0], results.design.dataset.classes
    judged, split = outcome.trial.judged, outcome.trial.split
    assert judged is not None
    assert split is not None
    rows = []
    for row in _least_sure(outcome, SHOWN_ROWS):
        logits = _logits(outcome.networks[0], judged.x[[row]])[0]
        shifted = np.exp(logits - logits.max())
        for label in np.argsort(-logits, kind="stable")[:CORNERS]:
            rows.append(
                (
                    int(split.test[row]),
                    classes[judged.labels[row]],
                    classes[label],
                    float(logits[label]),
                    float(shifted[label]),
                    float(shifted[label] / shifted.sum()),
                )
            )
    return Table(
        "From logits to probabilities",
        "The test rows of the first replicate that are least sure, numbered from 0 as in the "
        "table, and the likeliest classes of each: q_c = exp(z_c − max z) / Σ exp(z − max z).",
        ("row", "true class", "class", "logit z", "exp(z − max z)", "probability q"),
        tuple(rows),
    )
