"""More tasks than a page shows, all changed at once: the progress, a server that dies meanwhile, and the undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.test_journey import read_again, sign_up, window
from tests.test_working_with_many import paste, rows

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
NUMBER = 220
LATER_MS = 60_000  # after a crash it is taken up again within some ten seconds


def fill_inbox(page: Page) -> None:
    """More than a page has room for, in two goes."""
    page.goto("/inbox")
    for half in range(2):
        paste(page, "\n".join(f"Errand {half} {number}" for number in range(NUMBER // 2)))
        page.get_by_role("button", name="Add the ticked ones").click()
        expect(page.locator("#lines-dialog")).to_be_hidden()
        expect(rows(page)).to_have_count(min(200, NUMBER // 2 * (half + 1)))


def looks(page: Page, *paths: str) -> dict[str, list[str]]:
    """What is wrong with pages in both themes and at both widths."""
    found = {}
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two words
        found |= {f"{path} {width} {scheme}": violations(page, path) for path in paths}
    return {case: rules for case, rules in found.items() if rules}


def test_all_that_match_are_changed_though_the_server_dies_and_taken_back(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Wilma")
        fill_inbox(page)
        page.get_by_role("link", name="Select").click()
        page.get_by_label(f"All {NUMBER} that match").check()
        expect(page.locator(".selection-count")).to_have_text(f"{NUMBER} selected")
        page.evaluate("document.activeElement.blur()")
        read_again(page)
        expect(page.get_by_label(f"All {NUMBER} that match")).to_be_checked()
        expect(page.locator(".selection-count")).to_have_text(f"{NUMBER} selected")
        page.locator("#bulk-form").get_by_text("Priority", exact=True).click()
        page.get_by_role("button", name="Priority 1, urgent").click()
        page.wait_for_url("**/tasks/jobs/*")
        place.kill()
        place.start()
        page.reload()
        expect(page.get_by_role("status").filter(has_text=f"{NUMBER} tasks changed.")).to_be_visible(
            timeout=LATER_MS
        )
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", name="Taking back many changes")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text=f"{NUMBER} tasks changed.")).to_be_visible(
            timeout=LATER_MS
        )
        assert looks(page, page.url, "/tasks?select=1", "/tasks?q=project:wrok") == {}
        page.goto("/tasks?q=p1")
        expect(page.get_by_role("heading", name="No task is like that")).to_be_visible()
