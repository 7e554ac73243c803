import numpy as np
import pytest

from levelset.data import from_arrays
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies.thinning import Thinning, at_most, thinned


@pytest.mark.parametrize(
    ("rows", "epochs"),
    [(100, 75), (1000, 37), (100_000, 10)],  # of 150 epochs and 300,000 row visits
)
def test_a_part_of_the_budget_and_never_under_ten_epochs(rows, epochs):
    recipe = thinned(Recipe(l2=0.1), "standard", rows, Thinning(epochs=2, row_visits=8))
    assert (recipe.epochs, recipe.l2) == (epochs, 0.1)


def test_epochs_that_were_given_stay():
    assert thinned(Recipe(epochs=99), "quick", 1000, Thinning(2, 8)).epochs == 99


def test_a_large_table_gives_a_stratified_part_of_its_rows():
    table = from_arrays(stream(0, "large").normal(size=(900, 2)), np.arange(900) % 3)
    rows = np.arange(0, 900, 2)
    used = at_most(table, rows, 100, seed=0)
    assert set(used) <= set(rows)
    assert len(set(used)) == len(used)
    assert np.bincount(table.targets[used]).tolist() == [33, 33, 33]
    assert at_most(table, rows, 450, seed=0) is rows
