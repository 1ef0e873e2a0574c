"""The pages of the API in a real browser, under the strict security policy: ``page`` fails on any violation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.installation import Installation

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(page: Page, place: Installation) -> Iterator[Page]:
    """The page of somebody who has just signed up. No request of it leaves this machine."""
    elsewhere: list[str] = []

    def note(url: str) -> None:
        if not url.startswith((place.url, "data:", "blob:")):
            elsewhere.append(url)

    page.on("request", lambda request: note(request.url))
    page.goto("/accounts/signup/")
    page.locator("[name=email]").fill("olga@example.com")
    page.locator("[name=password1]").fill("correct horse battery")
    page.locator("[name=display_name]").fill("Olga")
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "signup" not in url)
    yield page
    assert elsewhere == []


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
