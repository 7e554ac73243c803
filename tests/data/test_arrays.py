import numpy as np
import pytest

from levelset.data import from_arrays
from levelset.errors import DataError

X = np.arange(8.0).reshape(4, 2)
Y = np.array([0, 1, 0, 1])


def test_arrays_are_taken_as_they_are():
    data = from_arrays(X, Y, feature_names=["a", "b"], name="mine")
    np.testing.assert_array_equal(data.values, X)
    np.testing.assert_array_equal(data.targets, Y)
    assert [column.name for column in data.columns] == ["a", "b"]
    assert data.name == data.provenance.source == "mine"
    assert data.notes == ()


def test_the_digest_follows_the_arrays():
    digest = from_arrays(X, Y).provenance.digest
    assert digest == from_arrays(X.copy(), Y).provenance.digest
    assert digest != from_arrays(X + 1, Y).provenance.digest
    assert digest != from_arrays(X, 1 - Y).provenance.digest


def test_a_constant_column_stays_and_an_empty_one_is_noted():
    data = from_arrays([[1.0, np.nan], [1.0, np.nan]], [0, 1])
    assert len(data.columns) == 2
    assert data.notes == ("Without any value: `x2`.",)


def test_objects_that_are_numbers_are_numbers():
    data = from_arrays(np.array([[1, 2.5], [None, 3]], dtype=object), [0, 1])
    np.testing.assert_array_equal(data.values, [[1, 2.5], [np.nan, 3]])


@pytest.mark.parametrize(
    ("values", "labels", "message"),
    [
        (np.zeros(4), Y, r"`X` must have shape \(n, d\) with n, d >= 1, got \(4,\)"),
        (np.zeros((0, 2)), Y[:0], r"n, d >= 1, got \(0, 2\)"),
        ([["a"], ["b"]], [0, 1], "`X` must be numeric, got dtype <U1; encode texts"),
        ([[1.0], [np.inf]], [0, 1], r"must be finite or NaN, got inf at X\[1, 0\]"),
        (
            X,
            np.zeros((4, 3)),
            r"shape \(n,\) = \(4,\), got \(4, 3\); pass class labels, not one-hot rows\.",
        ),
        (X, Y[:3], r"`y` must have shape \(n,\) = \(4,\), got \(3,\)"),
        (X, [0.0, np.nan, 1.0, 1.0], r"label in every row, got nan at y\[1\] \(1 row in all\)"),
        (
            X,
            np.array(["a", None, "b", None], dtype=object),
            r"got None at y\[1\] \(2 rows in all\)",
        ),
        (X, [1, 1, 1, 1], "two classes or more, got only `1`"),
    ],
)
def test_messages(values, labels, message):
    with pytest.raises(DataError, match=message):
        from_arrays(values, labels)


def test_names_must_fit_and_differ():
    with pytest.raises(DataError, match="`feature_names` must have d = 2 names, got 1"):
        from_arrays(X, Y, feature_names=["a"])
    with pytest.raises(DataError, match="must differ, got `a` more than once"):
        from_arrays(X, Y, feature_names=["a", "a"])


def test_all_faults_come_at_once():
    with pytest.raises(DataError) as caught:
        from_arrays([[np.inf, 1.0], [1.0, 2.0]], np.eye(2), feature_names=["a"])
    for part in ("`X` must be finite", "`y` must have shape", "`feature_names` must have"):
        assert part in str(caught.value)
