"""scikit-learn's whole suite for estimators."""

import inspect
from collections.abc import Callable

from sklearn.utils.estimator_checks import parametrize_with_checks

from levelset.estimators import MLPClassifier

WEIGHTS = "check_sample_weight_equivalence_on_dense_data"


class Unwatched(MLPClassifier):
    """The same, but for the type checks of these tests: its constructor takes anything."""

    __init__ = inspect.unwrap(MLPClassifier.__init__)


def is_whole_batch(classifier: MLPClassifier) -> bool:
    return classifier.batch_size >= 1000 and classifier.dtype == "float64"


def expected_failures(classifier: MLPClassifier) -> dict[str, str]:
    # Three equal rows and one row of weight 3 are cut into other mini-batches; where a batch is all
    # rows they are the same, to the last digits of the numbers.
    reason = "equal sums over all rows are other sums over mini-batches"
    return {} if is_whole_batch(classifier) else {WEIGHTS: reason}


@parametrize_with_checks(
    [
        Unwatched(),
        Unwatched((32,), ensemble_size=3, learning_rate=0.01, epochs=30),
        Unwatched(batch_size=1000, dtype="float64", learning_rate=0.01),
    ],
    expected_failed_checks=expected_failures,
)
def test_the_suite(estimator: MLPClassifier, check: Callable[[MLPClassifier], None]) -> None:
    check(estimator)


def test_the_suite_sees_the_parameters_of_the_classifier() -> None:
    assert inspect.signature(Unwatched) == inspect.signature(MLPClassifier)
