"""Without a connection: what was seen last is shown and says so, what is added is sent once, nobody sees another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import Installation
from tests.test_journey import PASSWORD, add, sign_up, window
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def page(browser: Browser, place: Installation) -> Iterator[Page]:
    with window(browser, place) as page:
        yield page


def with_worker(page: Page) -> None:
    """Wait for the service worker, and let it see Today.

    A page that was being loaded while the worker became active is not controlled by it; the next one is.
    """
    page.evaluate("navigator.serviceWorker.ready")
    page.goto("/today")
    wait_until(
        lambda: page.evaluate(
            "caches.keys().then((names) => names.some((name) => name.startsWith('pages-')))"
        )
    )


def titles(place: Installation, words: str) -> int:
    [(number,)] = place.rows("SELECT count(*) FROM tasks_task WHERE title = ?", words)
    return int(number)


def test_last_seen_list_is_shown_and_says_so_until_the_connection_is_back(page: Page) -> None:
    sign_up(page, "Ofelia")
    add(page, "Read the map today", "Read the map")
    with_worker(page)
    page.context.set_offline(True)
    page.goto("/today")
    expect(page.get_by_text("You are offline.")).to_be_visible()
    expect(page.locator("main time[data-seen-at]")).not_to_be_empty()
    expect(page.locator(".task-row", has_text="Read the map")).to_be_visible()
    page.goto("/settings/profile")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    page.goto("/today")
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_be_hidden()
    expect(page.locator("html[data-seen]")).to_have_count(0)


def test_page_is_never_an_old_one_while_there_is_a_connection(page: Page, place: Installation) -> None:
    sign_up(page, "Nelly")
    with_worker(page)
    token = place.manage("create_api_token", "nelly@example.com", "--name", "t", "--scope", "tasks:write")
    body = {"title": "Came by another door", "due_date": "2026-01-01"}
    assert place.request("POST", "/api/tasks", body, token.stdout.strip())[0] == 201
    page.goto("/today")
    expect(page.locator(".task-row", has_text="Came by another door")).to_be_visible()


def test_line_added_offline_waits_and_is_sent_once(page: Page, place: Installation) -> None:
    sign_up(page, "Wanda")
    with_worker(page)
    page.context.set_offline(True)
    page.goto("/today")
    line = page.locator("#quick-add-line")
    line.fill("Buy a tent tomorrow #Camping")
    line.press("Enter")
    waiting = page.locator("#waiting li")
    expect(waiting).to_contain_text("Buy a tent")
    expect(line).to_have_value("")
    page.reload()
    expect(waiting).to_contain_text("Buy a tent")
    page.context.set_offline(False)
    expect(page.locator("#waiting")).to_be_hidden()
    wait_until(lambda: titles(place, "Buy a tent") == 1)
    page.reload()
    page.goto("/upcoming")
    expect(page.locator(".task-row", has_text="Buy a tent")).to_have_count(1)
    assert titles(place, "Buy a tent") == 1


def test_line_whose_answer_was_lost_is_not_added_twice(page: Page, place: Installation) -> None:
    sign_up(page, "Lotte")
    with_worker(page)

    def lose_the_answer(route, request):
        route.fetch()
        route.abort("connectionreset")

    page.context.route("**/quick-add", lose_the_answer, times=1)
    line = page.locator("#quick-add-line")
    line.fill("Return the drill – at last & all of it")
    line.press("Enter")
    expect(page.locator("#waiting li")).to_have_count(1)
    wait_until(lambda: titles(place, "Return the drill – at last & all of it") == 1)
    page.reload()
    expect(page.get_by_role("status").get_by_text("Added “Return the drill")).to_be_visible()
    expect(page.locator("#waiting")).to_be_hidden()
    assert titles(place, "Return the drill – at last & all of it") == 1


def test_nothing_of_one_account_is_shown_to_another(page: Page, place: Installation) -> None:
    sign_up(page, "Alma")
    add(page, "Alma's secret today", "Alma's secret")
    with_worker(page)
    page.get_by_role("button", name="Account of Alma").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    wait_until(
        lambda: page.evaluate(
            "caches.keys().then((names) => !names.some((name) => name.startsWith('pages-')))"
        )
    )
    page.context.set_offline(True)
    page.goto("/today")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_text("secret")).to_have_count(0)
    page.context.set_offline(False)
    page.wait_for_url("**/accounts/login/**")  # it comes back by itself
    sign_up(page, "Berta")
    with_worker(page)
    page.context.set_offline(True)
    page.goto("/today")
    expect(page.get_by_text("secret")).to_have_count(0)
    assert PASSWORD not in page.content()
