from dataclasses import replace

import numpy as np
import pytest

from levelset.data import Split, load
from levelset.engine import Recipe
from levelset.errors import DataError
from levelset.studies.design import Rows, Trial
from levelset.studies.questions.double_descent.grid import (
    NOISE,
    SCALES,
    Scale,
    grid_design,
    own_noise,
    rows_are_shared,
)

SMALL = Scale(widths=(2, 5), seeds=3, rows=60, test_rows=20, epochs=4)
BASE = Recipe(hidden=(7, 9), activation=("tanh", "relu"), patience=2, epochs=99)


def split_of(trial: Trial) -> Split:
    assert trial.split is not None
    return trial.split


def judges_of(trial: Trial) -> Rows:
    assert trial.monitored is not None
    return trial.monitored


def design_of(source, scale=SMALL):
    table = load(source)
    return grid_design(table, np.arange(table.rows), scale, BASE, seed=4)


def test_the_arms_are_the_widths_at_the_depth_of_the_base():
    design = design_of("moons:rows=300")
    assert [arm.recipe.hidden for arm in design.arms] == [(2, 2), (5, 5)]
    for arm in design.arms:
        assert (arm.recipe.epochs, arm.recipe.patience) == (4, None)
        assert arm.recipe.activation == "tanh"
    for number, trial in enumerate(design.trials):
        assert {member.seed for member in trial.members} == {4 + number}
        assert (len(trial.training), len(judges_of(trial))) == (60, 20)
        assert trial.judged is None


def test_only_training_labels_are_noisy():
    design = design_of("moons:rows=300")
    truth = design.dataset.targets
    for trial in design.trials:
        changed = trial.training.labels != truth[split_of(trial).training]
        assert changed.sum() == round(NOISE * 60)
        np.testing.assert_array_equal(judges_of(trial).labels, truth[split_of(trial).test])
    changed = [
        tuple(split_of(trial).training[trial.training.labels != truth[split_of(trial).training]])
        for trial in design.trials
    ]
    assert len(set(changed)) == len(changed)


def test_a_table_with_noise_of_its_own_gets_no_more():
    design = design_of("moons:rows=300,label_noise=0.3")
    assert own_noise(design.dataset) == pytest.approx(0.3)
    for trial in design.trials:
        expected = design.dataset.targets[split_of(trial).training]
        np.testing.assert_array_equal(trial.training.labels, expected)


def test_replicates_have_rows_of_their_own_where_there_are_enough():
    alone, shared = design_of("moons:rows=240"), design_of("moons:rows=239")
    assert not rows_are_shared(alone)
    assert rows_are_shared(shared)
    for trial in alone.trials:
        assert np.bincount(alone.dataset.targets[split_of(trial).training]).tolist() == [30, 30]


def judges_of_a_small_table_all_rows_are_used_in_proportion():
    design = design_of("moons:rows=40")
    for trial in design.trials:
        assert (len(trial.training), len(judges_of(trial))) == (30, 10)
        assert not set(split_of(trial).training) & set(split_of(trial).test)


def test_a_class_too_small_for_both_sides_is_named():
    iris = load("iris")
    rows = np.concatenate([np.arange(100), [140]])
    with pytest.raises(DataError, match="Every class must have"):
        grid_design(iris, rows, replace(SMALL, rows=80, test_rows=21), BASE, seed=0)


def test_the_full_size_is_what_it_says():
    full = SCALES["thorough"]
    assert (len(full.widths), full.seeds, full.rows, full.epochs) == (28, 5, 4_000, 1_000)
    for scale in SCALES.values():
        assert scale.seeds >= 5
        assert list(scale.widths) == sorted(set(scale.widths))
