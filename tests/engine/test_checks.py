import re

import numpy as np
import pytest

from levelset.engine.checks import (
    check_features,
    check_labels,
    check_labels_or_nan,
    check_numbers,
    check_weights,
)
from levelset.errors import DataError

SINGLE, DOUBLE = np.dtype("float32"), np.dtype("float64")


class TestFeatures:
    @pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "i1", "u8", "?"])
    @pytest.mark.parametrize("order", ["C", "F"])
    def test_numbers_of_any_type_are_taken(self, dtype: str, order: str) -> None:
        x = np.array([[0, 1, 1], [1, 0, 1]]).astype(dtype, order=order)
        given = check_features(x, SINGLE)
        assert given.dtype == SINGLE
        assert given.flags.c_contiguous
        np.testing.assert_array_equal(given, x.astype(SINGLE))

    def test_right_array_is_not_copied(self) -> None:
        x = np.ones((4, 2), SINGLE)
        assert np.shares_memory(check_features(x, SINGLE), x)

    def test_text(self) -> None:
        with pytest.raises(DataError, match=r"`X` must be numeric, got an array of <U1; encode"):
            check_features([["a", "b"]], SINGLE)

    @pytest.mark.parametrize("shape", [(3,), (0, 2), (3, 0), (2, 2, 2)])
    def test_shape(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(DataError) as raised:
            check_features(np.zeros(shape), SINGLE)
        assert str(raised.value) == (
            f"`X` must have shape (n, d) with at least one row and one feature, got {shape}."
        )

    def test_other_columns(self) -> None:
        with pytest.raises(DataError) as raised:
            check_features(np.zeros((5, 3)), SINGLE, columns=2, name="validation X")
        assert str(raised.value) == (
            "`validation X` must have shape (n, 2), the features the fleet was made with, "
            "got (5, 3)."
        )

    @pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
    def test_not_finite(self, bad: float, dtype: np.dtype) -> None:
        x = np.zeros((4, 3))
        x[2, 1] = bad
        with pytest.raises(DataError) as raised:
            check_features(x, dtype)
        assert str(raised.value) == (
            f"`X` must be finite in {dtype}, got {bad} at row 2, column 1; "
            "impute missing values or drop the row."
        )

    def test_both_infinities(self) -> None:
        with pytest.raises(DataError, match=r"got inf at row 0, column 0"):
            check_features([[np.inf, -np.inf]], SINGLE)

    def test_number_beyond_float32(self) -> None:
        x = np.array([[1.0, 1e300]])
        with pytest.raises(DataError, match=r"finite in float32, got 1e\+300 at row 0, column 1"):
            check_features(x, SINGLE)
        assert check_features(x, DOUBLE).tolist() == x.tolist()

    def test_finite_numbers_whose_sum_is_not(self) -> None:
        x = np.full((2, 2), 1e308)
        assert check_features(x, DOUBLE).tolist() == x.tolist()


class TestLabels:
    @pytest.mark.parametrize("dtype", ["i8", "i4", "u1", "u8", "?"])
    def test_integers_of_any_type_are_taken(self, dtype: str) -> None:
        given = check_labels(np.array([0, 1, 1], dtype), 3, None)
        assert given.dtype == np.int32
        assert given.tolist() == [0, 1, 1]

    def test_are_copied(self) -> None:
        # The core indexes by them: nobody may change them after the check.
        y = np.array([0, 1], np.int32)
        assert not np.shares_memory(check_labels(y, 2, None), y)

    def test_one_hot_rows(self) -> None:
        with pytest.raises(DataError) as raised:
            check_labels(np.eye(3, dtype=int), 3, None)
        assert str(raised.value) == (
            "`y` must have shape (n,) = (3,), got (3, 3); pass class numbers, not one-hot rows."
        )

    def test_other_length(self) -> None:
        with pytest.raises(DataError) as raised:
            check_labels([0, 1], 3, None, name="validation y")
        assert str(raised.value) == "`validation y` must have shape (n,) = (3,), got (2,)."

    @pytest.mark.parametrize(
        ("y", "kind"), [([0.0, 1.0], "float64"), (["no", "yes"], "<U3"), ([None, 1], "object")]
    )
    def test_no_integers(self, y: list, kind: str) -> None:
        message = (
            r"`y` must hold class numbers 0, 1, \.\.\. as integers, "
            rf"got {kind}; use `np.unique\(y, return_inverse=True\)` to number the classes\."
        )
        with pytest.raises(DataError, match=message):
            check_labels(np.array(y), 2, None)

    @pytest.mark.parametrize(
        ("y", "classes", "message"),
        [
            ([-1, 0], None, "0 .. 65535, got values from -1 to 0."),
            ([0, 3], 3, "0 .. 2, got values from 0 to 3."),
            ([0, 65_536], None, "0 .. 65535, got values from 0 to 65536."),
            ([0, 2**32 + 1], None, "0 .. 65535, got values from 0 to 4294967297."),
        ],
    )
    def test_out_of_range(self, y: list[int], classes: int | None, message: str) -> None:
        with pytest.raises(DataError) as raised:
            check_labels(y, 2, classes)
        assert str(raised.value) == f"`y` must hold class numbers {message}"


class TestLabelsOrNan:
    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
    def test_nan_is_missing(self, dtype: str) -> None:
        given = check_labels_or_nan(np.array([2.0, np.nan, 0.0], dtype), 3, None, "y")
        assert given.dtype == np.int32
        assert given.tolist() == [2, -1, 0]

    def test_integers_are_taken_as_they_are(self) -> None:
        y = np.array([2, 0, 1], np.int32)
        given = check_labels_or_nan(y, 3, None, "y")
        assert given.tolist() == [2, 0, 1]
        assert not np.shares_memory(given, y)

    @pytest.mark.parametrize("bad", [0.5, -0.1, np.inf, -np.inf, 1e300, 2.0**53])
    def test_neither_whole_nor_missing(self, bad: float) -> None:
        with pytest.raises(DataError) as raised:
            check_labels_or_nan([np.nan, 1.0, bad], 3, None, "y")
        assert str(raised.value) == (
            "`y` must hold class numbers 0, 1, ... or NaN where one is missing, "
            f"got {bad} at row 2."
        )

    @pytest.mark.parametrize(
        ("y", "classes", "message"),
        [
            ([np.nan, -1.0], None, "class numbers 0 .. 65535, got values from -1 to -1."),
            ([-1, 0], None, "class numbers 0 .. 65535, got values from -1 to 0."),
            ([np.nan, 3.0], 3, "class numbers 0 .. 2, got values from 3 to 3."),
            ([np.nan, np.nan], 3, "the target of at least one row, got NaN alone; leave its head "),
            (["a", "b"], 3, "class numbers 0, 1, ... as integers, got <U1; use"),
        ],
    )
    def test_no_class_numbers(self, y: list, classes: int | None, message: str) -> None:
        with pytest.raises(DataError, match=re.escape(f"`y` must hold {message}")):
            check_labels_or_nan(y, 2, classes, "y")

    def test_shape(self) -> None:
        with pytest.raises(DataError, match=r"shape \(n,\) = \(3,\), got \(2,\)\."):
            check_labels_or_nan([np.nan, 1.0], 3, None, "y")


class TestNumbers:
    @pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "?"])
    @pytest.mark.parametrize("binary", [False, True])
    def test_numbers_of_any_type_are_taken(self, dtype: str, binary: bool) -> None:
        y = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype, order="F")
        given = check_numbers(y, 3, None, SINGLE, zero_or_one=binary)
        assert given.dtype == SINGLE
        assert given.flags.c_contiguous
        np.testing.assert_array_equal(given, y)

    @pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 2)])
    def test_are_copied_into_two_axes(self, shape: tuple[int, ...]) -> None:
        y = np.zeros(shape, SINGLE)
        given = check_numbers(y, 3, None, SINGLE)
        assert given.shape == (3, *shape[1:], 1)[:2]
        assert not np.shares_memory(given, y)

    @pytest.mark.parametrize(
        ("shape", "columns", "wanted"),
        [
            ((2,), None, "(n,) or (n, k)"),
            ((3, 0), None, "(n,) or (n, k)"),
            ((3, 2, 2), None, "(n,) or (n, k)"),
            ((), None, "(n,) or (n, k)"),
            ((3, 65_537), None, "(n,) or (n, k)"),
            ((3, 2), 1, "(n,) or (n, 1)"),
            ((3,), 2, "(n, 2)"),
            ((3, 3), 2, "(n, 2)"),
        ],
    )
    def test_shape(self, shape: tuple[int, ...], columns: int | None, wanted: str) -> None:
        with pytest.raises(DataError) as raised:
            check_numbers(np.zeros(shape), 3, columns, SINGLE)
        assert str(raised.value) == f"`y` must have shape {wanted} with n = 3, got {shape}."

    @pytest.mark.parametrize(
        ("binary", "kind"), [(False, "numbers"), (True, "0 and 1")], ids=["any", "binary"]
    )
    @pytest.mark.parametrize(
        ("y", "dtype"), [(["a"], "<U1"), ([None], "object"), ([1j], "complex128")]
    )
    def test_no_numbers(self, y: list, dtype: str, binary: bool, kind: str) -> None:
        with pytest.raises(DataError) as raised:
            check_numbers(y, 1, None, SINGLE, zero_or_one=binary)
        assert str(raised.value) == f"`y` must hold {kind}, got {dtype}."

    @pytest.mark.parametrize("missing", [False, True])
    @pytest.mark.parametrize("bad", [np.inf, -np.inf, 1e300])
    def test_not_finite(self, bad: float, missing: bool) -> None:
        with pytest.raises(DataError) as raised:
            check_numbers([[0.0, 1.0], [0.0, bad]], 2, None, SINGLE, missing=missing)
        assert str(raised.value) == f"`y` must be finite in float32, got {bad} at row 1, column 1."

    @pytest.mark.parametrize("bad", [2, -1, 0.5, 1e-300, np.inf])
    def test_neither_0_nor_1(self, bad: float) -> None:
        with pytest.raises(DataError) as raised:
            check_numbers([0, 1, bad], 3, None, SINGLE, zero_or_one=True)
        assert str(raised.value) == (
            "`y` must hold 0 and 1 alone for a sigmoid head, got "
            f"{np.asarray([0, bad])[1]} at row 2, column 0; classes are for a softmax head."
        )

    @pytest.mark.parametrize("binary", [False, True])
    def test_nan_where_nothing_may_be_missing(self, binary: bool) -> None:
        message = (
            r"got nan at row 1, column 0; where targets are missing pass a mapping, "
            r"`y=\{'y': y\}`\."
        )
        with pytest.raises(DataError, match=message):
            check_numbers([0, np.nan], 2, None, SINGLE, zero_or_one=binary)

    @pytest.mark.parametrize("binary", [False, True])
    def test_nan_rows_are_missing(self, binary: bool) -> None:
        y = [[0.0, 1.0], [np.nan, np.nan]]
        given = check_numbers(y, 2, None, SINGLE, zero_or_one=binary, missing=True)
        np.testing.assert_array_equal(given, y)

    def test_row_that_is_missing_in_part(self) -> None:
        y = [[0.0, 1.0, 2.0], [np.nan] * 3, [np.nan, 1.0, np.nan]]
        with pytest.raises(DataError) as raised:
            check_numbers(y, 3, None, SINGLE, missing=True)
        assert str(raised.value) == (
            "`y` must miss all 3 columns of a row or none, got row 2 with 2 missing; give each "
            "column a head of its own."
        )

    def test_all_rows_missing(self) -> None:
        with pytest.raises(DataError, match=r"`y` must hold the target of at least one row, got"):
            check_numbers([[np.nan, np.nan]], 1, None, SINGLE, missing=True)


class TestWeights:
    @pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "?"])
    def test_numbers_of_any_type_are_taken(self, dtype: str) -> None:
        given = check_weights(np.array([0, 1, 1], dtype), 3, SINGLE)
        assert given.dtype == SINGLE
        assert given.tolist() == [0, 1, 1]

    def test_are_copied(self) -> None:
        # A weight below 0 would pass unseen if it were written after the check.
        weights = np.ones(3, SINGLE)
        assert not np.shares_memory(check_weights(weights, 3, SINGLE), weights)

    @pytest.mark.parametrize(
        ("weights", "given"),
        [
            ([1.0, 2.0], "float64 of shape (2,)"),
            ([[1.0, 2.0, 3.0]], "float64 of shape (1, 3)"),
            (["1", "2", "3"], "<U1 of shape (3,)"),
            ([1j, 2, 3], "complex128 of shape (3,)"),
            ([None, 1, 2], "object of shape (3,)"),
            (2.0, "float64 of shape ()"),
        ],
    )
    def test_no_weights(self, weights: object, given: str) -> None:
        with pytest.raises(DataError) as raised:
            check_weights(weights, 3, SINGLE)
        assert str(raised.value) == (
            f"`sample_weight` must hold numbers of shape (n,) = (3,), got {given}."
        )

    @pytest.mark.parametrize("bad", [-0.5, np.nan, np.inf, -np.inf, 1e300])
    def test_weight_that_weighs_nothing(self, bad: float) -> None:
        with pytest.raises(DataError) as raised:
            check_weights([1.0, bad, bad], 3, SINGLE)
        assert str(raised.value) == (
            f"`sample_weight` must be finite in float32 and >= 0, got {bad} at row 1."
        )

    def test_zeros_alone(self) -> None:
        with pytest.raises(DataError) as raised:
            check_weights(np.zeros(3), 3, DOUBLE)
        assert str(raised.value) == ("`sample_weight` must hold a weight above 0, got zeros alone.")
