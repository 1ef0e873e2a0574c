"""A real browser, a real server and a real stack for the journeys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from deploy.local.stack import Stack
from tests.installation import Installation, installation
from tests.real_stack import new_stack

HOW_TO_GET_IT = "Chromium is not installed: `make browser` gets it, or set CHROMIUM to its path."
PATIENCE_MS = 30_000  # how long a test waits for what has to come: a busy machine is slow, not wrong
# Chromium must not look for the outside world: the pages come from this machine alone.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The path of the browser. Skips, loudly, where there is none; in CI that is a failure."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(HOW_TO_GET_IT)
    if found is None:
        pytest.skip(HOW_TO_GET_IT)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; its mails are files in ``mails``."""
    folder = tmp_path_factory.mktemp("installation")
    mails = folder / "mails"
    with installation(folder, EMAIL_URL=f"filemail:///{mails}", SCHEDULER_INTERVAL_SECONDS="0.2") as running:
        running.start()
        yield running


def mails(place: Installation) -> list[str]:
    """What was sent so far, the oldest first."""
    folder = place.folder / "mails"
    files = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime) if folder.exists() else []
    return [path.read_text() for path in files]


def screenshots() -> Path | None:
    """Where pictures are kept, where somebody asked for them (``SCREENSHOTS=folder``)."""
    folder = os.environ.get("SCREENSHOTS")
    return Path(folder) if folder else None


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """All five roles on PostgreSQL, Redis, Kafka and daprd. Who stops something of it starts it again."""
    with new_stack() as made:
        made.up()
        yield made
