import dataclasses

import numpy as np
import pandas
import pytest

from levelset.data import fit_encoding, from_arrays, from_frame, load
from levelset.data.encoding import NumericEncoding
from levelset.errors import DataError

ALL = np.arange(6)
TRAINING = np.array([0, 1, 2, 3])


@pytest.fixture
def data():
    return from_frame(
        pandas.DataFrame(
            {
                "x": [1.0, 3.0, np.nan, 2.0, 8.0, np.nan],
                "z": [1.0, 2.0, 3.0, 4.0, np.nan, 6.0],
                "color": ["red", "blue", "red", None, "green", None],
                "y": list("ababab"),
            }
        )
    )


def test_names(data):
    assert fit_encoding(data, TRAINING).names == (
        "x",
        "x is missing",
        "z",
        "color = blue",
        "color = red",
        "color is missing",
    )


def test_values(data):
    inputs = fit_encoding(data, TRAINING).transform(data, ALL)
    assert inputs.dtype == np.float32
    assert inputs.flags.c_contiguous
    s = np.std([1, 3, 2])
    t = np.std([1, 2, 3, 4])
    expected = [
        [-1 / s, 0, -1.5 / t, 0, 1, 0],
        [1 / s, 0, -0.5 / t, 1, 0, 0],
        [0, 1, 0.5 / t, 0, 1, 0],
        [0, 0, 1.5 / t, 0, 0, 1],
        [6 / s, 0, 0, 0, 0, 0],  # z is filled with the mean; green was never seen
        [0, 1, 3.5 / t, 0, 0, 1],
    ]
    np.testing.assert_allclose(inputs, expected, rtol=1e-6)


def test_unseen_categories_are_counted(data):
    encoding = fit_encoding(data, TRAINING)
    assert encoding.unseen(data, ALL) == {"color": 1}
    assert encoding.unseen(data, TRAINING) == {}


def test_a_missing_category_not_seen_in_training_is_all_zero(data):
    encoding = fit_encoding(data, np.array([0, 1]))
    assert encoding.names[-2:] == ("color = blue", "color = red")
    np.testing.assert_array_equal(encoding.transform(data, np.array([3]))[:, -2:], 0)
    assert encoding.unseen(data, np.array([3, 4])) == {"color": 2}


def test_training_rows_alone_are_seen(data):
    values = data.values.copy()
    values[4:] = [[1e6, -1e6, 2], [np.nan, np.nan, 0]]
    changed = dataclasses.replace(data, values=values)
    assert fit_encoding(changed, TRAINING) == fit_encoding(data, TRAINING)
    assert fit_encoding(changed, ALL) != fit_encoding(data, ALL)


def test_training_inputs_have_mean_zero_and_deviation_one():
    wine = load("wine")
    rows = np.arange(0, 178, 3)
    inputs = fit_encoding(wine, rows).transform(wine, rows)
    np.testing.assert_allclose(inputs.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(inputs.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e300, 1e-300])
def test_a_column_that_does_not_vary_is_centred(value):
    data = from_arrays(np.full((7, 1), value), [0, 1, 0, 1, 0, 1, 0])
    encoding = fit_encoding(data, np.arange(7))
    assert encoding.columns == (NumericEncoding("x1", value, 1.0, indicates_missing=False),)
    np.testing.assert_array_equal(encoding.transform(data, np.arange(7)), 0)


@pytest.mark.parametrize("factor", [1e200, 1e-200])
def test_very_large_and_small_numbers(factor):
    data = from_arrays(np.arange(4.0)[:, None] * factor, [0, 1, 0, 1])
    inputs = fit_encoding(data, np.arange(4)).transform(data, np.arange(4))
    np.testing.assert_allclose(inputs[:, 0], (np.arange(4) - 1.5) / np.sqrt(1.25), rtol=1e-6)


def test_a_column_empty_in_training():
    data = from_arrays([[np.nan], [np.nan], [5.0]], [0, 1, 0])
    encoding = fit_encoding(data, np.array([0, 1]))
    np.testing.assert_array_equal(encoding.transform(data, np.arange(3)), [[0, 1], [0, 1], [5, 0]])


def test_another_table_is_matched_by_name_and_category(data):
    frame = pandas.DataFrame(
        {"color": ["red", "amber"], "z": [1.0, 2.0], "x": [1.0, 3.0], "y": ["a", "b"]}
    )
    inputs = fit_encoding(data, TRAINING).transform(from_frame(frame), np.array([0, 1]))
    expected = fit_encoding(data, TRAINING).transform(data, np.array([0, 1]))
    np.testing.assert_array_equal(inputs[:, :3], expected[:, :3])
    np.testing.assert_array_equal(inputs[:, 3:], [[0, 1, 0], [0, 0, 0]])


def test_a_table_without_the_columns():
    encoding = fit_encoding(load("iris"), np.arange(150))
    with pytest.raises(DataError, match=r"there is no `sepal length \(cm\) \(numeric\)`"):
        encoding.transform(load("wine"), np.arange(2))


def test_no_rows(data):
    with pytest.raises(DataError, match="needs training rows"):
        fit_encoding(data, np.arange(0))
