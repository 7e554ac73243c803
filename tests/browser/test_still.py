"""Without a script, on paper, and for readers who want nothing to move, all of it is there."""

import pytest

pytestmark = pytest.mark.browser

CONTROLS = ".controls, .open-all, .command button"
PAPER = 680  # pixels between the margins of A4


def unseen_texts(page):
    return page.locator("main").evaluate("""(main) => {
      const texts = Array.from(main.querySelectorAll("h2, h3, p, pre, th, td, dt, dd, figcaption"));
      if (texts.length < 200) throw new Error("The page has lost most of its texts.");
      return texts.filter((text) => !text.checkVisibility()).map((text) => text.textContent.trim());
    }""")


def pictures_without_size(page):
    return page.locator("figure.chart").evaluate_all("""(figures) => figures.filter((figure) => {
      const boxes = Array.from(figure.querySelectorAll(".box, .bar"));
      return !boxes.length || boxes.some((box) => box.clientWidth < 50 || box.clientHeight < 20);
    }).map((figure) => figure.querySelector("strong").textContent)""")


def test_without_a_script_everything_can_be_read(visit):
    page = visit(360, java_script_enabled=False)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.locator(CONTROLS).filter(visible=True).count() == 0
    assert page.locator(".slides .step").filter(visible=False).count() == 0
    assert unseen_texts(page) == []
    assert pictures_without_size(page) == []


def test_on_paper_folds_are_open_and_controls_are_gone(visit):
    page = visit(PAPER, java_script_enabled=False)
    page.emulate_media(media="print")
    # The numbers of a figure stand there as a picture, and paper has no way back.
    spared = page.locator("figure details, .back")
    assert spared.filter(visible=True).count() == 0
    spared.evaluate_all("all => all.forEach(one => one.remove())")
    assert unseen_texts(page) == []
    assert pictures_without_size(page) == []


def test_nothing_is_cut_off_on_paper(visit):
    page = visit(PAPER)
    page.emulate_media(media="print")
    controls = page.locator(f"{CONTROLS}, .skip, .tip, .ruler, .back, summary")
    assert controls.filter(visible=True).count() == 0
    assert page.locator(".slides .step").filter(visible=False).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == PAPER
    assert [
        text["text"]
        for text in page.evaluate("texts()")
        if text["scrolls"] or not 0 <= text["left"] < text["right"] <= PAPER
    ] == []


def test_nothing_moves_by_itself(visit):
    page = visit(clock=True, reduced_motion="reduce")
    page.evaluate("unfold()")
    assert (
        page.evaluate("""() => {
      const moving = (style) =>
        parseFloat(style.transitionDuration) > 0 || style.animationName !== "none" ||
        style.scrollBehavior !== "auto";
      return Array.from(document.querySelectorAll("*"), (one) => [null, "::before", "::after"]
        .filter((part) => moving(getComputedStyle(one, part))).map(() => one.outerHTML.slice(0, 80))
      ).flat();
    }""")
        == []
    )
    still = page.locator(".slides output").first
    assert still.inner_text() == "epoch 100"
    page.clock.run_for(10_000)
    assert still.inner_text() == "epoch 100"
    assert page.evaluate("document.getAnimations().length") == 0
