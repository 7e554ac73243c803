import dataclasses

import numpy as np
import pytest

from levelset.engine import Member, Recipe
from levelset.errors import RecipeError
from tests.reference.unchecked import errors_of


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_seed_out_of_range(seed: int) -> None:
    with pytest.raises(RecipeError) as raised:
        Member(Recipe(), seed=seed)
    assert str(raised.value) == f"`seed` must be an integer in [0, 2^64), got {seed}."


def test_arguments_of_another_type() -> None:
    expected = {
        "Member({})": "RecipeError: `recipe` must be a Recipe, got dict.",
        "Member(Recipe(), seed=0.5)": (
            "RecipeError: `seed` must be an integer in [0, 2^64), got 0.5."
        ),
        "Member(Recipe(), seed=None)": (
            "RecipeError: `seed` must be an integer in [0, 2^64), got None."
        ),
        "Member(Recipe(), initial=X)": (
            "RecipeError: `initial` must be a Network or None, got ndarray."
        ),
    }
    assert errors_of(list(expected)) == expected


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        (np.zeros(5, bool), r"shape \(5,\) of bool; for a mask pass `np.flatnonzero\(mask\)`"),
        (np.zeros((2, 2), int), r"shape \(2, 2\) of int64"),
        (np.zeros(3), r"shape \(3,\) of float64"),
        ([], r"shape \(0,\) of float64"),
    ],
)
def test_rows_that_are_no_row_numbers(rows: list | np.ndarray, given: str) -> None:
    message = rf"`rows` must be a non-empty one-axis array of row numbers, got {given}"
    with pytest.raises(RecipeError, match=message):
        Member(Recipe(), rows=rows)


@pytest.mark.parametrize(
    ("counts", "given"),
    [
        (np.ones(5), "shape (5,) of float64"),
        (np.ones(5, bool), "shape (5,) of bool"),
        (np.ones((2, 2), int), "shape (2, 2) of int64"),
        ([1, -1, 2], "shape (3,) of int64"),
        ([], "shape (0,) of float64"),
    ],
)
def test_counts_that_are_no_counts(counts: list | np.ndarray, given: str) -> None:
    with pytest.raises(RecipeError) as raised:
        Member(Recipe(), counts=counts)
    assert str(raised.value) == (
        f"`counts` must be a one-axis array of whole numbers >= 0, got {given}."
    )


@pytest.mark.parametrize("counts", [[0, 0, 0], np.array([], int)])
def test_counts_of_no_row(counts: list | np.ndarray) -> None:
    with pytest.raises(RecipeError) as raised:
        Member(Recipe(), counts=counts)
    assert str(raised.value) == "`counts` must see at least one row, got none above 0."


def test_rows_and_counts_together() -> None:
    with pytest.raises(RecipeError) as raised:
        Member(Recipe(), rows=[0, 1], counts=[1, 1])
    assert str(raised.value) == (
        "`rows` and `counts` say the same thing; give one of them, got both."
    )


@pytest.mark.parametrize("dtype", ["i1", "i8", "u1", "u8"])
def test_counts_are_the_rows_that_often(dtype: str) -> None:
    rows = Member(Recipe(), counts=np.array([0, 2, 1, 0, 3], dtype)).row_numbers()
    assert rows is not None
    assert rows.dtype == np.int32
    assert rows.tolist() == [1, 1, 2, 4, 4, 4]


@pytest.mark.parametrize("rows", [range(3), [0, 0, 5], np.array([1, 2], np.uint8)])
def test_takes_any_sequence_of_row_numbers(rows: range | list | np.ndarray) -> None:
    assert Member(Recipe(), rows=rows).rows is rows


@pytest.mark.parametrize("seed", [0, 2**64 - 1, np.uint64(2**64 - 1), np.int32(7)])
def test_takes_any_integer_seed(seed: int | np.integer) -> None:
    assert Member(Recipe(), seed=seed).seed == seed


def test_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Member(Recipe()).seed = 3  # pyright: ignore[reportAttributeAccessIssue]
