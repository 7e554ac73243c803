import dataclasses

import numpy as np
import pytest

from levelset.data import from_arrays, load


def test_summary_is_one_sentence():
    expected = (
        "wine: 178 rows, 13 numeric columns, 0 categorical, 3 classes (59, 71, 48), "
        "0 missing values"
    )
    assert load("wine").summary == repr(load("wine")) == expected


def test_many_classes_are_cut_in_the_summary():
    labels = np.repeat(np.arange(20), 2)
    data = from_arrays(np.arange(40.0)[:, None], labels)
    assert "20 classes (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, …)" in data.summary


def test_class_counts_and_missing_values():
    data = from_arrays([[0.0, np.nan], [1.0, np.nan], [2.0, 3.0]], ["b", "a", "b"])
    assert data.classes == ("a", "b")
    assert data.class_counts == (1, 2)
    assert data.missing_values == 2


def test_a_dataset_cannot_be_changed():
    data = load("moons")
    with pytest.raises(ValueError, match="read-only"):
        data.values[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        data.class_probabilities[0, 0] = 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(data, "name", "other")  # noqa: B010 (a type checker sees plain assignment)


def test_the_caller_keeps_a_writable_array():
    values = np.eye(4)
    data = from_arrays(values, [0, 1, 0, 1])
    values[0, 0] = 7.0
    assert data.values[0, 0] == 1.0


def test_the_class_probabilities_of_a_table_that_was_read_are_not_known():
    assert load("iris").class_probabilities is None
    assert from_arrays(np.eye(4), [0, 1, 0, 1]).class_probabilities is None
