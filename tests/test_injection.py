"""Markup in every text field of every page stays text: no dialog, no node of it, wherever it is shown again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.installation import Installation
from tests.test_journey import PAGES, add, sign_up, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.looks,
    pytest.mark.xdist_group("browser"),
    pytest.mark.timeout(600),
]

MARKUP = "\"'><img src=x-probe onerror=alert(1)><svg onload=alert(2)></svg><a href=javascript:alert(3)>x</a>"
DESCRIPTION = (
    f"{MARKUP}\n\n[click](javascript:alert(4)) ![i](x onerror=alert(5)) "
    "<iframe srcdoc='<script>alert(6)</script>'>"
)
TEXT = "input[type=text], input[type=search], input:not([type]), textarea"
INJECTED = """() => [...document.querySelectorAll(
    "img[src='x-probe'], [onerror], [onload], iframe, a[href^='javascript']"
)].map((node) => node.outerHTML)"""


def injected(page: Page) -> list[str]:
    """The nodes that came of the markup; asked again where the page was just being left."""
    try:
        return list(page.evaluate(INJECTED))
    except Error:
        page.wait_for_load_state()
        return list(page.evaluate(INJECTED))


def attack(page: Page, path: str) -> int:
    """Fill and send each form of a page that takes text. Returns how many there were."""
    page.goto(path)
    forms = page.locator("form", has=page.locator(TEXT)).count()
    for number in range(forms):
        page.goto(path)
        form = page.locator("form", has=page.locator(TEXT)).nth(number)
        if not form.is_visible():
            continue
        for field in form.locator(TEXT).all():
            if field.is_visible() and field.is_editable():
                field.fill(MARKUP[: int(field.get_attribute("maxlength") or 1000)])
        form.evaluate("form => form.noValidate = true")
        form.evaluate("form => form.requestSubmit()")
        page.wait_for_timeout(300)
        assert injected(page) == [], f"{path}, form {number}"
    return forms


def test_markup_stays_text_in_every_field(browser: Browser, place: Installation) -> None:
    with window(browser, place) as page:
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        sign_up(page, "Xenia")
        add(page, "Plain task today #Plain", "Plain task")
        page.goto("/tasks")
        task = page.locator(".task-row a.task-title").first.get_attribute("href") or ""
        project = page.locator("nav.sidebar a[href^='/projects/']").first.get_attribute("href") or ""
        parts = [f"{task}/properties/{name}/edit" for name in ("title", "tags", "due", "reminders")]
        pages = [page for page in PAGES if "password" not in page and "email" not in page]
        targets = [*pages, task, *parts, project, f"{project}/edit"]
        assert sum(attack(page, path) for path in targets) > len(targets)

        page.goto(f"{task}/properties/description/edit")
        page.locator("main textarea[name=description]").fill(DESCRIPTION)
        page.locator("main form:has(textarea[name=description])").evaluate("form => form.requestSubmit()")
        page.wait_for_url(f"**{task}")
        page.goto("/today")
        page.keyboard.press("Control+k")
        page.locator("#palette-input").fill("<img src=x-probe")
        page.wait_for_timeout(500)
        assert injected(page) == []
        for path in (*targets, task, "/quick-add", "/tasks?q=%3Cimg%20src%3Dx-probe%20onerror%3Dalert(1)%3E"):
            page.goto(path)
            page.wait_for_timeout(100)
            assert injected(page) == [], path
        assert dialogs == []
        rows = place.rows("SELECT count(*) FROM tasks_task WHERE title LIKE ?", "%x-probe%")
        assert rows[0][0] >= 1, "what was typed was kept as it is"
