"""A package's door: imports and a sorted `__all__`, and they agree."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import levelset
from levelset import _HOMES as HOMES

SOURCE = Path(__file__).parents[1] / "src"
DOORS = sorted(SOURCE.glob("levelset/*/**/__init__.py"))


def imported_names(module: ast.Module) -> list[str]:
    names = [
        alias.asname or alias.name
        for node in module.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    return [name for name in names if not name.startswith("_")]


def listed_names(module: ast.Module) -> list[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return ast.literal_eval(node.value)
    return []


def constants_classes_functions(name: str) -> tuple[int, str]:
    # ruff's order for __all__ (RUF022)
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


def is_door_furniture(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


@pytest.mark.parametrize("path", DOORS, ids=lambda path: path.parent.name)
class TestDoor:
    def test_lists_exactly_what_it_imports(self, path: Path) -> None:
        module = ast.parse(path.read_text(encoding="utf-8"))
        assert set(listed_names(module)) == set(imported_names(module))

    def test_is_sorted_without_repeats(self, path: Path) -> None:
        names = listed_names(ast.parse(path.read_text(encoding="utf-8")))
        assert names == sorted(set(names), key=constants_classes_functions)

    def test_holds_nothing_but_a_docstring_imports_and_the_list(self, path: Path) -> None:
        module = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(module)
        assert all(is_door_furniture(node) for node in module.body)


def test_there_are_doors() -> None:
    assert DOORS


# What `levelset` itself offers is imported when it is first used.
PROGRAM = """
import sys
import levelset
heavy = {"numpy", "pydantic", "scipy", "sklearn"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
from levelset import Recipe
assert not {"scipy", "sklearn"} & set(sys.modules)
from levelset import MLPClassifier
assert MLPClassifier().get_params()["hidden"] == Recipe().hidden
"""


def test_the_package_loads_what_is_asked_for_and_no_more() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_where_the_package_says() -> None:
    assert sorted(levelset.__all__) == sorted(name for names in HOMES.values() for name in names)
    for home, names in HOMES.items():
        door = import_module(f"levelset.{home}")
        assert all(getattr(levelset, name) is getattr(door, name) for name in names)
