"""A real installation for tests: its own folder, its own port, `manage.py` in processes of their own."""

from __future__ import annotations

import atexit
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.databases import Database, database_of

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0


PATTERN: list[Installation] = []  # the one that others are copied from, once there is one


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Installation:
    """``folder`` is its VAR_DIR; ``environment`` are settings beyond the embedded default."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        self.database = database_of(self.folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def variables(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        own = {
            "VAR_DIR": str(self.folder),
            "BASE_URL": self.url,
            "EMAIL_URL": "dummymail://",
            "API_RATE_LIMIT": "0",
        }
        return {**inherited, **own, **self.database.settings, **self.environment}

    def manage(self, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py` to its end."""
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.variables(),
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert not ok or result.returncode == 0, result.stderr[-4000:]
        return result

    def prepare(self) -> None:
        """Migrate and collect. All after the first of this test run begin as a copy of what the first one was."""
        if not PATTERN:
            folder = Path(tempfile.mkdtemp(prefix="todo-pattern-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            PATTERN.append(Installation(folder))
            PATTERN[0].manage("migrate", "--verbosity", "0")
            PATTERN[0].manage("collectstatic", "--noinput", "--verbosity", "0")
        self.database.copy(PATTERN[0].folder)
        (self.folder / "static").symlink_to(PATTERN[0].folder / "static")

    def start(self) -> None:
        """Start `manage.py serve` and wait until it answers."""
        with (self.folder / "serve.log").open("ab") as log:
            self.server = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.variables(),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.server.poll() is None, (self.folder / "serve.log").read_text()[-4000:]
            assert time.monotonic() < deadline, "the server did not answer in time"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return self.request("GET", "/health")[0] == 200
        except OSError:
            return False

    def kill(self) -> None:
        """As the power cut does it: no signal that could be handled."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does. Returns its exit status."""
        assert self.server is not None
        self.server.terminate()
        return self.server.wait(timeout=30)

    def request(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """One request. Returns the status and the JSON of the answer (None where there is none)."""
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None

    def token(self, email: str, *scopes: str) -> str:
        """An account and a token for it."""
        self.manage("create_user", email)
        arguments = [part for scope in scopes for part in ("--scope", scope)]
        return self.manage("create_api_token", email, "--name", "test", *arguments).stdout.strip()

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Read from its database directly, past everything that the application does."""
        return self.database.rows(sql, *params)


@contextmanager
def installation(folder: Path, **environment: str) -> Iterator[Installation]:
    """A prepared installation that leaves no process behind."""
    folder.mkdir(parents=True, exist_ok=True)
    place = Installation(folder, environment)
    place.prepare()
    try:
        yield place
    finally:
        if place.server is not None and place.server.poll() is None:
            place.kill()
        place.database.remove()
