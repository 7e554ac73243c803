"""Every synthetic table through its door."""

import numpy as np
import pytest

from levelset.data import SYNTHETIC, class_probabilities, load, load_synthetic
from levelset.errors import DataError

KNOWN = [name for name in SYNTHETIC if name != "mnist1d"]


@pytest.mark.parametrize("name", SYNTHETIC)
class TestEach:
    def test_is_complete_and_says_where_it_comes_from(self, name):
        data = load_synthetic(name)
        assert data.rows == data.provenance.rows_read == SYNTHETIC[name].rows
        assert np.isfinite(data.values).all()
        assert data.values.dtype == np.float64
        assert all(column.kind == "numeric" for column in data.columns)
        assert len({column.name for column in data.columns}) == data.values.shape[1]
        assert min(data.class_counts) > 0
        assert SYNTHETIC[name].description in data.notes[0]

    def test_its_source_draws_it_again(self, name):
        data = load_synthetic(name, {"rows": 40, "seed": 5})
        again = load(data.provenance.source)
        assert again.provenance == data.provenance
        np.testing.assert_array_equal(again.values, data.values)

    def test_another_seed_draws_fresh_rows(self, name):
        first, second = (load_synthetic(name, {"rows": 60, "seed": s}) for s in (0, 1))
        assert not np.isin(first.values[:, 0], second.values[:, 0]).any()
        assert first.provenance.digest != second.provenance.digest

    def test_every_option_changes_the_table(self, name):
        given = {"rows": 60}
        plain = load_synthetic(name, given)
        for option in SYNTHETIC[name].options:
            value = option.default + 1 if option.whole else option.default + 0.1
            other = load_synthetic(name, given | {option.name: value})
            assert other.provenance.digest != plain.provenance.digest, option.name

    def test_its_classes_are_balanced(self, name):
        if name != "smooth":
            counts = load_synthetic(name, {"rows": 1001}).class_counts
            assert max(counts) - min(counts) <= 1

    def test_the_least_and_the_greatest_of_every_option_can_be_drawn(self, name):
        for option in SYNTHETIC[name].own_options:
            for value in (option.low, option.high):
                data = load_synthetic(name, {"rows": 20, option.name: value})
                assert np.isfinite(data.values).all()

    def test_its_options_are_named_once_and_end_with_those_of_all(self, name):
        names = [option.name for option in SYNTHETIC[name].options]
        assert names[0] == "rows"
        assert names[-3:] == ["seed", "label_noise", "permuted_labels"]
        assert len(set(names)) == len(names)
        assert SYNTHETIC[name].name == name


@pytest.mark.parametrize("name", KNOWN)
def test_class_probabilities_by_name_are_those_of_the_rows(name):
    source = f"{name}:rows=60,label_noise=0.2,seed=3"
    data = load(source)
    known = class_probabilities(source, data.values)
    np.testing.assert_allclose(known, data.class_probabilities, atol=1e-12)
    np.testing.assert_allclose(known.sum(axis=1), 1.0, atol=1e-12)
    assert known.shape == (60, len(data.classes))


@pytest.mark.parametrize(
    "source", ["mnist1d", "iris", "table.csv", "moons:permuted_labels=1", "no:such"]
)
def test_class_probabilities_that_nobody_knows(source):
    assert class_probabilities(source, np.zeros((1, 2))) is None


def test_points_of_another_width():
    with pytest.raises(DataError, match=r"must have the 5 columns of smooth, got shape \(2, 3\)"):
        class_probabilities("smooth", np.zeros((2, 3)))
    with pytest.raises(DataError, match="moons: There is no option `x`"):
        class_probabilities("moons:x=3", np.zeros((2, 2)))


def test_an_unknown_name():
    with pytest.raises(DataError, match=r"must be one of `moons`.* got `moon`\. Did you mean"):
        load_synthetic("moon")


def test_the_least_error_is_that_of_the_labels_as_they_are():
    clean, noisy = load("xor:noise=0.01"), load("xor:noise=0.01,label_noise=0.2")
    assert clean.notes[-1].endswith("err less often than 0.0%.")
    assert noisy.notes[-1].endswith("err less often than 20.0%.")
    assert load("xor:noise=0.01,permuted_labels=1").notes[-1].endswith("less often than 50.0%.")
    assert "known" not in load("mnist1d").notes[-1]


def test_noise_and_permutation_together():
    both = load("moons:label_noise=0.2,permuted_labels=1")
    assert len(both.notes) == 4
    shares = np.array(both.class_counts) / both.rows
    np.testing.assert_allclose(both.class_probabilities, np.tile(shares, (both.rows, 1)))
