from benchmarks.tables import cells, columns, ratio_cell


def test_first_column_is_left_and_the_others_are_right():
    assert columns([("name", "n"), ("a", "10")]) == "name   n\na     10"


def test_quantity_is_its_median_and_its_range():
    found = {"median": 2.0, "low": 1.0, "high": 4.25}
    assert cells(found) == ("2.00", "[1.00 - 4.25]")
    assert cells(found, ".0%") == ("200%", "[100% - 425%]")
    assert cells(None) == ("", "")


def test_ratio_that_was_not_measured_is_said_so():
    found = {"jax": {"median": 2.0, "low": 1.0, "high": 4.0}}
    assert ratio_cell(found, "jax") == "2.00 [1.00 - 4.00]"
    assert ratio_cell(found, "torch") == ratio_cell(found, None) == "not measured"
