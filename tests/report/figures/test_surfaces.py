import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from levelset.report.figures.palette import HEIGHTS
from levelset.report.figures.surfaces import draw_surfaces, height_levels
from levelset.studies.charts import SurfaceChart, SurfacePanel
from tests.report.figures.test_contours import area

GRID = np.linspace(-1.0, 1.0, 31)


def panel(title="p", scale=1.0):
    across, upward = np.meshgrid(GRID, GRID)
    return SurfacePanel(title, GRID, GRID, scale * (across**2 + upward**2) + 0.01)


def drawn(*panels, **settings):
    return draw_surfaces(SurfaceChart("t", "c", "x", "y", "Loss (nats)", panels, **settings))


def bands(frame):
    return [shape for shape in frame.shapes if shape.look == "area"]


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=9), st.booleans())
def test_levels_are_few_and_hold_every_height(heights, log):
    levels = height_levels(np.array(heights), log)
    assert 2 <= len(levels) <= len(HEIGHTS) + 1
    assert (np.diff(levels) > 0).all()
    assert levels[0] <= min(heights) * (1 + 1e-9)
    assert levels[-1] >= max(heights) * (1 - 1e-9)


def test_heights_below_zero_have_levels_too():
    assert height_levels(np.array([-0.5, 0.4]), log=False)[[0, -1]].tolist() == [-0.5, 0.5]


def test_no_height_at_all_has_a_scale():
    assert height_levels(np.empty(0), log=False).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("log", [False, True])
def test_bands_cover_the_panel_without_overlap(log):
    (frame,) = drawn(panel(), z_log=log).picture.frames
    assert sum(area(band.path) for band in bands(frame)) == pytest.approx(1.0, abs=0.01)


def test_panels_share_their_scale():
    low, high = drawn(panel("a", 0.1), panel("b", 1.0)).picture.frames
    assert {band.color for band in bands(low)} < {band.color for band in bands(high)}


def test_the_lowest_band_has_the_darkest_color_and_the_highest_the_lightest():
    colors = [step.color for step in drawn(panel()).picture.bar]
    assert (colors[0], colors[-2], colors[-1]) == ("--height-1", f"--height-{len(HEIGHTS)}", "")


def test_a_band_tells_its_heights():
    band = bands(drawn(panel()).picture.frames[0])[0]
    assert band.tip == "Loss (nats): 0 to 0.2"


def test_missing_heights_are_left_out_and_said():
    shown = panel()
    shown.z[:, :10] = np.nan
    drawing = drawn(shown)
    assert sum(area(band.path) for band in bands(drawing.picture.frames[0])) < 0.75
    assert "Points without a value are left white." in drawing.notes


def test_nothing_to_draw_is_fine():
    shown = SurfacePanel("p", GRID, GRID, np.full((31, 31), np.nan))
    assert bands(drawn(shown).picture.frames[0]) == []


def test_the_lowest_point_is_there_as_numbers():
    numbers = drawn(panel()).numbers
    assert numbers is not None
    assert numbers.rows[0] == ("p", pytest.approx(0.01), pytest.approx(0), pytest.approx(0), 2.01)


def test_a_logarithmic_scale_never_begins_at_zero():
    levels = height_levels(np.array([0.4, 3.9]), log=True)
    assert levels[0] > 0
    assert levels[0] <= 0.4
    assert levels[-1] >= 3.9
