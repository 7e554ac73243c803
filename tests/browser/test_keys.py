"""Everything that a pointer can do, keys can; and what they are about to do it to is seen."""

import pytest

from tests.browser.hands import SETTLED, point

pytestmark = pytest.mark.browser

NUMBER = """() => {
  const kinds = "a[href], button, input, summary, [tabindex='0']";
  const found = Array.from(document.querySelectorAll(kinds))
    .filter((each) => each.checkVisibility({ visibilityProperty: true }));
  found.forEach((each, at) => { each.dataset.turn = at; });
  return found.length;
}"""
FOCUSED = """() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  const reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
  const { left, right, top } = focused.getBoundingClientRect();
  let inside = left - reach >= 0 && right + reach <= document.documentElement.clientWidth;
  let each = focused;
  while ((each = each.parentElement)) {
    if (each === document.body || getComputedStyle(each).overflowX === "visible") continue;
    const around = each.getBoundingClientRect();
    inside &&= left - reach >= around.left && right + reach <= around.right;
  }
  return {
    turn: focused.dataset.turn === undefined ? null : Number(focused.dataset.turn),
    what: focused.outerHTML.slice(0, 80),
    ringed: style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2,
    contrast: contrast(style.outlineColor, focused.parentElement, left, top - reach),
    inside,
  };
}"""


@pytest.mark.parametrize(("width", "unfolded", "least"), [(360, True, 60), (1280, False, 20)])
def test_tab_reaches_everything_in_turn_and_it_is_seen_where_it_is(visit, width, unfolded, least):
    page = visit(width)
    if unfolded:
        page.evaluate("unfold()")
    number = page.evaluate(NUMBER)
    assert number > least
    met = []
    for _ in range(number):
        page.keyboard.press("Tab")
        met.append(page.evaluate(FOCUSED))
    assert [focused["turn"] for focused in met] == list(range(number))
    assert [focused["what"] for focused in met if not focused["ringed"]] == []
    assert [focused["what"] for focused in met if focused["contrast"] < 3] == []
    assert [focused["what"] for focused in met if not focused["inside"]] == []


def test_the_contents_can_be_skipped(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#evidence') !== null")


def test_a_fold_opens_and_closes(visit):
    page = visit()
    fold = page.locator("details.more").first
    for key, is_open in (("Enter", True), ("Space", False)):
        fold.locator("> summary").press(key)
        assert fold.evaluate("fold => fold.open") is is_open
        assert fold.get_by_role("heading", name="How it was done").is_visible() is is_open


def test_all_studies_open_and_close_at_once(visit):
    page = visit()
    button, folds = page.locator(".open-all"), page.locator("details.more")
    assert folds.count() > 3
    for key, is_open, text in (("Space", True, "Close all studies"), ("Enter", False, "Open all")):
        button.press(key)
        assert folds.evaluate_all("folds => folds.map(fold => fold.open)") == (
            [is_open] * folds.count()
        )
        assert text in button.inner_text()
        assert button.get_attribute("aria-pressed") == str(is_open).lower()


def test_the_slider_obeys_arrows(visit):
    page = visit()
    page.evaluate("unfold()")
    slides = page.locator(".slides").first
    for key, step in (
        ("Home", "before training"),
        ("ArrowRight", "epoch 1"),
        ("ArrowUp", "epoch 5"),
        ("ArrowLeft", "epoch 1"),
        ("End", "epoch 100"),
    ):
        slides.locator("input").press(key)
        assert slides.locator("output").inner_text() == step
        assert slides.locator("input").get_attribute("aria-valuetext") == step
        assert slides.locator(".step:visible").get_attribute("data-name") == step


def test_the_slider_plays_to_the_end_and_stops(visit):
    page = visit(clock=True)
    page.evaluate("unfold()")
    slides = page.locator(".slides").first
    button, output = slides.locator("button"), slides.locator("output")
    button.press("Enter")
    assert (button.inner_text(), output.inner_text()) == ("Pause", "before training")
    page.clock.run_for(800)
    assert output.inner_text() == "epoch 1"
    button.press("Space")
    page.clock.run_for(5000)
    assert (button.inner_text(), output.inner_text()) == ("Play", "epoch 1")
    button.press("Enter")
    page.clock.run_for(5000)
    assert (button.inner_text(), output.inner_text()) == ("Play", "epoch 100")


def test_a_command_is_copied(visit):
    page = visit(clock=True, permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("#methods .command button")
    command = page.locator("#methods .command code").inner_text()
    assert command.startswith("levelset report iris")
    button.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == command
    page.clock.run_for(2500)
    assert button.inner_text() == "Copy"


def test_a_command_that_may_not_be_copied_is_selected(visit):
    page = visit()
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }"
    )
    page.locator("#methods .command button").press("Space")
    page.get_by_role("button", name="Selected").wait_for()
    command = page.locator("#methods .command code").inner_text()
    assert page.evaluate("String(getSelection())") == command


def test_curves_are_read_by_arrows(visit):
    page = visit()
    figure = page.locator(".canvas[tabindex]").first
    tip, ruler = page.locator(".tip"), figure.locator(".ruler")
    figure.focus()
    page.evaluate(SETTLED)
    said = []
    for key in ("Home", "ArrowRight", "End", "ArrowRight", "ArrowLeft"):
        figure.press(key)
        assert ruler.is_visible()
        said.append(tip.locator(".where").inner_text())
    assert said == ["Epoch: 1", "Epoch: 2", "Epoch: 100", "Epoch: 100", "Epoch: 99"]
    assert tip.get_by_text("ReLU: ").is_visible()
    page.keyboard.press("Tab")
    assert tip.is_hidden()
    assert ruler.is_hidden()


def test_escape_takes_away_what_is_said(visit):
    page = visit()
    point(page, page.locator(".plot:has(> script) .box").first)
    assert page.locator(".tip").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".tip").is_hidden()
