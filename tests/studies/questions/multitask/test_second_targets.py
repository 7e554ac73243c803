import dataclasses
import math

import numpy as np
import pytest

from levelset.data import Column, from_arrays, load
from levelset.seeds import stream
from levelset.studies.questions.multitask import second_targets as module


def test_bins_are_quarters_and_edges_belong_above():
    values = stream(0, "values").permutation(100).astype(np.float64)
    edges = module.edges_of(values)
    bins = module.bins_of(values, edges)
    assert np.bincount(bins).tolist() == [25] * 4
    assert module.bins_of(edges, edges).tolist() == [1, 2, 3]


def test_shared_information_is_the_sum_over_cells():
    generator = stream(0, "labels")
    first = generator.integers(0, 3, 50)
    second = (first + generator.integers(0, 2, 50)) % 4
    expected = 0.0
    for a in range(3):
        for b in range(4):
            joint = np.mean((first == a) & (second == b))
            if joint > 0:
                expected += joint * math.log(joint / (np.mean(first == a) * np.mean(second == b)))
    assert module.shared_information(first, second) == pytest.approx(expected, rel=1e-9)


def test_columns_that_tell_most_are_held_out():
    generator = stream(0, "columns")
    labels = np.arange(200) % 2
    x = generator.normal(size=(200, 12))
    x[:, 7] += 6.0 * labels
    x[:, 2] += 2.5 * labels
    table = from_arrays(x, labels)
    assert module.held_out(table, np.arange(200)) == (7, 2)  # a third tells less than half
    x[:, [0, 4, 5]] += 3.0 * labels[:, None]
    held = module.held_out(from_arrays(x, labels), np.arange(200))
    assert len(held) == 3  # a quarter of twelve
    assert set(held) <= {0, 2, 4, 5, 7}


def test_only_training_rows_decide():
    generator = stream(0, "columns")
    labels = np.arange(200) % 2
    x = generator.normal(size=(200, 4))
    x[:100, 1] += 3.0 * labels[:100]
    x[100:, 3] += 30.0 * labels[100:]
    assert module.held_out(from_arrays(x, labels), np.arange(100)) == (1,)


def test_candidates_are_numeric_whole_and_of_several_values():
    generator = stream(0, "columns")
    x = generator.normal(size=(60, 5))
    x[:, 1] = generator.integers(0, 3, 60)
    x[4, 2] = np.nan
    table = from_arrays(x, np.arange(60) % 2)
    columns = list(table.columns)
    columns[3] = Column(columns[3].name, "categorical", 0, ("a", "b"))
    table = dataclasses.replace(table, columns=tuple(columns))
    assert module.candidates(table, np.arange(60)) == (0, 4)


def test_a_table_without_columns_keeps_everything_else():
    wine = load("wine")
    less = module.without(wine, (0, 5))
    assert less.columns == tuple(c for i, c in enumerate(wine.columns) if i not in (0, 5))
    np.testing.assert_array_equal(less.values[:, 0], wine.values[:, 1])
    assert less.values.shape == (178, 11)
    assert less.targets is wine.targets
