import pytest

from levelset.data import load
from levelset.errors import DataError

TABLE = "x,y\n0.5,a\n1.5,b\n"


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bundled_name_and_a_path(inside):
    (inside / "t.csv").write_text(TABLE)
    assert load("iris").rows == 150
    assert load("t.csv").rows == load(inside / "t.csv", target="y").rows == 2


def test_a_file_of_that_name_wins_and_a_directory_does_not(inside):
    (inside / "iris").mkdir()
    assert load("iris").rows == 150
    (inside / "wine").write_text(TABLE)
    assert load("wine").rows == 2


def test_the_target_of_a_bundled_table():
    assert load("iris", target="species").target_name == "species"
    with pytest.raises(DataError, match="target of the bundled table iris is `species`, got `y`"):
        load("iris", target="y")


@pytest.mark.parametrize(
    ("name", "suggestion"), [("wien", "wine"), ("iris.csv", "iris"), ("tabel.csv", "table.csv")]
)
def test_neither_a_bundled_name_nor_a_file(inside, name, suggestion):
    (inside / "table.csv").write_text(TABLE)
    with pytest.raises(
        DataError, match=f"got `{name}`, which is neither. Did you mean `{suggestion}`"
    ):
        load(name)


def test_a_missing_file_elsewhere(inside):
    with pytest.raises(DataError, match="There is no such file"):
        load(inside / "below" / "t.csv")
