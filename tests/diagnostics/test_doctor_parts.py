"""The doctor's instruments: scaling, the reference, suspects, temperatures."""

import numpy as np
import pytest

from levelset.diagnostics.cases import case_of
from levelset.diagnostics.faults.labels import suspects
from levelset.diagnostics.faults.reference import FOLDS, make_reference
from levelset.diagnostics.faults.scaling import fit_scaling
from levelset.diagnostics.proof import cooled, prove
from levelset.engine import Fleet, Member, Recipe
from tests.diagnostics.tables import coins, moons, ring


def test_scaled_columns_have_mean_0_and_deviation_1():
    x = np.random.default_rng(0).uniform(5, 9, size=(50, 3)).astype(np.float32)
    scaled = fit_scaling(x).apply(x)
    assert scaled.mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert scaled.std(axis=0) == pytest.approx(1)


def test_a_constant_column_is_centered_and_not_divided():
    x = np.full((4, 1), 1e6)
    assert fit_scaling(x).apply(x + 1.0).tolist() == [[1.0]] * 4


def test_the_reference_learns_what_can_be_learned():
    reference = make_reference(*ring(0), classes=2)
    assert reference.name.startswith("relu")
    assert reference.losses.mean() < 0.1


def test_the_reference_says_the_class_frequencies_where_nothing_can_be_learned():
    x, y = coins(1, n=120, d=30)
    reference = make_reference(x, y, classes=2)
    assert reference.name == "class frequencies"
    assert (reference.probabilities == np.bincount(y) / len(y)).all()


def test_a_row_is_predicted_without_its_own_label():
    x, y = moons(0, n=100)
    other = y.copy()
    other[7] = 1 - y[7]
    before = make_reference(x, y, classes=2)
    after = make_reference(x, other, classes=2)
    assert FOLDS == 5
    if before.name == after.name:  # else another recipe answers
        assert np.abs(before.probabilities[7] - after.probabilities[7]).max() < 0.2


def test_suspects_follow_the_thresholds_of_confident_learning():
    generator = np.random.default_rng(0)
    q, y = generator.dirichlet(np.ones(3), size=80), generator.integers(3, size=80)
    thresholds = [np.mean([q[i, c] for i in range(80) if y[i] == c]) for c in range(3)]
    expected = []
    for i in range(80):
        passing = [c for c in range(3) if q[i, c] >= thresholds[c]]
        if passing and max(passing, key=lambda c: q[i, c]) != y[i]:
            expected.append(i)
    expected.sort(key=lambda i: q[i, y[i]])
    assert suspects(q, y).tolist() == expected


def test_a_class_without_rows_is_no_suspicion():
    q = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1]])
    assert suspects(q, np.array([0, 0, 1])).tolist() == []


def test_no_diagnosis_needs_no_proof():
    fleet = Fleet([Member(Recipe(epochs=1))], *ring(0))
    fleet.run()
    assert prove(case_of(fleet), ()) == ()


def test_halves_are_tempered_by_each_other():
    q, y = np.tile([[[0.99, 0.01]]], (2, 40, 1)), np.arange(40) % 4 == 0
    after = cooled(q, y.astype(int))
    assert after[:, :, 0] == pytest.approx(0.75, abs=1e-3)
