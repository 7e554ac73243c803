"""Every text stands out from its paper, in both color schemes (WCAG 2.1, 1.4.3)."""

import pytest

from tests.browser.hands import point

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(visit, scheme):
    page = visit(360, color_scheme=scheme)
    page.evaluate("unfold()")
    texts = page.evaluate("texts()")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.keyboard.press("Tab")  # shows the link that skips the contents
    point(page, page.locator(".plot:has(> script) .box").first)  # shows the values of lines
    texts += page.evaluate("texts()")
    seen = {text["text"] for text in texts}
    assert {"Skip to the evidence", "Play", "Copy", "Not shown", "virginica"} <= seen
    assert page.locator(".tip .where").inner_text() in seen
    faint = {
        f"{text['text']}: {text['contrast']:.2f}"
        for text in texts
        if text["contrast"] < text["needed"]
    }
    assert faint == set()


def test_print_is_dark_on_light_whatever_the_scheme(visit):
    page = visit(color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert min(text["contrast"] for text in page.evaluate("texts()")) >= 4.5
