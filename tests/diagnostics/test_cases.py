"""Which fleets the doctor looks at, and what it says to the others."""

import pytest

from levelset.diagnostics import diagnose
from levelset.diagnostics.cases import case_of
from levelset.engine import Fleet, Head, Member, Recipe
from levelset.errors import RecipeError
from tests.diagnostics.tables import ring

SHORT = Recipe(hidden=(8,), epochs=2)


def trained(*members: Member, y: object = None) -> Fleet:
    x, labels = ring(0)
    fleet = Fleet(members, x, labels if y is None else y)
    fleet.run()
    return fleet


def test_one_recipe_of_several_is_looked_at() -> None:
    other = SHORT.changed(hidden=(4,))
    fleet = trained(Member(SHORT), Member(other), Member(SHORT, seed=1))
    case, alone = case_of(fleet, SHORT), case_of(trained(Member(SHORT), Member(SHORT, seed=1)))
    assert len(case.networks) == len(case.record.epochs_run) == 2
    assert case.training_loss == alone.training_loss
    with pytest.raises(RecipeError, match="members of one recipe, got 2; pass `recipe`"):
        diagnose(fleet)


def test_a_recipe_that_no_member_has_is_refused() -> None:
    with pytest.raises(RecipeError, match="got one that none of its 1 members has"):
        diagnose(trained(Member(SHORT)), recipe=SHORT.changed(l2=0.1))


def test_a_fleet_that_has_not_run_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"needs members that have run.*got 1 that have not"):
        diagnose(Fleet([Member(SHORT)], *ring(0)))


def test_members_with_rows_of_their_own_are_refused() -> None:
    fleet = trained(Member(SHORT, rows=[0, 1, 2]), Member(SHORT))
    with pytest.raises(RecipeError, match="got 1 of 2 with rows of their own"):
        diagnose(fleet)


def test_networks_of_several_heads_are_refused() -> None:
    _, y = ring(0)
    recipe = SHORT.changed(heads=(Head(target="a"), Head(target="b")))
    with pytest.raises(RecipeError, match=r'one "softmax" head.*got "softmax", "softmax"'):
        diagnose(trained(Member(recipe), y={"a": y, "b": y}))


def test_networks_that_do_not_choose_are_refused() -> None:
    recipe = SHORT.changed(heads="squared_error")
    with pytest.raises(RecipeError, match='got "squared_error"; train with `heads="softmax"`'):
        diagnose(trained(Member(recipe)))


def test_several_questions_of_one_head_are_refused() -> None:
    _, y = ring(0)
    recipe = SHORT.changed(heads="sigmoid")
    with pytest.raises(RecipeError, match="one yes or no for each row, got 2"):
        diagnose(trained(Member(recipe), y=[[label, 1 - label] for label in y]))
