"""What the image is made of, as far as nothing has to be built for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.local import roles
from deploy.local.ports import ROLES, Ports
from deploy.local.service import ROOT

STAND_IN = '#!/bin/sh\necho "$ROLE: $*"\n'
GUNICORN = "-m gunicorn -c deploy/gunicorn.conf.py"


def started(tmp_path: Path, *arguments: str, role: str = "") -> str:
    """What ``deploy/role`` starts: ROLE and the arguments of the interpreter."""
    python = tmp_path / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    result = subprocess.run(
        [ROOT / "deploy" / "role", *arguments],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHON": str(python), "ROLE": role},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


@pytest.mark.parametrize("role", ["web", "events"])
def test_a_role_that_serves_is_started_by_gunicorn(tmp_path: Path, role: str):
    assert started(tmp_path, role) == f"{role}: {GUNICORN} todo_project.wsgi"
    assert started(tmp_path, role, "--workers", "4") == f"{role}: {GUNICORN} --workers 4 todo_project.wsgi"


@pytest.mark.parametrize("role", ["relay", "scheduler", "worker"])
def test_a_role_that_works_is_a_command(tmp_path: Path, role: str):
    assert started(tmp_path, role, role="web") == f"{role}: manage.py {role}"
    assert started(tmp_path, role, "--once") == f"{role}: manage.py {role} --once"


def test_anything_else_is_a_command_of_manage(tmp_path: Path):
    assert started(tmp_path, "migrate", "--check", role="web") == "web: manage.py migrate --check"
    assert started(tmp_path, "create_user", "a b@example.com") == ": manage.py create_user a b@example.com"


def test_the_stack_on_one_machine_starts_its_roles_as_the_image_does(tmp_path: Path):
    ports = Ports.free()
    for role in ROLES:
        service = roles.service(tmp_path, role, ports.roles[role], dict)
        assert service.command == ["deploy/role", role]
        assert service.environment() == {"PYTHON": sys.executable}


class Answering(BaseHTTPRequestHandler):
    """Says what ``statuses`` has for a path."""

    statuses: dict[str, int] = {}

    def do_GET(self) -> None:
        self.send_response(self.statuses.get(self.path, 404))
        self.end_headers()
        self.wfile.write(b'{"missing": ["the database"]}')

    def log_message(self, format: str, *values: object) -> None:
        """Nothing: a test's output is its own."""


@contextmanager
def answering(statuses: dict[str, int]) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Answering,), {"statuses": statuses}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def health(*asked: str, role_port: int = 1, dapr_port: int = 1) -> tuple[int, str]:
    """What the healthcheck says: its exit status and its message."""
    result = subprocess.run(
        [sys.executable, ROOT / "deploy" / "health.py", *asked],
        env={"ROLE_PORT": str(role_port), "DAPR_HTTP_PORT": str(dapr_port)},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stderr


def test_the_healthcheck_is_well_where_the_role_says_so():
    with answering({"/health/live": 200, "/health/ready": 200, "/v1.0/healthz": 204}) as port:
        assert health(role_port=port) == (0, "")
        assert health("ready", "daprd", role_port=port, dapr_port=port) == (0, "")


def test_the_healthcheck_tells_what_the_role_lacks():
    with answering({"/health/live": 200, "/health/ready": 503}) as port:
        assert health("live", role_port=port) == (0, "")
        status, said = health("ready", role_port=port)
    assert status == 1
    assert f"/health/ready on port {port} says 503" in said
    assert "the database" in said


def test_the_healthcheck_fails_where_nothing_answers():
    status, said = health("live", "daprd")
    assert status == 1
    assert "/health/live" in said
    assert "/v1.0/healthz" in said


def test_the_healthcheck_refuses_what_it_does_not_know():
    status, said = health("redy")
    assert status == 1
    assert "redy" in said


def test_the_dockerfile_is_clean():
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    assert hadolint is not None, "hadolint is not installed: requirements-dev.txt has it"
    result = subprocess.run(
        [hadolint, "--no-color", "deploy/Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_image_has_every_app_and_no_other_folder():
    """An app that is missing in .dockerignore would only be missed at run time."""
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"todo_project"}
    listed = set(re.findall(r"^!([a-z_]+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    assert listed == apps | {"static", "templates", "locale"}
