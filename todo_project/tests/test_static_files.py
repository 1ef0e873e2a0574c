"""What is served as it lies in the repository: vendored files, scripts, icons, templates."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
VENDORED = re.findall(
    r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", (STATIC / "vendor/VENDOR.md").read_text(), re.M
)
LOAD = 80_000  # bytes, compressed: what a page may ask a browser to read the first time, all scripts together
# Mail programs know no stylesheet, the page for a failure of ours may not need one, and ReDoc brings its own.
STYLED_INSIDE = {"mail", "500.html", "redoc.html"}


@pytest.mark.parametrize(("name", "digest"), VENDORED)
def test_vendored_file_is_what_its_author_published(name: str, digest: str) -> None:
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_every_vendored_file_is_listed() -> None:
    lying_there = {f"{path.parent.name}/{path.name}" for path in STATIC.glob("vendor/*.js")}
    lying_there |= {f"fonts/{path.name}" for path in STATIC.glob("fonts/*.woff2")}

    assert lying_there == {name for name, _ in VENDORED}


def test_stylesheet_and_scripts_are_a_light_load() -> None:
    sent = [STATIC / "app.css", *STATIC.glob("js/*.js"), *STATIC.glob("vendor/*.js")]

    assert sum(len(gzip.compress(path.read_bytes())) for path in sent) <= LOAD


def test_own_scripts_stay_small_and_need_no_eval() -> None:
    scripts = {path.name: path.read_text() for path in STATIC.glob("js/*.js")}

    for name, text in scripts.items():
        assert len(text.splitlines()) <= 130, name
        assert not re.search(r"\beval\(|new Function|innerHTML|setTimeout\(\s*[\"'`]", text), name


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'{% icon "([^"]+)"|image="([^"]+)"', path.read_text())
        for name in name
        if name
    }

    assert named
    assert named <= sprite


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_keeps_to_the_content_security_policy(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\son[a-z]+=|hx-on|hx-vals=[\"']js:|javascript:", text)
    if not STYLED_INSIDE & {path.name, path.parent.name}:
        assert not re.search(r"<style|\sstyle=", text)
