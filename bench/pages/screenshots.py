"""Pictures of every screen in both themes and on a desk and a phone: ``python -m bench.pages.screenshots``."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page

from bench.pages.demo import browser, demo, sign_in

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
QUALITY: Final = 60
SIZES: Final = {1280: 900, 390: 844}
BESIDE: Final = 1024  # pixels from which on a task opens beside its list
LAUNCH: Final = ".task-title:has-text('launch')"
# A name and where it is; "first TEXT" follows the first link that matches.
SCREENS: Final = {
    "today": "/today",
    "inbox": "/inbox",
    "upcoming": "/upcoming",
    "board": "/tasks?layout=board",
    "calendar": "/tasks?layout=calendar",
    "search": "/tasks?q=the",
    "completed": "/completed",
    "task": f"first /upcoming {LAUNCH}",
    "project": "first /projects main a[href^='/projects/']",
    "recurring": "/recurring",
    "recurring-detail": "first /recurring main a[href^='/recurring/']:not([href$='new'])",
    "projects": "/projects",
    "trash": "/trash",
    "statistics": "/statistics",
    "activity": "/activity",
    "notifications": "/notifications",
    "quick-add": "/quick-add?q=Pay%20rent%20every%201st%209am%20%23Home%20p1%20!30m",
    "settings-profile": "/settings/profile",
    "settings-time": "/settings/time",
    "settings-notifications": "/settings/notifications",
    "settings-shortcuts": "/settings/shortcuts",
    "settings-tokens": "/settings/tokens",
    "sessions": "/accounts/sessions/",
    "operations": "/admin/operations",
    "offline": "/offline",
    "not-found": "/nowhere",
}


def take(page: Page, name: str, width: int, theme: str) -> None:
    """Save what the window shows as WebP, which the browser itself writes."""
    page.wait_for_load_state("networkidle")
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}-{width}-{theme}.webp").write_bytes(base64.b64decode(shot["data"]))
    session.detach()


def address(page: Page, where: str) -> str:
    if not where.startswith("first "):
        return where
    _first, path, link = where.split(" ", 2)
    page.goto(path)
    return page.locator(link).last.get_attribute("href") or path


def shoot(context: BrowserContext, width: int, theme: str, wanted: list[str]) -> None:
    page = sign_in(context)
    for name, where in SCREENS.items():
        if wanted and name not in wanted:
            continue
        page.goto(address(page, where))
        take(page, name, width, theme)
    if width >= BESIDE and (not wanted or "panel" in wanted):
        page.goto("/upcoming")
        page.locator(LAUNCH).last.click()
        page.locator("#panel[data-open]").wait_for()
        take(page, "panel", width, theme)
    if not wanted or "palette" in wanted:
        page.goto("/today")
        page.keyboard.press("Control+k")
        page.keyboard.type("re")
        page.wait_for_timeout(500)
        take(page, "palette", width, theme)
    context.clear_cookies()
    for name in ("login", "signup"):
        if not wanted or name in wanted:
            page.goto(f"/accounts/{name}/")
            take(page, name, width, theme)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as place:
        for width, height in SIZES.items():
            for theme in ("light", "dark"):
                size = {"width": width, "height": height}
                with browser(place, viewport=size, color_scheme=theme) as context:
                    shoot(context, width, theme, sys.argv[1:])


if __name__ == "__main__":
    main()
