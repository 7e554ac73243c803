"""One small chart of every kind, and a name that tries to be more than a name."""

import numpy as np

from levelset.studies.charts import (
    Cloud,
    Curve,
    CurveChart,
    IntervalChart,
    Panel,
    PlaneChart,
    PlaneSlider,
    PlaneSliderRow,
    Point,
    ScatterChart,
    SimplexChart,
    SimplexPanel,
    SurfaceChart,
    SurfacePanel,
    Table,
)

EVIL = "<b>A&B</b> \"q\" 's' </script><script>alert(1)</script> %{x} --ink {{ 1 }} $y$"
X = np.linspace(0.0, 1.0, 8)


def all_kinds(name):
    probabilities = np.stack([np.add.outer(X, X) / 2, 1 - np.add.outer(X, X) / 2], axis=-1)
    panel = Panel(name, X, X, probabilities, np.stack([X, X], axis=1), np.arange(8) % 2)
    return (
        CurveChart(name, name, name, name, (Curve(name, X, np.ones((3, 8)), name),)),
        IntervalChart(name, name, name, (Point(name, 1.0, 0.5, 1.5, name),), 0.0),
        PlaneChart(name, name, name, name, (panel,), (name, "other")),
        ScatterChart(name, name, name, name, (Cloud(name, X + 1, X + 1, name, (name,) * 8),)),
        SurfaceChart(name, name, name, name, name, (SurfacePanel(name, X, X, np.add.outer(X, X)),)),
        SimplexChart(name, name, (SimplexPanel(name, np.eye(3), np.arange(3)),), (name, "b", "c")),
        PlaneSlider(
            name, name, name, name, (PlaneSliderRow(name, (panel,) * 2),), (name, "b"), (name, "c")
        ),
        Table(name, name, (name, "n"), ((name, 0.5),)),
    )
