"""smoke-test.sh against a real installation, and against ones that are broken."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.tests.standins import SCRIPTS
from tests.installation import Installation, installation

pytestmark = pytest.mark.delivery


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("smoke")) as found:
        found.start()
        yield found


def smoke(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPTS / "smoke-test.sh", *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_task_is_followed_into_its_history(running: Installation, tmp_path: Path):
    running.manage("create_user", "smoke@example.com")
    token = running.manage("create_api_token", "smoke@example.com", "--name", "s", "--scope", "tasks:write")
    (tmp_path / "token").write_text(token.stdout)
    result = smoke(running.url, "--token-file", str(tmp_path / "token"))
    assert result.returncode == 0, result.stderr
    assert "the task's event is in its history" in result.stderr
    assert f"{running.url} works." in result.stderr
    assert token.stdout.strip() not in result.stderr + result.stdout


def test_without_a_token_it_says_what_it_did_not_try(running: Installation):
    result = smoke(running.url)
    assert result.returncode == 0, result.stderr
    assert "was not tried" in result.stderr


def test_a_token_that_opens_nothing_fails(running: Installation):
    result = smoke(running.url, SMOKE_TOKEN="wrong")
    assert result.returncode == 1
    assert "the API takes a task" in result.stderr
    assert "401" in result.stderr


@contextmanager
def server(answers: dict[str, int]) -> Iterator[str]:
    """Answers each path with a status, 200 where nothing is said."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.get(self.path, 200))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


GOOD = {"/api/tasks": 401, "/metrics": 404}


def test_what_answers_as_it_should_passes():
    with server(GOOD) as url:
        assert smoke(url).returncode == 0


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/health/ready", 503, "not ready within 1 s"),
        ("/health/live", 500, "it lives"),
        ("/accounts/login/", 502, "people can sign in"),
        ("/api/tasks", 200, "the API is closed to strangers"),
        ("/metrics", 200, "metrics are not public"),
    ],
)
def test_each_fault_is_named(path: str, status: int, said: str):
    with server({**GOOD, path: status}) as url:
        result = smoke(url, "--wait", "1")
    assert result.returncode == 1
    assert said in result.stderr


def test_where_nobody_answers_it_says_so():
    result = smoke("http://127.0.0.1:1", "--wait", "1")
    assert result.returncode == 1
    assert "not ready within 1 s" in result.stderr
