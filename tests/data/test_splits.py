import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.data import stratified_split
from levelset.errors import DataError
from levelset.seeds import stream

FRACTIONS = [(0.6, 0.2, 0.2), (0.8, 0.2, 0.0), (0.5, 0.0, 0.5), (1.0, 0.0, 0.0), (0.98, 0.01, 0.01)]


@st.composite
def class_codes(draw):
    counts = draw(st.lists(st.integers(3, 30), min_size=1, max_size=6))
    codes = np.repeat(np.arange(len(counts)), counts)
    return stream(draw(st.integers(0, 99)), "shuffle").permutation(codes)


@given(class_codes(), st.sampled_from(FRACTIONS), st.integers(0, 99))
def test_every_row_is_in_one_part_and_every_class_in_each(targets, fractions, seed):
    split = stratified_split(targets, stream(seed, "split"), fractions)
    parts = (split.training, split.validation, split.test)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(len(targets)))
    for part, fraction in zip(parts, fractions, strict=True):
        assert part.dtype == np.int64
        assert np.all(np.diff(part) > 0)
        for code in np.unique(targets):
            rows = np.sum(targets[part] == code)
            assert (rows > 0) == (fraction > 0)


@given(class_codes(), st.integers(0, 99))
def test_shares_are_off_by_less_than_one_row(targets, seed):
    fractions = (0.5, 0.25, 0.25)
    split = stratified_split(targets, stream(seed, "split"), fractions)
    for part, fraction in zip(
        (split.training, split.validation, split.test), fractions, strict=True
    ):
        for code in np.unique(targets):
            exact = fraction * np.sum(targets == code)
            rows = np.sum(targets[part] == code)
            assert abs(rows - exact) < 1 or rows == 1


@given(class_codes(), st.integers(0, 99))
def test_the_generator_alone_decides(targets, seed):
    first = stratified_split(targets, stream(seed, "split"))
    again = stratified_split(targets, stream(seed, "split"))
    np.testing.assert_array_equal(first.training, again.training)
    np.testing.assert_array_equal(first.test, again.test)


def test_another_seed_gives_another_split():
    targets = np.zeros(100, dtype=np.int64)
    splits = [stratified_split(targets, stream(seed, "split")) for seed in (0, 1)]
    assert not np.array_equal(splits[0].training, splits[1].training)


@pytest.mark.parametrize(
    ("rows", "counts"),
    [(3, (1, 1, 1)), (4, (2, 1, 1)), (5, (3, 1, 1)), (10, (6, 2, 2)), (12, (7, 3, 2))],
)
def test_largest_remainder(rows, counts):
    split = stratified_split(np.zeros(rows, dtype=np.int64), stream(0))
    assert (len(split.training), len(split.validation), len(split.test)) == counts


def test_small_classes_are_named():
    targets = np.array([0, 0, 0, 1, 2, 2])
    with pytest.raises(DataError) as caught:
        stratified_split(targets, stream(0), classes=("a", "b", "c"))
    assert str(caught.value) == (
        "Every class must have 3 rows or more, one for each part of the split, but class `b` has "
        "1 row, `c` has 2 rows; add rows of it, merge it with another class, or leave it out."
    )


def test_two_parts_need_two_rows():
    targets = np.array([0, 0, 1, 1])
    split = stratified_split(targets, stream(0), (0.8, 0.2, 0.0))
    assert (len(split.training), len(split.validation), len(split.test)) == (2, 2, 0)


@pytest.mark.parametrize(
    "fractions", [(0.5, 0.5, 0.5), (1.2, -0.2, 0.0), (0.0, 0.5, 0.5), (np.nan, 0.5, 0.5)]
)
def test_fractions_must_be_shares(fractions):
    with pytest.raises(DataError, match="`fractions` must be shares"):
        stratified_split(np.zeros(9, dtype=np.int64), stream(0), fractions)


def test_no_rows():
    with pytest.raises(DataError, match="A split needs rows"):
        stratified_split(np.zeros(0, dtype=np.int64), stream(0))
