"""Where a report is written, and that it is written whole or not at all."""

import dataclasses
import json
from pathlib import Path

import pytest

from levelset.cli.options import chosen_format
from levelset.cli.pages import page_path, tables_path, write_folder, write_page, write_report
from levelset.errors import DataError
from tests.report.examples import example_content


@pytest.fixture
def content():
    whole = example_content()
    return dataclasses.replace(whole, studies=whole.studies[:1])


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_page_has_its_tables_and_itself_as_json_beside_it(here, content):
    written = write_report(here / "a.html", content, "html")
    assert written == (here / "a.html", here / "a-tables")
    assert names(here) == ["a-tables", "a.html"]
    assert {"a.json", "baselines.csv", "findings.csv"} < set(names(here / "a-tables"))
    assert json.loads((here / "a-tables" / "a.json").read_text("utf-8"))["title"] == "iris"


@pytest.mark.parametrize(("form", "start"), [("markdown", "# "), ("json", "{")])
def test_other_formats_are_one_file(here, content, form, start):
    assert write_report(here / "a", content, form) == (here / "a",)
    assert names(here) == ["a"]
    assert (here / "a").read_text("utf-8").startswith(start)


def test_tables_of_an_earlier_run_are_replaced(here, content):
    write_folder(here / "a-tables", {"old.csv": "x"})
    write_report(here / "a.html", content, "html")
    assert "old.csv" not in names(here / "a-tables")
    assert names(here) == ["a-tables", "a.html"]


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_folder_of_somebody_else_is_not_touched(here, is_folder):
    place = here / "a-tables"
    if is_folder:
        place.mkdir()
        (place / "thesis.tex").write_text("dear")
    else:
        place.write_text("dear")
    with pytest.raises(DataError, match=r"a-tables, which must be free.*holds something else"):
        tables_path(here / "a.html")


def test_a_folder_that_fails_leaves_the_earlier_one(here):
    write_folder(here / "t", {"one.csv": "1"})
    with pytest.raises(DataError, match="must be writable"):
        write_folder(here / "t", {"one.csv": "2", "no/such/place.csv": "x"})
    assert names(here) == ["t"]
    assert (here / "t" / "one.csv").read_text() == "1"


def test_a_page_that_fails_leaves_nothing(here):
    with pytest.raises(DataError, match=r"must be writable.*choose another place"):
        write_page(here / "no" / "page.html", "x")
    assert names(here) == []


@pytest.mark.parametrize(
    ("form", "name"), [("html", "l-a-b.html"), ("markdown", "l-a-b.md"), ("json", "l-a-b.json")]
)
def test_names_end_as_their_format_does(here, form, name):
    assert page_path(None, "a/b", form=form) == Path(name.replace("l-", "levelset-"))


@pytest.mark.parametrize(
    ("asked", "out", "form"),
    [
        (None, None, "html"),
        (None, "a.MD", "markdown"),
        (None, "a.json", "json"),
        (None, "a.txt", "html"),
        ("json", "a.html", "json"),
    ],
)
def test_the_ending_says_the_format_unless_it_is_asked_for(asked, out, form):
    assert chosen_format(asked, None if out is None else Path(out)) == form
