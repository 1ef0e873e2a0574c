"""The pages of the API in a real browser, under the strict security policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PATIENCE_MS
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.xdist_group("api-pages")]


@pytest.fixture
def signed_in(browser: Browser, place: Installation) -> Iterator[Page]:
    """The page of somebody who has just signed up. What fails, is refused, or leaves this machine fails the test."""
    complaints: list[str] = []

    def note_request(url: str) -> None:
        if not url.startswith((place.url, "data:", "blob:")):
            complaints.append(f"A request to {url}")

    with browser.new_context(base_url=place.url) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Policy" in line.text else None)
        page.on("request", lambda request: note_request(request.url))
        page.goto("/accounts/signup/")
        page.locator("[name=email]").fill("olga@example.com")
        page.locator("[name=password1]").fill("correct horse battery")
        page.locator("[name=display_name]").fill("Olga")
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "signup" not in url)
        yield page
    assert complaints == []


def test_swagger_redoc_and_the_browsable_pages(signed_in: Page) -> None:
    signed_in.goto("/docs")
    operation = signed_in.locator("#operations-tasks-create_task")
    expect(operation).to_contain_text("Create task")
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.locator("textarea").fill('{"title": "From the documentation"}')
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_contain_text("201")

    signed_in.goto("/redoc")
    expect(signed_in.get_by_role("heading", name="Create task")).to_be_visible()
    signed_in.get_by_placeholder("Search...").fill("preview")
    expect(signed_in.get_by_role("menuitem", name="Preview recurring task").first).to_be_visible()

    signed_in.goto("/api/tasks")
    expect(signed_in).to_have_title("Task List – Todo API")
    expect(signed_in.locator(".response-info")).to_contain_text("From the documentation")
    signed_in.locator("[name=_content]").fill('{"title": "From the browsable page"}')
    signed_in.get_by_role("button", name="POST").click()
    expect(signed_in.locator(".response-info")).to_contain_text("HTTP 201")

    signed_in.goto("/api/tasks?sort_by=owner")
    expect(signed_in.locator(".response-info")).to_contain_text("HTTP 400")
    expect(signed_in.locator(".response-info")).to_contain_text("Give one of: due_date")
