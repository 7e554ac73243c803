"""Whatever the recipes and the table, a member is one network, and the theory's."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from levelset.engine import Fleet, Member, Recipe
from tests.reference.fleets import (
    assert_same_outcomes,
    outcomes,
    saved_and_loaded,
    state_bytes,
)
from tests.reference.instruction_sets import INSTRUCTION_SETS
from tests.reference.networks import gradient_error, make_network, validation_loss_by_theory
from tests.reference.recipes import (
    FIELDS,
    chooser,
    draw_members,
    draw_recipe,
    draw_table,
)
from tests.reference.targets import Answers, head_widths
from tests.reference.trained import assert_same_record, task_of, train_from

MANY, ROWS, FEATURES, CLASSES = 500, 40, 6, 3
QUESTION = draw_table(150, FEATURES, CLASSES, named=True, seed=2)[0]


def test_every_field_is_drawn() -> None:
    assert set(FIELDS) == set(Recipe.model_fields)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.data(),
    count=st.integers(1, 4),
    shape=st.tuples(st.integers(1, 60), st.integers(1, 20), st.integers(2, 20)),
    named=st.booleans(),
    cut=st.integers(1, 5),
    weighted=st.booleans(),
    instruction_set=st.sampled_from(INSTRUCTION_SETS),
)
def test_any_recipes_on_any_table(
    data: st.DataObject,
    count: int,
    shape: tuple[int, int, int],
    named: bool,
    cut: int,
    weighted: bool,
    instruction_set: str,
) -> None:
    rows, features, classes = shape
    x, y, names = draw_table(rows, features, classes, named=named)
    held_out = draw_table(rows + 3, features, classes, named=named, seed=1)[:2]
    generator = np.random.default_rng([rows, features, classes])
    drawn = [
        draw_recipe(lambda options: data.draw(st.sampled_from(options)), names, y)
        for _ in range(count)
    ]
    members = draw_members(drawn, rows, generator)
    sample_weight = generator.integers(0, 3, rows) + 1.0 * (np.arange(rows) == 0)

    def start(threads: int) -> Fleet:
        return Fleet(
            members,
            x,
            y,
            validation=held_out,
            sample_weight=sample_weight if weighted else None,
            classes={"kind": classes, "y": 2} if named else classes,
            dtype="float64",
            threads=threads,
            instruction_set=instruction_set,
        )

    fleet, cut_short, resumed = start(1), start(3), start(2)
    fleet.run()
    cut_short.run(cut)
    resumed.restore(saved_and_loaded(cut_short.state()))
    expected = outcomes(fleet, x)
    for other in (cut_short, resumed):
        other.run()
        assert_same_outcomes(outcomes(other, x), expected)
        assert state_bytes(other) == state_bytes(fleet)
    assert_theory_agrees(fleet, (x, y), held_out)


def assert_theory_agrees(fleet: Fleet, table: tuple, held_out: tuple) -> None:
    """The validation loss of the epoch that was kept, and the gradient of what was kept."""
    record = fleet.record
    for number, network in enumerate(fleet.networks):
        best = int(record.best_epoch[number])
        if best < 0:  # diverged in its first epoch
            assert record.stop_reason[number] == "diverged"
            continue
        recorded = float(record.validation_loss[number, best])
        if recorded > 1e30:  # as good as diverged: squares of such numbers leave even float64
            continue
        assert validation_loss_by_theory(network, *held_out) == pytest.approx(recorded, rel=1e-6)
        assert gradient_error(network, *table) < 1e-6  # two rows lose digits in every layer


def gentle(member: Member, y: Answers, classes: int | dict[str, int]) -> Member:
    """The member where the rounding of one step does not grow from each to the next.

    At a small rate, without Adam's division by next to nothing, and from drawn biases: from zero, a
    unit of which dropout leaves the bias alone lies on the kink of its activation.
    """
    recipe = member.recipe.changed(learning_rate=3e-3, epsilon=1e-3, patience=None)
    columns = head_widths(recipe, y, classes)
    start = make_network(recipe, FEATURES, sum(columns), "", head_columns=columns)
    return replace(member, recipe=recipe, initial=start)


@pytest.mark.parametrize("seed", range(6))
def test_any_recipe_takes_the_steps_of_the_theory(seed: int) -> None:
    generator, named = np.random.default_rng(seed), seed % 2 == 0
    x, y, names = draw_table(ROWS, FEATURES, CLASSES, named=named)
    classes = {"kind": CLASSES, "y": 2} if named else CLASSES
    weights = generator.uniform(0.5, 2, ROWS) if seed < 3 else None
    choose = chooser(generator)
    drawn = [draw_recipe(choose, names, y, widest=20) for _ in range(40)]
    members = [gentle(member, y, classes) for member in draw_members(drawn, ROWS, generator)]
    fleet = Fleet(
        members,
        x,
        y,
        validation=draw_table(30, FEATURES, CLASSES, named=named, seed=1)[:2],
        sample_weight=weights,
        classes=classes,
        dtype="float64",
        instruction_set=INSTRUCTION_SETS[seed % len(INSTRUCTION_SETS)],
    )
    starts = list(fleet.networks)
    fleet.run()
    assert set(fleet.record.stop_reason) == {"finished"}
    for number, (member, start) in enumerate(zip(members, starts, strict=True)):
        task = task_of(member, x, y, classes, weights)
        history = train_from(start, task, member.recipe.epochs)
        assert_same_record(fleet.record, number, history)


@lru_cache
def many_members() -> list[Member]:
    _, y, names = draw_table(ROWS, FEATURES, CLASSES, named=True)
    generator = np.random.default_rng(8)
    choose = chooser(generator)
    drawn = [draw_recipe(choose, names, y, widest=24) for _ in range(MANY)]
    return draw_members(drawn, ROWS, generator)


def start_many(instruction_set: str, threads: int, some: slice = slice(None)) -> Fleet:
    x, y, _ = draw_table(ROWS, FEATURES, CLASSES, named=True)
    return Fleet(
        many_members()[some],
        x,
        y,
        validation=draw_table(30, FEATURES, CLASSES, named=True, seed=1)[:2],
        classes={"kind": CLASSES, "y": 2},
        threads=threads,
        instruction_set=instruction_set,
    )


@pytest.fixture(scope="module", params=INSTRUCTION_SETS)
def instruction_set(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def whole(instruction_set: str) -> Fleet:
    fleet = start_many(instruction_set, threads=1)
    fleet.run()
    return fleet


@pytest.fixture(scope="module")
def expected(whole: Fleet) -> list[dict[str, bytes]]:
    return outcomes(whole, QUESTION)


class TestFiveHundredRecipes:
    """Drawn once; every field takes every value, in company with every other."""

    def test_are_varied(self, whole) -> None:
        recipes = [member.recipe for member in whole.members]
        for name, options in FIELDS.items():
            if name not in ("hidden", "heads"):
                assert len({str(getattr(recipe, name)) for recipe in recipes}) >= len(options)
        heads = [len(recipe.heads) for recipe in recipes if isinstance(recipe.heads, tuple)]
        assert set(heads) == {1, 2, 3, 4, 5}
        assert set(whole.record.stop_reason) == {"finished", "patience", "diverged"}

    @pytest.mark.parametrize("threads", [2, 7])
    def test_on_any_number_of_threads(self, expected, whole, instruction_set, threads) -> None:
        fleet = start_many(instruction_set, threads)
        fleet.run()
        assert_same_outcomes(outcomes(fleet, QUESTION), expected)
        assert state_bytes(fleet) == state_bytes(whole)

    def test_in_cuts(self, whole, instruction_set) -> None:
        fleet = start_many(instruction_set, threads=2)
        for epochs in (1, 3, None):
            fleet.run(epochs)
        assert state_bytes(fleet) == state_bytes(whole)

    def test_restored_at_an_odd_epoch(self, expected, whole, instruction_set) -> None:
        first, second = (start_many(instruction_set, threads=2) for _ in range(2))
        first.run(3)
        second.restore(saved_and_loaded(first.state()))
        second.run()
        assert_same_outcomes(outcomes(second, QUESTION), expected)
        assert state_bytes(second) == state_bytes(whole)

    def test_alone(self, expected, instruction_set) -> None:
        for number in range(0, MANY, MANY // 60):
            fleet = start_many(instruction_set, 1, slice(number, number + 1))
            fleet.run()
            assert_same_outcomes(outcomes(fleet, QUESTION), [expected[number]])
