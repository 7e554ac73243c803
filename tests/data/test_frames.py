import numpy as np
import pandas
import pytest

from levelset.data import from_frame
from levelset.errors import DataError


def table(**columns):
    base = {"x": [0.5, 1.5, 2.0, 3.0], "color": ["red", "blue", "red", None]}
    return pandas.DataFrame({**base, "y": ["a", "b", "a", "b"], **columns})


def test_types_round_trip():
    data = from_frame(table(flag=[True, False, True, True]), name="toy")
    assert [(c.name, c.kind, c.missing) for c in data.columns] == [
        ("x", "numeric", 0),
        ("color", "categorical", 1),
        ("flag", "categorical", 0),
    ]
    np.testing.assert_array_equal(
        data.values, [[0.5, 1, 0 + 1], [1.5, 0, 0], [2.0, 1, 1], [3.0, np.nan, 1]]
    )
    np.testing.assert_array_equal(data.targets, [0, 1, 0, 1])
    assert data.target_name == "y"
    assert data.notes == ("Found 1 missing value in 1 column, kept as missing: `color`.",)


def test_the_frame_and_its_index_are_left_alone():
    frame = table().set_index(pandas.Index([7, 7, 8, 8]))
    before = frame.copy()
    assert from_frame(frame).rows == 4
    pandas.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", ["target", "Class", "LABEL", "y"])
def test_the_target_is_found_by_name(name):
    assert from_frame(table().rename(columns={"y": name})).target_name == name


def test_no_target_by_name():
    with pytest.raises(
        DataError, match=r"Name the target: no column is called .*`x`, `color`, `k`"
    ):
        from_frame(table().rename(columns={"y": "k"}))


def test_several_targets_by_name():
    with pytest.raises(DataError, match=r"Several columns could be the target: `y`, `label`\."):
        from_frame(table(label=[1, 2, 1, 2]))


def test_a_wrong_target():
    with pytest.raises(
        DataError, match=r"no column `colour`\. Did you mean `color`\? The columns are `x`"
    ):
        from_frame(table(), target="colour")


def test_a_target_of_categories_keeps_their_order():
    cells = pandas.Categorical(["lo", "hi", "lo", "hi"], categories=["lo", "mid", "hi"])
    data = from_frame(table(y=cells))
    assert data.classes == ("lo", "hi")
    np.testing.assert_array_equal(data.targets, [0, 1, 0, 1])


def test_a_target_of_numbers():
    assert from_frame(table(y=[10, 9, 10, 9])).classes == ("9", "10")
    assert from_frame(table(y=np.array([2**63, 1, 1, 1], dtype=np.uint64))).classes == (
        "1",
        "9223372036854775808",
    )
    assert from_frame(table(y=[1.0, 2.0, np.nan, 2.0])).classes == ("1", "2")


def test_rows_without_target_are_dropped_and_counted():
    data = from_frame(table(y=["a", None, " ", "b"]))
    assert data.rows == 2
    assert data.provenance.rows_read == 4
    assert data.provenance.rows_dropped == 2
    assert data.notes[0] == "Dropped 2 rows without a value of the target `y`."
    np.testing.assert_array_equal(data.values[:, 0], [0.5, 3.0])


def test_an_infinite_target():
    with pytest.raises(
        DataError, match=r"row 2 \(counted from 0\), column `y`: a class must be finite"
    ):
        from_frame(table(y=[1.0, 2.0, np.inf, 1.0]))


def test_a_target_without_values():
    with pytest.raises(DataError, match="two classes or more, got no value at all"):
        from_frame(table(y=[None] * 4))


def test_what_is_dropped_is_noted():
    frame = pandas.DataFrame(
        {
            "x": np.arange(12) % 5,
            "id": np.arange(1, 13),
            "same": "k",
            "one": 1,
            "none": np.nan,
            "day": [f"2024-03-{i:02d} 12:30" for i in range(1, 13)],
            "name": [f"n{i}" for i in range(12)],
            "y": ["a", "b"] * 6,
        }
    )
    data = from_frame(frame)
    assert [column.name for column in data.columns] == ["x"]
    assert data.notes == (
        "Dropped 1 column without any value: `none`.",
        "Dropped 2 columns with one value in every row: `same`, `one`.",
        "Dropped 1 column of row numbers: `id`.",
        "Dropped 1 column of dates: `day`. Dates are not used as such; make columns of what "
        "matters in them, for example the year, the month or the days since an event.",
        "Dropped 1 column of identifiers (too many different values): `name`.",
    )


def test_row_numbers_are_found_in_spite_of_dropped_rows():
    frame = pandas.DataFrame(
        {"x": np.arange(20) % 3, "id": np.arange(20), "y": [None, *"ab" * 9, "a"]}
    )
    assert [column.name for column in from_frame(frame).columns] == ["x"]


def test_nothing_left_to_learn_from():
    frame = pandas.DataFrame({"x": [1, 1], "y": ["a", "b"]})
    with pytest.raises(
        DataError, match=r"No column is left to learn from\. Dropped 1 column with one"
    ):
        from_frame(frame)


def test_only_a_target():
    with pytest.raises(DataError, match=r"at least one feature are required, got 1 column \(`y`\)"):
        from_frame(table().drop(columns=["x", "color"]))


def test_repeated_names():
    frame = table().set_axis(["x", "x", "y"], axis="columns")
    with pytest.raises(DataError, match="Column names must differ, got `x` more than once"):
        from_frame(frame)


def test_no_rows():
    with pytest.raises(DataError, match="a header and no row"):
        from_frame(table().iloc[:0])


def test_numbers_in_the_header():
    with pytest.raises(DataError, match="first line must be a header of names"):
        from_frame(table().set_axis(["5.1", "3.5", "setosa"], axis="columns"))


def test_faults_of_all_columns_come_at_once():
    with pytest.raises(DataError) as caught:
        from_frame(table(x=[1.0, np.inf, 2.0, 3.0], z=["1,5", "2,5", "3", "4"], y=["a"] * 4))
    for part in ("row 1 (counted from 0), column `x`", "`1,5`", "two classes"):
        assert part in str(caught.value)
