import numpy as np
import pandas
import pytest

from levelset.data.columns import Rows, infer_column


def infer(cells, dtype=None):
    series = pandas.Series(cells, dtype=dtype)
    rows = Rows(np.arange(len(series)), "row {}".format)
    return infer_column("x", series, rows)


@pytest.mark.parametrize("dtype", ["int64", "float32", "Int64", "uint8", "object"])
def test_numbers_are_numeric(dtype):
    inferred = infer([3, 1, 2], dtype)
    assert inferred.column.kind == "numeric"
    np.testing.assert_array_equal(inferred.values, [3.0, 1.0, 2.0])


@pytest.mark.parametrize("dtype", ["object", "str", "string", "category"])
def test_texts_are_categorical(dtype):
    inferred = infer(["b", "a", None, "b"], dtype)
    assert inferred.column.kind == "categorical"
    assert inferred.column.categories == ("a", "b")
    assert inferred.column.missing == 1
    np.testing.assert_array_equal(inferred.values, [1, 0, np.nan, 1])


@pytest.mark.parametrize("dtype", ["bool", "boolean", "object"])
def test_booleans_are_categorical(dtype):
    assert infer([True, False, True], dtype).column.categories == ("False", "True")


def test_declared_categories_keep_their_order_and_lose_the_unused():
    cells = pandas.Categorical(["low", "high"], categories=["low", "middle", "high"])
    assert infer(cells).column.categories == ("low", "high")


def days(number):
    return pandas.Series(pandas.date_range("2020-01-01", periods=number))


def test_few_dates_are_categories_and_that_is_noted():
    cells = pandas.to_datetime(["2020-01-02", "2020-01-01", None, "2020-01-02"])
    inferred = infer(cells)
    assert inferred.column.kind == "categorical"
    assert inferred.column.categories == ("2020-01-01", "2020-01-02")
    assert inferred.column.missing == 1
    assert inferred.note == "Kept 2 dates of `x` as categories: dates are not used as such."


@pytest.mark.parametrize(
    "cells",
    [
        days(12),
        days(12).dt.tz_localize("Europe/Berlin"),
        days(12).dt.date,
        days(12).dt.to_period("D"),
        days(12).astype("category"),
        days(12).astype(str),
        days(12).dt.strftime("%m/%d/%Y"),
        days(12).dt.strftime("%Y-%m-%d 12:30"),
        pandas.concat([days(12)] * 4),
        pandas.concat([days(101)] * 50),  # too many for categories, though each has its rows
    ],
)
def test_many_dates_are_dropped_as_dates(cells):
    inferred = infer(cells.reset_index(drop=True))
    assert inferred.dropped == "dates"
    assert inferred.note == ""


@pytest.mark.parametrize(
    "cells",
    [
        [f"12-{code}" for code in range(10, 99)],
        [f"1.{minor}.{patch}" for minor in range(9) for patch in range(20)],
        [f"{number:02d}-{number + 1:02d}-{number + 2:02d}" for number in range(1, 12)],
    ],
)
def test_codes_and_versions_are_no_dates(cells):
    assert infer(cells).dropped == "identifier"
    few = infer(cells[:2] * 20)
    assert (few.dropped, few.note) == ("", "")


def test_blank_text_is_missing():
    assert infer(["a", "  ", "b"]).column.missing == 1


def test_texts_that_are_all_numbers_are_numeric():
    inferred = infer(["1", " 2.5", None, "-1e3"])
    assert inferred.column.kind == "numeric"
    np.testing.assert_array_equal(inferred.values, [1, 2.5, np.nan, -1000])


def test_a_text_among_numbers_is_a_fault():
    fault = infer([*map(str, range(19)), "oops"]).fault
    assert fault.startswith("row 19, column `x`: the column is numeric, got `oops`; write")


def test_a_number_among_texts_is_a_category():
    assert infer(["a", "b", "1"]).column.categories == ("1", "a", "b")


@pytest.mark.parametrize("cells", [["12,5", "13,5"], ["1,000", "20"], ["1,000.5", "20.5"]])
def test_commas_in_numbers_are_a_fault(cells):
    assert f"got `{cells[0]}`" in infer(cells).fault


def test_several_odd_texts_are_counted():
    assert "got `a` and 1 more like it;" in infer([*["1"] * 30, "a", "b"]).fault


@pytest.mark.parametrize("cells", [[1.0, np.inf, 2.0], ["1", "inf", "2"]])
def test_infinity_is_a_fault(cells):
    assert infer(cells).fault.startswith("row 1, column `x`: the value must be finite, got `inf`;")


def test_complex_numbers_are_a_fault():
    assert "must be real" in infer([1j, 2j]).fault


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([None, None], "no value"),
        ([np.nan, np.nan], "no value"),
        ([2.0, 2.0], "constant"),
        (["a", "a"], "constant"),
        (list(range(5, 15)), "row number"),
        ([f"name {i}" for i in range(10)], "identifier"),
        ([f"name {i % 101}" for i in range(400)], "identifier"),
    ],
)
def test_dropped(cells, reason):
    assert infer(cells).dropped == reason


@pytest.mark.parametrize(
    "cells",
    [
        [2.0, np.nan],
        ["a", None],
        list(range(9)),
        [f"name {i}" for i in range(9)],
        [f"name {i % 100}" for i in range(400)],
        [0, 2, *range(3, 12)],
    ],
)
def test_not_dropped(cells):
    assert infer(cells).dropped == ""


def test_rare_categories_are_pooled():
    cells = [f"c{i}" for i in range(100)] * 10 + ["rare", "rarer", "rarer"]
    inferred = infer(cells)
    assert len(inferred.column.categories) == 101
    assert inferred.column.categories[-1] == "(other)"
    np.testing.assert_array_equal(inferred.values[-3:], 100)
    assert "100 most frequent of the 102 categories of `x`" in inferred.note
    assert "(3 rows)" in inferred.note
