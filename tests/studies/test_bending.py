import numpy as np
import pytest

from levelset.data import from_arrays, load
from levelset.diagnostics import decision_curves, principal_plane
from levelset.engine import Recipe
from levelset.seeds import stream
from levelset.studies import Arm, paired_design, replicates_of, run_design
from levelset.studies import bending as module


def trained(table, **fields):
    recipe = Recipe(hidden=(16,), epochs=60, **fields)
    arms = [Arm(name, recipe.changed(activation=name), name) for name in ("identity", "relu")]
    replicates = replicates_of(table, np.arange(table.rows), "quick", 0)
    return run_design(paired_design(replicates, arms, keep_best=False))


def test_lengths_and_curvatures_are_those_of_the_level_sets_in_the_plane_of_the_rows():
    results = trained(load("wine"))
    found = module.measure_bending(results, [1, 0])
    assert found.found.all()
    for replicate in (0, 3):
        trial = results.design.trials[replicate]
        assert trial.encoding is not None
        plane = principal_plane(trial.training.x, trial.encoding.names)
        window = plane.window(trial.training.x, module.GRID)
        for column, arm in enumerate((1, 0)):
            exact = decision_curves(results.networks[replicate][arm], plane, *window).smoothness()
            assert found.length[replicate, column] == pytest.approx(exact.length, rel=0.01)
            curvature = found.curvature[replicate, column]
            assert curvature == pytest.approx(exact.mean_absolute_curvature, abs=0.01)
    assert found.curvature[:, 1].max() < 1e-9 < found.curvature[:, 0].min()


def test_a_network_without_a_level_set_has_length_and_curvature_zero_and_none_where_found():
    labels = np.repeat([0, 1], [72, 8])
    table = from_arrays(stream(2, "rare").normal(size=(80, 3)), labels)
    results = trained(table, l2=1.0, learning_rate=1e-2)
    found = module.measure_bending(results, [0])
    gone = ~found.found[:, 0]
    assert gone.any()
    assert (found.length[gone] == 0).all()
    assert (found.curvature[gone] == 0).all()
    assert np.isnan(found.curvature_where_found[gone]).all()
