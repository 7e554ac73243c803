"""One browser and one page for every test of this folder."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from levelset import report
from tests.report.examples import example_content

NAMES = ("chromium", "chromium-browser", "google-chrome")
TEXTS = Path(__file__).with_name("texts.js").read_text(encoding="utf-8")
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="session")
def browser():
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(
            f"The tests of the page need one of {', '.join(NAMES)} on the path, found none; "
            "install Chromium (Debian: apt-get install chromium)."
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(report.page(example_content()), encoding="utf-8")
    return file.as_uri()


@pytest.fixture
def visit(browser, address):
    """Open the page as a reader with a screen, a scheme or habits of its own would."""
    contexts = []

    def opened(width=1280, place="", clock=False, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **options))
        contexts[-1].set_default_timeout(5000)
        page = contexts[-1].new_page()
        if clock:
            page.clock.install()
        page.goto(address + place)
        page.evaluate(TEXTS)
        return page

    yield opened
    for context in contexts:
        context.close()
