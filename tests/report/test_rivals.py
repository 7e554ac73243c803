import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from levelset.diagnostics import row_losses
from levelset.report.rivals import TREES, fit_boosting, fit_logistic
from levelset.seeds import stream
from levelset.studies import Rows


def table(rows, seed=0):
    """Two features whose product decides: trees can learn it, a line cannot."""
    generator = stream(seed, "rivals", rows)
    x = generator.normal(size=(rows, 2))
    return Rows(x, (x[:, 0] * x[:, 1] > 0).astype(np.int64))


@pytest.fixture(scope="module")
def parts():
    return table(240), table(80, seed=1), table(80, seed=2)


def loss(probabilities, rows):
    return float(row_losses(probabilities, rows.labels).mean())


def test_boosting_learns_what_a_line_cannot(parts):
    training, validation, test = parts
    boosted, _ = fit_boosting(training, validation, test.x, TREES, 0)
    linear, _ = fit_logistic(training, validation, test.x)
    assert loss(boosted, test) < 0.4 < 0.6 < loss(linear, test)
    assert boosted.sum(axis=1) == pytest.approx(np.ones(80))


def test_many_classes_of_few_rows_are_classes_and_no_warning():
    # Warnings are errors in tests.
    rows = Rows(stream(0, "many").normal(size=(40, 2)), np.arange(40) % 25)
    boosted, _ = fit_boosting(rows, rows, rows.x, TREES[:1], 0)
    assert boosted.shape == (40, 25)


def test_boosting_stops_where_the_validation_loss_is_lowest(parts):
    training, validation, _ = parts
    boosted, (leaves, rows) = fit_boosting(training, validation, validation.x, TREES[:1], 0)
    model = HistGradientBoostingClassifier(
        learning_rate=0.1, max_iter=1, max_leaf_nodes=leaves, min_samples_leaf=rows,
        early_stopping=False, random_state=0, warm_start=True,
    )  # fmt: skip
    losses = []
    with threadpool_limits(limits=1, user_api="openmp"):
        for rounds in range(1, 60):
            model.set_params(max_iter=rounds).fit(training.x, training.y)
            losses.append(loss(model.predict_proba(validation.x), validation))
    lowest = min(losses)
    assert losses.index(lowest) < 50  # patience has run out
    assert loss(boosted, validation) == pytest.approx(lowest, rel=1e-6)


def test_the_size_of_trees_is_that_of_the_lowest_validation_loss(parts):
    training, validation, _ = parts
    one_each = [fit_boosting(training, validation, validation.x, (size,), 0)[0] for size in TREES]
    _, chosen = fit_boosting(training, validation, validation.x, TREES, 0)
    losses = [loss(q, validation) for q in one_each]
    assert chosen == TREES[int(np.argmin(losses))]


def test_small_tables_and_several_classes_are_fine():
    labels = np.arange(24) % 3
    x = stream(0, "small").normal(size=(24, 2)) + labels[:, None]
    training, validation, test = (Rows(x[:n], labels[:n]) for n in (24, 12, 12))
    boosted, _ = fit_boosting(training, validation, test.x, TREES, 0)
    linear, failures = fit_logistic(training, validation, test.x)
    assert boosted.shape == linear.shape == (12, 3)
    assert failures == 0


def test_fits_are_the_same_twice(parts):
    training, validation, test = parts
    one, two = (fit_boosting(training, validation, test.x, TREES, 7)[0] for _ in range(2))
    assert (one == two).all()
