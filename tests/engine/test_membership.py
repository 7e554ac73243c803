import numpy as np
import pytest

from levelset.engine import Fleet, Member, Recipe
from levelset.errors import RecipeError
from tests.reference.tables import make_table

X, Y = make_table(30, 4, 3)
QUICK = Recipe(hidden=(5,), epochs=3)
MEMBERS = [Member(QUICK, seed=seed) for seed in range(3)]


def test_no_members() -> None:
    with pytest.raises(RecipeError, match=r"`members` must hold at least one Member, got none"):
        Fleet([], X, Y)


def test_patience_without_validation() -> None:
    members = [*MEMBERS, Member(QUICK.changed(patience=4))]
    with pytest.raises(RecipeError, match=r"members\[3\] has `patience=4`, which needs valid"):
        Fleet(members, X, Y)


@pytest.mark.parametrize("rows", [[0, 30], [-1, 3], [2**40, 5]])
def test_rows_out_of_the_table(rows: list[int]) -> None:
    message = rf"members\[0\] must have `rows` in 0 \.\. 29, got .* {min(rows)} to {max(rows)}"
    with pytest.raises(RecipeError, match=message):
        Fleet([Member(QUICK, rows=rows)], X, Y)


@pytest.mark.parametrize("length", [29, 31])
def test_counts_of_another_table(length: int) -> None:
    with pytest.raises(RecipeError) as raised:
        Fleet([*MEMBERS, Member(QUICK, counts=np.ones(length, int))], X, Y)
    assert str(raised.value) == (
        f"members[3] must have `counts` of shape (n,) = (30,), got {length} of them."
    )


@pytest.mark.parametrize(
    ("hidden", "features", "classes"), [((5,), 4, 2), ((5,), 3, 3), ((6,), 4, 3), ((), 4, 3)]
)
def test_initial_network_of_other_layers(
    hidden: tuple[int, ...], features: int, classes: int
) -> None:
    x, y = make_table(30, features, classes)
    initial = Fleet([Member(QUICK.changed(hidden=hidden))], x, y).networks[0]
    with pytest.raises(RecipeError) as raised:
        Fleet([Member(QUICK, initial=initial)], X, Y)
    assert str(raised.value) == (
        "members[0] must start from a network with layers of (4, 5, 3) units, the inputs' "
        f"first, got {(features, *hidden, classes)}."
    )


@pytest.mark.parametrize(
    ("own", "other"), [("none", "batch"), ("batch", "layer"), ("layer", "none"), ("batch", "none")]
)
def test_initial_network_that_is_normalized_otherwise(own: str, other: str) -> None:
    initial = Fleet([Member(QUICK.changed(normalization=other))], X, Y).networks[0]
    with pytest.raises(RecipeError) as raised:
        Fleet([Member(QUICK.changed(normalization=own), initial=initial)], X, Y)
    assert str(raised.value) == (
        f'members[0] must start from a network with `normalization="{own}"`, got "{other}".'
    )


@pytest.mark.parametrize("normalization", ["none", "layer", "batch"])
def test_initial_network_is_where_a_member_starts(normalization: str) -> None:
    recipe = QUICK.changed(normalization=normalization, hidden=(5, 5))
    trained = Fleet([Member(recipe)], X, Y)
    trained.run()
    start = trained.networks[0]
    joined = Fleet([Member(recipe.changed(residual=True), initial=start)], X, Y).networks[0]
    assert joined.flat().tobytes() == start.flat().tobytes()
    assert joined.predict_proba(X).tobytes() != start.predict_proba(X).tobytes()
    plain = Fleet([Member(recipe.changed(l2=0.1), initial=start)], X, Y)
    assert plain.predict_proba(X)[0].tobytes() == start.predict_proba(X).tobytes()


def test_monitoring_accuracy_needs_validation_rows() -> None:
    with pytest.raises(RecipeError, match=r'has `monitor="accuracy"`, which needs validation rows'):
        Fleet([Member(Recipe(monitor="accuracy"))], X, Y)
