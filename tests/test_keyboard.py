"""A day by keyboard alone, with the palette and the single keys; and without them where they are switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import Installation
from tests.test_journey import add, read_again, sign_up, use, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]


def row(page: Page, title: str):
    return page.locator(".task-row", has_text=title)


def test_a_day_by_keyboard_alone(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Kim")
        page.keyboard.press("q")
        page.keyboard.type("Write the letter today")
        page.keyboard.press("Enter")
        expect(row(page, "Write the letter")).to_be_visible()
        page.locator("#quick-add-line").press("Escape")
        page.evaluate("document.activeElement.blur()")

        page.keyboard.press("j")
        expect(row(page, "Write the letter").locator(".task-title")).to_be_focused()
        page.keyboard.press("1")
        expect(row(page, "Write the letter")).to_have_attribute("data-priority", "1")
        expect(row(page, "Write the letter").locator(".task-title")).to_be_focused()
        page.keyboard.press("d")
        expect(page.locator(".task-editor [name=date]")).to_be_focused()
        page.keyboard.press("Escape")
        expect(row(page, "Write the letter").locator(".task-title")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/tasks/"))
        page.keyboard.press("2")
        expect(page.locator("#part-priority")).to_contain_text("2")
        page.keyboard.press("g")
        page.keyboard.press("t")
        expect(page).to_have_url(re.compile("/today$"))
        page.wait_for_load_state()  # keys before the scripts are there do nothing
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(
            row(page, "Write the letter").get_by_role("button", name=re.compile("^Reopen"))
        ).to_be_visible()
        page.keyboard.press("z")
        expect(
            row(page, "Write the letter").get_by_role("button", name=re.compile("^Complete"))
        ).to_be_visible()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")


def test_a_list_that_is_read_again_leaves_the_keyboard_in_the_form(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Kira")
        add(page, "Write the speech today", "Write the speech")
        use(row(page, "Write the speech").get_by_role("link", name="Edit"))
        page.locator(".task-editor [name=date]").focus()
        read_again(page)
        expect(page.locator(".task-editor [name=date]")).to_be_focused()


def test_palette_goes_finds_and_acts(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Pat")
        add(page, "Renew the passport today", "Renew the passport")
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox", name="Search or run a command")
        expect(box).to_be_focused()
        expect(page.get_by_role("option", name="Inbox")).to_be_visible()
        page.keyboard.type("passp")
        option = page.get_by_role("option", name=re.compile("Renew the passport"))
        expect(option).to_have_attribute("aria-selected", "true")
        assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
        page.keyboard.press("ArrowUp")
        expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/tasks/"))

        page.goto("/today")
        page.keyboard.press("j")
        page.keyboard.press("Control+k")
        page.keyboard.type("complete or")
        expect(page.get_by_role("option", name=re.compile("Complete or reopen"))).to_be_visible()
        page.keyboard.press("Enter")
        expect(row(page, "Renew").get_by_role("button", name=re.compile("^Reopen"))).to_be_visible()
        page.keyboard.press("Control+k")
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()


def test_an_enter_that_found_no_list_does_nothing_later(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Paul")
        page.route("**/palette?*", lambda route: route.abort())
        page.keyboard.press("Control+k")
        page.keyboard.type("upcom")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.unroute_all()
        page.keyboard.press("Control+k")
        expect(page.get_by_role("option", selected=True)).to_be_visible()
        expect(page.locator("#palette")).to_be_visible()
        expect(page).to_have_url(re.compile("/today$"))


def test_single_keys_do_nothing_where_they_are_switched_off(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Oscar")
        page.goto("/settings/shortcuts")
        page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.locator("body[data-shortcuts=off]")).to_have_count(1)
        page.goto("/today")
        page.keyboard.press("q")
        expect(page.locator("#quick-add-line")).not_to_be_focused()
        page.keyboard.press("Control+k")
        page.keyboard.type("upcom")
        expect(page.get_by_role("option").first).to_contain_text("Upcoming")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/upcoming$"))


def test_examples_fill_the_line_and_add_nothing(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Newton")
        page.get_by_role("link", name="Call mum tomorrow 5pm #Family").click()
        expect(page.locator("#quick-add-line")).to_have_value("Call mum tomorrow 5pm #Family")
        expect(page.locator("#quick-add-preview")).to_contain_text("17:00")
        page.get_by_role("button", name="Make a sample project").click()
        expect(page.get_by_role("heading", name="A weekend in the hills")).to_be_visible()
        expect(page.locator(".task-row")).not_to_have_count(0)
