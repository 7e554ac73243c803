"""Tables and networks of shapes that are hard on a loop."""

import numpy as np
import pytest

from levelset.engine import Fleet, Head, Member, Recipe
from levelset.errors import DataError
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import gradient_error
from tests.reference.tables import make_table

X, Y = make_table(30, 4, 3)
QUICK = Recipe(hidden=(5,), epochs=3)
MEMBERS = [Member(QUICK, seed=seed) for seed in range(3)]


@every_instruction_set
class TestHostileShapes:
    @pytest.mark.parametrize(
        ("rows", "features", "classes", "fields"),
        [
            (1, 1, 2, {}),
            (1, 1000, 3, {}),
            (7, 1, 2, {"hidden": (1,)}),
            (40, 1000, 2, {"hidden": ()}),
            (40, 3, 1000, {"hidden": (6,)}),
            (20, 2, 3, {"hidden": (4097,)}),
            (20, 4097, 3, {"hidden": (2,)}),
            (20, 2, 3, {"hidden": (1,) * 20, "activation": "tanh"}),
            (33, 5, 4, {"batch_size": 2**31 - 1}),
            (33, 5, 4, {"batch_size": 32}),
            (1, 3, 2, {"normalization": "batch"}),
            (1, 3, 2, {"normalization": "layer", "hidden": (1, 1)}),
            (33, 5, 4, {"normalization": "batch", "batch_size": 32, "hidden": (1, 17)}),
            (20, 2, 3, {"hidden": (4097,), "normalization": "batch", "epochs": 1}),
            (20, 3, 3, {"hidden": (4097,), "normalization": "layer", "epochs": 1}),
            (9, 257, 3, {"hidden": (257,), "residual": True, "epochs": 1, "sam_radius": 0.1}),
            (40, 3, 1000, {"hidden": (6, 6), "residual": True, "mixup": 0.5}),
            (7, 5, 3, {"hidden": (5, 5), "residual": True, "mixup": 2.0, "batch_size": 1}),
            (33, 5, 4, {"mixup": 1e-3, "sam_radius": 1.0, "batch_size": 2**31 - 1}),
        ],
        ids=str,
    )
    def test_learns_and_predicts(
        self, rows: int, features: int, classes: int, fields: dict, instruction_set: str
    ) -> None:
        x, y = make_table(rows, features, classes)
        recipe = Recipe(**({"hidden": (9,), "epochs": 2} | fields))
        fleet = Fleet(
            [Member(recipe)],
            x,
            y,
            classes=classes,
            validation=(x, y),
            dtype="float64",
            instruction_set=instruction_set,
        )
        fleet.run()
        assert fleet.record.stop_reason == ("finished",)
        np.testing.assert_allclose(fleet.predict_proba(x).sum(axis=-1), 1, rtol=1e-12)
        assert gradient_error(fleet.networks[0], x, y) < 1e-10

    def test_table_of_one_row_again_and_again(self, instruction_set: str) -> None:
        x, y = np.repeat(X[:1], 50, axis=0), np.repeat(1, 50)
        fleet = Fleet([Member(QUICK)], x, y, classes=3, instruction_set=instruction_set)
        fleet.run()
        probabilities = fleet.predict_proba(x)[0]
        assert (probabilities == probabilities[0]).all()

    def test_constant_features(self, instruction_set: str) -> None:
        fleet = Fleet(MEMBERS, np.zeros((30, 4)), Y, instruction_set=instruction_set)
        fleet.run()
        assert np.isfinite(fleet.record.training_loss).all()


def test_large_batch_takes_no_more_memory_than_the_rows() -> None:
    # 2^31 rows of a batch would be 128 GiB.
    recipe = QUICK.changed(batch_size=2**31 - 1)
    whole = QUICK.changed(batch_size=30)
    fleet = Fleet([Member(recipe), Member(whole)], X, Y)
    fleet.run()
    first, second = fleet.networks
    assert first.weights[0].tobytes() == second.weights[0].tobytes()


@pytest.mark.parametrize("shape", [(0, 4), (3, 0)])
def test_table_without_rows_or_features(shape: tuple[int, int]) -> None:
    with pytest.raises(DataError, match=r"at least one row and one feature, got"):
        Fleet(MEMBERS, np.empty(shape), np.empty(shape[0], int))


@pytest.mark.parametrize("heads", ["softmax", "sigmoid", "squared_error"])
def test_validation_without_rows(heads: str) -> None:
    members = [Member(QUICK.changed(heads=heads))]
    with pytest.raises(DataError, match=r"`validation X` must have shape \(n, 4\) with at least"):
        Fleet(members, X, Y > 0, validation=(np.empty((0, 4)), np.empty(0, int)))


@every_instruction_set
@pytest.mark.parametrize("width", [1, 7, 4097])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_heads_of_one_column_and_of_many(
    width: int, normalization: str, instruction_set: str
) -> None:
    x, y = make_table(9, 7, 9)
    heads = (
        Head(target="yes", loss="sigmoid"),
        Head(target="one of many"),
        Head(target="sizes", loss="squared_error", weight=1e-3),
        Head(target="size", loss="squared_error"),
    )
    answers = {
        "yes": y > 4,
        "one of many": y,
        "sizes": np.tile(x, 5),
        "size": np.where(y > 2, x[:, 0], np.nan),
    }
    recipe = Recipe(
        hidden=(width,), epochs=1, heads=heads, normalization=normalization, residual=True
    )
    fleet = Fleet(
        [Member(recipe)],
        x,
        answers,
        validation=(x, answers),
        classes={"one of many": 1000},
        dtype="float64",
        instruction_set=instruction_set,
    )
    fleet.run()
    network = fleet.networks[0]
    assert network.head_columns == (1, 1000, 35, 1)
    assert np.isfinite(fleet.record.validation_head_loss).all()
    assert gradient_error(network, x, answers) < 1e-9


@every_instruction_set
def test_batch_normalization_of_one_row_answers_with_its_shifts(instruction_set: str) -> None:
    recipe = Recipe(hidden=(5,), epochs=3, normalization="batch")
    members = [Member(recipe), Member(recipe, rows=[4])]
    fleet = Fleet(members, X, Y, instruction_set=instruction_set)
    fleet.run()
    assert fleet.record.stop_reason == ("finished", "finished")
    network = fleet.networks[1]
    assert not network.running_means[0].any()
    assert (network.running_variances[0] == 1).all()
