import numpy as np
import pytest

from levelset.diagnostics import rescaling_effect
from levelset.engine import Fleet, Member, Recipe
from levelset.seeds import stream
from levelset.studies.questions.sharpness.rescaling_attack import FACTORS, attacked, can_be_rescaled


@pytest.fixture(scope="module")
def rows():
    x = stream(0, "attack").normal(size=(40, 3)).astype(np.float32)
    return x, (x.sum(axis=1) > 0).astype(np.int64)


@pytest.fixture(scope="module")
def networks(rows):
    fleet = Fleet([Member(Recipe(hidden=(6,), epochs=30), seed=s) for s in range(3)], *rows)
    fleet.run()
    return list(fleet.networks)


@pytest.fixture(scope="module")
def attack(networks, rows):
    return attacked(networks, [rows] * len(networks))


def test_only_raw_sharpness_changes(attack):
    raw = attack.log2_raw - attack.log2_raw[:, [attack.unchanged]]
    assert (raw[:, -1] > 1).all()
    assert attack.invariant_change < 1e-6
    assert attack.difference.max() < 1e-6


def test_sharpness_is_that_of_the_diagnostic(attack, networks, rows):
    for number, network in enumerate(networks):
        exact = rescaling_effect(network, *rows, factors=FACTORS)
        np.testing.assert_allclose(np.exp2(attack.log2_raw[number]), exact.raw, rtol=0.02)
        np.testing.assert_allclose(
            np.exp2(attack.log2_invariant[number]), exact.normalized, rtol=0.02
        )


def test_the_table_has_a_row_for_each_factor(attack):
    assert [row[0] for row in attack.table.rows] == list(FACTORS)
    assert "n = 3" in attack.table.caption


@pytest.mark.parametrize(
    ("recipe", "can"),
    [
        (Recipe(), True),
        (Recipe(activation="leaky_relu"), True),
        (Recipe(activation="tanh"), False),
        (Recipe(hidden=()), False),
        (Recipe(residual=True), False),
        (Recipe(normalization="batch"), True),
    ],
    ids=["relu", "leaky", "tanh", "linear", "residual", "batch"],
)
def test_what_can_be_rescaled(recipe, can):
    assert can_be_rescaled(recipe) == can
