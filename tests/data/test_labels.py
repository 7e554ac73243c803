"""Labels made wrong: by how much, which, and what is said about it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from levelset.data import from_arrays, label_noise, load, load_synthetic, permuted_labels
from levelset.data.labels import noisy_probabilities
from levelset.errors import DataError

GAUSSIANS = load_synthetic("gaussians", {"rows": 300, "classes": 5})


@given(st.floats(0, 1), st.integers(0, 99))
def test_exactly_the_share_changes_and_to_another_class(share, seed):
    noisy = label_noise(GAUSSIANS, share, seed)
    assert (noisy.targets != GAUSSIANS.targets).sum() == round(share * 300)
    assert noisy.targets.min() >= 0
    assert noisy.targets.max() < 5
    np.testing.assert_array_equal(noisy.values, GAUSSIANS.values)


def test_the_new_classes_are_uniform_over_the_others():
    data = load_synthetic("gaussians", {"rows": 20_000, "classes": 5})
    noisy = label_noise(data, 0.5, seed=1)
    changed = noisy.targets != data.targets
    steps = (noisy.targets - data.targets)[changed] % 5
    assert chisquare(np.bincount(steps, minlength=5)[1:]).pvalue > 1e-4
    # and every row is as likely to change as every other
    assert chisquare(np.bincount(data.targets[changed], minlength=5)).pvalue > 1e-4


def test_only_the_rows_asked_for_change():
    rows = np.arange(100, 200)
    noisy = label_noise(GAUSSIANS, 0.3, seed=0, rows=rows)
    changed = np.flatnonzero(noisy.targets != GAUSSIANS.targets)
    assert len(changed) == 30
    assert np.isin(changed, rows).all()
    others = np.setdiff1d(np.arange(300), rows)
    np.testing.assert_array_equal(
        noisy.class_probabilities[others], GAUSSIANS.class_probabilities[others]
    )
    assert (
        not np.isclose(noisy.class_probabilities[rows], GAUSSIANS.class_probabilities[rows])
        .all(axis=1)
        .any()
    )
    assert "30 rows among 100 rows" in noisy.notes[-1]


def test_the_order_of_the_rows_does_not_matter():
    rows = np.arange(100, 200)
    first, second = (label_noise(GAUSSIANS, 0.3, 0, order) for order in (rows, rows[::-1]))
    np.testing.assert_array_equal(first.targets, second.targets)


def test_probabilities_with_noise_by_loops():
    p = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0]])
    for row, noisy in zip(p, noisy_probabilities(p, 0.3), strict=True):
        for c in range(3):
            stays = 0.7 * row[c]
            comes = sum(0.3 / 2 * row[k] for k in range(3) if k != c)
            assert noisy[c] == pytest.approx(stays + comes)


def test_noisy_labels_follow_the_noisy_probabilities():
    data = load_synthetic("gaussians", {"rows": 40_000, "label_noise": 0.25})
    known = data.class_probabilities
    np.testing.assert_allclose(known.sum(axis=1), 1.0)
    for code in range(3):
        for low in (0.1, 0.3, 0.5, 0.7):
            rows = (known[:, code] >= low) & (known[:, code] < low + 0.2)
            expected = known[rows, code]
            spread = np.sqrt((expected * (1 - expected)).mean() / rows.sum())
            assert abs((data.targets[rows] == code).mean() - expected.mean()) < 4.5 * spread


def test_what_is_said_about_noise():
    iris = load("iris")
    noisy = label_noise(iris, 0.1, seed=4)
    assert noisy.notes == (
        "Replaced the labels of 15 rows by another class, at random (label noise 0.1, seed 4).",
    )
    assert noisy.provenance.source == f"{iris.provenance.source}, 0.1 label noise, seed 4"
    digests = {d.provenance.digest for d in (iris, noisy, label_noise(iris, 0.1, seed=5))}
    assert len(digests) == 3
    assert noisy.provenance == label_noise(iris, 0.1, seed=4).provenance
    assert noisy.class_probabilities is None
    assert noisy.targets.dtype == np.int64


def test_all_labels_of_two_classes_can_be_exchanged():
    data = label_noise(from_arrays(np.eye(4), [0, 1, 0, 1]), 1.0, seed=0)
    assert data.targets.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none(share):
    with pytest.raises(DataError, match="share of label noise must be from 0 to 1, got"):
        label_noise(GAUSSIANS, share, seed=0)


@pytest.mark.parametrize(
    ("rows", "given"), [([0, 300], "300"), ([-1], "-1"), ([3, 3], "a row twice")]
)
def test_rows_that_are_none(rows, given):
    with pytest.raises(DataError, match=f"from 0 to 299, each once, got {given}"):
        label_noise(GAUSSIANS, 0.5, seed=0, rows=np.array(rows))


def test_no_rows():
    none = label_noise(GAUSSIANS, 0.5, seed=0, rows=np.zeros(0, dtype=np.int64))
    np.testing.assert_array_equal(none.targets, GAUSSIANS.targets)


def test_permuted_labels_keep_the_counts_and_break_the_tie():
    data = load_synthetic("gaussians", {"rows": 3001, "separation": 20})
    null = permuted_labels(data, seed=0)
    assert null.class_counts == data.class_counts
    np.testing.assert_array_equal(null.values, data.values)
    # As many agree with the truth as chance makes: 1/3, with a standard error of 0.0086.
    assert abs((null.targets == data.targets).mean() - 1 / 3) < 4 * 0.0086
    np.testing.assert_allclose(
        null.class_probabilities, np.tile(np.array(data.class_counts) / 3001, (3001, 1))
    )
    assert null.notes[-1] == (
        "Shuffled the labels over the rows (seed 0): nothing is left to learn."
    )
    assert null.provenance.source.endswith(", permuted labels, seed 0")
    assert null.provenance.digest != permuted_labels(data, seed=1).provenance.digest
