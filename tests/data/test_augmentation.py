"""Moved copies of images and signals, and which tables are either."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.data import (
    Column,
    from_arrays,
    image_side,
    load,
    load_synthetic,
    shift_copies,
    shifted,
    shifted_signal,
    signal_copies,
    signal_length,
    with_shifted_copies,
)
from levelset.data.dataset import Dataset
from levelset.data.encoding import fit_encoding
from levelset.errors import DataError
from levelset.seeds import stream


def table(names):
    values = stream(0, "values").normal(size=(6, len(names)))
    return from_arrays(values, [0, 1, 2, 0, 1, 2], feature_names=names)


def with_a_category(data):
    first = Column(data.columns[0].name, "categorical", 0, ("a", "b"))
    return Dataset(
        name=data.name,
        columns=(first, *data.columns[1:]),
        values=data.values,
        targets=data.targets,
        classes=data.classes,
        target_name=data.target_name,
        provenance=data.provenance,
    )


def grid(pattern, side, start):
    span = range(start, start + side)
    return [pattern.format(row, column) for row in span for column in span]


@pytest.mark.parametrize(
    ("names", "side"),
    [
        (grid("pixel_{}_{}", 4, 0), 4),
        (grid("pixel_{}_{}", 5, 1), 5),
        (grid("Px{}x{}", 4, 1), 4),
        ([f"pixel{i}" for i in range(1, 785)], 28),
        ([f"pixel_{i}" for i in range(16)], 4),
        ([f"pixel{i}" for i in range(2, 18)], None),  # where is the first?
        ([f"pixel{i}" for i in range(15, -1, -1)], None),
        ([f"pixel{i}" for i in range(9)], None),  # too small
        ([f"pixel{i}" for i in range(17)], None),  # no square
        (grid("pixel_{1}_{0}", 4, 0), None),  # column by column
        ([*grid("pixel_{}_{}", 4, 0)[:-1], "pixel_9_9"], None),
        ([*grid("pixel_{}_{}", 4, 0)[:-1], "pixel_15"], None),
        ([f"x{i}" for i in range(16)], None),  # 16 columns of a kind are no image
        ([*grid("pixel_{}_{}", 4, 0)[:-1], "weight"], None),
        ([f"time_{i}" for i in range(16)], None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_which_tables_are_images(names, side):
    assert image_side(table(names)) == side
    assert image_side(with_a_category(table(names))) is None


@pytest.mark.parametrize(
    ("names", "length"),
    [
        ([f"time_{i}" for i in range(1, 21)], 20),
        ([f"t{i}" for i in range(16)], 16),
        ([f"Signal {i}" for i in range(1, 18)], 17),
        ([f"t{i}" for i in range(15)], None),  # too short
        ([f"t{i}" for i in range(3, 30)], None),
        ([f"t{2 * i}" for i in range(20)], None),
        ([f"x{i}" for i in range(20)], None),
        ([*(f"t{i}" for i in range(20)), "age"], None),
        ([f"pixel_{i}" for i in range(16)], None),
    ],
    ids=lambda value: str(value)[:24],
)
def test_which_tables_are_signals(names, length):
    assert signal_length(table(names)) == length
    assert signal_length(with_a_category(table(names))) is None


@pytest.mark.parametrize(
    ("name", "side", "length"),
    [("digits", 8, None), ("mnist1d", None, 40), ("breast_cancer", None, None)],
)
def test_tables_that_come_with_levelset(name, side, length):
    assert (image_side(load(name)), signal_length(load(name))) == (side, length)


def test_no_synthetic_table_of_16_features_is_an_image():
    wide = load_synthetic("gaussians", {"features": 16})
    assert image_side(wide) is None
    assert signal_length(wide) is None


def slow_shift(row, side, dx, dy, fill):
    moved = []
    for r in range(side):
        for c in range(side):
            inside = 0 <= r - dy < side and 0 <= c - dx < side
            moved.append(row[(r - dy) * side + (c - dx)] if inside else fill)
    return moved


@given(
    st.integers(1, 5),
    st.integers(-6, 6),
    st.integers(-6, 6),
    st.sampled_from([0.0, -1.5]),
    st.sampled_from([np.float32, np.float64]),
)
def test_shifted_images_by_loops(side, dx, dy, fill, dtype):
    x = stream(0, "images").normal(size=(3, side**2)).astype(dtype)
    moved = shifted(x, side, dx, dy, fill)
    assert moved.dtype == dtype
    np.testing.assert_array_equal(moved, [slow_shift(row, side, dx, dy, fill) for row in x])
    np.testing.assert_array_equal(shifted(x[0], side, dx, dy, fill), moved[0])


@pytest.mark.parametrize("directions", [4, 8])
def test_copies_of_an_image_go_every_way_once(directions):
    image = np.zeros((1, 25))
    image[0, 12] = 1.0  # one pixel in the middle
    places = shift_copies(image, 5, directions)[:, 0].argmax(axis=1)
    steps = [(place % 5 - 2, place // 5 - 2) for place in places]
    straight = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    diagonal = [(-1, -1), (1, -1), (-1, 1), (1, 1)]
    assert steps == (straight if directions == 4 else straight + diagonal)


def test_the_first_copy_goes_left():
    x = np.arange(16.0)[None]
    assert shift_copies(x, 4)[0, 0, :4].tolist() == [1.0, 2.0, 3.0, 0.0]


@given(st.integers(1, 8), st.integers(-10, 10), st.booleans(), st.sampled_from([0.0, 7.0]))
def test_shifted_signals_by_loops(length, steps, wrap, fill):
    x = stream(0, "signals").normal(size=(2, length))
    expected = np.full_like(x, fill)
    for t in range(length):
        if wrap:
            expected[:, (t + steps) % length] = x[:, t]
        elif 0 <= t + steps < length:
            expected[:, t + steps] = x[:, t]
    np.testing.assert_array_equal(shifted_signal(x, steps, wrap, fill), expected)


def test_copies_of_signals():
    x = np.arange(6.0).reshape(2, 3)
    copies = signal_copies(x, (-1, 2), wrap=True)
    np.testing.assert_array_equal(copies[0], [[1, 2, 0], [4, 5, 3]])
    np.testing.assert_array_equal(copies[1], [[1, 2, 0], [4, 5, 3]])
    assert signal_copies(x, ()).shape == (0, 2, 3)


def test_the_original_is_left_alone():
    x = np.ones((1, 16))
    for moved in (shifted(x, 4, 0, 0), shifted_signal(x, 0), shifted_signal(x, 0, wrap=True)):
        moved[:] = 0.0
    assert x.all()


@pytest.mark.parametrize("directions", [4, 8])
def test_a_table_of_images_with_copies(directions):
    digits, rows = load("digits"), np.array([5, 3, 90])
    more = with_shifted_copies(digits, rows, directions)
    assert more.rows == 1797 + 3 * directions
    np.testing.assert_array_equal(more.values[:1797], digits.values)
    np.testing.assert_array_equal(more.targets[:1797], digits.targets)
    copies = shift_copies(digits.values[rows], 8, directions)
    for j in range(directions):
        for i in range(3):
            np.testing.assert_array_equal(more.values[1797 + 3 * j + i], copies[j, i])
            assert more.targets[1797 + 3 * j + i] == digits.targets[rows[i]]
    assert more.notes[-1] == f"Added {directions} shifted copies of 3 rows."
    assert more.provenance.digest != digits.provenance.digest
    assert more.provenance.source.endswith(f", {directions} shifted copies of 3 rows")
    fit_encoding(more, np.arange(more.rows)).transform(digits, rows)  # the columns are the same


@pytest.mark.parametrize(("directions", "steps"), [(4, (-2, -1, 1, 2)), (8, (-4, -3, 4))])
def test_a_table_of_signals_with_copies(directions, steps):
    data, rows = load_synthetic("mnist1d", {"rows": 50}), np.arange(10, 20)
    more = with_shifted_copies(data, rows, directions)
    assert more.rows == 50 + 10 * directions
    copies = more.values[50:].reshape(directions, 10, 40)
    for copy, step in zip(copies[[0, 1, -1]], (steps[0], steps[1], steps[-1]), strict=True):
        np.testing.assert_array_equal(copy, shifted_signal(data.values[rows], step))
    assert more.class_probabilities is None


def test_known_probabilities_are_copied():
    wide = load_synthetic("smooth", {"features": 16, "rows": 20})
    names = tuple(Column(f"pixel{i}", "numeric", 0) for i in range(16))
    images = Dataset(
        name="images",
        columns=names,
        values=wide.values.copy(),
        targets=wide.targets.copy(),
        classes=wide.classes,
        target_name="class",
        provenance=wide.provenance,
        class_probabilities=wide.class_probabilities,
    )
    more = with_shifted_copies(images, np.array([7]))
    np.testing.assert_array_equal(
        more.class_probabilities[20:], np.tile(wide.class_probabilities[7], (4, 1))
    )


def test_what_cannot_be_moved():
    with pytest.raises(DataError, match=r"iris: Shifted copies need columns .* got `sepal length"):
        with_shifted_copies(load("iris"), np.arange(3))
    with pytest.raises(DataError, match="side 8 must have 64 columns, got 40"):
        shifted(np.zeros((1, 40)), 8, 1, 0)
    with pytest.raises(DataError, match="side 0 must have"):
        shifted(np.zeros((1, 0)), 0, 1, 0)
    for fault in (
        lambda: shift_copies(np.zeros((1, 16)), 4, 5),
        lambda: with_shifted_copies(load("digits"), np.arange(3), 5),
    ):
        with pytest.raises(DataError, match="`directions` must be 4 or 8, got 5"):
            fault()
