import itertools

import numpy as np
import pytest

from levelset.report.figures.contours import Contours
from tests.report.figures.test_marks import walked

GRID = np.linspace(0.0, 1.0, 41)
ACROSS, UPWARD = np.meshgrid(GRID, GRID)


def area(path):
    """The slow twin: shoelace formula over all rings, holes turning the other way."""
    total = 0.0
    for points in walked(path):
        ring = [*points, points[0]]
        total += sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))
    return abs(total) / 2 / (4000 * 2000)


def test_the_area_between_two_heights_is_as_large_as_it_should_be():
    plane = Contours(GRID, GRID, ACROSS)
    assert area(plane.area(0.25, 0.75)) == pytest.approx(0.5, abs=1e-3)
    assert plane.area(2.0, 3.0) == ""


def test_a_ring_has_a_hole():
    distance = np.hypot(ACROSS - 0.5, UPWARD - 0.5)
    path = Contours(GRID, GRID, distance).area(0.2, 0.4)
    assert path.count("M") == 2
    assert area(path) == pytest.approx(np.pi * (0.4**2 - 0.2**2), rel=0.02)


def test_a_line_follows_its_height():
    (points,) = walked(Contours(GRID, GRID, ACROSS).line(0.3))
    assert {x for x, _ in points} == {1200}


def test_nothing_is_drawn_where_there_is_no_height():
    missing = ACROSS > 0.5
    path = Contours(GRID, GRID, ACROSS, missing).area(0.0, 2.0)
    assert max(x for points in walked(path) for x, _ in points) <= 2000
