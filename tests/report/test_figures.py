import json
import re

import pytest

from levelset.report import draw
from levelset.report.figures import draw_table, page_styles
from levelset.studies.charts import CurveChart, IntervalChart, PlaneChart, Point, Table
from tests.report.examples import EVIL, all_kinds, read


def figure_of(fragment):
    return json.loads(re.findall(r'<script type="application/json">(.*?)</script>', fragment)[0])


def resolve(value, is_color=False):
    """Put a real color for each variable, as the page's script does."""
    if isinstance(value, str):
        return "#123456" if is_color and value.startswith("--") else value
    if isinstance(value, list):
        return [resolve(item, is_color) for item in value]
    if isinstance(value, dict):
        return {
            key: resolve(item, key.endswith("color") or key == "colorscale")
            for key, item in value.items()
        }
    return value


@pytest.mark.parametrize("kind", range(4))
def test_names_cannot_become_markup(kind):
    reader = read(draw(all_kinds(EVIL)[kind]))
    tags = [tag for tag, _ in reader.tags]
    assert "b" not in tags
    scripts = [attributes for tag, attributes in reader.tags if tag == "script"]
    assert scripts == ([{"type": "application/json"}] if kind < 3 else [])
    assert any(EVIL in text for text in reader.text)


@pytest.mark.parametrize("kind", range(3))
def test_figures_keep_to_the_schema_of_plotly(kind):
    graph_objects = pytest.importorskip("plotly.graph_objects")
    figure = resolve(figure_of(draw(all_kinds("name")[kind])))
    graph_objects.Figure(data=figure["data"], layout=figure["layout"])
    graph_objects.Figure(data=figure["data"], layout={**figure["layout"], **figure["narrow"]})


@pytest.mark.parametrize("kind", range(3))
def test_no_color_is_written_by_value(kind):
    text = json.dumps(figure_of(draw(all_kinds("name")[kind])))
    assert not re.search(r"#[0-9a-f]{6}", text)


@pytest.mark.parametrize("kind", range(3))
def test_every_color_variable_is_defined(kind, content):
    from levelset.report import page

    variables = set(re.findall(r"(--[a-z0-9-]+):", page(content)))
    used = set(re.findall(r'"(--[a-z0-9-]+)"', draw(all_kinds("name")[kind])))
    assert used
    assert used <= variables


@pytest.mark.parametrize("kind", range(3))
def test_figures_have_words_for_those_who_cannot_see_them(kind):
    reader = read(draw(all_kinds("seen")[kind]))
    images = [attributes for _, attributes in reader.tags if attributes.get("role") == "img"]
    assert [image["aria-label"] for image in images] == ["seen. seen"]
    assert ("details" in [tag for tag, _ in reader.tags]) == (kind < 2)


@pytest.mark.parametrize(
    ("chart", "what"),
    [
        (CurveChart("empty", "c", "x", "y", ()), "curves"),
        (IntervalChart("empty", "c", "x", ()), "points"),
        (PlaneChart("empty", "c", "x", "y", (), ("a", "b")), "panels"),
    ],
)
def test_an_empty_chart_is_refused_in_words(chart, what):
    with pytest.raises(ValueError, match=f"at least one of its {what}, got none in 'empty'"):
        draw(chart)


def test_drawing_is_the_same_twice():
    for chart in all_kinds("same"):
        assert draw(chart) == draw(chart)


def test_a_thing_has_one_color_in_all_charts_of_a_page():
    one = IntervalChart("1", "", "x", tuple(Point(k, 1.0, 0.0, 2.0, k) for k in "abc"))
    two = IntervalChart("2", "", "x", tuple(Point(k, 1.0, 0.0, 2.0, k) for k in "cxa"))
    styles = page_styles([one, two])
    first, second = (figure_of(draw(chart, styles)) for chart in (one, two))
    color_of_a = first["data"][0]["line"]["color"]
    assert second["data"][4]["line"]["color"] == color_of_a
    assert len({trace["line"]["color"] for trace in second["data"][::2]}) == 3


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
