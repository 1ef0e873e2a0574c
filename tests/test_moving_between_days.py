"""Tasks that move to another day or column in a browser: by dragging, and the same by keyboard."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.installation import Installation
from tests.test_journey import sign_up, use, window
from tests.test_working_with_many import drag, fill

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(300),
]


def days(page: Page) -> list[str]:
    """Tomorrow and the three days after it, on the clock of the page."""
    today = date.fromisoformat(page.evaluate("new Intl.DateTimeFormat('en-CA').format()"))
    return [str(today + timedelta(days=number)) for number in range(1, 5)]


def group(page: Page, day: str) -> Locator:
    return page.locator(f"#day-{day}")


def test_upcoming_moves_to_another_day_by_dragging_and_by_keyboard(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Uma")
        first, _second, third, fourth = days(page)  # so that no menu of before has a day of after
        page.goto("/upcoming")
        for title, day in (("Early", first), ("Late", fourth)):
            page.locator("#quick-add-line").fill(f"{title} too {day}")
            page.locator("#quick-add-line").press("Enter")
            expect(group(page, day)).to_contain_text(f"{title} too")
        row = page.locator(".task-row", has_text="Early too")
        row.hover()
        drag(
            page,
            row.locator(".row-handle"),
            group(page, fourth).locator("ul[data-sortable]"),
            group(page, fourth).locator(".task-row", has_text="Early too"),
        )
        expect(page.get_by_role("status").filter(has_text="Moved “Early too”")).to_be_visible()
        moved = group(page, fourth).locator(".task-row", has_text="Early too")
        earlier = moved.locator(f"button[name=day][value='{third}']")
        expect(earlier).to_be_attached()  # the list has loaded itself again
        moved.get_by_label("More for:").focus()
        page.keyboard.press("Enter")
        earlier.focus()
        page.keyboard.press("Enter")
        expect(group(page, third)).to_contain_text("Early too")


def test_the_calendar_moves_to_another_day_by_dragging_and_by_keyboard(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place) as page:
        sign_up(page, "Cala")
        fill(page, "Party 2031-05-14", "Rest")
        address = "/tasks?layout=calendar&month=2031-05"
        page.goto(f"{address}&day=2031-05-14")
        there = page.locator("ul[data-sortable=day][data-value='2031-05-15']")
        task = page.locator(".month-task", has_text="Party")
        drag(page, task, there, there.locator(".month-task", has_text="Party"))
        expect(page.get_by_role("status").filter(has_text="Moved “Party”")).to_be_visible()
        page.goto(f"{address}&day=2031-05-15")
        expect(there).to_contain_text("Party")

        page.locator(".task-row", has_text="Party").get_by_label("More for:").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="A day later").and_(page.locator(":visible")).focus()
        page.keyboard.press("Enter")
        expect(page.locator("ul[data-value='2031-05-16']")).to_contain_text("Party")


def test_a_phone_shows_a_week_of_the_calendar_day_by_day(browser: Browser, place: Installation) -> None:
    with window(browser, place, viewport={"width": 390, "height": 844}) as page:
        sign_up(page, "Phoebe")
        fill(page, "Party 2031-05-14", "Rest 2031-05-16", "Later 2031-05-20")
        page.goto("/tasks?layout=calendar&month=2031-05&day=2031-05-14")
        expect(page.locator(".month")).to_be_hidden()
        expect(group(page, "2031-05-14")).to_contain_text("Party")
        expect(group(page, "2031-05-16").locator(".task-row")).to_be_visible()
        page.get_by_role("link", name="A week later").click()
        expect(group(page, "2031-05-20").locator(".task-row")).to_be_visible()
        expect(page.locator(".task-row:visible")).to_have_count(1)
        page.get_by_role("link", name="Wednesday 21 May, 0 tasks").click()
        expect(page.locator(".week-day[aria-current]")).to_contain_text("21")


def test_the_header_of_many_empty_days_leaves_the_tools_room(browser: Browser, place: Installation) -> None:
    with window(browser, place, viewport={"width": 390, "height": 844}) as page:
        sign_up(page, "Romy")
        page.goto("/upcoming")
        late = str(date.fromisoformat(days(page)[0]) + timedelta(days=8))
        page.locator("#quick-add-line").fill(f"Late {late}")
        page.locator("#quick-add-line").press("Enter")
        expect(group(page, late)).to_contain_text("Late")
        header = page.locator("#list .group-header").first
        expect(header.locator(".group-note")).to_be_visible()
        words = header.locator(".group-title, .group-note").evaluate_all(
            "all => Math.max(...all.map((each) => each.getBoundingClientRect().right))"
        )
        tools = page.locator(".list-tools > a").evaluate_all(
            "all => Math.min(...all.map((each) => each.getBoundingClientRect().left))"
        )
        assert words <= tools


def test_saved_filters_are_dragged_into_another_order(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Fritz")
        for number in range(3):
            page.goto(f"/tasks?q=p{number + 1}")
            page.get_by_text("Save this view").click()
            page.get_by_label("Name of the filter").fill(f"Filter {number}")
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.locator("#sidebar")).to_contain_text(f"Filter {number}")
        page.goto("/filters")
        entries = page.locator("#filter-list > .entry")
        entries.nth(2).hover()
        first = page.locator("#filter-list > .entry:first-child:has([value='Filter 2'])")
        drag(page, page.locator(".entry:has([value='Filter 2']) > .row-handle"), entries.nth(0), first)
        expect(page.locator("#sidebar .nav-item", has_text="Filter").first).to_contain_text("Filter 2")
        page.get_by_label("Move down: Filter 2").click()
        expect(page.locator("#sidebar .nav-item", has_text="Filter").first).to_contain_text("Filter 0")


def test_the_menu_of_the_last_card_can_be_reached(browser: Browser, place: Installation) -> None:
    with window(browser, place, viewport={"width": 1280, "height": 600}) as page:
        sign_up(page, "Karl")
        fill(page, *(f"Card {number}" for number in range(12)))
        page.goto("/tasks?layout=board")
        last = page.locator("#column-pending .board-card").last
        title = last.locator(".task-title").inner_text()
        last.scroll_into_view_if_needed()
        use(last.get_by_label("Move:"))
        choice = last.get_by_role("button", name="Move to Done")
        box = choice.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 600
        choice.click()
        expect(page.locator("#column-completed .board-card", has_text=title)).to_be_visible()
        expect(page.locator(":popover-open")).to_have_count(0)
