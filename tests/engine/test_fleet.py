import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Network, Progress, Recipe
from levelset.errors import DataError, FleetBusyError, RecipeError
from tests.reference.tables import make_table
from tests.reference.unchecked import errors_of

X, Y = make_table(30, 4, 3)
QUICK = Recipe(hidden=(5,), epochs=3)
MEMBERS = [Member(QUICK, seed=seed) for seed in range(3)]

# Long enough to be still at it after the first call of `progress`, on any machine.
LONG_TABLE = make_table(500, 10, 3)
LONG = [Member(Recipe(hidden=(64, 64), epochs=10_000), seed=seed) for seed in range(2)]


class Enough(Exception):
    pass


class TestDoor:
    def test_takes_lists(self) -> None:
        fleet = Fleet(MEMBERS, X.tolist(), Y.tolist(), validation=(X.tolist(), Y.tolist()))
        fleet.run()
        assert fleet.predict(X.tolist()).shape == (3, 30)

    def test_classes_are_those_of_both_tables(self) -> None:
        assert Fleet(MEMBERS, X, Y % 2).classes == 2
        assert Fleet(MEMBERS, X, Y % 2, validation=(X, Y)).classes == 3
        assert Fleet(MEMBERS, X, Y % 2, classes=7).predict_proba(X).shape == (3, 30, 7)

    def test_arrays_are_not_changed(self) -> None:
        x, y = X.astype(np.float32), Y.astype(np.int32)
        x.flags.writeable = y.flags.writeable = False
        fleet = Fleet(MEMBERS, x, y, validation=(x, y))
        fleet.run()
        fleet.predict_proba(x)

    def test_labels_and_rows_changed_later_do_no_harm(self) -> None:
        y, rows = Y.astype(np.int32), np.arange(20, dtype=np.int32)
        members = [Member(QUICK, rows=rows)]
        fleet, expected = Fleet(members, X, y), Fleet([Member(QUICK, rows=range(20))], X, Y)
        y[:], rows[:] = 2**30, 2**30
        fleet.run()
        expected.run()
        assert fleet.predict_proba(X).tobytes() == expected.predict_proba(X).tobytes()

    def test_weights_and_counts_changed_later_do_no_harm(self) -> None:
        weights, counts = np.linspace(0, 1, 30, dtype=np.float32), np.arange(30)
        members = [Member(QUICK, counts=counts)]
        fleet, expected = (Fleet(members, X, Y, sample_weight=weights) for _ in range(2))
        expected.run()
        weights[:], counts[:] = np.nan, 10**9
        fleet.run()
        assert fleet.predict_proba(X).tobytes() == expected.predict_proba(X).tobytes()

    def test_members_see_their_rows_only(self) -> None:
        rows = np.array([3, 3, 7, 20, 11])
        fleet = Fleet([Member(QUICK, rows=rows)], X, Y, classes=3)
        alone = Fleet([Member(QUICK)], X[rows], Y[rows], classes=3)
        fleet.run()
        alone.run()
        assert fleet.predict_proba(X).tobytes() == alone.predict_proba(X).tobytes()

    def test_repr(self) -> None:
        fleet = Fleet(MEMBERS, X, Y, threads=2, instruction_set="baseline")
        assert repr(fleet) == (
            "Fleet(3 members, 4 features, 3 classes, float32, 2 threads, baseline)"
        )


class TestErrors:
    def test_arguments_of_another_type(self) -> None:
        expected = {
            'Fleet(MEMBERS, X, Y, dtype="float16")': (
                '`dtype` must be "float32" or "float64", got \'float16\'.'
            ),
            "Fleet(MEMBERS, X, Y, threads=1.5)": (
                "`threads` must be a positive integer or None, got 1.5."
            ),
            "Fleet(MEMBERS, X, Y, classes=2.5)": (
                "`classes` must be an integer in 2 .. 65536 or None, got 2.5."
            ),
            "Fleet(MEMBERS, X, Y, validation=X)": (
                "`validation` must be a pair (X, y), got ndarray."
            ),
            "Fleet(MEMBERS, X, Y, validation=(X, Y, 1))": (
                "`validation` must be a pair (X, y), got tuple."
            ),
            "Fleet([MEMBERS[0], Recipe()], X, Y)": "members[1] must be a Member, got Recipe.",
            "Fleet(MEMBERS, X, Y).run(2.5)": (
                "`epochs` must be a positive integer or None, got 2.5."
            ),
        }
        expected = {expression: f"RecipeError: {said}" for expression, said in expected.items()}
        assert errors_of(list(expected)) == expected

    @pytest.mark.parametrize("classes", [-1, 0, 1, 65_537])
    def test_classes(self, classes: int) -> None:
        message = rf"`classes` must be an integer in 2 \.\. 65536 or None, got {classes}\."
        with pytest.raises(RecipeError, match=message):
            Fleet(MEMBERS, X, Y, classes=classes)

    def test_one_class(self) -> None:
        with pytest.raises(RecipeError, match=r"`y` must hold at least two classes, got only"):
            Fleet(MEMBERS, X, np.zeros(30, int))

    def test_too_many_classes_for_the_given_number(self) -> None:
        with pytest.raises(DataError, match=r"class numbers 0 \.\. 1, got values from 0 to 2"):
            Fleet(MEMBERS, X, Y, classes=2)

    def test_validation_features(self) -> None:
        with pytest.raises(DataError, match=r"`validation X` must have shape \(n, 4\)"):
            Fleet(MEMBERS, X, Y, validation=(X[:, :2], Y))

    def test_validation_labels(self) -> None:
        with pytest.raises(DataError, match=r"`validation y` must have shape \(n,\) = \(30,\)"):
            Fleet(MEMBERS, X, Y, validation=(X, Y[:9]))

    def test_sample_weight(self) -> None:
        with pytest.raises(DataError, match=r"`sample_weight` must hold numbers of shape \(n,\)"):
            Fleet(MEMBERS, X, Y, sample_weight=np.ones(29))
        with pytest.raises(DataError, match=r"finite in float32 and >= 0, got -1.0 at row 0"):
            Fleet(MEMBERS, X, Y, sample_weight=-np.ones(30))

    @pytest.mark.parametrize("epochs", [0, -3])
    def test_epochs(self, epochs: int) -> None:
        message = rf"`epochs` must be a positive integer or None, got {epochs}\."
        with pytest.raises(RecipeError, match=message):
            Fleet(MEMBERS, X, Y).run(epochs)

    def test_other_features_at_prediction(self) -> None:
        fleet = Fleet(MEMBERS, X, Y)
        with pytest.raises(DataError, match=r"`X` must have shape \(n, 4\), the features the fl"):
            fleet.predict(X[:, :3])


class TestNetworks:
    def test_is_a_sequence(self) -> None:
        fleet = Fleet(MEMBERS, X, Y)
        assert len(fleet.networks) == len(list(fleet.networks)) == 3
        assert isinstance(fleet.networks[-1], Network)
        assert fleet.networks[-1].weights[0].tobytes() == fleet.networks[2].weights[0].tobytes()
        assert [network.recipe for network in fleet.networks[1:]] == [QUICK, QUICK]
        with pytest.raises(IndexError):
            fleet.networks[3]

    def test_predict_as_the_fleet_does(self) -> None:
        fleet = Fleet(MEMBERS, X, Y)
        fleet.run()
        together = fleet.predict_proba(X)
        for number, network in enumerate(fleet.networks):
            assert network.predict_proba(X).tobytes() == together[number].tobytes()
        np.testing.assert_array_equal(fleet.predict(X), together.argmax(axis=2))

    def test_are_copies(self) -> None:
        fleet = Fleet(MEMBERS, X, Y)
        before = fleet.networks[0]
        kept = before.weights[0].copy()
        fleet.run()
        assert before.weights[0].tobytes() == kept.tobytes()
        assert fleet.networks[0].weights[0].tobytes() != kept.tobytes()


class TestProgress:
    def test_ends_at_the_end(self) -> None:
        for _ in range(20):
            seen: list[Progress] = []
            fleet = Fleet(MEMBERS, X, Y)
            fleet.run(progress=seen.append)
            last = seen[-1]
            assert (last.epochs_done, last.epochs_total) == (9, 9)
            assert (last.members_done, last.members_total) == (3, 3)

    def test_never_falls(self) -> None:
        seen: list[Progress] = []
        fleet = Fleet(LONG, *LONG_TABLE, threads=2)

        def watch(progress: Progress) -> None:
            seen.append(progress)
            if len(seen) == 5:
                raise Enough

        with pytest.raises(Enough):
            fleet.run(progress=watch)
        for name in ("epochs_done", "members_done", "wall_seconds"):
            values = [getattr(progress, name) for progress in seen]
            assert values == sorted(values)
        assert 0 < seen[-1].epochs_done <= fleet.record.epochs_run.sum()
        assert {progress.epochs_total for progress in seen} == {20_000}

    def test_counts_this_call(self) -> None:
        seen: list[Progress] = []
        fleet = Fleet([*MEMBERS, Member(QUICK.changed(epochs=1))], X, Y)
        fleet.run(1)
        fleet.run(5, progress=seen.append)
        last = seen[-1]
        assert (last.epochs_done, last.epochs_total) == (6, 6)
        assert (last.members_done, last.members_total) == (3, 3)

    def test_is_not_called_when_nothing_is_left(self) -> None:
        seen: list[Progress] = []
        fleet = Fleet(MEMBERS, X, Y)
        fleet.run()
        fleet.run(progress=seen.append)
        assert seen == []


def test_other_threads_run_meanwhile() -> None:
    fleet = Fleet(LONG, *LONG_TABLE, threads=1)
    done, ticks = threading.Event(), 0

    def tick() -> None:
        nonlocal ticks
        while not done.is_set():
            ticks += 1
            time.sleep(0.001)

    def stop_soon(progress: Progress) -> None:
        if progress.wall_seconds > 0.3:
            raise Enough

    ticker = threading.Thread(target=tick)
    ticker.start()
    with pytest.raises(Enough):
        fleet.run(progress=stop_soon)
    done.set()
    ticker.join()
    # `progress` alone would let the other thread in some six times.
    assert ticks > 30


INTERRUPTED = """
import signal
import numpy as np
from levelset.engine import Fleet, Member, Recipe

# A shell's background job, which the tests may be, ignores the signal, and so would its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
x = np.random.default_rng(0).normal(size=(2000, 20))
recipe = Recipe(hidden=(256, 256), epochs=10_000, batch_size=2000)
fleet = Fleet([Member(recipe, seed=seed) for seed in range(20)], x, (x[:, 0] > 0).astype(int))
told = False

def tell(progress):
    global told
    if progress.epochs_done and not told:
        print("training", flush=True)
        told = True

try:
    WAY
except KeyboardInterrupt:
    record = fleet.record
    loss = record.training_loss
    assert record.epochs_run.sum() == np.isfinite(loss).sum() < loss.size
    assert np.isfinite(fleet.predict_proba(x)).all()
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.parametrize(
    "way", ["fleet.run(progress=tell)", "fleet.run(1, progress=tell); tell = None; fleet.run()"]
)
def test_ctrl_c_ends_a_run(way: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.replace("WAY", way)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "training\n"
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (output, errors) == ("interrupted\n", "")


def test_a_fleet_is_not_used_while_it_trains() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(200, 3)), generator.integers(0, 2, 200)
    fleet = Fleet([Member(Recipe(epochs=200))], x, y)
    seen = []

    def meddle(progress: Progress) -> None:
        seen.append(fleet.record.epochs_run[0])  # reading the record is allowed
        for use in (fleet.run, lambda: fleet.predict(x), lambda: fleet.networks[0]):
            with pytest.raises(FleetBusyError, match="must not be run or read while it trains"):
                use()

    fleet.run(progress=meddle)
    assert seen
    assert fleet.networks[0].predict(x).shape == (200,)
