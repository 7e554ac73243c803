"""What an MLP is judged beside: logistic regression and gradient-boosted trees, tuned alike.

Each learns from a split's training rows and makes its choices (how much to penalize, when to stop)
on the split's validation rows, as the MLP does.
"""

import itertools
import warnings
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from levelset.diagnostics import row_losses
from levelset.studies import Rows

INVERSE_PENALTIES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Values of C among which logistic regression chooses on the validation rows."""

TREES = ((31, 20), (8, 5))
"""Most leaves of a tree and fewest rows of a leaf, among which boosting chooses."""

LEARNING_RATE = 0.1
PATIENCE = 10
"""Rounds without a lower validation loss after which boosting stops."""


def fit_logistic(
    training: Rows, validation: Rows, x_test: Float[np.ndarray, "k d"]
) -> tuple[Float[np.ndarray, "k c"], int]:
    """Fit logistic regression at each C, and predict with that of lowest validation loss.

    Args:
        training: What is learned; holds every class.
        validation: What chooses.
        x_test: What is predicted.

    Returns:
        Probabilities, shape (k, c), and how many fits stopped at their limit of iterations.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    lowest, best, unconverged = np.inf, np.empty((0, 0)), 0
    for inverse_penalty in INVERSE_PENALTIES:
        model = LogisticRegression(C=inverse_penalty, max_iter=1000)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            model.fit(training.x, training.labels)
        unconverged += any(issubclass(w.category, ConvergenceWarning) for w in caught)
        loss = row_losses(model.predict_proba(validation.x), validation.labels).mean()
        if loss < lowest:
            lowest, best = loss, model.predict_proba(x_test)
    return best, unconverged


def fit_boosting(
    training: Rows,
    validation: Rows,
    x_test: Float[np.ndarray, "k d"],
    trees: Sequence[tuple[int, int]],
    random_state: int,
) -> tuple[Float[np.ndarray, "k c"], tuple[int, int]]:
    """Boost trees of each size, and predict with the size and round of lowest validation loss.

    Args:
        training: What is learned; holds every class.
        validation: What chooses.
        x_test: What is predicted.
        trees: Sizes to choose among, as in `TREES`.
        random_state: Of the fits.

    Returns:
        Probabilities, shape (k, c), and the size that was chosen.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    classes = int(training.labels.max()) + 1
    lowest, best, chosen = np.inf, np.empty((0, 0)), trees[0]
    for leaves, rows in trees:
        model = HistGradientBoostingClassifier(
            learning_rate=LEARNING_RATE,
            # A round grows a tree for each class.
            max_iter=max(50, min(200, 2000 // classes)),
            max_leaf_nodes=leaves,
            min_samples_leaf=rows,
            early_stopping=True,  # pyright: ignore[reportArgumentType] (or "auto")
            n_iter_no_change=PATIENCE,
            random_state=random_state,
        )
        # Its threads wait for each other in busy loops: on a machine with other work two of them
        # were up to a hundred times slower than one.
        with threadpool_limits(limits=1, user_api="openmp"), warnings.catch_warnings():
            # Many classes of few rows look like numbers to be predicted; they are classes.
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            model.fit(training.x, training.labels, X_val=validation.x, y_val=validation.labels)
            losses = [
                row_losses(q, validation.labels).mean()
                for q in model.staged_predict_proba(validation.x)
            ]
            if min(losses) < lowest:
                lowest, chosen = min(losses), (leaves, rows)
                stage = int(np.argmin(losses))
                best = next(itertools.islice(model.staged_predict_proba(x_test), stage, None))
    return best, chosen
