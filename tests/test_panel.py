"""A task beside its list, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.test_journey import add, sign_up, window
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]
OPENED = re.compile(r"/tasks/[0-9a-f-]{36}$")
TODAY = re.compile("/today$")


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Task", exact=True)


def row(page: Page, title: str) -> Locator:
    return page.locator(".task-row", has_text=title)


def choose(page: Page, title: str) -> None:
    row(page, title).get_by_role("link", name=title, exact=True).click()
    expect(panel(page).get_by_role("heading", level=1, name=title)).to_be_visible()


def test_a_task_opens_beside_its_list_and_back_leads_to_the_list(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Petra")
        for title in ("Paint the door", "Oil the hinges"):
            add(page, f"{title} today", title)
        choose(page, "Paint the door")
        expect(page).to_have_url(OPENED)
        expect(page).to_have_title("Paint the door – Todo")
        expect(row(page, "Paint the door")).to_have_attribute("aria-current", "true")
        choose(page, "Oil the hinges")
        expect(row(page, "Paint the door")).not_to_have_attribute("aria-current", "true")
        page.go_back()
        expect(panel(page)).to_have_count(0)
        expect(page).to_have_url(TODAY)
        expect(page).to_have_title("Today – Todo")
        page.go_forward()
        expect(panel(page).get_by_role("heading", level=1, name="Oil the hinges")).to_be_visible()
        page.reload()
        expect(page.locator("main").get_by_role("heading", level=1, name="Oil the hinges")).to_be_visible()
        page.go_back()
        expect(page).to_have_url(TODAY)
        expect(row(page, "Paint the door")).to_be_visible()
        expect(panel(page)).to_have_count(0)
        page.go_forward()
        expect(panel(page).get_by_role("heading", level=1, name="Oil the hinges")).to_be_visible()


def test_an_answer_that_comes_late_does_not_touch_the_task_that_is_open_by_then(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Paul")
        for title in ("Mow the lawn", "Rake the leaves"):
            add(page, f"{title} today", title)
        held: list[Route] = []
        page.route("**/parts", lambda route: held.append(route), times=1)
        choose(page, "Mow the lawn")
        page.evaluate("htmx.trigger(document.body, 'task-changed', {})")
        wait_until(lambda: held or page.wait_for_timeout(50))
        choose(page, "Rake the leaves")
        with page.expect_response("**/parts"):
            held[0].continue_()
        page.evaluate("new Promise(requestAnimationFrame)")  # by then the answer was taken, or left alone
        expect(panel(page).get_by_role("heading", level=1, name="Rake the leaves")).to_be_visible()


def test_of_two_tasks_chosen_at_once_the_last_one_opens(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Pola")
        for title in ("Cut the bread", "Slice the cheese"):
            add(page, f"{title} today", title)
        expect(page.locator("#list .task-title")).to_have_count(2)
        page.evaluate("for (const link of document.querySelectorAll('#list .task-title')) link.click()")
        last = page.locator("#list .task-title").last.inner_text()
        expect(panel(page).get_by_role("heading", level=1, name=last)).to_be_visible()
        page.go_back()
        expect(panel(page)).to_have_count(0)
        expect(page).to_have_url(TODAY)


def test_what_is_changed_in_the_panel_is_changed_in_the_list(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Pablo")
        add(page, "Sort the photos today", "Sort the photos")
        choose(page, "Sort the photos")
        panel(page).get_by_role("link", name=re.compile("^Sort the photos")).click()
        field = panel(page).get_by_role("textbox", name="Title")
        field.fill("Sort all photos")
        field.press("Enter")
        expect(row(page, "Sort all photos")).to_have_attribute("aria-current", "true")
        expect(page).to_have_url(OPENED)
        panel(page).get_by_role("button", name="More").click()
        panel(page).get_by_role("button", name="Move to trash").click()
        expect(page).to_have_url(TODAY)
        expect(row(page, "Sort all photos")).to_have_count(0)


def test_escape_closes_it_and_leaves_the_keyboard_where_it_was(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Paula")
        add(page, "Call the bank today", "Call the bank")
        page.keyboard.press("Escape")  # leaves the line that adds
        link = row(page, "Call the bank").get_by_role("link", name="Call the bank", exact=True)
        link.focus()
        page.keyboard.press("Enter")
        expect(panel(page)).to_be_focused()
        page.keyboard.press("Escape")
        expect(panel(page)).to_have_count(0)
        expect(link).to_be_focused()


def test_a_task_that_somebody_deletes_closes_its_panel(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Pia")
        add(page, "Feed the cat today", "Feed the cat")
        choose(page, "Feed the cat")
        row(page, "Feed the cat").get_by_role("button", name="Move to trash: Feed the cat").click()
        expect(row(page, "Feed the cat")).to_have_count(0)
        expect(panel(page)).to_have_count(0)
        expect(page.get_by_role("status").get_by_text("That did not work")).to_have_count(0)


def test_without_room_beside_the_list_it_is_a_page(browser: Browser, place: Installation) -> None:
    with window(browser, place, viewport={"width": 900, "height": 900}) as page:
        sign_up(page, "Pit")
        add(page, "Bake bread today", "Bake bread")
        row(page, "Bake bread").get_by_role("link", name="Bake bread", exact=True).click()
        expect(page.locator("main").get_by_role("heading", level=1, name="Bake bread")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_anyone_from_it(browser: Browser, place: Installation, scheme: str) -> None:
    with window(browser, place, color_scheme=scheme) as page:
        sign_up(page, f"Pim{scheme}")
        add(page, "Read the map today p1", "Read the map")
        choose(page, "Read the map")
        assert violations(page) == []
