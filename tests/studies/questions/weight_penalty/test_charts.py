import numpy as np

from levelset.studies.bending import Bending
from levelset.studies.questions.weight_penalty.charts import (
    loss_chart,
    norm_chart,
    smoothness_charts,
)

PENALTIES = np.array([0.0, 0.1, 1.0])


def test_the_arm_without_a_penalty_is_a_level_line():
    training = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    validation = training * 2
    chart = loss_chart(PENALTIES, training, validation, "λ = 0.1")
    first, second, level = chart.curves
    np.testing.assert_array_equal(first.x, [0.1, 1.0])
    np.testing.assert_array_equal(first.replicates, training[:, 1:])
    np.testing.assert_array_equal(second.replicates, validation[:, 1:])
    np.testing.assert_allclose(level.replicates, [[4.0, 4.0]])  # the geometric mean of 2 and 8
    assert "λ = 0.1" in chart.caption
    norm = norm_chart(PENALTIES, training).curves[1]
    np.testing.assert_allclose(norm.replicates, [[2.0, 2.0]])


def test_networks_without_a_level_set_have_no_curvature_to_draw():
    found = np.array([[True, True, False], [True, False, False], [True, True, False]])
    curvature = np.where(found, [[1.0, 2.0, 0.0], [3.0, 0.0, 0.0], [9.0, 4.0, 0.0]], 0.0)
    curvature_chart, length_chart = smoothness_charts(
        tuple(PENALTIES), Bending(curvature + 1.0, curvature, found)
    )
    curve, level = curvature_chart.curves
    np.testing.assert_array_equal(curve.replicates[:, 0], [2.0, np.nan, 4.0])
    assert np.isnan(curve.replicates[:, 1]).all()
    np.testing.assert_array_equal(level.replicates, [[3.0, 3.0]])  # the median of 1, 3 and 9
    np.testing.assert_array_equal(length_chart.curves[0].replicates[:, 0], [3.0, 1.0, 5.0])


def test_without_any_level_set_the_level_line_is_missing():
    none = np.zeros((2, 3))
    chart, _ = smoothness_charts(tuple(PENALTIES), Bending(none, none, none > 0))
    assert np.isnan(chart.curves[1].replicates).all()
