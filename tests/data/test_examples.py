"""Every example in the package's docstrings runs and prints what it says."""

import doctest
import importlib
import pkgutil

import pytest

import levelset.data

MODULES = [
    "levelset.data",
    *(f"levelset.data.{m.name}" for m in pkgutil.iter_modules(levelset.data.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name))]
    assert sum(bool(test.examples) for test in found) >= 15


def test_the_door_is_complete():
    assert all(hasattr(levelset.data, name) for name in levelset.data.__all__)
