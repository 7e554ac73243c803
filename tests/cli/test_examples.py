"""The examples in the command line's documentation run."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["options", "prediction"])
def test_examples_of_module(name):
    outcome = doctest.testmod(importlib.import_module(f"levelset.cli.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0
