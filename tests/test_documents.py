"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from events.types import EVENT_TYPES

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "todo_project/settings.py").read_text()))
OUR_APPS = {"todo_project", "accounts", "tasks", "events", "notifications"}
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def text(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_setting_is_documented():
    assert len(SETTINGS) > 20
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", text("docs/configuration.md"), re.MULTILINE))
    assert documented == SETTINGS


def test_every_setting_is_in_the_example():
    assert set(re.findall(r"^#([A-Z_]+)=", text(".env.example"), re.MULTILINE)) == SETTINGS


def test_every_event_type_is_documented():
    documented = text("docs/architecture.md")
    assert [name for name in EVENT_TYPES if f"`{name}`" not in documented] == []


def test_every_command_is_documented():
    ours = {name for name, app in get_commands().items() if app in OUR_APPS}
    documented = text("docs/operations.md")
    assert [name for name in sorted(ours) if f"manage.py {name}" not in documented] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text())
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_exist(document: Path):
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
    assert named <= targets


def test_requirements_are_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line for line in text(name).splitlines() if line and not line.startswith(("#", "-r"))]
        pinned = r"[\w.-]+(\[[\w,-]+\])?==[\w.]+(; python_full_version < \"[\d.]+\")?"
        assert [line for line in lines if not re.fullmatch(pinned, line)] == []
