import numpy as np
import pytest

from levelset.data.classes import class_faults, encode_labels


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.array([10, 9, 10]), ("9", "10")),
        (np.array([1.0, 2.0, 10.0]), ("1", "2", "10")),
        (np.array([0.5, 1.0]), ("0.5", "1.0")),
        (np.array([True, False]), ("False", "True")),
        (np.array(["b", "a "]), ("a", "b")),
        (np.array(["10", "9"]), ("9", "10")),
        (np.array([3, 2, 1], dtype=np.uint8), ("1", "2", "3")),
    ],
)
def test_class_names(labels, classes):
    codes, names = encode_labels(labels)
    assert names == classes
    assert codes.dtype == np.int64


def test_codes_point_at_their_names():
    codes, names = encode_labels(np.array([30, 4, 30, 5]))
    assert [names[code] for code in codes] == ["30", "4", "30", "5"]


def test_a_quantity_is_no_class():
    labels = np.linspace(0, 1, 51).repeat(100)
    (fault,) = class_faults("`y`", labels)
    assert "51 distinct values in 5,100 rows" in fault
    assert "regression" in fault
    assert "bin it" in fault


def test_a_quantity_in_a_small_table_is_no_class():
    assert class_faults("`y`", np.linspace(0, 1, 20))
    assert not class_faults("`y`", np.linspace(0, 1, 10).repeat(2))


def test_an_identifier_is_no_class():
    (fault,) = class_faults("`y`", np.array([f"row {i}" for i in range(60)]))
    assert "identifier or free text" in fault


def test_many_well_filled_classes_are_classes():
    assert not class_faults("`y`", np.arange(60).repeat(20))


def test_one_class_is_too_few():
    (fault,) = class_faults("`y`", np.array(["a", "a"]))
    assert fault.startswith("`y` must have two classes or more, got only `a` (2 rows)")
