"""What an estimator makes of labels, weights and shares."""

import numpy as np
import pytest

from levelset.errors import DataError, RecipeError
from levelset.estimators.rows import Rows, hold_out, number_classes, row_weights

LABELS = np.array(["b", "a", "b", "c"])
CLASSES, CODES = number_classes(LABELS)


def rows(n=40):
    generator = np.random.default_rng(0)
    return Rows(generator.normal(size=(n, 3)), np.arange(n) % 2, None)


def test_classes_are_numbered_in_their_order() -> None:
    assert CLASSES.tolist() == ["a", "b", "c"]
    assert CODES.tolist() == [1, 0, 1, 2]


def test_labels_of_two_kinds_are_refused() -> None:
    with pytest.raises(DataError, match="labels of one kind, got NoneType, str; make all of them"):
        number_classes(np.array(["a", None, "b"], dtype=object))


def test_one_class_is_refused() -> None:
    with pytest.raises(DataError, match="at least two classes, got 1 class: 'a'"):
        number_classes(np.array(["a", "a"]))


def test_weights_of_rows_and_classes_are_multiplied() -> None:
    found = row_weights([1, 2, 3, 4], {"b": 10, "c": 0.5}, CLASSES, CODES)
    assert found is not None
    assert found.tolist() == [10.0, 2.0, 30.0, 2.0]


def test_no_weight_is_none() -> None:
    assert row_weights(None, None, CLASSES, CODES) is None


@pytest.mark.parametrize("weights", [[1.0, 2.0], [[1.0], [1.0], [1.0], [1.0]], ["a"] * 4, 2.0])
def test_weights_that_are_not_one_number_a_row_are_refused(weights: object) -> None:
    with pytest.raises(DataError, match=r"numbers of shape \(n,\) = \(4,\), got"):
        row_weights(weights, None, CLASSES, CODES)


def test_a_weight_of_no_class_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"must name classes of `y` \('a', 'b', 'c'\), got 'd'"):
        row_weights(None, {"a": 1, "d": 2}, CLASSES, CODES)


def test_every_row_is_on_one_side_and_every_class_on_both() -> None:
    training, held_out = hold_out(rows(), 0.25, np.array([0, 1]), seed=3)
    assert sorted([*training, *held_out]) == list(range(40))
    assert np.bincount(rows().codes[held_out]).tolist() == [5, 5]


def test_a_share_of_0_holds_out_no_row() -> None:
    training, held_out = hold_out(rows(), 0, np.array([0, 1]), seed=3)
    assert training.tolist() == list(range(40))
    assert held_out.size == 0


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(RecipeError, match=r"`validation_fraction` must be in \[0, 1\), got"):
        hold_out(rows(), share, np.array([0, 1]), seed=0)


def test_a_class_of_one_row_cannot_stand_on_both_sides() -> None:
    few = Rows(np.zeros((5, 1)), np.array([0, 0, 0, 0, 1]), None)
    with pytest.raises(DataError, match="`rare` has 1 row"):
        hold_out(few, 0.2, np.array(["common", "rare"]), seed=0)


def test_a_part_has_its_rows_with_their_weights_and_all_are_no_copy() -> None:
    whole = Rows(np.eye(4), np.array([0, 1, 0, 1]), np.arange(4.0))
    some = whole.part(np.array([1, 3]))
    assert some.x.tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert some.codes.tolist() == [1, 1]
    assert some.weights is not None
    assert some.weights.tolist() == [1.0, 3.0]
    assert whole.part(np.arange(4)) is whole


def test_a_digest_tells_rows_apart() -> None:
    first = rows()
    moved = Rows(first.x + 1e-9, first.codes, None)
    labeled = Rows(first.x, 1 - first.codes, None)
    weighted = Rows(first.x, first.codes, np.ones(40))
    digests = {each.digest for each in (first, moved, labeled, weighted, rows())}
    assert len(digests) == 4
