"""What a figure says of itself to a pointer, a finger or a hand on its slider."""

import pytest

from tests.browser.hands import SETTLED, point

pytestmark = pytest.mark.browser

CURVES = ".plot:has(> script) .box"


def test_curves_are_read_where_the_pointer_is(visit):
    page = visit()
    box, tip, ruler = page.locator(CURVES).first, page.locator(".tip"), page.locator(".ruler").first
    assert tip.is_hidden()
    assert ruler.is_hidden()
    readings = []
    for share in (0.25, 0.75):
        point(page, box, across=share)
        where, *lines = tip.locator("p").all_inner_texts()
        assert where.startswith("Epoch: ")
        assert [line.split(":")[0] for line in lines] == ["ReLU", "tanh", "sigmoid", "identity"]
        readings.append([where, *lines])
        place, line = box.bounding_box(), ruler.bounding_box()
        assert (line["x"] - place["x"]) / place["width"] == pytest.approx(share, abs=0.02)
    assert all(one != other for one, other in zip(*readings, strict=True))
    page.mouse.move(1, 1)
    assert tip.is_hidden()
    assert ruler.is_hidden()


def test_symbols_and_areas_say_what_they_are(visit):
    page = visit()
    page.evaluate("unfold()")
    tip = page.locator(".tip")
    # A symbol is small: beside it is near enough.
    for kind, across in ((".marks use[data-tip]", 2.0), (".stretch path[data-tip]", 0.5)):
        point(page, page.locator(kind).first, across)
        texts = page.locator(f".box:has({kind})").first.locator(kind)
        assert tip.inner_text() in texts.evaluate_all("all => all.map(one => one.dataset.tip)")
        page.mouse.move(1, 1)
        assert tip.is_hidden()


def test_what_is_said_stays_on_the_screen(visit):
    page = visit(360)
    for share in (0.01, 0.5, 0.99):
        point(page, page.locator(CURVES).first, across=share)
        place = page.locator(".tip").bounding_box()
        assert 0 <= place["x"] < place["x"] + place["width"] <= 360


def test_a_finger_reads_until_it_touches_elsewhere_or_scrolls(visit):
    page = visit(360, has_touch=True, is_mobile=True)
    page.evaluate("unfold()")
    tip = page.locator(".tip")
    for figure in (CURVES, ".box:has(use[data-tip])"):
        box = page.locator(figure).first
        box.scroll_into_view_if_needed()
        page.evaluate(SETTLED)
        box.tap()
        assert tip.is_visible()
        page.evaluate("scrollBy(0, 40)")
        page.evaluate(SETTLED)
        assert tip.is_hidden()
        box.tap()
        assert tip.is_visible()
        page.touchscreen.tap(5, box.bounding_box()["y"] - 20)
        assert tip.is_hidden()


def test_the_slider_changes_the_picture(visit):
    page = visit()
    page.evaluate("unfold()")
    slides = page.locator(".slides").first
    steps = slides.locator(".step:visible")
    assert steps.get_attribute("data-name") == "epoch 100"
    last = steps.screenshot()
    track = slides.locator("input")
    place = track.bounding_box()
    track.click(position={"x": place["width"] / 4, "y": place["height"] / 2})
    assert steps.get_attribute("data-name") == slides.locator("output").inner_text() == "epoch 1"
    assert steps.screenshot() != last
