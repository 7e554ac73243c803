import numpy as np
import pytest

from levelset.diagnostics.planes import principal_plane
from levelset.engine import Fleet, Member, Recipe
from levelset.studies.planes import plane_panel


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_the_panel_holds_the_networks_probabilities(columns):
    generator = np.random.default_rng(0)
    x = (generator.normal(size=(60, columns)) * np.linspace(3, 0.5, columns) + 5).astype(np.float32)
    labels = (x[:, 0] > 5).astype(np.int64)
    fleet = Fleet([Member(Recipe(hidden=(4,), epochs=2))], x, labels)
    fleet.run()
    plane = principal_plane(x, tuple(f"f{k}" for k in range(columns)))
    panel = plane_panel(plane, "one", fleet.networks[0], x, labels)
    j, k = 31, 101
    point = plane.origin + panel.x[k] * plane.axes[0] + panel.y[j] * plane.axes[1]
    expected = fleet.networks[0].predict_proba(point[None])[0]
    np.testing.assert_allclose(panel.probabilities[j, k], expected, rtol=1e-5)
    assert panel.x.min() < panel.points[:, 0].min()
    assert panel.x.max() > panel.points[:, 0].max()
