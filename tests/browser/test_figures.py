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
    for kind in (".marks use[data-tip]", ".stretch path[data-tip]"):
        spot = page.locator(kind).first
        point(page, spot)
        texts = page.locator(f".box:has({kind})").first.locator(kind)
        assert tip.inner_text() in texts.evaluate_all("all => all.map(one => one.dataset.tip)")
        page.mouse.move(1, 1)
        assert tip.is_hidden()


def test_what_is_said_stays_on_the_screen_and_goes_when_it_scrolls(visit):
    page = visit(360)
    tip = page.locator(".tip")
    for share in (0.01, 0.5, 0.99):
        point(page, page.locator(CURVES).first, across=share)
        place = tip.bounding_box()
        assert 0 <= place["x"] < place["x"] + place["width"] <= 360
    page.mouse.wheel(0, 200)
    tip.wait_for(state="hidden")


def test_a_finger_reads_curves_too(visit):
    page = visit(360, has_touch=True, is_mobile=True)
    box, tip = page.locator(CURVES).first, page.locator(".tip")
    box.scroll_into_view_if_needed()
    page.evaluate(SETTLED)
    place = box.bounding_box()
    page.touchscreen.tap(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    assert tip.locator(".where").inner_text().startswith("Epoch: ")
    page.touchscreen.tap(5, place["y"] - 20)
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
