import dataclasses
import subprocess
import sys
import typing

import numpy as np
import pytest

from levelset.studies import charts, finding
from levelset.theory.statistics import Interval


def test_charts_are_frozen():
    for kind in (*typing.get_args(charts.Chart), charts.Curve, charts.Cloud, charts.Panel):
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_a_curve_must_have_one_x_per_column():
    # The shapes in the signature are checked during tests only.
    with pytest.raises(Exception, match="k"):
        charts.Curve("a", np.arange(3.0), np.zeros((2, 4)), "a")


def test_a_panel_must_have_its_probabilities_over_its_grid():
    with pytest.raises(Exception, match="k"):
        charts.Panel(
            "a",
            np.arange(3.0),
            np.arange(4.0),
            np.zeros((3, 4, 2)),
            np.zeros((1, 2)),
            np.zeros(1, int),
        )


def test_a_cloud_must_have_as_many_x_as_y():
    with pytest.raises(Exception, match="k"):
        charts.Cloud("a", np.arange(3.0), np.arange(4.0), "a")


def test_a_surface_must_lie_over_its_grid():
    with pytest.raises(Exception, match="j k"):
        charts.SurfacePanel("a", np.arange(3.0), np.arange(4.0), np.zeros((3, 4)))


def test_a_triangle_holds_probabilities_of_three_classes():
    with pytest.raises(Exception, match="p 3"):
        charts.SimplexPanel("a", np.zeros((5, 4)), np.zeros(5, int))


def test_every_chart_says_what_it_is_of():
    for kind in typing.get_args(charts.Chart):
        names = [field.name for field in dataclasses.fields(kind)]
        assert names[:2] == ["title", "caption"]


def test_charts_of_the_same_curves_are_equal_and_hashable():
    curve = charts.Curve("a", np.arange(3.0), np.zeros((2, 3)), "a")
    chart = charts.CurveChart("t", "c", "x", "y", (curve,))
    assert chart == dataclasses.replace(chart)
    assert hash(chart) == hash(dataclasses.replace(chart))


def test_a_study_result_holds_plain_data():
    interval = Interval(0.1, 0.0, 0.2, 0.95, 8)
    found = finding.Finding("it helps", "not shown", "accuracy gain", interval)
    result = finding.StudyResult(
        "s", "Does it?", ("it helps",), (found,), (), (), "levelset study s", "Once.", 1.0
    )
    assert result.findings[0].note == ""
    assert result.findings[0].interval.n == 8


def test_charts_import_no_plotting():
    code = (
        "import sys, levelset.studies.charts, levelset.studies.finding;"
        "print(sorted({'plotly', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
