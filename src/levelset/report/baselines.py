"""Is an MLP worth it here? The chosen recipe beside the classifiers that cost less.

All see the same training rows; what they may choose (when to stop, how much to penalize) they
choose on the same validation rows; and all are judged on test rows that no study has seen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from levelset.data import Dataset, Split
from levelset.diagnostics import row_losses
from levelset.engine import Progress, Recipe
from levelset.errors import DataError
from levelset.report.content import Baseline
from levelset.report.rivals import TREES, fit_boosting, fit_logistic
from levelset.seeds import stream
from levelset.studies import (
    BUDGETS,
    Arm,
    BudgetName,
    Outcome,
    Replicates,
    Trial,
    paired_design,
    paired_splits,
    run_design,
)
from levelset.theory.numerals import numeral
from levelset.theory.statistics import Interval, bootstrap_interval, wilson_interval

NAMES = {
    "majority": "Majority class",
    "logistic": "Logistic regression",
    "boosting": "Gradient boosting",
    "mlp": "MLP",
}
"""What the reader sees of each classifier, the simplest first."""


@dataclass(frozen=True, eq=False)
class Contest:
    """How each classifier did on each test row, averaged over replicates.

    Attributes:
        log_loss: Mean −ln q_y by classifier, each (n,), in nats.
        correct: Share of replicates that classified the row rightly, each (n,).
        replicates: Training runs behind each number.
        unconverged: Fits of logistic regression that reached their limit of iterations.
    """

    log_loss: dict[str, np.ndarray]
    correct: dict[str, np.ndarray]
    replicates: int
    unconverged: int

    def baselines(self, seed: int) -> tuple[Baseline, ...]:
        """Give accuracy (Wilson) and log loss (bootstrap over rows) of each classifier."""
        return tuple(
            Baseline(
                name=name,
                accuracy=_accuracy(self.correct[key]),
                log_loss=_mean(self.log_loss[key], stream(seed, "bootstrap", key)),
                color_key=key,
            )
            for key, name in NAMES.items()
        )

    def excess(self, other: str, seed: int, one: str = "mlp") -> Interval:
        """Log loss of one (the MLP) minus that of another, paired by test row, in nats."""
        difference = self.log_loss[one] - self.log_loss[other]
        return _mean(difference, stream(seed, "bootstrap", one, other))


def run_contest(
    dataset: Dataset,
    studied: np.ndarray,
    test: np.ndarray,
    recipe: Recipe,
    budget: BudgetName,
    seed: int,
    progress: Callable[[Progress], None] | None = None,
) -> Contest:
    """Train each classifier on several splits of the studied rows, and test them.

    Args:
        dataset: The table.
        studied: Rows that may be learned from, shape (n,).
        test: Rows to be judged on, shape (k,).
        recipe: Of the MLP.
        budget: Gives the number of splits.
        seed: Of the splits and networks.
        progress: Called about 20 times a second while networks train.

    Returns:
        What each did on each test row.

    Raises:
        DataError: If a network diverged.
    """
    y_test = dataset.targets[test]
    splits = paired_splits(dataset, studied, BUDGETS[budget].replicates, seed)
    replicates = Replicates(
        dataset,
        tuple(Split(split.training, split.validation, test) for split in splits),
        tuple(range(seed, seed + len(splits))),
    )
    arm = Arm(NAMES["mlp"], recipe, "mlp")
    design = paired_design(replicates, [arm], keep_best=True, may_diverge=True)
    outcomes = run_design(design, progress).outcomes
    for outcome in outcomes:
        _require_a_network(outcome, recipe)
    predicted, unconverged = _rivals(design.trials, seed)
    predicted["mlp"] = np.stack([outcome.judged[0][0] for outcome in outcomes])
    return Contest(
        log_loss={name: row_losses(q, y_test).mean(axis=0) for name, q in predicted.items()},
        correct={name: (q.argmax(-1) == y_test).mean(axis=0) for name, q in predicted.items()},
        replicates=len(splits),
        unconverged=unconverged,
    )


def _rivals(trials: tuple[Trial, ...], seed: int) -> tuple[dict[str, np.ndarray], int]:
    """Class probabilities of the test rows by classifier, each (r, n, c); also failed fits."""
    predicted: dict[str, list[np.ndarray]] = {"majority": [], "logistic": [], "boosting": []}
    unconverged, trees = 0, TREES
    for number, trial in enumerate(trials):
        training, validation, test = trial.training, trial.monitored, trial.judged
        assert validation is not None
        assert test is not None
        assert isinstance(trial.classes, int)
        frequencies = np.bincount(training.labels, minlength=trial.classes) / len(training)
        predicted["majority"].append(np.tile(frequencies, (len(test), 1)))
        logistic, failures = fit_logistic(training, validation, test.x)
        predicted["logistic"].append(logistic)
        unconverged += failures
        state = int(stream(seed, "boosting", number).integers(2**31))
        boosted, chosen = fit_boosting(training, validation, test.x, trees, state)
        predicted["boosting"].append(boosted)
        trees = (chosen,)  # the first split chooses for the others
    return {name: np.stack(parts) for name, parts in predicted.items()}, unconverged


def _require_a_network(outcome: Outcome, recipe: Recipe) -> None:
    """Refuse a recipe that diverged before there was a network to keep."""
    if outcome.record.diverged_epoch[0] >= 0 and outcome.record.best_epoch[0] < 0:
        raise DataError(
            "The chosen network must stay finite to be judged, but its loss diverged in its "
            f"first epoch; lower the learning rate ({numeral(recipe.learning_rate)})."
        )


def _accuracy(correct: np.ndarray) -> Interval:
    """Wilson's interval at the rounded number of rows: it has a width even where all are right."""
    interval = wilson_interval(round(float(correct.sum())), len(correct))
    return Interval(
        float(correct.mean()), interval.low, interval.high, interval.level, len(correct)
    )


def _mean(values: np.ndarray, generator: np.random.Generator) -> Interval:
    return bootstrap_interval(values.astype(np.float64), generator)
