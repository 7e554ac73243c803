import json
import re

import pytest

from levelset.report import draw, page
from levelset.report.figures.fragments import cells_of, draw_table, numbers_of, page_styles
from levelset.studies.charts import (
    CurveChart,
    IntervalChart,
    PlaneChart,
    PlaneSlider,
    PlaneSliderRow,
    Point,
    ScatterChart,
    SimplexChart,
    SurfaceChart,
    Table,
)
from tests.report.kinds import EVIL, all_kinds
from tests.report.reading import read

KINDS = range(8)
DRAWN = range(7)  # the last is a table


@pytest.mark.parametrize("kind", KINDS)
def test_names_cannot_become_markup(kind):
    reader = read(draw(all_kinds(EVIL)[kind]))
    assert "b" not in [tag for tag, _ in reader.tags]
    scripts = [attributes for tag, attributes in reader.tags if tag == "script"]
    assert scripts == ([{"type": "application/json"}] if kind == 0 else [])
    assert any(EVIL in text for text in reader.text)


def test_what_the_script_reads_keeps_names_as_they_are():
    found = re.findall(r"<script type=.application/json.>(.*?)</script>", draw(all_kinds(EVIL)[0]))
    assert json.loads(found[0])["rows"][0]["name"] == EVIL


@pytest.mark.parametrize("kind", DRAWN)
def test_no_color_is_written_by_value_and_every_variable_is_defined(kind, content):
    fragment = draw(all_kinds("name")[kind])
    assert not re.search(r"#[0-9a-f]{6}|rgba?\(", fragment)
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", fragment))
    assert used
    assert used <= set(re.findall(r"(--[a-z0-9-]+):", page(content)))


@pytest.mark.parametrize("kind", DRAWN)
def test_every_symbol_is_on_the_page(kind, content):
    used = set(re.findall(r'href="#(mark-[a-z-]+)"', draw(all_kinds("name")[kind])))
    assert used <= set(re.findall(r'id="(mark-[a-z-]+)"', page(content)))


@pytest.mark.parametrize("kind", DRAWN)
def test_figures_have_words_for_those_who_cannot_see_them(kind):
    reader = read(draw(all_kinds("seen")[kind]))
    named = [attrs for _, attrs in reader.tags if attrs.get("class") == "canvas"]
    assert [(each["role"], each["aria-label"]) for each in named] == [
        ("group" if kind == 6 else "img", "seen. seen")
    ]
    assert "details" in [tag for tag, _ in reader.tags]
    pictures = [attrs for tag, attrs in reader.tags if tag == "svg"]
    assert pictures
    assert all(picture["aria-hidden"] == "true" for picture in pictures)


@pytest.mark.parametrize("kind", DRAWN)
def test_no_attribute_of_a_fragment_is_a_handler(kind):
    names = {name for _, attrs in read(draw(all_kinds(EVIL)[kind])).tags for name in attrs}
    assert not [name for name in names if name.startswith("on")]


@pytest.mark.parametrize(
    ("chart", "what"),
    [
        (CurveChart("empty", "c", "x", "y", ()), "curves"),
        (IntervalChart("empty", "c", "x", ()), "points"),
        (PlaneChart("empty", "c", "x", "y", (), ("a", "b")), "panels"),
        (ScatterChart("empty", "c", "x", "y", ()), "clouds"),
        (SurfaceChart("empty", "c", "x", "y", "z", ()), "panels"),
        (SimplexChart("empty", "c", (), ("a", "b", "c")), "panels"),
        (PlaneSlider("empty", "c", "x", "y", (), ("s",), ("a", "b")), "rows"),
        (PlaneSlider("empty", "c", "x", "y", (PlaneSliderRow("", ()),), (), ("a", "b")), "steps"),
    ],
)
def test_an_empty_chart_is_refused_in_words(chart, what):
    with pytest.raises(ValueError, match=f"at least one of its {what}, got none in 'empty'"):
        draw(chart)


@pytest.mark.parametrize("kind", DRAWN)
def test_numbers_can_be_had_without_the_figure(kind):
    numbers = numbers_of(all_kinds("n")[kind])
    assert numbers is not None
    assert all(len(row) == len(numbers.columns) for row in numbers.rows)


def test_classes_have_one_look_in_planes_and_in_curves():
    plane = all_kinds("a")[2]
    points = IntervalChart("", "", "x", (Point("a", 1.0, 0.0, 2.0, "class a"),))
    alone = page_styles([plane])["class a"]
    assert page_styles([points, plane])["class a"] == alone


def test_drawing_is_the_same_twice():
    for chart in all_kinds("same"):
        assert draw(chart) == draw(chart)


def test_a_thing_has_one_color_in_all_charts_of_a_page():
    one = IntervalChart("1", "", "x", tuple(Point(k, 1.0, 0.0, 2.0, k) for k in "abc"))
    two = IntervalChart("2", "", "x", tuple(Point(k, 1.0, 0.0, 2.0, k) for k in "cxa"))
    styles = page_styles([one, two])
    first, second = (
        re.findall(r"<circle.*?var\((--[a-z0-9-]+)\)", draw(chart, styles)) for chart in (one, two)
    )
    assert second[2] == first[0]
    assert len(set(second)) == 3


def test_cells_of_a_column_have_common_decimals():
    assert [cell.text for cell in cells_of([0.9667, 0.3333])] == ["0.967", "0.333"]


def test_numbers_stand_at_the_right_and_words_at_the_left():
    table = Table("t", "c", ("name", "n", "mixed"), (("a", 1, "x"), ("b", 20, 3)))
    reader = read(draw_table(table))
    heads = [attrs.get("class") for tag, attrs in reader.tags if tag == "th" and "scope" in attrs]
    assert heads[:3] == [None, "number", None]
    assert len([1 for tag, attrs in reader.tags if attrs.get("class") == "number"]) == 3


def test_missing_numbers_are_dashes():
    assert ">—</td>" in draw_table(Table("t", "c", ("a", "b"), (("x", float("nan")),)))


def test_a_table_without_rows_has_its_head():
    assert "<thead>" in draw_table(Table("t", "c", ("a",), ()))


def test_wide_tables_scroll_in_a_box_that_the_keyboard_reaches():
    reader = read(draw_table(Table("wide", "c", ("a",), (("b",),))))
    box = next(attributes for _, attributes in reader.tags if attributes.get("class") == "scroll")
    assert box["tabindex"] == "0"
    assert box["aria-label"] == "wide"
