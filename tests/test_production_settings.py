"""The settings of a production installation, checked in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {
    "BASE_URL": "https://todo.example.com",
    "SECRET_KEY": "x7-" + "aB3$" * 16,
    "DATABASE_URL": "postgres://todo:password@localhost:5432/todo",
    "REDIS_URL": "redis://localhost:6379/0",
    "BEHIND_PROXY": "true",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_check_deploy_is_clean():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_there_is_no_default_secret():
    without = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    result = manage("check", **without)
    assert result.returncode != 0
    assert "SECRET_KEY is missing" in result.stderr


def test_the_embedded_default_makes_its_key_once(tmp_path: Path):
    show = ("shell", "--no-imports", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    first = manage(*show, VAR_DIR=str(tmp_path)).stdout
    second = manage(*show, VAR_DIR=str(tmp_path)).stdout
    assert len(first.strip()) >= 50
    assert first == second
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_a_bad_setting_says_what_would_be_right(tmp_path: Path):
    result = manage("check", VAR_DIR=str(tmp_path), EMAIL_CONFIRMATION="maybe")
    assert result.returncode != 0
    assert "'none', 'optional' or 'mandatory'" in result.stderr
