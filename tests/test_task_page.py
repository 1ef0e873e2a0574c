"""The page of a task in a real browser: its versions, its comments, its checklists."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.test_journey import add, read_again, sign_up, window
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]


def opened(page: Page, title: str) -> None:
    """Add a task and open its page."""
    add(page, f"{title} today", title)
    page.locator(".task-row", has_text=title).get_by_role("link", name=title).first.click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def describe(page: Page, text: str) -> None:
    page.get_by_role("link", name="Edit description").click()
    page.get_by_role("textbox", name="Description").fill(text)
    page.get_by_role("form", name="Description").get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Edit description")).to_be_focused()


def test_news_of_the_task_dims_no_button_that_somebody_may_press(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Nina")
        opened(page, "Write the poem")
        held: list[Route] = []
        page.route("**/parts", lambda route: held.append(route), times=1)
        read_again(page)
        wait_until(lambda: held or page.wait_for_timeout(50))
        expect(page.locator(".task.htmx-request")).to_have_count(1)
        expect(page.get_by_role("button", name="Comment", exact=True)).to_have_css("opacity", "1")
        held[0].continue_()


def test_an_earlier_version_is_looked_at_and_restored(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Vera")
        opened(page, "Write the report")
        describe(page, "First words")
        describe(page, "Last words")
        page.goto(f"{page.url}/history")
        first = page.locator(".timeline-item", has_text="First words").filter(has_not_text="Last words")
        first.get_by_role("link", name=re.compile("^See this version")).click()
        expect(page.get_by_role("heading", level=1, name=re.compile("^Version"))).to_be_visible()
        row = page.get_by_role("row", name=re.compile("^Description"))
        expect(row).to_contain_text("First words")
        expect(row).to_contain_text("Last words")
        page.get_by_role("button", name="Restore this version").click()
        expect(page.locator("#part-description")).to_contain_text("First words")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#part-description")).to_contain_text("Last words")


def test_without_a_script_a_version_is_restored_too(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Nora")
        opened(page, "Write the letter")
        describe(page, "Dear Sir")
        address, state = page.url, page.context.storage_state()
    with browser.new_context(base_url=place.url, java_script_enabled=False, storage_state=state) as context:
        page = context.new_page()
        page.goto(f"{address}/versions?as_of=1")
        expect(page.get_by_role("row", name=re.compile("^Description"))).to_contain_text("Dear Sir")
        page.get_by_role("button", name="Restore this version").click()
        expect(page.locator("#part-description")).to_contain_text("Nothing written yet.")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#part-description")).to_contain_text("Dear Sir")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_bars_anyone_from_an_earlier_version(
    browser: Browser, place: Installation, scheme: str, width: int
) -> None:
    viewport = {"width": width, "height": 900}
    with window(browser, place, color_scheme=scheme, viewport=viewport) as page:
        sign_up(page, f"Vincent{scheme}{width}")
        opened(page, "Write the speech")
        page.goto(f"{page.url}/versions?as_of=1")
        expect(page.get_by_role("heading", level=1, name=re.compile("^Version"))).to_be_visible()
        assert violations(page) == []


def test_a_box_is_ticked_where_it_stands(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Tom")
        opened(page, "Pack for the hills")
        describe(page, "- [ ] tent\n- [ ] stove")
        tent = page.get_by_role("checkbox", name="tent")
        tent.focus()
        page.keyboard.press("Enter")
        expect(tent).to_be_checked()
        expect(tent).to_be_focused()
        expect(page.get_by_role("checkbox", name="stove")).not_to_be_checked()
        tent.click()
        expect(tent).not_to_be_checked()


def test_mentions_are_offered_while_one_writes(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Mia")
        opened(page, "Choose a tent")
        box = page.get_by_role("textbox", name="Write a comment")
        box.click()
        page.keyboard.type("For @m")
        option = page.get_by_role("option", name=re.compile("^Mia"))
        expect(option).to_have_attribute("aria-selected", "true")
        assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
        page.keyboard.press("Escape")
        expect(option).to_have_count(0)
        page.keyboard.type("i")
        expect(option).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(box).to_have_value("For @mia ")
        page.keyboard.type("@nobody")
        expect(option).to_have_count(0)
        page.keyboard.type(" @m")
        expect(option).to_be_visible()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")  # there is nothing to take where the caret is now
        expect(box).to_have_value("\nFor @mia @nobody @m")
        expect(option).to_have_count(0)


def test_mentions_are_asked_for_again_after_a_failure(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Max")
        opened(page, "Choose a stove")
        box = page.get_by_role("textbox", name="Write a comment")
        with page.expect_event("requestfailed"):
            page.route("**/mentions", lambda route: route.abort())
            box.press_sequentially("For @")
        page.unroute_all()
        box.press_sequentially("m")
        expect(page.get_by_role("option", name=re.compile("^Max"))).to_be_visible()


def test_a_comment_is_changed_in_its_place_and_escape_gives_up(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Carl")
        opened(page, "Read the book")
        page.get_by_role("textbox", name="Write a comment").fill("Frist chapter")
        page.get_by_role("button", name="Comment", exact=True).click()
        comment = page.locator(".comment")
        comment.get_by_role("link", name="Edit your comment").click()
        field = page.get_by_role("textbox", name="Your comment")
        expect(field).to_be_focused()
        field.fill("Something else")
        field.press("Escape")
        expect(field).to_have_count(0)
        expect(comment).to_contain_text("Frist chapter")
        comment.get_by_role("link", name="Edit your comment").click()
        field.fill("First chapter")
        field.press("Control+Enter")
        expect(comment).to_contain_text("First chapter")
        expect(field).to_have_count(0)
