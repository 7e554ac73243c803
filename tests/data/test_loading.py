import numpy as np
import pytest

from levelset.data import SYNTHETIC, label_noise, load, load_synthetic, permuted_labels
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
    assert load("moons", target="class").target_name == "class"
    with pytest.raises(DataError, match="target of the synthetic table moons is `class`, got `y`"):
        load("moons", target="y")


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("wien", "wine"),
        ("iris.csv", "iris"),
        ("tabel.csv", "table.csv"),
        ("mons:noise=0.3", "moons"),
    ],
)
def test_neither_a_name_nor_a_file(inside, name, suggestion):
    (inside / "table.csv").write_text(TABLE)
    with pytest.raises(
        DataError, match=f"got `{name}`, which is none of them. Did you mean `{suggestion}`"
    ):
        load(name)


def test_a_missing_file_elsewhere(inside):
    with pytest.raises(DataError, match="There is no such file"):
        load(inside / "below" / "t.csv")


@pytest.mark.parametrize("name", SYNTHETIC)
def test_a_synthetic_name(name):
    assert load(name).values.tobytes() == load_synthetic(name).values.tobytes()


def test_options_of_a_synthetic_name():
    drawn = load("mnist1d:rows=200, label_noise=0.15, seed=3")
    same = label_noise(load_synthetic("mnist1d", {"rows": 200, "seed": 3}), 0.15, seed=3)
    assert drawn.provenance == same.provenance
    np.testing.assert_array_equal(drawn.targets, same.targets)
    np.testing.assert_array_equal(drawn.values, same.values)


def test_options_of_a_bundled_name():
    noisy = load("digits:label_noise=0.2,seed=1")
    assert noisy.provenance == label_noise(load("digits"), 0.2, seed=1).provenance
    null = load("iris:permuted_labels=1,seed=2")
    np.testing.assert_array_equal(null.targets, permuted_labels(load("iris"), 2).targets)
    assert load("iris:").provenance == load("iris").provenance
    with pytest.raises(DataError, match="iris: There is no option `rows`"):
        load("iris:rows=3")


def test_a_file_named_like_a_table_with_options_wins(inside):
    (inside / "moons:rows=20").write_text(TABLE)
    assert load("moons:rows=20").rows == 2
