import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.data.options import (
    LABEL_OPTIONS,
    Option,
    balanced_targets,
    complete_options,
    read_options,
    split_name,
    written_options,
)
from levelset.errors import DataError
from levelset.seeds import stream

OPTIONS = (
    Option("rows", 100, 20, 1000, "rows of the table", whole=True),
    Option("noise", 0.2, 0.1, 9.5, "standard deviation"),
)


def test_a_name_and_its_options():
    assert split_name("moons:rows=1,noise=2") == ("moons", "rows=1,noise=2")
    assert split_name("moons:") == split_name("moons") == ("moons", "")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("  ", {}),
        ("rows=100", {"rows": 100}),
        (" rows = 1e2 , noise=0.5", {"rows": 100, "noise": 0.5}),
    ],
)
def test_options_are_read(text, values):
    assert read_options("t", text) == values


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("rows", r"t: Options must read `option=number`, got `rows`\."),
        ("rows=", r"got `rows=`"),
        ("=3", r"got `=3`"),
        ("rows=many", r"got `rows=many`"),
        ("rows=nan", r"got `rows=nan`"),
        ("rows=inf", r"got `rows=inf`"),
        ("rows=3,", r"got ``"),
        ("rows=3,rows=4", r"t: `rows` is given twice; leave one out\."),
        ("rows,noise=x", r"got `rows`\. .*got `noise=x`"),
    ],
)
def test_options_that_cannot_be_read(text, pattern):
    with pytest.raises(DataError, match=pattern):
        read_options("t", text)


def test_defaults_are_added_in_order():
    assert list(complete_options("t", {"noise": 1}, OPTIONS).items()) == [
        ("rows", 100),
        ("noise", 1),
    ]


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        ({"row": 3}, r"t: There is no option `row`; it must be one of `rows`, `noise`\. Did you "),
        (
            {"rows": 19},
            r"`rows` \(rows of the table\) must be a whole number from 20 to 1,000, got",
        ),
        ({"rows": 20.5}, r"must be a whole number .* got 20\.5"),
        (
            {"noise": 0.05},
            r"`noise` \(standard deviation\) must be a number from 0\.1 to 9\.5, got",
        ),
        ({"noise": float("nan")}, r"got nan"),
        ({"row": 3, "rows": 2000, "noise": 10}, r"`row`;.*got 2,000\..*got 10\."),
    ],
)
def test_every_fault_of_the_options_is_named(given, pattern):
    with pytest.raises(DataError, match=pattern):
        complete_options("t", given, OPTIONS)


def test_the_bounds_are_allowed():
    assert complete_options("t", {"label_noise": 1, "permuted_labels": 1}, LABEL_OPTIONS)


@given(st.dictionaries(st.sampled_from("abc"), st.floats(-1e9, 1e9) | st.integers(-99, 99)))
def test_written_options_are_read_again(values):
    assert read_options("t", written_options(values)) == values


@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 99))
def test_classes_are_balanced(rows, classes, seed):
    targets = balanced_targets(rows, classes, stream(seed, "targets"))
    counts = np.bincount(targets, minlength=classes)
    assert counts.sum() == rows
    assert counts.max() - counts.min() <= 1


def test_chance_decides_the_larger_classes_and_the_order():
    drawn = np.array([balanced_targets(4, 3, stream(s, "targets")) for s in range(3000)])
    # every place is uniform over the classes: 1/3, with a standard error of 0.0086
    shares = np.stack([(drawn == code).mean(axis=0) for code in range(3)])
    assert np.abs(shares - 1 / 3).max() < 4.5 * 0.0086
