"""Scores of Today, a task and the settings, as a phone gets them: ``python -m bench.pages.lighthouse``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from bench.pages.demo import browser, demo, sign_in
from bench.report import report
from tests.installation import free_port

VERSION: Final = "12.8.2"
FOLDER: Final = Path(__file__).resolve().parents[2] / "var" / "lighthouse"
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
GOAL: Final = 95


def tool() -> Path:
    """Lighthouse, fetched once. Raises SystemExit without npm."""
    found = FOLDER / VERSION / "node_modules" / ".bin" / "lighthouse"
    if not found.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("npm is not installed: `apt-get install npm` gets it.")
        prefix = ["--prefix", str(found.parents[2])]
        subprocess.run(
            [npm, "install", "--silent", "--no-fund", *prefix, f"lighthouse@{VERSION}"], check=True
        )
    return found


def scores(url: str, port: int) -> dict[str, float]:
    """The four scores of a page, 0 to 100, in the browser that listens on ``port``. Says what costs points."""
    command = [str(tool()), url, f"--port={port}", "--disable-storage-reset", "--output=json", "--quiet"]
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "CI": "1"})
    answer: dict[str, Any] = json.loads(done.stdout)
    assert answer["finalDisplayedUrl"] == url, "the page asked to sign in"
    for name in CATEGORIES:
        for part in answer["categories"][name]["auditRefs"]:
            audit = answer["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                print(f"  {name}: {audit['title']} {audit.get('displayValue', '')}")
    return {name: round(100 * answer["categories"][name]["score"]) for name in CATEGORIES}


def main() -> None:
    figures: dict[str, float] = {}
    port = free_port()
    with demo() as place, browser(place, f"--remote-debugging-port={port}") as context:
        page = sign_in(context)
        task = page.locator(".task-row a.task-title").first.get_attribute("href") or ""
        for name, path in (("today", "/today"), ("task", task), ("settings", "/settings/profile")):
            print(path)
            for category, score in scores(f"{place.url}{path}", port).items():
                figures[f"{name} {category}"] = score
    report("lighthouse", figures, dict.fromkeys(figures, (">=", GOAL)))


if __name__ == "__main__":
    main()
