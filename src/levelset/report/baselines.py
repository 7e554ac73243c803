"""Is an MLP worth it here? The chosen recipe beside the majority class and logistic regression.

All three see the same training rows; what they may choose (when to stop, how much to penalize) they
choose on the same validation rows; and all are judged on test rows that no study has seen.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from levelset.data import Dataset, fit_encoding
from levelset.engine import Fleet, Member, Progress, Recipe
from levelset.errors import DataError
from levelset.report.content import Baseline
from levelset.seeds import stream
from levelset.studies import BUDGETS, BudgetName, Meter, cross_entropy, paired_splits
from levelset.theory.statistics import Interval, bootstrap_interval, wilson_interval

INVERSE_PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Values of C among which logistic regression chooses on the validation rows."""

CLASSIFIERS = ("majority", "logistic", "mlp")
NAMES = {"majority": "Majority class", "logistic": "Logistic regression", "mlp": "MLP"}


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
                name=NAMES[name],
                accuracy=_accuracy(self.correct[name]),
                log_loss=_mean(self.log_loss[name], stream(seed, "bootstrap", name)),
                color_key=name,
            )
            for name in CLASSIFIERS
        )

    def excess(self, other: str, seed: int) -> Interval:
        """Log loss of the MLP minus that of another, paired by test row, in nats."""
        difference = self.log_loss["mlp"] - self.log_loss[other]
        return _mean(difference, stream(seed, "bootstrap", "mlp", other))


def run_contest(
    dataset: Dataset,
    studied: np.ndarray,
    test: np.ndarray,
    recipe: Recipe,
    budget: BudgetName,
    seed: int,
    progress: Callable[[Progress], None] | None = None,
) -> Contest:
    """Train the three classifiers on several splits of the studied rows, and test them.

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
    predicted: dict[str, list[np.ndarray]] = {name: [] for name in CLASSIFIERS}
    unconverged = 0
    meter = Meter(progress, recipe.epochs * len(splits), len(splits))
    for number, split in enumerate(splits):
        encoding = fit_encoding(dataset, split.training)
        x, x_validation, x_test = (
            encoding.transform(dataset, part) for part in (split.training, split.validation, test)
        )
        y, y_validation = dataset.targets[split.training], dataset.targets[split.validation]
        classes = len(dataset.classes)
        frequencies = np.bincount(y, minlength=classes) / len(y)
        predicted["majority"].append(np.tile(frequencies, (len(test), 1)))
        logistic, failures = _logistic((x, y), (x_validation, y_validation), x_test, classes)
        predicted["logistic"].append(logistic)
        unconverged += failures
        fleet = Fleet(
            [Member(recipe, seed=seed + number)],
            x,
            y,
            validation=(x_validation, y_validation),
            classes=classes,
        )
        fleet.run(progress=meter.watch)
        meter.advance(recipe.epochs, 1)
        if fleet.record.diverged_epoch[0] >= 0 and fleet.record.best_epoch[0] < 0:
            raise DataError(
                "The chosen network must stay finite to be judged, but its loss diverged in its "
                f"first epoch; lower the learning rate ({recipe.learning_rate:g})."
            )
        predicted["mlp"].append(fleet.predict_proba(x_test)[0])
    stacked = {name: np.stack(parts) for name, parts in predicted.items()}  # (r, n, c)
    return Contest(
        log_loss={name: cross_entropy(q, y_test).mean(axis=0) for name, q in stacked.items()},
        correct={name: (q.argmax(-1) == y_test).mean(axis=0) for name, q in stacked.items()},
        replicates=len(splits),
        unconverged=unconverged,
    )


def _logistic(
    training: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    x_test: np.ndarray,
    classes: int,
) -> tuple[np.ndarray, int]:
    """Probabilities (n, c) at the C of lowest validation loss, and how many fits did not end."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    lowest, best, unconverged = np.inf, np.empty((0, 0)), 0
    for inverse_penalty in INVERSE_PENALTIES:
        model = LogisticRegression(C=inverse_penalty, max_iter=1000)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model.fit(*training)
        unconverged += any(issubclass(w.category, ConvergenceWarning) for w in caught)
        loss = cross_entropy(model.predict_proba(validation[0]), validation[1]).mean()
        if loss < lowest:
            lowest, best = loss, model.predict_proba(x_test)
    assert best.shape == (len(x_test), classes)  # a stratified split shows every class
    return best, unconverged


def _accuracy(correct: np.ndarray) -> Interval:
    """Wilson's interval at the rounded number of rows: it has a width even where all are right."""
    interval = wilson_interval(round(float(correct.sum())), len(correct))
    return Interval(
        float(correct.mean()), interval.low, interval.high, interval.level, len(correct)
    )


def _mean(values: np.ndarray, generator: np.random.Generator) -> Interval:
    return bootstrap_interval(values.astype(np.float64), generator)
