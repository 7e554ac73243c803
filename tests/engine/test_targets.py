"""What a fleet learns from, through its door."""

import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member, Recipe
from levelset.errors import DataError, RecipeError
from tests.reference.tables import make_table

X, KIND = make_table(12, 4, 3)
SIGN = X[:, 0] > 0
SIZE = X @ np.arange(8.0).reshape(4, 2)
ANSWERS = {"kind": KIND, "sign": SIGN, "size": SIZE}
ALL = (
    Head(target="kind"),
    Head(target="sign", loss="sigmoid"),
    Head(target="size", loss="squared_error"),
)


def make_fleet(heads: str | tuple[Head, ...], y: object, **rest: object) -> Fleet:
    return Fleet([Member(Recipe(hidden=(5,), epochs=2, heads=heads))], X, y, **rest)


def columns(heads: str | tuple[Head, ...], y: object, **rest: object) -> tuple[int, ...]:
    """How many columns each head has."""
    return make_fleet(heads, y, **rest).networks[0].head_columns


class TestColumns:
    @pytest.mark.parametrize(
        ("heads", "y", "expected"),
        [
            ("softmax", KIND, (3,)),
            ("sigmoid", SIGN, (1,)),
            ("sigmoid", SIGN.astype(float), (1,)),
            ("sigmoid", np.eye(3, dtype=int)[KIND], (3,)),
            ("squared_error", SIZE, (2,)),
            ("squared_error", SIZE[:, 0], (1,)),
            ("squared_error", KIND, (1,)),
            ("softmax", {"y": KIND}, (3,)),
            (ALL, ANSWERS, (3, 1, 2)),
            (ALL[::-1], ANSWERS, (2, 1, 3)),
            (ALL[1:2], ANSWERS, (1,)),
        ],
    )
    def test_are_what_the_targets_say(self, heads, y, expected) -> None:
        assert columns(heads, y) == expected

    def test_one_target_may_serve_members_with_different_losses(self) -> None:
        recipe, losses = Recipe(hidden=(5,), epochs=2), ("softmax", "squared_error", "sigmoid")
        fleet = Fleet([Member(recipe.changed(heads=loss)) for loss in losses], X, SIGN)
        fleet.run()
        assert [network.head_columns for network in fleet.networks] == [(2,), (1,), (1,)]
        assert [output["y"].shape for output in fleet.outputs(X)] == [(12, 2), (12, 1), (12, 1)]

    def test_what_one_loss_asks_is_asked_whatever_the_others_do(self) -> None:
        recipe = Recipe(hidden=(5,), epochs=2)
        for losses in (("squared_error", "sigmoid"), ("sigmoid", "squared_error")):
            members = [Member(recipe.changed(heads=loss)) for loss in losses]
            with pytest.raises(DataError, match=r"`y` must hold 0 and 1 alone"):
                Fleet(members, X, KIND)

    def test_a_member_is_the_same_whatever_the_others_learn(self) -> None:
        recipe = Recipe(hidden=(5,), epochs=2)
        heads = [ALL, ALL[::-1], ALL[:1], (ALL[0].model_copy(update={"loss": "squared_error"}),)]
        members = [Member(recipe.changed(heads=each)) for each in heads]
        fleet = Fleet(members, X, ANSWERS, validation=(X, ANSWERS))
        fleet.run()
        for member, outputs in zip(members, fleet.outputs(X), strict=True):
            alone = Fleet([member], X, ANSWERS, validation=(X, ANSWERS))
            alone.run()
            expected = alone.outputs(X)[0]
            assert {name: part.tobytes() for name, part in outputs.items()} == {
                name: part.tobytes() for name, part in expected.items()
            }


class TestClasses:
    def test_are_counted_over_both_tables(self) -> None:
        fewer = {"kind": KIND % 2}
        assert columns(ALL[:1], fewer) == (2,)
        assert columns(ALL[:1], fewer, validation=(X, {"kind": KIND})) == (3,)

    def test_may_be_given_by_name(self) -> None:
        assert columns(ALL, ANSWERS, classes={"kind": 7}) == (7, 1, 2)
        assert columns(ALL[:1], {"kind": KIND}, classes=5) == (5,)
        assert columns("softmax", KIND, classes={"y": 4}) == (4,)

    @pytest.mark.parametrize(
        ("y", "classes", "message"),
        [
            (
                ANSWERS,
                3,
                "`classes` must be a mapping from targets to numbers of classes where `y` holds "
                "several, got 3.",
            ),
            (
                ANSWERS,
                {"color": 3},
                '`classes` must be of targets that `y` holds, "kind", "sign", "size", got '
                "'color'.",
            ),
            (
                ANSWERS,
                {"kind": 1},
                '`classes["kind"]` must be an integer in 2 .. 65536, got 1.',
            ),
        ],
    )
    def test_that_do_not_fit_the_targets(self, y, classes, message) -> None:
        with pytest.raises(RecipeError) as raised:
            make_fleet(ALL, y, classes=classes)
        assert str(raised.value) == message

    def test_too_few_for_the_targets(self) -> None:
        with pytest.raises(DataError, match=r'`y\["kind"\]` must hold class numbers 0 \.\. 1, got'):
            make_fleet(ALL, ANSWERS, classes={"kind": 2})

    def test_only_one_among_the_targets(self) -> None:
        with pytest.raises(RecipeError) as raised:
            make_fleet(ALL, ANSWERS | {"kind": np.zeros(12, int)})
        assert str(raised.value) == (
            '`y["kind"]` must hold at least two classes, got only class 0.'
        )


class TestMissing:
    def test_targets_are_nan(self) -> None:
        gaps = np.arange(12) % 3 == 0
        answers = {
            "kind": np.where(gaps, np.nan, KIND),
            "sign": np.where(gaps, np.nan, SIGN),
            "size": np.where(gaps[:, np.newaxis], np.nan, SIZE),
        }
        fleet = make_fleet(ALL, answers, validation=(X, answers), classes={"kind": 3})
        fleet.run()
        assert fleet.networks[0].head_columns == (3, 1, 2)
        assert np.isfinite(fleet.record.training_loss).all()
        assert np.isfinite(fleet.record.validation_loss).all()

    @pytest.mark.parametrize("name", ["kind", "sign", "size"])
    def test_all_rows_of_a_target(self, name: str) -> None:
        nothing = ANSWERS | {name: np.full(ANSWERS[name].shape, np.nan)}
        message = rf'y\["{name}"\]` must hold the target of at least one row, got NaN alone'
        with pytest.raises(DataError, match=f"`{message}"):
            make_fleet(ALL, nothing)
        with pytest.raises(DataError, match=f"`validation {message}"):
            make_fleet(ALL, ANSWERS, validation=(X, nothing))

    @pytest.mark.parametrize("loss", ["sigmoid", "squared_error"])
    def test_one_array_misses_nothing(self, loss: str) -> None:
        with pytest.raises(DataError, match=r"got nan at row 3, .* pass a mapping, `y=\{'y': y\}`"):
            make_fleet(loss, np.where(np.arange(12) == 3, np.nan, SIGN))

    def test_one_array_of_classes_misses_nothing(self) -> None:
        with pytest.raises(DataError, match=r"class numbers 0, 1, \.\.\. as integers, got float64"):
            make_fleet("softmax", np.where(np.arange(12) == 3, np.nan, KIND))

    def test_balanced_weights_are_of_the_rows_that_have_a_class(self) -> None:
        kind = np.where(np.arange(12) % 4 == 0, np.nan, KIND)
        present = np.flatnonzero(~np.isnan(kind))
        recipe = Recipe(
            hidden=(5,),
            epochs=3,
            batch_size=12,
            optimizer="sgd",
            class_weight="balanced",
            heads=ALL[:1],
        )
        fleet = Fleet([Member(recipe)], X, {"kind": kind}, dtype="float64")
        alone = Fleet([Member(recipe)], X[present], {"kind": KIND[present]}, dtype="float64")
        fleet.run()
        alone.run()
        np.testing.assert_allclose(
            fleet.networks[0].weights[0], alone.networks[0].weights[0], rtol=1e-9
        )


class TestNames:
    def test_head_without_a_target(self) -> None:
        members = [Member(Recipe(heads=heads)) for heads in (ALL[:1], (Head(target="color"),))]
        with pytest.raises(RecipeError) as raised:
            Fleet(members, X, ANSWERS)
        assert str(raised.value) == (
            'members[1] has a head for the target "color", which `y` must hold, got "kind", '
            '"sign", "size"; pass `{"color": ...}`, or give the recipe a Head for a target it '
            "holds."
        )

    def test_plain_head_means_the_target_y(self) -> None:
        with pytest.raises(RecipeError, match=r'has a head for the target "y", which `y` must'):
            make_fleet("softmax", {"kind": KIND})
        assert columns((Head(target="y"),), KIND) == (3,)

    def test_head_of_a_name_where_there_is_one_array(self) -> None:
        with pytest.raises(RecipeError, match=r'"kind", which `y` must hold, got one array; pass'):
            make_fleet(ALL[:1], KIND)

    def test_targets_that_nobody_asks_for_may_be_anything(self) -> None:
        assert columns(ALL[:1], ANSWERS | {"note": ["text"]}) == (3,)

    @pytest.mark.parametrize(
        ("y", "given"), [({}, "no target"), ({3: KIND, "kind": KIND}, "the name 3")]
    )
    def test_mapping_without_names(self, y: dict, given: str) -> None:
        with pytest.raises(DataError) as raised:
            make_fleet(ALL[:1], y)
        assert str(raised.value) == (
            f"`y` must map names of targets, which are text, to arrays, got {given}."
        )


class TestValidation:
    def test_needs_every_target(self) -> None:
        with pytest.raises(DataError) as raised:
            make_fleet(ALL[:1], ANSWERS, validation=(X, {"kind": KIND}))
        assert str(raised.value) == (
            "`validation y` must hold every target that `y` holds, got no sign, size."
        )

    def test_is_a_mapping_where_y_is_one(self) -> None:
        with pytest.raises(DataError) as raised:
            make_fleet(ALL[:1], {"kind": KIND}, validation=(X, KIND))
        assert str(raised.value) == ("`validation y` must be a mapping, as `y` is, got one array.")
        with pytest.raises(DataError) as raised:
            make_fleet("softmax", KIND, validation=(X, {"y": KIND}))
        assert str(raised.value) == ("`validation y` must be one array, as `y` is, got a mapping.")

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"kind": KIND + 1}, r'y\["kind"\]` must hold class numbers 0 \.\. 2, got values from'),
            ({"kind": KIND[:5]}, r'y\["kind"\]` must have shape \(n,\) = \(12,\), got \(5,\)'),
            ({"sign": KIND}, r'y\["sign"\]` must hold 0 and 1 alone for a sigmoid head, got 2'),
            ({"size": SIZE[:, :1]}, r'y\["size"\]` must have shape \(n, 2\) with n = 12, got \(12'),
            ({"size": SIZE[:, 0]}, r'y\["size"\]` must have shape \(n, 2\) with n = 12, got \(12'),
        ],
    )
    def test_targets_of_another_kind(self, changed: dict, message: str) -> None:
        with pytest.raises(DataError, match=f"`validation {message}"):
            make_fleet(ALL, ANSWERS, validation=(X, ANSWERS | changed), classes={"kind": 3})


def test_targets_changed_later_do_no_harm() -> None:
    answers = {"kind": KIND.astype(np.int32), "size": SIZE.astype(np.float32)}
    fleets = [make_fleet((ALL[0], ALL[2]), answers) for _ in range(2)]
    fleets[0].run()
    answers["kind"][:], answers["size"][:] = 2**30, np.nan
    fleets[1].run()
    first, second = (fleet.outputs(X)[0]["size"] for fleet in fleets)
    assert first.tobytes() == second.tobytes()
