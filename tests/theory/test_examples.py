"""Every public function of theory shows its source and an example, and the examples run."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

from levelset import theory

MODULES = [module.name for module in pkgutil.iter_modules(theory.__path__)]
FUNCTIONS = [name for name in theory.__all__ if inspect.isfunction(getattr(theory, name))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_module(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(f"levelset.theory.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_documented_with_example_and_source(name: str) -> None:
    documentation = inspect.getdoc(getattr(theory, name)) or ""
    for section in ("Args:", "Returns:", "Example:", ">>>", "Source:"):
        assert section in documentation
