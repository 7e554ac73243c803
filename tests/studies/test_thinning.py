import pytest

from levelset.engine import Recipe
from levelset.studies.thinning import Thinning, thinned


@pytest.mark.parametrize(
    ("rows", "epochs"),
    [(100, 75), (1000, 37), (100_000, 10)],  # of 150 epochs and 300,000 row visits
)
def test_a_part_of_the_budget_and_never_under_ten_epochs(rows, epochs):
    recipe = thinned(Recipe(l2=0.1), "standard", rows, Thinning(epochs=2, row_visits=8))
    assert (recipe.epochs, recipe.l2) == (epochs, 0.1)


def test_epochs_that_were_given_stay():
    assert thinned(Recipe(epochs=99), "quick", 1000, Thinning(2, 8)).epochs == 99
