"""What bars people from a page, as axe-core finds it in a real browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

RESTS = """() => {
    const ends = (each) => each.effect.getComputedTiming().endTime !== Infinity;
    return Promise.allSettled(document.getAnimations().filter(ends).map((each) => each.finished));
}"""


def violations(page: Page, path: str = "") -> list[str]:
    """The rules that the page, or the one at ``path``, breaks, each with the first element that does.

    Whether it scrolls sideways is said, too. The page is looked at when it is complete and nothing fades any more:
    what is half there has half its contrast.
    """
    if path:
        page.goto(path)
    if page.locator("#history-entries").count():
        expect(page.locator(".timeline")).to_be_visible()  # it is loaded after the page
    page.evaluate(RESTS)
    found = []
    for rule in Axe().run(page).response["violations"]:
        node = rule["nodes"][0]
        found.append(f"{rule['id']}: {node['html']} {node['failureSummary']}")
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("it scrolls sideways")
    return found
