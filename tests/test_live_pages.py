"""Two windows on the same tasks: what happens in one is soon to be seen in the other, and what is typed stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import Installation
from tests.test_journey import PASSWORD, add, sign_up, use, window

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
SOON_MS = 2_000


@pytest.fixture(scope="module")
def windows(browser: Browser, place: Installation) -> Iterator[tuple[Page, Page]]:
    """Two sessions of one account."""
    with ExitStack() as both:
        here, there = (both.enter_context(window(browser, place)) for _ in range(2))
        sign_up(here, "Lena")
        there.goto("/accounts/login/")
        there.get_by_label("Email").fill("lena@example.com")
        there.get_by_label("Password").fill(PASSWORD)
        there.get_by_role("button", name="Sign in").click()
        there.wait_for_url("**/today")
        yield here, there


def row(page: Page, title: str):
    return page.locator(".task-row", has_text=title)


def test_a_change_elsewhere_is_seen_soon_and_what_is_typed_stays(windows: tuple[Page, Page]):
    here, there = windows
    here.goto("/today")
    line = here.locator("#quick-add-line")
    line.press_sequentially("Half a tho")
    add(there, "Buy stamps today", "Buy stamps")
    expect(row(here, "Buy stamps")).to_be_visible(timeout=SOON_MS)
    expect(line).to_have_value("Half a tho")
    expect(line).to_be_focused()
    row(there, "Buy stamps").get_by_role("button", name="Complete").click()
    expect(here.locator("#done-today")).to_contain_text("Buy stamps", timeout=SOON_MS)
    expect(here.locator("#sidebar .nav-item", has_text="Today").locator(".count")).to_have_count(0)


def test_one_who_edits_is_told_of_both_values_and_keeps_what_they_typed(windows: tuple[Page, Page]):
    here, there = windows
    add(there, "Call Ana today", "Call Ana")
    here.goto("/today")
    use(row(here, "Call Ana").get_by_role("link", name="Edit"))
    title = here.locator(".task-editor").get_by_label("Title")
    title.fill("Call Ana and Ben")
    there.goto("/today")
    use(row(there, "Call Ana").get_by_role("link", name="Edit"))
    there.locator(".task-editor").get_by_label("Title").fill("Write to Ana")
    there.locator(".task-editor").get_by_role("button", name="Save").click()
    expect(row(there, "Write to Ana")).to_be_visible()
    note = here.locator("[data-changed-elsewhere]")
    expect(note).to_contain_text("Call Ana → Write to Ana", timeout=SOON_MS)
    expect(title).to_have_value("Call Ana and Ben")
    here.locator(".task-editor").get_by_role("button", name="Save").click()
    expect(here.locator(".task-editor")).to_contain_text("Write to Ana")  # saving compares both


def test_what_is_read_in_one_window_is_read_in_the_other(windows: tuple[Page, Page]):
    here, there = windows
    here.goto("/notifications")
    add(
        there, "Ring me in 3 days at 9am !4d", "Ring me"
    )  # the time of its reminder has passed: it comes at once
    expect(here.locator("#notifications")).to_contain_text("Ring me", timeout=20_000)
    expect(here.locator("#bell .badge")).to_be_visible()
    expect(there.locator("#bell .badge")).to_be_visible()
    there.goto("/notifications")
    there.get_by_role("button", name="Mark all read").click()
    expect(here.locator("#bell .badge")).to_have_count(0, timeout=SOON_MS)
    expect(here.locator("#subtitle")).to_have_text("Everything is read")


def test_where_there_is_no_stream_the_page_asks(
    browser: Browser, place: Installation, windows: tuple[Page, Page]
):
    here, there = windows
    here.route("**/live", lambda route: route.fulfill(status=429))
    here.route("**/live?*", lambda route: route.fulfill(status=429))
    here.goto("/today")
    add(there, "Water the plants today", "Water the plants")
    expect(row(here, "Water the plants")).to_be_visible(timeout=20_000)
    here.unroute_all()


def test_a_page_catches_up_after_the_server_was_away(windows: tuple[Page, Page], place: Installation):
    here, there = windows
    here.goto("/today")
    place.stop()
    place.start()
    add(there, "Sweep the yard today", "Sweep the yard")
    expect(row(here, "Sweep the yard")).to_be_visible(timeout=20_000)
