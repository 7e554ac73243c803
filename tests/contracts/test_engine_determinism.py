"""A member is the same network, byte for byte, wherever and however it is trained."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from levelset.engine import Fleet, Member, Progress, Recipe
from levelset.theory import ACTIVATIONS, INITIALIZERS, SCHEDULES
from tests.reference.fleets import (
    CLASSES,
    EPOCHS,
    EVERYTHING,
    FEATURES,
    QUESTION,
    VALIDATION,
    assert_same_outcomes,
    make_fleet,
    outcome,
    varied_members,
)
from tests.reference.instruction_sets import INSTRUCTION_SETS
from tests.reference.networks import gradient_error, validation_loss_by_theory
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
    return [outcome(fleet, number) for number in range(len(fleet.members))]


class TestVariedFleet:
    @pytest.mark.parametrize("threads", [1, 2, 7])
    def test_any_number_of_threads(self, expected, instruction_set, dtype, threads) -> None:
        fleet = make_fleet(
            varied_members(), dtype, threads=threads, instruction_set=instruction_set
        )
        fleet.run()
        assert_same_outcomes(fleet, expected)

    @pytest.mark.parametrize("calls", [(4, 6), (1,) * EPOCHS, (9, 100), (1, None)], ids=str)
    def test_any_cut_into_calls(self, expected, instruction_set, dtype, calls) -> None:
        fleet = make_fleet(varied_members(), dtype, threads=2, instruction_set=instruction_set)
        for epochs in calls:
            fleet.run(epochs)
        assert_same_outcomes(fleet, expected)

    def test_alone(self, expected, instruction_set, dtype) -> None:
        for member, wanted in zip(varied_members(), expected, strict=True):
            fleet = make_fleet([member], dtype, instruction_set=instruction_set)
            fleet.run()
            assert_same_outcomes(fleet, [wanted])

    def test_any_order_and_company(self, expected, instruction_set, dtype) -> None:
        longer = Member(Recipe(hidden=(4, 4, 4, 4, 4), epochs=EPOCHS + 7), seed=99)
        members = [*varied_members(), longer][::-1]
        fleet = make_fleet(members, dtype, threads=2, instruction_set=instruction_set)
        fleet.run()
        backwards = [outcome(fleet, number) for number in range(len(members))][::-1]
        assert backwards[:-1] == expected

    def test_looking_between_epochs_changes_nothing(self, expected, instruction_set, dtype) -> None:
        fleet = make_fleet(varied_members(), dtype, instruction_set=instruction_set)
        for _ in range(EPOCHS):
            fleet.predict_proba(QUESTION)
            fleet.run(1)
            for network in fleet.networks:
                network.objective_and_gradient(*VALIDATION)
        assert_same_outcomes(fleet, expected)


@pytest.mark.parametrize(
    ("error", "instruction_set"),
    [(Interrupted, INSTRUCTION_SETS[0]), *((KeyboardInterrupt, name) for name in INSTRUCTION_SETS)],
)
def test_interrupted_and_run_on(error: type[BaseException], instruction_set: str) -> None:
    x, y = make_table(600, FEATURES, CLASSES)
    own = {"hidden": (48, 48), "epochs": 20_000, "batch_size": 16}
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
        assert outcome(whole[number], 0) == outcome(broken, number)
    broken.run(2)
    for number, fleet in enumerate(whole):
        fleet.run(2)
        assert outcome(fleet, 0) == outcome(broken, number)


def test_seeds_give_different_networks() -> None:
    members = [Member(Recipe(hidden=(6,), epochs=1), seed=seed) for seed in (0, 1, 2**32, 2**63)]
    fleet = make_fleet(members)
    assert len({network.weights[0].tobytes() for network in fleet.networks}) == len(members)


def test_all_rows_are_the_rows_in_order() -> None:
    recipe = Recipe(hidden=(6,), epochs=3)
    members = [Member(recipe), Member(recipe, rows=np.arange(90)), Member(recipe, rows=range(90))]
    fleet = make_fleet(members)
    fleet.run()
    assert_same_outcomes(fleet, [outcome(fleet, 0)] * 3)


def shares(*values: float) -> st.SearchStrategy[float]:
    return st.sampled_from([0.0, *values])


FIELDS = {
    "hidden": st.lists(st.integers(1, 40), max_size=3).map(tuple),
    "activation": st.sampled_from(list(ACTIVATIONS)),
    "initializer": st.sampled_from([None, *INITIALIZERS]),
    "gain": st.sampled_from([0.5, 1.0]),
    "optimizer": st.sampled_from(["adam", "sgd", "adamw"]),
    "learning_rate": st.sampled_from([1e-3, 0.03, 0.3]),
    "momentum": shares(0.9),
    "nesterov": st.booleans(),
    "beta1": shares(0.9),
    "beta2": st.sampled_from([0.9, 0.999]),  # below β₁² Adam divides moments by next to nothing
    "epsilon": st.sampled_from([1e-8, 1e-3]),
    "schedule": st.sampled_from(list(SCHEDULES)),
    "warmup_epochs": shares(0.4, 0.99),
    "drop_epochs": st.integers(1, 3),
    "drop_factor": st.sampled_from([0.1, 1.0]),
    "learning_rate_factors": st.sampled_from([None, 0.0, 0.3]),
    "batch_size": st.integers(1, 70),
    "epochs": st.integers(1, 6),
    "l2": shares(1e-3, 0.1),
    "weight_decay": shares(0.01, 1.0),
    "gradient_clip": st.sampled_from([None, 0.01, 1.0]),
    "dropout": shares(0.25, 0.9),
    "input_dropout": shares(0.25, 0.9),
    "input_noise": shares(0.1, 3.0),
    "weight_noise": shares(0.01, 0.3),
    "label_smoothing": shares(0.1, 0.9),
    "class_weight": st.sampled_from([None, "balanced"]),
    "averaging": st.sampled_from(["none", "ema", "swa"]),
    "average_decay": shares(0.5, 0.999),
    "average_start": shares(0.5, 0.9),
    "monitor": st.sampled_from(["loss", "accuracy"]),
    "patience": st.sampled_from([None, 1, 2]),
    "min_delta": shares(0.01),
}


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe: each field at random, then made to agree with the others."""
    fields = {name: draw(strategy) for name, strategy in FIELDS.items()}
    hidden = fields["hidden"]
    if draw(st.booleans()):
        fields["activation"] = tuple(draw(FIELDS["activation"]) for _ in hidden)
    if fields["learning_rate_factors"] is not None:
        own = [draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])) for _ in hidden]
        fields["learning_rate_factors"] = (*own, fields["learning_rate_factors"])
    if fields["optimizer"] != "sgd" or fields["momentum"] == 0:
        fields["nesterov"] = False
    if fields["optimizer"] == "adam":
        fields["weight_decay"] = 0.0
    return Recipe(**fields)


def test_every_field_is_drawn() -> None:
    assert set(FIELDS) == set(Recipe.model_fields)


def draw_members(drawn: list[Recipe], rows: int, generator: np.random.Generator) -> list[Member]:
    """The recipes on all rows, on rows with repeats, and on counted rows, in turn."""
    members = []
    for seed, recipe in enumerate(drawn):
        sample = generator.integers(0, rows, size=int(generator.integers(1, rows + 1)))
        ways = ({}, {"rows": sample}, {"counts": np.bincount(sample, minlength=rows)})
        members.append(Member(recipe, seed=seed, **ways[int(generator.integers(3))]))
    return members


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.lists(recipes(), min_size=1, max_size=4),
    shape=st.tuples(st.integers(1, 60), st.integers(1, 20), st.integers(2, 20)),
    cut=st.integers(1, 5),
    weighted=st.booleans(),
    instruction_set=st.sampled_from(INSTRUCTION_SETS),
)
def test_any_recipes_on_any_table(
    drawn: list[Recipe],
    shape: tuple[int, int, int],
    cut: int,
    weighted: bool,
    instruction_set: str,
) -> None:
    rows, features, classes = shape
    x, y = make_table(rows, features, classes)
    held_out = make_table(rows + 3, features, classes, seed=1)
    generator = np.random.default_rng([rows, features, classes])
    sample_weight = generator.integers(0, 3, rows) + 1.0 * (np.arange(rows) == 0)
    members = draw_members(drawn, rows, generator)

    def start(threads: int) -> Fleet:
        return Fleet(
            members,
            x,
            y,
            validation=held_out,
            sample_weight=sample_weight if weighted else None,
            classes=classes,
            dtype="float64",
            threads=threads,
            instruction_set=instruction_set,
        )

    fleet, other = start(1), start(3)
    fleet.run()
    other.run(cut)
    other.run()
    record = fleet.record
    for number, network in enumerate(fleet.networks):
        assert outcome(fleet, number, x) == outcome(other, number, x)
        best = int(record.best_epoch[number])
        if best < 0:  # diverged in its first epoch
            assert record.stop_reason[number] == "diverged"
            continue
        recorded = record.validation_loss[number, best]
        assert validation_loss_by_theory(network, *held_out) == pytest.approx(recorded, rel=1e-6)
        assert gradient_error(network, x, y) < 1e-9
