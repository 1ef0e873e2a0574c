"""What all scripts of deploy/scripts have in common."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from deploy.tests.standins import SCRIPTS, Standins

pytestmark = pytest.mark.delivery

SHARED = {"lib.sh", "postgres.sh"}
NAMES = sorted({file.name for file in SCRIPTS.glob("*.sh")} - SHARED)
URL = {"DATABASE_URL": "postgres://todo:s3cret@db.example:5432/todo"}
# The least that each must be told.
ARGUMENTS = {
    "backup.sh": ("--to", "/nonexistent/backups"),
    "deploy.sh": ("dev",),
    "setup-doks.sh": ("dev", "--state-bucket", "state"),
    "smoke-test.sh": ("https://todo.example.com",),
}


@pytest.fixture
def standins(tmp_path: Path) -> Standins:
    return Standins(tmp_path)


def arguments_of(name: str, tmp_path: Path) -> tuple[str, ...]:
    if name != "restore.sh":
        return ARGUMENTS.get(name, ())
    (tmp_path / "todo.dump").write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (tmp_path / "todo.json").write_text(
        f'{{"format": 1, "file": "todo.dump", "sha256": "{empty}", "encryption": "none"}}'
    )
    return ("--from", str(tmp_path / "todo.json"))


def test_all_are_there():
    assert NAMES == [
        "backup.sh",
        "cleanup.sh",
        "deploy.sh",
        "install-dapr.sh",
        "install-kafka.sh",
        "restore.sh",
        "setup-doks.sh",
        "setup-monitoring.sh",
        "smoke-test.sh",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_run_and_explains_itself(name: str, standins: Standins):
    assert os.access(SCRIPTS / name, os.X_OK)
    result = standins.run(name, "--help")
    assert result.returncode == 0
    assert name in result.stdout
    assert standins.calls == []


@pytest.mark.parametrize("name", NAMES)
def test_help_names_every_option(name: str, standins: Standins):
    text = (SCRIPTS / name).read_text()
    options = set(re.findall(r"^    (--[a-z-]+)\)", text, re.MULTILINE))
    helped = standins.run(name, "--help").stdout
    assert {option for option in options if option not in helped} == set()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_known_is_wrong_usage(name: str, standins: Standins):
    result = standins.run(name, "--frobnicate", **URL)
    assert result.returncode == 2
    assert "--frobnicate" in result.stderr
    assert standins.calls == []


@pytest.mark.parametrize("name", ["backup.sh", "deploy.sh", "restore.sh", "setup-doks.sh", "smoke-test.sh"])
def test_what_must_be_said_and_is_not_is_wrong_usage(name: str, standins: Standins):
    result = standins.run(name, **URL)
    assert result.returncode == 2
    assert f"{name} --help" in result.stderr


@pytest.mark.parametrize("name", ["backup.sh", "cleanup.sh", "deploy.sh", "setup-doks.sh"])
def test_an_option_without_its_value_is_wrong_usage(name: str, standins: Standins):
    option = {"backup.sh": "--to", "setup-doks.sh": "--state-bucket"}.get(name, "--namespace")
    result = standins.run(name, option, **URL)
    assert result.returncode == 2
    assert f"{option} needs a value" in result.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_shows_and_touches_nothing(name: str, standins: Standins, tmp_path: Path):
    result = standins.run(name, *arguments_of(name, tmp_path), "--dry-run", **URL)
    assert result.returncode == 0, result.stderr
    assert re.search(r"^\+ \w+ ", result.stderr, re.MULTILINE)
    assert standins.calls == []
    assert "s3cret" not in result.stderr + result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_installed_is_named(name: str, tmp_path: Path):
    (tmp_path / "bin").mkdir()
    for program in (
        "bash",
        "dirname",
        "basename",
        "sed",
        "jq",
        "sha256sum",
        "cut",
        "cat",
        "mktemp",
        "rm",
        "realpath",
    ):
        source = next(
            Path(folder) / program for folder in ("/usr/bin", "/bin") if (Path(folder) / program).exists()
        )
        (tmp_path / "bin" / program).symlink_to(source)
    result = subprocess.run(
        [SCRIPTS / name, *arguments_of(name, tmp_path), "--yes"],
        env={"PATH": str(tmp_path / "bin"), **URL},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    assert "not installed: " in result.stderr


def test_a_password_stands_on_no_command_line():
    """Everybody on a machine can read the arguments of its processes."""
    for name in NAMES:
        text = (SCRIPTS / name).read_text()
        assert not re.search(r"(psql|pg_dump|pg_restore)[^\n]*\$\(?(database_url|DATABASE_URL)", text), name
