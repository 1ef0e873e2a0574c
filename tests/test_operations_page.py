"""The operations page in a real browser: figures that renew themselves, and many dead letters at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Cookie, Page, expect

from tests.accessibility import violations
from tests.conftest import PATIENCE_MS
from tests.installation import Installation
from tests.waiting import wait_until
from todo_project.letter_work import PORTION

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("operations-page"),
    pytest.mark.timeout(300),
]
PAGE = "/admin/operations/"
MANY = PORTION + 5
LETTERS = """
    INSERT INTO events_deadletter (consumer, event_id, type, envelope, error, attempts, state, reason, created_at)
    SELECT 'audit', event_id, type, envelope, 'ValueError: it was full', 9, 'dead', '', created_at
    FROM events_outboxevent WHERE type = 'task.created'"""


@pytest.fixture(scope="module")
def session(browser: Browser, place: Installation) -> list[Cookie]:
    """The session of the first account, the staff owner, and as many events as take two portions."""
    with browser.new_context(base_url=place.url) as context:
        page = context.new_page()
        page.goto("/accounts/signup/")
        page.locator("[name=email]").fill("boss@example.com")
        page.locator("[name=password1]").fill("correct horse battery")
        page.locator("[name=display_name]").fill("Boss")
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "signup" not in url)
        token = place.token("tess@example.com", "tasks:write")
        for number in range(MANY):
            place.request("POST", "/api/tasks", {"title": f"Task {number}"}, token)
        wait_until(
            lambda: logged(place) == MANY
        )  # a dead letter whose event is handled after all is none any more
        return context.cookies()


def logged(place: Installation) -> int:
    return int(place.rows("SELECT count(*) FROM events_taskeventlog WHERE type = 'task.created'")[0][0])


@pytest.fixture
def dead(session: list[Cookie], place: Installation) -> None:
    """A dead letter of each of these events."""
    place.database.execute("DELETE FROM events_deadletter", LETTERS)


def desk(browser: Browser, place: Installation, session: list[Cookie], **options: object) -> Page:
    context = browser.new_context(base_url=place.url, **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(session)  # type: ignore[arg-type]
    return context.new_page()


@pytest.fixture
def page(browser: Browser, place: Installation, session: list[Cookie]) -> Iterator[Page]:
    """A script error, or anything that the policy refused, fails the test."""
    complaints: list[str] = []
    page = desk(browser, place, session)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    page.context.close()
    assert complaints == []


def choose_all(page: Page) -> None:
    page.goto(PAGE)
    page.locator("select[name=consumer]").select_option("audit")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page).to_have_url(re.compile("consumer=audit"))
    page.get_by_role("checkbox", name=f"All {MANY} that the filter finds").check()


def in_state(place: Installation, *states: str) -> int:
    marks = ", ".join(f"'{state}'" for state in states)
    return int(place.rows(f"SELECT count(*) FROM events_deadletter WHERE state IN ({marks})")[0][0])


@pytest.mark.usefixtures("dead")
def test_all_that_a_filter_finds_is_requeued_a_portion_after_the_other(
    page: Page, place: Installation
) -> None:
    choose_all(page)
    page.get_by_role("button", name="Requeue").click()
    expect(page.get_by_text(f"{MANY} letters requeued.")).to_be_visible()
    expect(page.locator("#letters-title .count")).to_have_text("0")
    # Or what is on its way would resolve the letters that the next test makes of the same events.
    wait_until(lambda: in_state(place, "resolved") == MANY)


@pytest.mark.usefixtures("dead")
def test_without_a_script_a_button_goes_on_and_the_page_says_how_far_it_is(
    browser: Browser, place: Installation, session: list[Cookie]
) -> None:
    page = desk(browser, place, session, java_script_enabled=False)
    choose_all(page)
    page.get_by_label("Why they are discarded").fill("The disk was full")
    page.get_by_role("button", name="Discard").click()
    progress = page.get_by_role("progressbar", name="Dead letters")
    expect(progress).to_have_attribute("value", str(PORTION))
    expect(progress).to_have_attribute("max", str(MANY))
    expect(page.get_by_role("status").filter(has_text=f"{PORTION} letters discarded.")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(f"{MANY} letters discarded.")).to_be_visible()
    page.context.close()
    assert in_state(place, "discarded") == MANY


@pytest.mark.usefixtures("dead")
def test_the_figures_renew_themselves_and_leave_what_one_ticks(page: Page, place: Installation) -> None:
    page.goto(PAGE)
    tile = page.locator(".tile", has_text="Dead letters").locator("dd").first
    expect(tile).to_have_text(str(MANY))
    page.locator("[name=letter]").first.check()
    place.database.execute("UPDATE events_deadletter SET state = 'resolved'")
    expect(tile).to_have_text("0")
    expect(page.locator("[name=letter]").first).to_be_checked()


@pytest.mark.usefixtures("dead")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(
    browser: Browser, place: Installation, session: list[Cookie], scheme: str, width: int
) -> None:
    page = desk(browser, place, session, viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = {path: violations(page, path) for path in (PAGE, f"{PAGE}?state=discarded")}
    assert {path: rules for path, rules in found.items() if rules} == {}
    page.context.close()
