"""Many tasks at once in a browser: ticking, dragging, pasting, by keyboard alone and without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.installation import Installation
from tests.test_journey import add, sign_up, use, window
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


def paste(page: Page, text: str) -> None:
    page.locator("#quick-add-line").focus()
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const line = document.getElementById("quick-add-line");
            line.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def rows(page: Page) -> Locator:
    return page.locator("#list .task-row")


def fill(page: Page, *titles: str) -> None:
    page.goto("/inbox")
    paste(page, "\n".join(titles))
    page.get_by_role("button", name="Add the ticked ones").click()
    expect(page.locator("#lines-dialog")).to_be_hidden()  # which gives the focus back
    expect(rows(page)).to_have_count(len(titles))


def test_fifty_pasted_lines_are_seen_added_and_taken_back(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Paula")
        page.goto("/inbox")
        paste(page, "\n".join(f"- Task {number} p{number % 4 + 1}" for number in range(50)))
        dialog = page.locator("#lines-dialog")
        expect(dialog.get_by_role("heading", name="Add 50 tasks")).to_be_visible()
        expect(dialog.locator(".chip")).to_have_count(50)
        dialog.get_by_role("checkbox").nth(3).uncheck()
        dialog.get_by_role("button", name="Add the ticked ones").click()
        expect(dialog).to_be_hidden()
        expect(rows(page)).to_have_count(49)
        expect(rows(page).first).to_contain_text("Task 0")
        page.get_by_role("button", name="Undo").last.click()
        expect(rows(page)).to_have_count(0)


def test_ticking_moves_nothing_and_one_undo_takes_all_back(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Tilda")
        fill(page, "One", "Two", "Three", "Four")
        before = rows(page).nth(2).bounding_box()
        rows(page).nth(0).locator(".task-title").click(modifiers=["Shift"])
        assert rows(page).nth(2).bounding_box() == before
        rows(page).nth(2).get_by_role("checkbox").click(modifiers=["Shift"])
        expect(page.locator(".selection-count")).to_have_text("3 selected")
        assert rows(page).nth(2).bounding_box() == before
        page.get_by_role("button", name="All", exact=True).click()
        expect(page.locator(".selection-count")).to_have_text("4 selected")
        page.locator("#bulk-form").get_by_text("Priority", exact=True).click()
        page.get_by_role("button", name="Priority 1, urgent").click()
        expect(page.locator("#list .meta-item[data-priority='1']")).to_have_count(4)
        page.get_by_role("button", name="Undo").last.click()
        expect(page.locator("#list .meta-item[data-priority='1']")).to_have_count(0)


def test_selecting_and_completing_by_keyboard_alone(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Kim")
        fill(page, "One", "Two", "Three")
        page.locator("h1").click()
        for key in ("j", "x", "j", "x"):
            page.keyboard.press(key)
        expect(page.locator(".selection-count")).to_have_text("2 selected")
        page.get_by_role("button", name="Complete", exact=True).focus()
        page.keyboard.press("Enter")
        expect(rows(page)).to_have_count(1)
        page.get_by_role("button", name="Undo").last.focus()
        page.keyboard.press("Enter")
        expect(rows(page)).to_have_count(3)


def test_what_is_told_does_not_hide_the_buttons_for_the_selection(
    browser: Browser, place: Installation
) -> None:
    with window(browser, place, viewport={"width": 1280, "height": 600}) as page:
        sign_up(page, "Kurt")
        for number in range(3):
            add(page, f"Task {number} today", f"Task {number}")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("j")
        page.keyboard.press("x")
        button = page.get_by_role("button", name="Complete", exact=True)
        on_top = """button => {
            const { x, y, width, height } = button.getBoundingClientRect();
            const covering = document.getElementById("toasts").children;
            for (const each of covering) each.style.cssText = `position: fixed; left: ${x}px; top: ${y}px`;
            return button.contains(document.elementFromPoint(x + width / 2, y + height / 2)) && covering.length > 0;
        }"""
        assert button.evaluate(on_top)


def test_a_key_pressed_as_a_list_is_read_again_counts(browser: Browser, place: Installation) -> None:
    """Whoever presses a key between the new rows and the moment in which they are ready must not lose it."""
    with window(browser, place) as page:
        sign_up(page, "Kofi")
        fill(page, "One", "Two")
        page.locator("h1").click()
        page.keyboard.press("j")
        page.evaluate(
            """() => new Promise((pressed) => {
                const press = ({ target }) => {
                    if (target.id !== "list") return;
                    document.removeEventListener("htmx:afterSwap", press);
                    setTimeout(() => {
                        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
                        setTimeout(pressed, 100);
                    });
                };
                document.addEventListener("htmx:afterSwap", press);
                htmx.trigger(document.body, "task-changed", {});
            })"""
        )
        expect(page.locator(".selection-count")).to_have_text("1 selected")
        expect(page.locator("#list .tick-select > input:checked")).to_have_count(1)


def drag(page: Page, what: Locator, to: Locator, arrives: Locator) -> None:
    """Drag something until it ``arrives``: what it is where it belongs, before it is let go.

    Nothing is let go before the page shows that it follows, however slow it is.
    """
    what.scroll_into_view_if_needed()
    for _attempt in range(5):
        what.hover()
        page.mouse.down()
        start = centre(what)
        page.mouse.move(start[0] + 6, start[1] + 6, steps=4)
        try:
            expect(page.locator("[data-dragging]")).to_have_count(1, timeout=2_000)
            break
        except AssertionError:  # the list was replaced between the look and the press
            page.mouse.up()
    there = 0  # looks in a row that found it where it belongs, with the pointer on it: then it stays
    for step in range(200):
        is_there = arrives.is_visible()
        x, y = centre(arrives if is_there else to)
        page.mouse.move(x, y + step % 2, steps=2)
        there = there + 1 if is_there else 0
        if there > 3:
            break
        page.wait_for_timeout(50)
    page.mouse.up()
    expect(page.locator("[data-dragging]")).to_have_count(0)


def centre(what: Locator) -> tuple[float, float]:
    box = what.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def first_row(page: Page, text: str) -> Locator:
    return page.locator("#list .task-row:first-child", has_text=text)


def test_dragging_a_row_and_its_twin_in_the_menu(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Dora")
        fill(page, "One", "Two", "Three")
        third = rows(page).filter(has_text="Three")
        third.hover()
        drag(page, third.locator(".row-handle"), rows(page).filter(has_text="One"), first_row(page, "Three"))
        expect(rows(page).first).to_contain_text("Three")
        wait_until(lambda: "Three" in (page.goto("/inbox") and rows(page).first.inner_text()))
        use(rows(page).first.get_by_label(re.compile("^More for")))
        rows(page).first.get_by_role("button", name="Move down").click()
        expect(rows(page).nth(1)).to_contain_text("Three")
        page.get_by_role("button", name="Undo").last.click()
        expect(rows(page).first).to_contain_text("Three")


def test_dragging_a_card_to_another_column(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Bea")
        fill(page, "One", "Two")
        page.goto("/tasks?layout=board")
        arrived = page.locator("#column-in_progress .board-card", has_text="Two")
        drag(page, page.locator(".board-card", has_text="Two"), page.locator("#column-in_progress"), arrived)
        expect(page.locator("#column-in_progress .board-card")).to_contain_text("Two")
        expect(page.get_by_role("status").filter(has_text="Moved “Two”")).to_be_visible()
        page.get_by_role("button", name="Undo").last.click()
        expect(page.locator("#column-pending .board-card")).to_have_count(2)


def test_many_at_once_without_a_script(browser: Browser, place: Installation) -> None:
    with window(browser, place, java_script_enabled=False) as page:
        sign_up(page, "Nils")
        page.goto("/quick-add")
        page.get_by_role("link", name="Add several at once").click()
        page.get_by_label("Lines").fill("One\nTwo p1\nThree")
        page.get_by_role("button", name="See what they become").click()
        page.get_by_role("button", name="Add the ticked ones").click()
        page.goto("/inbox")
        page.get_by_role("link", name="Select").click()
        for name in ("One", "Two"):
            page.get_by_role("checkbox", name=f"Select: {name}").check()
        page.locator("#bulk-form").get_by_role("button", name="Complete").click()
        expect(rows(page)).to_have_count(1)
        page.get_by_role("button", name="Undo").click()
        page.goto("/inbox")
        expect(rows(page)).to_have_count(3)
