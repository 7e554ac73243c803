"""The examples in the drawing modules' documentation run."""

import doctest
import importlib

import pytest

MODULES = (
    *("axes", "contours", "drawing", "exports", "figures", "markdown", "marks", "markup"),
    *("numbers", "palette", "regions", "simplexes", "summaries", "surfaces"),
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module(name):
    outcome = doctest.testmod(importlib.import_module(f"levelset.report.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0
