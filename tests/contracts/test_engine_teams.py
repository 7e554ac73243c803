"""A member that several threads share is the member that one thread trains."""

import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member, Progress, Recipe
from tests.reference.fleets import outcomes, state_bytes
from tests.reference.instruction_sets import INSTRUCTION_SETS, every_instruction_set
from tests.reference.tables import make_table

ROWS, FEATURES, CLASSES = 600, 40, 7
X, KIND = make_table(ROWS, FEATURES, CLASSES)
X_HELD_OUT, KIND_HELD_OUT = make_table(300, FEATURES, CLASSES, seed=1)
Y = {"y": KIND, "size": np.where(X[:, 0] > 1, np.nan, X[:, 0])}
VALIDATION = X_HELD_OUT, {"y": KIND_HELD_OUT, "size": X_HELD_OUT[:, 0]}
HEADS = (Head(target="y"), Head(target="size", loss="squared_error", weight=0.2))
LARGE: dict = {"hidden": (300, 300), "batch_size": 256, "epochs": 2}
FIELDS: dict[str, dict] = {
    "plain": {},
    "dropout": {"dropout": 0.3, "input_dropout": 0.2},
    "batch normalization": {"normalization": "batch"},
    "layer normalization and residual": {"normalization": "layer", "residual": True},
    "noise": {"input_noise": 0.3, "weight_noise": 0.05},
    "mixup": {"mixup": 0.4},
    "heads": {"heads": HEADS, "mixup": 0.4},
    "sam": {"sam_radius": 0.1},
    "averages of batch normalization": {"normalization": "batch", "averaging": "ema"},
    "everything": {
        "normalization": "batch",
        "residual": True,
        "dropout": 0.2,
        "input_noise": 0.3,
        "weight_noise": 0.05,
        "mixup": 0.4,
        "sam_radius": 0.1,
        "averaging": "swa",
        "average_start": 0.0,
        "gradient_clip": 0.5,
        "class_weight": "balanced",
    },
}


def start(recipe: Recipe, threads: int, instruction_set: str, dtype: str = "float32") -> Fleet:
    return Fleet(
        [Member(recipe, seed=3)],
        X,
        Y,
        validation=VALIDATION,
        threads=threads,
        dtype=dtype,
        instruction_set=instruction_set,
    )


@every_instruction_set
@pytest.mark.parametrize("name", FIELDS)
def test_any_number_of_threads(name: str, instruction_set: str) -> None:
    fleets = [start(Recipe(**LARGE | FIELDS[name]), each, instruction_set) for each in (1, 2, 3)]
    for fleet in fleets:
        fleet.run()
    first, *others = ((outcomes(fleet, X), state_bytes(fleet)) for fleet in fleets)
    assert others == [first] * 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch_size", [1, 255, ROWS])
@pytest.mark.parametrize("hidden", [(), (1,), (1000,), (257, 3)], ids=str)
def test_any_shape(hidden: tuple[int, ...], batch_size: int, dtype: str) -> None:
    recipe = Recipe(hidden=hidden, batch_size=batch_size, epochs=1, **FIELDS["everything"])
    fleets = [start(recipe, threads, INSTRUCTION_SETS[0], dtype) for threads in (1, 3)]
    for fleet in fleets:
        fleet.run()
    first, second = (outcomes(fleet, X) for fleet in fleets)
    assert first == second


class Interrupted(Exception):
    pass


@every_instruction_set
@pytest.mark.parametrize("threads", [1, 2])
def test_a_large_mini_batch_may_be_interrupted(threads: int, instruction_set: str) -> None:
    # One mini-batch is an epoch, and takes longer than it is between two calls of progress.
    x, y = make_table(12_000, FEATURES, CLASSES, "float32")
    recipe = Recipe(hidden=(300, 300), batch_size=12_000, epochs=50, normalization="batch")

    def fleet() -> Fleet:
        members = [Member(recipe, seed=3)]
        return Fleet(members, x, y, threads=threads, instruction_set=instruction_set)

    def interrupt(progress: Progress) -> None:
        if progress.epochs_done > 0:
            raise Interrupted

    broken, whole = fleet(), fleet()
    with pytest.raises(Interrupted):
        broken.run(progress=interrupt)
    done = int(broken.record.epochs_run[0])
    assert 0 < done < recipe.epochs
    whole.run(done)
    assert state_bytes(broken) == state_bytes(whole)
    broken.run(1)
    whole.run(1)
    question = np.ascontiguousarray(x[:50])
    assert outcomes(broken, question) == outcomes(whole, question)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_member_that_is_mostly_parameters_may_be_interrupted(threads: int) -> None:
    # One small mini-batch is an epoch: much of the time goes into keeping what an epoch came to.
    x, y = make_table(32, FEATURES, CLASSES, "float32")
    recipe = Recipe(hidden=(1200, 1200), batch_size=32, epochs=10_000, averaging="ema")

    def fleet() -> Fleet:
        return Fleet([Member(recipe, seed=3)], x, y, validation=(x, y), threads=threads)

    def interrupt(progress: Progress) -> None:
        if progress.epochs_done > 0:
            raise Interrupted

    broken, whole = fleet(), fleet()
    for _ in range(5):
        with pytest.raises(Interrupted):
            broken.run(progress=interrupt)
    done = int(broken.record.epochs_run[0])
    whole.run(done)
    assert state_bytes(broken) == state_bytes(whole)
    assert outcomes(broken, x) == outcomes(whole, x)
    broken.run(1)
    whole.run(1)
    assert outcomes(broken, x) == outcomes(whole, x)
