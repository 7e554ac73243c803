"""The page opens from a file, alone, and fits the screen it is read on."""

import pytest

pytestmark = pytest.mark.browser

CROWDED = """() => {
  const crowded = [];
  let pairs = 0;
  for (const axis of document.querySelectorAll(".box, .scale, .color-bar")) {
    const labels = Array.from(axis.querySelectorAll(".tick, .ends span, .color-bar span"))
      .filter((label) => label.checkVisibility())
      .map((label) => {
        const range = document.createRange();
        range.selectNodeContents(label);
        return [label.textContent, range.getBoundingClientRect()];
      });
    labels.forEach(([text, one], at) => labels.slice(at + 1).forEach(([other, two]) => {
      pairs += 1;
      const across = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const upward = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (across > 1 && upward > 5) crowded.push(`${text} | ${other}`);
    }));
  }
  if (pairs < 200) throw new Error(`Only ${pairs} pairs of labels were found.`);
  return crowded;
}"""


def test_it_asks_the_network_for_nothing_and_has_no_fault(browser, address):
    context = browser.new_context(offline=True)
    page = context.new_page()
    asked, faults = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address, wait_until="networkidle")
    context.close()
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert faults == []


def test_it_fits_a_phone_a_tablet_and_a_desk(visit):
    page = visit()
    page.evaluate("unfold()")
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        texts = page.evaluate("texts()")
        assert len(texts) > 500
        # A table that is wider than the screen moves by itself; a link waits outside for its turn.
        assert [
            text["text"]
            for text in texts
            if not text["scrolls"]
            and text["text"] != "Skip to the evidence"
            and not 0 <= text["left"] < text["right"] <= width
        ] == []


def test_labels_do_not_run_into_one_another(visit):
    page = visit()
    page.evaluate("unfold()")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(CROWDED) == []
