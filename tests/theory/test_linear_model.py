import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from levelset.errors import DataError
from levelset.seeds import stream
from levelset.theory import (
    ACTIVATIONS,
    forward,
    logistic_regression,
    multiplied_out,
    smoothed_cross_entropy,
)


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    generator = stream(0, "linear model")
    x = generator.normal(size=(60, 4))
    labels = (x[:, :3] + 0.5 * generator.normal(size=(60, 3))).argmax(axis=1)
    return x, labels


def test_one_layer_does_what_many_do() -> None:
    generator = stream(0, "layers")
    shapes = [(4, 7), (7, 2), (2, 3)]
    weights = [generator.normal(size=shape) for shape in shapes]
    biases = [generator.normal(size=outputs) for _, outputs in shapes]
    x = generator.normal(size=(5, 4))
    expected = forward(weights, biases, [ACTIVATIONS["identity"]] * 2, x).logits
    model = multiplied_out(weights, biases)
    np.testing.assert_allclose(model.logits(x), expected, rtol=1e-12)


def test_smoothed_cross_entropy_equals_its_slow_twin() -> None:
    q, labels, s = np.array([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]), np.array([2, 0]), 0.3
    total = 0.0
    for row in range(2):
        for c in range(3):
            y = (1 - s) * (labels[row] == c) + s / 3
            total -= y * math.log(q[row, c]) / 2
    assert float(smoothed_cross_entropy(q, labels, s)) == pytest.approx(total, rel=1e-14)


def test_equals_scikit_learn_on_weighted_copies_of_the_rows(rows) -> None:
    x, labels = rows
    smoothing, classes = 0.1, 3
    model, loss = logistic_regression(x, labels, classes, smoothing)
    copies = np.tile(x, (classes, 1))
    said = np.repeat(np.arange(classes), len(x))
    weights = np.where(said == np.tile(labels, classes), 1 - smoothing, 0.0) + smoothing / classes
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    theirs.fit(copies, said, sample_weight=weights)
    np.testing.assert_allclose(model.probabilities(x), theirs.predict_proba(x), atol=1e-5)
    assert loss == pytest.approx(
        float(smoothed_cross_entropy(theirs.predict_proba(x), labels, smoothing)), abs=1e-9
    )


def test_no_other_linear_model_has_a_lower_loss(rows) -> None:
    x, labels = rows
    model, loss = logistic_regression(x, labels, 3, 0.1)
    generator = stream(1, "others")
    for scale in (1e-3, 1e-1):
        moved = x + scale * generator.normal(size=x.shape)  # other logits, by other inputs
        other = smoothed_cross_entropy(model.probabilities(moved), labels, 0.1)
        assert float(other) > loss


def test_what_no_row_varies_in_has_no_weight(rows) -> None:
    x, labels = rows
    model, _ = logistic_regression(np.column_stack([x, np.zeros(60)]), labels, 3, 0.1)
    assert (model.weight[-1] == 0).all()


@pytest.mark.parametrize("smoothing", [0.0, 1.0])
def test_labels_must_be_smoothed(rows, smoothing: float) -> None:
    with pytest.raises(DataError, match=r"`smoothing` must lie between 0 and 1, got .*; without"):
        logistic_regression(rows[0], rows[1], 3, smoothing)
