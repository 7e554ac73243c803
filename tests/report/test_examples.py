"""The examples in the drawing modules' documentation run."""

import doctest
import importlib

import pytest

MODULES = (
    *("exports", "markdown", "markup", "numbers", "figures.axes", "figures.contours"),
    *("figures.drawing", "figures.fragments", "figures.marks", "figures.palette"),
    *("figures.regions", "figures.simplexes", "figures.summaries", "figures.surfaces"),
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module(name):
    outcome = doctest.testmod(importlib.import_module(f"levelset.report.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0
