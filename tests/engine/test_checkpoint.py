import io
from collections.abc import Mapping

import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member, Recipe
from levelset.errors import DataError, FleetBusyError, RecipeError
from tests.reference.instruction_sets import INSTRUCTION_SETS, every_instruction_set
from tests.reference.tables import make_table
from tests.reference.unchecked import errors_of

X, Y = make_table(30, 4, 3)
VALIDATION = make_table(20, 4, 3, seed=1)
QUICK = Recipe(hidden=(5,), epochs=6, batch_size=8)
RECIPES = [
    QUICK,
    QUICK.changed(normalization="batch", averaging="ema"),
    QUICK.changed(averaging="swa", epochs=4, optimizer="sgd", mixup=0.3),
    QUICK.changed(learning_rate=0.5, patience=1, dropout=0.3),
    QUICK.changed(optimizer="sgd", learning_rate=1e9, sam_radius=0.1),
    QUICK.changed(hidden=(), epochs=2),
]
MEMBERS = [Member(recipe, seed=seed) for seed, recipe in enumerate(RECIPES)]


def make_fleet(**rest: object) -> Fleet:
    return Fleet(**({"members": MEMBERS, "x": X, "y": Y, "validation": VALIDATION} | rest))


def same(first: Mapping[str, np.ndarray], second: Mapping[str, np.ndarray]) -> bool:
    assert list(first) == list(second)
    return all(array.tobytes() == second[name].tobytes() for name, array in first.items())


class TestRestore:
    @every_instruction_set
    @pytest.mark.parametrize("validation", [None, VALIDATION], ids=["alone", "validated"])
    @pytest.mark.parametrize("epochs", range(7))
    def test_at_any_epoch_is_as_if_never_stopped(
        self, epochs: int, validation: tuple | None, instruction_set: str
    ) -> None:
        members = [member for member in MEMBERS if validation or member.recipe.patience is None]
        rest = {"members": members, "validation": validation, "instruction_set": instruction_set}
        whole, first, second = (make_fleet(**rest) for _ in range(3))
        whole.run()
        if epochs:
            first.run(epochs)
        second.restore(first.state())
        assert same(second.state(), first.state())
        assert second.predict_proba(X).tobytes() == first.predict_proba(X).tobytes()
        second.run()
        assert same(second.state(), whole.state())
        assert second.record.stop_reason == whole.record.stop_reason

    def test_goes_back_as_well(self) -> None:
        fleet = make_fleet()
        fleet.run(2)
        early, probabilities = fleet.state(), fleet.predict_proba(X)
        fleet.run()
        late = fleet.state()
        assert not same(early, late)
        fleet.restore(early)
        assert same(fleet.state(), early)
        assert fleet.predict_proba(X).tobytes() == probabilities.tobytes()
        fleet.run()
        assert same(fleet.state(), late)

    def test_through_a_file(self) -> None:
        first, second, file = make_fleet(), make_fleet(), io.BytesIO()
        first.run(3)
        np.savez_compressed(file, **first.state())
        file.seek(0)
        with np.load(file, allow_pickle=False) as state:
            second.restore(state)
        assert same(second.state(), first.state())

    def test_on_another_instruction_set_and_number_of_threads(self) -> None:
        first = make_fleet(instruction_set=INSTRUCTION_SETS[0], threads=1)
        first.run(3)
        second = make_fleet(instruction_set=INSTRUCTION_SETS[-1], threads=2)
        second.restore(first.state())
        np.testing.assert_allclose(second.predict_proba(X), first.predict_proba(X), rtol=1e-3)
        second.run()
        assert second.record.epochs_run.max() == 6

    def test_record_in_hand_follows(self) -> None:
        first, second = make_fleet(), make_fleet()
        record = second.record
        first.run(2)
        second.restore(first.state())
        np.testing.assert_array_equal(record.training_loss, first.record.training_loss)

    def test_of_several_heads(self) -> None:
        heads = (Head(target="kind"), Head(target="size", loss="squared_error"))
        answers = {"kind": Y, "size": np.where(Y == 1, np.nan, X[:, 0])}
        rest = {
            "members": [Member(QUICK.changed(heads=heads, normalization="layer"))],
            "y": answers,
            "validation": (X, answers),
        }
        first, second = make_fleet(**rest), make_fleet(**rest)
        first.run(3)
        second.restore(first.state())
        first.run()
        second.run()
        assert same(second.state(), first.state())


class TestState:
    def test_is_plain_arrays(self) -> None:
        state = make_fleet().state()
        assert {array.dtype.kind for array in state.values()} <= set("fiuU")

    def test_belongs_to_the_caller(self) -> None:
        fleet = make_fleet()
        fleet.run(2)
        state, kept = fleet.state(), fleet.state()
        for array in state.values():
            array[...] = "?" if array.dtype.kind == "U" else 0
        assert same(fleet.state(), kept)
        fleet.restore(kept)
        given = {name: array.copy() for name, array in kept.items()}
        fleet.run()
        assert same(kept, given)

    def test_is_of_the_last_whole_epoch_after_an_interruption(self) -> None:
        class Enough(Exception):
            pass

        def stop(_: object) -> None:
            raise Enough

        recipe = Recipe(hidden=(64,), epochs=10_000)
        fleets = [make_fleet(members=[Member(recipe)]) for _ in range(2)]
        with pytest.raises(Enough):
            fleets[0].run(progress=stop)
        done = int(fleets[0].record.epochs_run[0])
        if done:
            fleets[1].run(done)
        assert fleets[0].predict_proba(X).tobytes() == fleets[1].predict_proba(X).tobytes()
        fleets[1].restore(fleets[0].state())
        for fleet in fleets:
            fleet.run(3)
        assert same(fleets[0].state(), fleets[1].state())

    def test_is_neither_taken_nor_restored_while_the_fleet_trains(self) -> None:
        fleet = make_fleet(members=[Member(Recipe(epochs=200))])
        state, seen = fleet.state(), []

        def meddle(_: object) -> None:
            for use in (fleet.state, lambda: fleet.restore(state)):
                with pytest.raises(FleetBusyError):
                    use()
            seen.append(1)

        fleet.run(progress=meddle)
        assert seen


ANOTHER_X = X + np.eye(*X.shape)
START = Fleet([Member(QUICK)], X, Y).networks[0]
FIRST, *OTHERS = MEMBERS
CHANGED_MEMBERS = [
    Member(QUICK.changed(l2=0.1)),
    Member(QUICK, seed=7),
    Member(QUICK, rows=range(29)),
    Member(QUICK, counts=np.arange(30)),
    Member(QUICK, initial=START),
]


@pytest.fixture(scope="module")
def state() -> dict[str, np.ndarray]:
    fleet = make_fleet()
    fleet.run(3)
    return fleet.state()


class TestRefused:
    """A fleet that refuses a state is left as it was."""

    def refuses(
        self, error: type[Exception], state: Mapping[str, np.ndarray], **rest: object
    ) -> str:
        fleet = make_fleet(**rest)
        fleet.run(1)
        before = fleet.state()
        with pytest.raises(error) as raised:
            fleet.restore(state)
        assert same(fleet.state(), before)
        return str(raised.value)

    def test_no_mapping(self) -> None:
        given = errors_of(["Fleet(MEMBERS, X, Y).restore([1])"])
        assert list(given.values()) == [
            "DataError: `state` must be a mapping from names to arrays, as `state()` gives it, "
            "got list."
        ]

    def test_array_is_missing(self, state) -> None:
        for name in state:
            part = {key: array for key, array in state.items() if key != name}
            assert self.refuses(DataError, part) == (
                f"`state` must hold every array that `state()` gives, got no {name}."
            )

    def test_other_layout(self, state) -> None:
        said = self.refuses(DataError, state | {"layout": np.array(99)})
        assert said == (
            "`state` must be of layout 1, that of this version of levelset, got 99; restore it "
            "with the version that saved it."
        )

    def test_other_dtype(self, state) -> None:
        assert self.refuses(RecipeError, state, dtype="float64") == (
            "`state` must be of a float64 fleet, as this one is, got float32."
        )

    def test_other_number_of_members(self, state) -> None:
        assert self.refuses(RecipeError, state, members=MEMBERS[:2]) == (
            "`state` must be of 2 members, as this fleet has, got members of shape (6, 32)."
        )

    @pytest.mark.parametrize("member", CHANGED_MEMBERS, ids=range(5))
    def test_another_member(self, member: Member, state) -> None:
        assert self.refuses(RecipeError, state, members=[*OTHERS[:2], member, *OTHERS[2:]]) == (
            "`state` must be of the same members as this fleet's, got another recipe, seed, rows "
            "or initial network of members[0]."
        )
        assert self.refuses(RecipeError, state, members=[FIRST, member, *OTHERS[1:]]).endswith(
            "network of members[1]."
        )

    @pytest.mark.parametrize(
        ("rest", "names"),
        [
            ({"x": ANOTHER_X}, "x"),
            ({"y": np.roll(Y, 1)}, "y"),
            ({"classes": 4}, "y"),
            ({"sample_weight": np.arange(30)}, "sample_weight"),
            ({"validation": (VALIDATION[0] * 2, VALIDATION[1])}, "validation x"),
            ({"validation": (VALIDATION[0], np.roll(VALIDATION[1], 1))}, "validation y"),
            ({"validation": (VALIDATION[0][:9], VALIDATION[1][:9])}, "validation x, validation y"),
        ],
        ids=["x", "y", "classes", "weights", "validation x", "validation y", "fewer rows"],
    )
    def test_other_data(self, rest: dict, names: str, state) -> None:
        assert self.refuses(DataError, state, **rest) == (
            f"`state` must be of the same data as this fleet's, got another {names}."
        )

    def test_no_digests(self, state) -> None:
        said = self.refuses(DataError, state | {"data": np.zeros(3)})
        assert said == "`state` must hold digests of data of shape (5, 32), got (3,)."

    @pytest.mark.parametrize(
        "name", ["holds", "counters", "losses", "parameters", "averages", "gradient_norm"]
    )
    def test_array_of_another_shape_or_type(self, name: str, state) -> None:
        array = state[name]
        for wrong in (array[:-1], array.astype(np.float16)):
            assert self.refuses(DataError, state | {name: wrong}) == (
                f'`state["{name}"]` must be {array.dtype} of shape {array.shape}, got '
                f"{wrong.dtype} of shape {wrong.shape}."
            )

    @pytest.mark.parametrize("name", ["counters", "losses", "first_moments", "training_loss"])
    def test_array_that_was_changed(self, name: str, state) -> None:
        array = state[name].copy()
        array.flat[0] = 77
        assert self.refuses(DataError, state | {name: array}) == (
            "`state` must be unchanged since `state()` gave it, but its digest is another; save "
            "it again."
        )

    def test_member_holds_something_else(self, state) -> None:
        holds = state["holds"].copy()
        holds[0, 1] = 1 - holds[0, 1]
        assert "first_moments" in self.refuses(DataError, state | {"holds": holds})
