import hashlib
import sys

import numpy as np
import pandas
import pytest

from levelset.data import read_table
from levelset.errors import DataError, MissingExtraError

GOOD = "x,color,y\n0.5,red,a\n1.5,blue,b\n2.0,red,a\n"


@pytest.fixture
def write(tmp_path):
    def _write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


def check_good(data):
    assert [(column.name, column.kind) for column in data.columns] == [
        ("x", "numeric"),
        ("color", "categorical"),
    ]
    np.testing.assert_array_equal(data.values, [[0.5, 1], [1.5, 0], [2.0, 1]])
    assert data.classes == ("a", "b")


def test_csv(write):
    path = write(GOOD)
    data = read_table(path, target="y")
    check_good(data)
    assert data.name == "table"
    assert data.notes == ()
    assert data.provenance.source == str(path)
    assert data.provenance.digest == hashlib.sha256(GOOD.encode()).hexdigest()
    assert data.provenance.rows_read == 3


@pytest.mark.parametrize(
    ("content", "name", "note"),
    [
        (GOOD.replace(",", ";"), "table.csv", ("Read fields separated by semicolons.",)),
        (GOOD.replace(",", "\t"), "table.csv", ("Read fields separated by tabs.",)),
        (GOOD.replace(",", "|"), "table.txt", ("Read fields separated by vertical bars.",)),
        (GOOD.replace(",", "\t"), "table.tsv", ()),
        (GOOD, "table.tsv", ("Read fields separated by commas.",)),
        (GOOD, "table.TXT", ()),
        (GOOD, "table", ()),
        ("\ufeff" + GOOD, "table.csv", ()),
        (GOOD.replace("\n", "\r\n"), "table.csv", ()),
        (GOOD.replace(",", ", "), "table.csv", ()),
        (GOOD.replace("\n", "\n\n \n"), "table.csv", ()),
        ("\n" + GOOD + "\n\n", "table.csv", ()),
        (GOOD.replace("red", '"red"'), "table.csv", ()),
        (GOOD.rstrip(), "table.csv", ()),
    ],
)
def test_ways_to_write_the_same_table(write, content, name, note):
    data = read_table(write(content, name))
    check_good(data)
    assert data.notes == note


@pytest.mark.parametrize("missing", ["", "NA", "n/a", "NaN", "null"])
def test_missing_values_are_counted(write, missing):
    data = read_table(write(f"x,z,y\n1,2,a\n{missing},3,b\n4,5,{missing}\n"))
    assert [column.missing for column in data.columns] == [1, 0]
    assert data.provenance.rows_dropped == 1


def test_an_unnamed_column_is_numbered(write):
    data = read_table(write(",x,y\n3,1,a\n1,2,b\n"))
    assert [column.name for column in data.columns] == ["column 1", "x"]


def test_parquet(tmp_path):
    path = tmp_path / "table.parquet"
    frame = pandas.DataFrame(
        {"x": [0.5, 1.5, 2.0], "color": ["red", "blue", "red"], "y": list("aba")}
    )
    frame.astype({"color": "category"}).to_parquet(path)
    check_good(read_table(path))


@pytest.mark.parametrize("name", ["table.parquet", "table.csv"])
def test_dates_are_said_to_be_dates(tmp_path, name):
    path = tmp_path / name
    days = pandas.Series(pandas.date_range("2024-03-01", periods=12))
    frame = pandas.DataFrame(
        {"x": days.index % 5, "day": days.dt.date, "moment": days, "y": ["a", "b"] * 6}
    )
    frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)
    data = read_table(path)
    assert [column.name for column in data.columns] == ["x"]
    assert data.notes[0].startswith("Dropped 2 columns of dates: `day`, `moment`. Dates are not")


def test_parquet_that_is_none(write):
    with pytest.raises(DataError, match="not a Parquet table that can be read"):
        read_table(write("PK", "table.parquet"))


def test_parquet_without_its_extra(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"levelset\[parquet\]"):
        read_table(write("PAR1", "table.parquet"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty"),
        (" \n\n", "The file is empty"),
        ("\ufeff", "The file is empty"),
        ("x,y\n", "There is a header and no row under it"),
        ("y\na\nb\n", r"at least one feature are required, got 1 column \(`y`\)"),
        ("x,x,y\n1,2,a\n3,4,b\n", "names must differ, got `x` more than once"),
        ("x,y\n1,a\n2,b,\n3,a\n", "the header's 2 fields, but line 3 has 3 fields; add"),
        ('x,y\n1,a\n""\n2,b\n', "but line 3 has 1 field;"),
        ("x,y\n1,a\n\n2\n3\n", r"but line 4 has 1 field \(and 1 further line\)"),
        ("x,y\n1,a\ninf,b\n", "line 3, column `x`: the value must be finite, got `inf`"),
        ("x,y\n\n1,a\n\n-inf,b\n", "line 5, column `x`: the value must be finite, got `-inf`"),
        ('t,x,y\n"a\nb",1,a\nc,inf,b\n', "line 4, column `x`: the value must be finite"),
        (
            "x,y\n" + "1,a\n2,b\n" * 9 + "oops,b\n",
            "line 20, column `x`: the column is numeric, got `oops`",
        ),
        ("x;y\n1,5;a\n2,5;b\n", "line 2, column `x`: the column is numeric, got `1,5`"),
        ("x,y\n1,a\n2,a\n", "two classes or more, got only `a`"),
        ("x,y\n" + "".join(f"{i % 7},{i / 8}\n" for i in range(99)), "predicting it is regression"),
        ('x,y\n"1,a\n2,b\n', "The record that ends in line 3 cannot be read"),
        ("x,y\n1,é\n".encode("latin-1"), r"must be UTF-8, got byte 0xe9 at offset 6 \(line 2\)"),
        (GOOD.encode("utf-16"), "iconv -f UTF-16 -t UTF-8"),
    ],
)
def test_messages(write, content, message):
    path = write(content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_wrong_target(write):
    with pytest.raises(DataError, match=r"no column `colr`\. Did you mean `color`\?"):
        read_table(write(GOOD), target="colr")


def test_a_missing_file(write):
    path = write(GOOD)
    with pytest.raises(DataError, match=r"no such file\. Did you mean `table\.csv`\?"):
        read_table(path.with_name("tabel.csv"))
    with pytest.raises(DataError, match=r"no such file\.$"):
        read_table(path.parent / "nowhere" / "table.csv")


def test_a_directory(write):
    path = write(GOOD)
    with pytest.raises(DataError, match=r"this is a directory; it holds `table\.csv`"):
        read_table(path.parent)


def test_another_type_of_file(write):
    with pytest.raises(DataError, match=r"\.parquet, got \.xlsx; save it as CSV"):
        read_table(write("PK", "table.xlsx"))


def test_three_rows_are_a_question_of_the_split(write):
    assert read_table(write(GOOD)).rows == 3
