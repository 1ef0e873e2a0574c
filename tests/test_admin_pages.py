"""The admin in a real browser, under our Content-Security-Policy: what the admin's own scripts do works, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Cookie, Page, expect

from tests.conftest import PATIENCE_MS
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.xdist_group("admin-pages")]
BOSS = "boss@example.com"


@pytest.fixture(scope="module")
def session(browser: Browser, place: Installation) -> list[Cookie]:
    """The session of the installation's first account, which is its staff owner."""
    with browser.new_context(base_url=place.url) as context:
        page = context.new_page()
        page.goto("/accounts/signup/")
        page.locator("[name=email]").fill(BOSS)
        page.locator("[name=password1]").fill("correct horse battery")
        page.locator("[name=display_name]").fill("Boss")
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "signup" not in url)
        return context.cookies()


@pytest.fixture
def desk(browser: Browser, place: Installation, session: list[Cookie]) -> Iterator[Page]:
    """The admin's first page. A script error, a missing file or anything that the policy refused fails the test."""
    complaints: list[str] = []
    with browser.new_context(base_url=place.url, viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(session)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto("/admin/")
        expect(page.get_by_role("heading", name="Support", exact=True)).to_be_visible()
        yield page
    assert complaints == []


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def choose(page: Page, field: str, words: str) -> None:
    """Pick a row in a field that searches as one types."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").fill(words)
    page.locator(".select2-results__option--highlighted", has_text=words).click()


def test_a_task_is_made_with_the_widgets_found_and_deleted(desk: Page) -> None:
    desk.goto("/admin/tasks/task/add/")
    desk.get_by_label("Title:").fill("Pay rent")
    choose(desk, "project", "Inbox")
    desk.locator(".field-due_on .datetimeshortcuts a", has_text="Today").click()
    desk.locator(".field-due_on #calendarlink0").click()
    desk.locator("#calendarbox0 .calendar td:not(.nonday) a", has_text="15").click()
    desk.locator(".field-due_time #clocklink0").click()
    desk.locator("#clockbox0").get_by_text("Noon").click()
    assert desk.get_by_label("Due on:").input_value().endswith("-15")
    assert desk.get_by_label("Due time:").input_value() == "12:00:00"
    save(desk)

    desk.locator("#searchbar").fill("RENT")
    desk.get_by_role("button", name="Search").click()
    expect(desk.get_by_role("link", name="Pay rent")).to_be_visible()
    desk.locator("#changelist-filter summary", has_text="status").click()
    desk.locator("#changelist-filter summary", has_text="status").click()
    desk.locator("#changelist-filter").get_by_role("link", name="Pending").click()
    desk.locator("#action-toggle").check()
    expect(desk.locator(".action-counter")).to_have_text("1 of 1 selected")
    desk.get_by_label("Action:").select_option("delete_selected")
    desk.get_by_role("button", name="Go").click()
    expect(desk.get_by_text("Move 1 task to the trash?")).to_be_visible()
    desk.get_by_role("link", name="No, take me back").click()
    expect(desk.locator("#searchbar")).to_be_visible()


def test_a_tasks_page_restores_and_leads_to_its_history(desk: Page, place: Installation) -> None:
    desk.goto("/admin/tasks/task/add/")
    desk.get_by_label("Title:").fill("Water the plants")
    choose(desk, "project", "Inbox")
    save(desk)
    desk.get_by_role("link", name="Water the plants").first.click()
    desk.get_by_role("link", name="Delete", exact=True).click()
    desk.get_by_role("button", name="Move to the trash").click()
    desk.locator("#changelist-filter").get_by_role("link", name="In the trash").click()
    desk.locator("#result_list").get_by_role("link", name="Water the plants").click()
    desk.get_by_role("button", name="Restore").click()
    expect(desk.locator(".messagelist .success")).to_have_text("Restored: Water the plants.")
    desk.locator(".object-tools").get_by_role("link", name="Events").click()
    restored = desk.locator("#result_list tbody tr", has_text="task.restored")
    for _ in range(50):  # the event may still be on its way to the log
        if restored.count():
            break
        desk.wait_for_timeout(100)
        desk.reload()
    restored.locator("th a").click()
    expect(desk.locator(".field-whole pre")).to_contain_text('"specversion": "1.0"')
    expect(desk.locator(".field-whole pre")).to_have_css("white-space", "pre-wrap")


def test_rights_and_members_are_chosen(desk: Page) -> None:
    desk.goto("/admin/accounts/user/add/")
    desk.get_by_label("Email:").fill("nora@example.com")
    desk.get_by_role("button", name="Save and continue editing").click()
    desk.locator("#id_user_permissions_input").press_sequentially("dead letter")
    desk.locator("#id_user_permissions_add_all").click()
    expect(desk.locator("#id_user_permissions_to option")).to_have_count(4)
    save(desk)

    desk.goto("/admin/tasks/project/add/")
    desk.get_by_label("Name:").fill("Garden")
    choose(desk, "owner", "nora@example.com")
    desk.get_by_role("button", name="Save and continue editing").click()
    desk.get_by_text("Add another New member").click()
    choose(desk, "user", BOSS)
    desk.locator("#id_memberships-2-0-role").select_option("viewer")
    save(desk)


PAGES = [
    "accounts/apitoken",
    "admin/logentry",
    "auth/group",
    "tasks/recurringtask",
    "tasks/reminder",
    "events/taskeventlog",
    "events/projecteventlog",
    "events/usereventlog",
    "events/outboxevent",
    "events/consumerposition",
    "events/relaycursor",
    "events/deadletter",
    "notifications/notification",
    "notifications/delivery",
    "notifications/preference",
]


def test_every_list_opens(desk: Page) -> None:
    for path in PAGES:
        answer = desk.goto(f"/admin/{path}/")
        assert answer is not None
        assert answer.status == 200
        expect(desk.locator("#changelist")).to_be_visible()
