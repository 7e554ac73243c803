"""A member is the same network, byte for byte, wherever and however it is trained."""

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Progress, Recipe
from tests.reference.fleets import (
    CLASSES,
    EPOCHS,
    EVERYTHING,
    FEATURES,
    QUESTION,
    VALIDATION,
    assert_same_outcomes,
    make_fleet,
    outcomes,
    saved_and_loaded,
    varied_members,
)
from tests.reference.instruction_sets import INSTRUCTION_SETS
from tests.reference.tables import make_table


class Interrupted(Exception):
    pass


@pytest.fixture(scope="module", params=INSTRUCTION_SETS)
def instruction_set(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module", params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def expected(instruction_set: str, dtype: str) -> list[dict[str, bytes]]:
    """What every member of the varied fleet comes to on one thread in one run."""
    fleet = make_fleet(varied_members(), dtype, threads=1, instruction_set=instruction_set)
    fleet.run()
    assert set(fleet.record.stop_reason) == {"finished", "patience", "diverged"}
    return outcomes(fleet)


class TestVariedFleet:
    @pytest.mark.parametrize("threads", [1, 2, 7])
    def test_any_number_of_threads(self, expected, instruction_set, dtype, threads) -> None:
        fleet = make_fleet(
            varied_members(), dtype, threads=threads, instruction_set=instruction_set
        )
        fleet.run()
        assert_same_outcomes(outcomes(fleet), expected)

    @pytest.mark.parametrize("calls", [(4, 6), (1,) * EPOCHS, (9, 100), (1, None)], ids=str)
    def test_any_cut_into_calls(self, expected, instruction_set, dtype, calls) -> None:
        fleet = make_fleet(varied_members(), dtype, threads=2, instruction_set=instruction_set)
        for epochs in calls:
            fleet.run(epochs)
        assert_same_outcomes(outcomes(fleet), expected)

    def test_alone(self, expected, instruction_set, dtype) -> None:
        for member, wanted in zip(varied_members(), expected, strict=True):
            fleet = make_fleet([member], dtype, instruction_set=instruction_set)
            fleet.run()
            assert_same_outcomes(outcomes(fleet), [wanted])

    def test_any_order_and_company(self, expected, instruction_set, dtype) -> None:
        longer = Member(Recipe(hidden=(4, 4, 4, 4, 4), epochs=EPOCHS + 7), seed=99)
        members = [*varied_members(), longer][::-1]
        fleet = make_fleet(members, dtype, threads=2, instruction_set=instruction_set)
        fleet.run()
        assert_same_outcomes(outcomes(fleet)[:0:-1], expected)

    @pytest.mark.parametrize("done", [1, 7, EPOCHS])
    def test_restored(self, expected, instruction_set, dtype, done) -> None:
        started, resumed = (
            make_fleet(varied_members(), dtype, threads=2, instruction_set=instruction_set)
            for _ in range(2)
        )
        started.run(done)
        resumed.restore(saved_and_loaded(started.state()))
        assert_same_outcomes(outcomes(resumed), outcomes(started))
        resumed.run()
        assert_same_outcomes(outcomes(resumed), expected)

    def test_looking_between_epochs_changes_nothing(self, expected, instruction_set, dtype) -> None:
        fleet = make_fleet(varied_members(), dtype, instruction_set=instruction_set)
        for _ in range(EPOCHS):
            fleet.outputs(QUESTION)
            fleet.run(1)
            fleet.state()
            for network in fleet.networks:
                network.objective_and_gradient(*VALIDATION)
        assert_same_outcomes(outcomes(fleet), expected)


@pytest.mark.parametrize(
    ("error", "instruction_set"),
    [(Interrupted, INSTRUCTION_SETS[0]), *((KeyboardInterrupt, name) for name in INSTRUCTION_SETS)],
)
def test_interrupted_and_run_on(error: type[BaseException], instruction_set: str) -> None:
    x, y = make_table(600, FEATURES, CLASSES)
    own = {"hidden": (48, 48, 48), "epochs": 20_000, "batch_size": 16}
    recipe = Recipe(**(EVERYTHING | own))
    members = [Member(recipe, seed=seed) for seed in range(3)]

    def start(some: list[Member]) -> Fleet:
        return Fleet(some, x, y, validation=(x, y), threads=2, instruction_set=instruction_set)

    def interrupt(progress: Progress) -> None:
        raise error

    broken = start(members)
    for _ in range(3):
        with pytest.raises(error):
            broken.run(progress=interrupt)
    done = broken.record.epochs_run
    assert 0 < done.max() < recipe.epochs
    whole = [start([member]) for member in members]
    for number, epochs in enumerate(done):
        if epochs > 0:
            whole[number].run(int(epochs))
    assert_same_outcomes(outcomes(broken), [each for fleet in whole for each in outcomes(fleet)])
    for fleet in (broken, *whole):
        fleet.run(2)
    assert_same_outcomes(outcomes(broken), [each for fleet in whole for each in outcomes(fleet)])


def test_seeds_give_different_networks() -> None:
    members = [Member(Recipe(hidden=(6,), epochs=1), seed=seed) for seed in (0, 1, 2**32, 2**63)]
    fleet = make_fleet(members)
    assert len({network.weights[0].tobytes() for network in fleet.networks}) == len(members)


def test_all_rows_are_the_rows_in_order() -> None:
    recipe = Recipe(hidden=(6,), epochs=3)
    members = [Member(recipe), Member(recipe, rows=np.arange(90)), Member(recipe, rows=range(90))]
    fleet = make_fleet(members)
    fleet.run()
    first, *others = outcomes(fleet)
    assert_same_outcomes(others, [first] * 2)
