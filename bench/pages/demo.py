"""An installation of its own with the demo's account, and a browser that is signed in to it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.installation import Installation, installation

EMAIL, PASSWORD = "demo@example.com", "correct horse battery staple"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def demo() -> Iterator[Installation]:
    with (
        tempfile.TemporaryDirectory(prefix="todo-pages-") as folder,
        installation(Path(folder) / "var", SCHEDULER_INTERVAL_SECONDS="0.5") as place,
    ):
        place.manage("seed_demo", "--email", EMAIL, "--time-zone", "Europe/Berlin")
        place.manage(
            "shell",
            "-c",
            f"from accounts.models import User; user = User.objects.get(email={EMAIL!r}); "
            f"user.set_password({PASSWORD!r}); user.save()",
        )
        place.start()
        yield place


def chromium() -> str:
    """The path of the browser. Raises SystemExit where there is none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("Chromium is not installed: `make browser` gets it, or set CHROMIUM to its path.")
    return found


@contextmanager
def browser(place: Installation, *arguments: str, **options: Any) -> Iterator[BrowserContext]:
    """A browser with a profile of its own. ``options`` are Playwright's for the context."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="todo-profile-") as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            args=[*ARGUMENTS, *arguments],
            base_url=place.url,
            locale="en-GB",
            timezone_id="Europe/Berlin",
            **options,
        )
        yield context
        context.close()


def sign_in(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/today")
    return page
