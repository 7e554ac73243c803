"""The contents lead to every section, and say beforehand how its claims came out."""

import re

import pytest

pytestmark = pytest.mark.browser


def is_at_the_top(page, target):
    """A target near the end of the page cannot come to the top; then the page is at its end."""
    return page.evaluate(
        """(target) => {
          const { top } = document.getElementById(target).getBoundingClientRect();
          const room = document.documentElement.scrollHeight - innerHeight - scrollY;
          return Math.abs(top - 24) < 2 || (room < 2 && top >= 0 && top < innerHeight);
        }""",
        target,
    )


@pytest.mark.parametrize(
    ("width", "links"), [(1280, ".contents a"), (360, ".contents a, .claims a, dl a, .back a")]
)
def test_every_link_leads_to_its_place(visit, width, links):
    page = visit(width)
    found = page.locator(links).all()
    assert len(found) > 8
    for link in found:
        target = link.get_attribute("href").removeprefix("#")
        link.click()
        assert page.url.endswith(f"#{target}")
        assert page.locator(f"[id='{target}'] :is(h1, h2)").first.is_visible()
        assert is_at_the_top(page, target), target


def test_every_section_is_in_the_contents_with_its_verdicts(visit):
    page = visit()
    links, sections = page.locator(".contents a"), page.locator("main > section")
    listed = links.evaluate_all("all => all.map(one => one.hash.slice(1))")
    assert listed == sections.evaluate_all("all => all.map(one => one.id)")
    for target in listed:
        if target.startswith("study-"):
            told = page.locator(f".contents a[href='#{target}'] .tally").text_content()
            badges = page.locator(f"#{target} .badge").all_inner_texts()
            counted = re.findall(r"(\d+)\s+([a-z]+(?: [a-z]+)?)", told)
            assert {words: int(count) for count, words in counted} == {
                words.lower(): badges.count(words) for words in set(badges)
            }


@pytest.mark.parametrize("piece", ["figure-2", "table-1"])
def test_a_link_into_a_fold_opens_it(visit, piece):
    page = visit(place=f"#study-1-{piece}")
    assert page.locator(f"#study-1-{piece} figure").is_visible()
    assert page.locator("details.more[open]").count() == 1
    page.evaluate("location.hash = '#study-2-figure-2'")
    page.locator("#study-2-figure-2 figure").wait_for(state="visible")
    assert is_at_the_top(page, "study-2-figure-2")
