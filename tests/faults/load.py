"""A steady load that notes what was acknowledged: programs at the API, and one that uses the model directly."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.local.ports import LOOPBACK
from deploy.local.service import ROOT, environment
from deploy.local.stack import Stack

EMAIL = "load@example.com"
RATE = 200.0  # changes a second, altogether
API_WRITERS, API_RATE = 2, 30.0
ANSWER_SECONDS = 10.0
AGAIN_SECONDS = 2.0  # before a request that had no answer is sent again
REST_SECONDS = 120.0
NO_ANSWER = 0
UNKNOWN = {NO_ANSWER, 409, 500, 503}  # try again later, with the same key


@dataclass
class Sent:
    """A request with its Idempotency-Key. It is the same request however often it is sent."""

    method: str
    path: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: str(uuid4()))
    last_at: float = 0.0


class ApiWriter(threading.Thread):
    """A careful client: what had no answer it sends again, with the same key, until it has one.

    ``route`` gives the port for the next request. As long as it stays the same, so does the connection.
    """

    def __init__(self, route: Callable[[], int], token: str, number: int, rate: float) -> None:
        super().__init__(daemon=True)
        self._route = route
        self._connection = _connection(route())
        self._token, self._number, self._rate = token, number, rate
        self._random = random.Random(number)
        self._working, self._ended = threading.Event(), threading.Event()
        self.resting = threading.Event()
        self.unanswered: deque[Sent] = deque()
        self.acknowledged: dict[str, int] = {}
        self.answered_at: list[float] = []  # on the clock of the wall
        self.took: list[float] = []  # seconds, of each of these
        self.statuses: Counter[int] = Counter()  # 0: no answer
        self.refused: list[tuple[str, int, str]] = []

    def run(self) -> None:
        for number in itertools.count():
            began = time.monotonic()
            if self._ended.is_set():
                return
            if self._working.is_set():
                self.resting.clear()
                self._send(self._overdue() or self._new(number))
            else:
                self.resting.set()
                if sent := self._overdue():
                    self._send(sent)
            time.sleep(max(0.0, 1 / self._rate - (time.monotonic() - began)))

    def go(self) -> None:
        self._working.set()

    def rest(self) -> None:
        """Begin nothing new. What is unanswered is still sent again."""
        self._working.clear()

    def end(self) -> None:
        self._ended.set()
        self.join(ANSWER_SECONDS * 2)

    def _overdue(self) -> Sent | None:
        if self.unanswered and time.monotonic() - self.unanswered[0].last_at > AGAIN_SECONDS:
            return self.unanswered.popleft()
        return None

    def _new(self, number: int) -> Sent:
        if not self.acknowledged or self._random.random() < 0.4:
            return Sent("POST", "/api/tasks", self._task(number))
        task = self._random.choice(list(self.acknowledged))
        if self._random.random() < 0.6:
            return Sent("PATCH", f"/api/tasks/{task}", {"description": f"Changed {number}"})
        return Sent("POST", f"/api/tasks/{task}/complete", {})

    def _task(self, number: int) -> dict[str, Any]:
        now = datetime.now(UTC)
        task: dict[str, Any] = {"title": f"Api {self._number} {number}", "tags": ["load"]}
        if number % 3 == 0:
            due = now + timedelta(days=1)
            task |= {"is_recurring": True, "recurrence_rule": "daily", "due_date": due.isoformat()}
        if number % 3 == 1:
            task |= {"reminder_at": (now + timedelta(milliseconds=300)).isoformat()}
        return task

    def _send(self, sent: Sent) -> None:
        sent.last_at = time.monotonic()
        try:
            status, answer = self._request(sent)
        except (OSError, http.client.HTTPException):
            self._connection.close()
            status, answer = NO_ANSWER, b""
        self.statuses[status] += 1
        if status in {200, 201}:
            self._note(sent, json.loads(answer))
            self.took.append(time.monotonic() - sent.last_at)
        elif status in UNKNOWN:
            self.unanswered.append(sent)
        else:
            self.refused.append((f"{sent.method} {sent.path}", status, answer.decode()[:500]))

    def _request(self, sent: Sent) -> tuple[int, bytes]:
        if (port := self._route()) != self._connection.port:
            self._connection.close()
            self._connection = _connection(port)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": sent.key,
        }
        self._connection.request(sent.method, sent.path, json.dumps(sent.body), headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _note(self, sent: Sent, task: dict[str, Any]) -> None:
        self.acknowledged[task["id"]] = max(task["version"], self.acknowledged.get(task["id"], 0))
        self.answered_at.append(time.time())


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)


class ModelWriter:
    """The process of ``model_writer``. It is told to go and to rest, and its notes are read from its output."""

    def __init__(
        self, stack: Stack, rate: float, *options: str, variables: dict[str, str] | None = None
    ) -> None:
        own = {**stack.environment("web"), "METRICS_PORT": "0", "ROLE_PORT": "0", **(variables or {})}
        self._output = stack.folder / f"model-writer-{uuid4().hex[:8]}.out"
        with (
            self._output.open("ab") as output,
            (stack.folder / "logs" / "model-writer.log").open("ab") as log,
        ):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.model_writer", EMAIL, str(rate), *options],
                cwd=ROOT,
                env={**environment(own), "DJANGO_SETTINGS_MODULE": "todo_project.settings"},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=log,
            )

        self._wait_for("ready", 1)

    def go(self) -> None:
        self._tell("go")

    def rest(self) -> None:
        """Returns when nothing of it is under way any more."""
        before = self._lines().count("resting")
        self._tell("rest")
        self._wait_for("resting", before + 1)

    def _wait_for(self, word: str, times: int) -> None:
        deadline = time.monotonic() + REST_SECONDS
        while self._lines().count(word) < times:
            assert self._process.poll() is None, "the writer ended"
            assert time.monotonic() < deadline, f"the writer is not {word}"
            time.sleep(0.05)

    def _tell(self, order: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n".encode())
        self._process.stdin.flush()

    def _lines(self) -> list[str]:
        return self._output.read_text().splitlines()

    @property
    def acknowledged(self) -> dict[str, int]:
        """The highest committed version of each task."""
        versions: dict[str, int] = defaultdict(int)
        for line in self._lines():
            task, _, version = line.partition(" ")
            if version.isdecimal():
                versions[task] = max(versions[task], int(version))
        return versions

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Load:
    """All writers together. ``go`` and ``rest`` as often as wanted, ``end`` once.

    ``route`` gives the port for the next request to the API; without, it is that of the stack's own ``web``.
    """

    def __init__(
        self,
        stack: Stack,
        rate: float = float(os.environ.get("FAULTS_RATE") or RATE),
        route: Callable[[], int] | None = None,
    ) -> None:
        self.rate = rate
        route, token = route or (lambda: stack.ports.roles["web"].app), account(stack)
        api_rate = min(API_RATE, rate)
        self.api = [ApiWriter(route, token, n, api_rate / API_WRITERS) for n in range(API_WRITERS)]
        self.model = ModelWriter(stack, rate - api_rate, "--writers", "2")
        for writer in self.api:
            writer.start()
        self.worked_seconds = 0.0
        self._went_at: float | None = None

    def go(self) -> None:
        self._went_at = time.monotonic()
        for writer in (*self.api, self.model):
            writer.go()

    def rest(self) -> None:
        """Returns when everything begun has ended or is known to be unanswered."""
        if self._went_at is not None:
            self.worked_seconds += time.monotonic() - self._went_at
            self._went_at = None
        for writer in self.api:
            writer.rest()
        self.model.rest()
        for writer in self.api:
            assert writer.resting.wait(REST_SECONDS)

    def end(self) -> None:
        for writer in (*self.api, self.model):
            writer.end()

    @property
    def answers(self) -> list[float]:
        """When the API answered a change, in order."""
        return sorted(moment for writer in self.api for moment in writer.answered_at)

    @property
    def unanswered(self) -> int:
        return sum(len(writer.unanswered) for writer in self.api)

    @property
    def statuses(self) -> Counter[int]:
        """How often the API answered with each status."""
        return sum((writer.statuses for writer in self.api), Counter())

    @property
    def took(self) -> list[float]:
        """How many seconds each answered change took."""
        return [seconds for writer in self.api for seconds in list(writer.took)]

    @property
    def refused(self) -> list[tuple[str, int, str]]:
        return [one for writer in self.api for one in writer.refused]

    @property
    def acknowledged(self) -> dict[str, int]:
        found = dict(self.model.acknowledged)
        for writer in self.api:
            for task, version in list(writer.acknowledged.items()):
                found[task] = max(version, found.get(task, 0))
        return found


def account(stack: Stack) -> str:
    """Make the account of all writers. Returns its token."""
    stack.manage("create_user", EMAIL)
    arguments = ("--name", "load", "--scope", "tasks:write")
    return stack.manage("create_api_token", EMAIL, *arguments).stdout.strip()
