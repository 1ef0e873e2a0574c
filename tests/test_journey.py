"""The main job from end to end, as people do it: in a browser, through the API, in the admin."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.accessibility import violations
from tests.conftest import PATIENCE_MS, mails, screenshots
from tests.installation import Installation
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

PASSWORD = "correct horse battery staple"
PAGES = (
    "/today",
    "/inbox",
    "/upcoming",
    "/completed",
    "/tasks?q=plants&sort=title",
    "/tasks?q=due:never&group=project",
    "/tasks?layout=board",
    "/tasks?layout=calendar",
    "/inbox?select=1",
    "/filters",
    "/quick-add/lines",
    "/recurring",
    "/recurring/new",
    "/projects",
    "/trash",
    "/notifications",
    "/activity",
    "/statistics",
    "/statistics?period=year",
    "/settings/profile",
    "/settings/time",
    "/settings/notifications",
    "/settings/tokens",
    "/accounts/sessions/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/nowhere",
)


def midday_zone() -> str:
    """A zone in which it is neither late nor early now, so that ten minutes from now is still today."""
    zones = ("Europe/Berlin", "America/New_York", "Asia/Tokyo")
    return next(zone for zone in zones if 3 <= datetime.now(ZoneInfo(zone)).hour <= 22)


@contextmanager
def window(browser: Browser, place: Installation, **options: object) -> Iterator[Page]:
    """A browser window of its own. A script error or a refused resource fails the test."""
    settings = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": midday_zone()}
    context = browser.new_context(base_url=place.url, **{**settings, **options})  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if _is_complaint(line.text) else None)
    yield page
    context.close()
    assert complaints == []


def _is_complaint(text: str) -> bool:
    return "Content Security Policy" in text or "hx-" in text or "Uncaught" in text


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(f"{name.lower()}@example.com")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(re.compile("/today$"))
    page.wait_for_load_state()  # what is typed before the scripts are there has no chips


def add(page: Page, line: str, title: str) -> None:
    page.goto("/today")
    page.locator("#quick-add-line").fill(line)
    page.locator("#quick-add-line").press("Enter")
    expect(page.locator("#quick-add-line")).to_have_value("")  # it was taken
    expect(page.get_by_text(title).first).to_be_visible()


READ_AGAIN = """new Promise((done) => {
    document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "list" && done());
    htmx.trigger(document.body, "task-changed", {});
})"""


def read_again(page: Page) -> None:
    """Let the list read itself again, as after a change elsewhere."""
    page.evaluate(READ_AGAIN)


def use(control: Locator) -> None:
    """Press what a row shows only under the pointer: a list that is read again forgets the pointer until it moves."""
    control.press("Enter")


def picture(page: Page, name: str) -> None:
    if folder := screenshots():
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")


def weekly_line() -> str:
    """A weekly task that is due in ten minutes with a reminder half an hour before: it fires at once."""
    due = datetime.now(ZoneInfo(midday_zone())) + timedelta(minutes=10)
    return f"Water the plants every week {due:%H:%M} !30m #Home @plants p2"


def test_the_main_job(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Olga")
        page.locator("#quick-add-line").fill(weekly_line())
        expect(page.locator("#quick-add-preview")).to_contain_text("Every week")
        picture(page, "quick-add")
        page.locator("#quick-add-line").press("Enter")
        row = page.locator(".task-row", has_text="Water the plants")
        expect(row).to_contain_text("Every week")

        _reminder_comes(page, place)

        page.goto("/today")
        row.get_by_role("button", name=re.compile("^Complete")).click()
        expect(page.get_by_role("status").filter(has_text="Undo").first).to_be_visible()
        wait_until(
            lambda: place.rows("SELECT count(*) FROM tasks_task WHERE title = 'Water the plants'") == [(2,)]
        )
        page.goto("/upcoming")
        expect(page.locator(".task-row", has_text="Water the plants")).to_have_count(1)
        page.goto("/completed")
        page.get_by_role("link", name="Water the plants", exact=True).click()
        page.get_by_role("link", name="Show the history").scroll_into_view_if_needed()
        history = page.locator(".timeline")
        expect(history).to_contain_text("Olga completed")
        expect(history).to_contain_text("Olga added the task")
        expect(history).to_contain_text("web")
        _staff_see_it(page)
        _the_same_by_the_api(page, place)


def _reminder_comes(page: Page, place: Installation) -> None:
    wait_until(lambda: [mail for mail in mails(place) if "Water the plants" in mail])
    message = email.message_from_string(
        next(mail for mail in mails(place) if "Water the plants" in mail), policy=email.policy.default
    )
    assert "olga@example.com" in message["To"]
    assert "One-Click" in message["List-Unsubscribe-Post"]
    assert {part.get_content_type() for part in message.walk()} >= {"text/plain", "text/html"}
    page.goto("/notifications")
    entry = page.locator("main").get_by_role("link", name="Water the plants")
    expect(entry).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("1 unread"))).to_be_visible()
    picture(page, "notifications")
    entry.press("Enter")
    expect(page).to_have_url(re.compile("/tasks/"))
    expect(page.get_by_role("link", name=re.compile("1 unread"))).to_have_count(0)


def _staff_see_it(page: Page) -> None:
    page.goto("/admin/events/taskeventlog/")
    expect(page.locator("#result_list")).to_contain_text("task.completed")
    page.goto("/admin/tasks/task/?q=plants")
    expect(page.locator("#result_list")).to_contain_text("Water the plants")


def _the_same_by_the_api(page: Page, place: Installation) -> None:
    page.goto("/settings/tokens")
    page.get_by_role("textbox", name="Name").fill("Test")
    page.get_by_role("checkbox", name=re.compile("Change tasks and projects")).check()
    page.get_by_role("button", name="Create token").click()
    token = page.locator("#secret").inner_text()
    status, listed = place.request("GET", "/api/tasks?status=pending&search=PLANTS", token=token)
    assert (status, listed["total"]) == (200, 1)
    task = listed["items"][0]
    status, done = place.request("POST", f"/api/tasks/{task['id']}/complete", token=token)
    assert status == 200
    assert done["completed_at"]
    path = f"/api/tasks/{task['id']}/history"
    wait_until(lambda: "task.completed" in str(place.request("GET", path, token=token)[1]))
    latest = place.request("GET", path, token=token)[1]["items"][0]
    assert (latest["type"], latest["actor"]["name"], latest["actor"]["via"]) == (
        "task.completed",
        "Olga",
        "api",
    )
    wait_until(lambda: place.request("GET", "/api/tasks?status=pending", token=token)[1]["total"] == 1)


def test_undo_after_completing_and_deleting(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        sign_up(page, "Udo")
        add(page, "Buy stamps", "Buy stamps")
        row = page.locator(".task-row", has_text="Buy stamps")
        row.get_by_role("button", name=re.compile("^Complete")).click()
        page.get_by_role("button", name="Undo").first.click()
        expect(row.get_by_role("button", name=re.compile("^Complete"))).to_be_visible()
        use(row.get_by_role("button", name=re.compile("^Move to trash")))
        expect(row).to_have_count(0)
        page.get_by_role("button", name="Undo").last.click()
        expect(row).to_have_count(1)


def test_without_javascript(browser: Browser, place: Installation) -> None:
    with window(browser, place, java_script_enabled=False) as page:
        sign_up(page, "Nora")
        add(page, "Call the landlord tomorrow 4pm p1", "Call the landlord")
        page.goto("/upcoming")
        page.get_by_role("link", name="Call the landlord", exact=True).click()
        address = page.url
        page.get_by_role("link", name=re.compile("rename$")).click()
        page.locator("[name=title]").fill("Call the landlord about the boiler")
        page.locator("main form:has([name=title])").get_by_role("button", name="Save").click()
        page.goto(address)
        expect(page.locator("h1")).to_contain_text("about the boiler")
        page.goto("/upcoming")
        page.get_by_role("button", name=re.compile("^Complete")).click()
        page.get_by_role("button", name="Undo").click()
        page.goto("/upcoming")
        expect(page.get_by_role("button", name=re.compile("^Complete"))).to_have_count(1)


@pytest.mark.looks
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Browser, place: Installation, scheme: str, width: int) -> None:
    size = {"width": width, "height": 900}
    with window(browser, place, viewport=size, color_scheme=scheme) as page:
        sign_up(page, f"Axel{scheme}{width}")
        for line in (
            weekly_line(),
            "Send invoice 1042 p1 #Website",
            "Book the dentist",
            "Pay rent every 1st 9am p3",
        ):
            add(page, line, line.split(" every")[0].split(" p1")[0])
        page.get_by_role("button", name=re.compile("^Complete: Book")).click()
        expect(page.get_by_role("status").filter(has_text="Undo").first).to_be_visible()
        page.goto("/tasks")
        task = page.locator(".task-row a.task-title").first.get_attribute("href") or ""
        page.goto("/projects")
        project = page.locator("main a[href^='/projects/']").first.get_attribute("href") or ""
        page.goto("/recurring")
        series = (
            page.locator("main a[href^='/recurring/']:not([href$='new'])").first.get_attribute("href") or ""
        )
        shared = (f"{project}/sharing", f"{project}/history")
        found = {path: violations(page, path) for path in (*PAGES, task, project, series, *shared)}
        assert {path: rules for path, rules in found.items() if rules} == {}
    with window(browser, place, viewport=size, color_scheme=scheme) as page:
        strangers = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
        assert [violations(page, path) for path in strangers] == [[], [], []]


@pytest.mark.looks
def test_long_names_fit_on_a_phone(browser: Browser, place: Installation) -> None:
    with window(browser, place, viewport={"width": 360, "height": 740}) as page:
        sign_up(page, "LongestNameOfAll1234567890")
        page.goto("/projects")
        page.locator("[name=name]").fill("P" * 120)
        page.locator("main form:has([name=name])").get_by_role("button").click()
        expect(page.locator("h1")).to_contain_text("PPP")
        page.locator("#quick-add-line").fill("T" * 200)
        page.locator("#quick-add-line").press("Enter")
        expect(page.locator(".task-row")).to_have_count(1)
        page.goto("/tasks")
        expect(page.locator(".task-row")).to_have_count(1)
        project = page.locator(".task-row .project-label")
        assert (project.bounding_box() or {"width": 360})["width"] < 180
        task = page.locator(".task-title").get_attribute("href") or ""
        addresses = ("/tasks", "/today", "/projects", "/accounts/email/", "/settings/profile", task)
        assert {path for path in addresses if scrolls_sideways(page, path)} == set()


def scrolls_sideways(page: Page, path: str) -> bool:
    page.goto(path)
    return bool(page.evaluate("document.documentElement.scrollWidth > 360"))
