"""Somebody who uses the API of a running stack."""

from __future__ import annotations

import http.client
import json
import secrets
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.ports import LOOPBACK
from deploy.local.stack import Stack

REMIND_AFTER = timedelta(seconds=3)  # a reminder for a moment that has passed is none


class Person:
    """A new account with a token of its own."""

    def __init__(self, stack: Stack) -> None:
        self._port = stack.ports.roles["web"].app
        self.email = f"path-{secrets.token_hex(4)}@example.com"
        stack.manage("create_user", self.email)
        scope = ("--scope", "tasks:write")
        self._token = stack.manage("create_api_token", self.email, "--name", "path", *scope).stdout.strip()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the answer. Fails on anything but success."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(LOOPBACK, self._port, timeout=30)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {content[:500]!r}"
        return json.loads(content) if content else None

    def new_task(self, title: str = "Water the plants", **fields: Any) -> str:
        """Make a task. Returns its id."""
        task_id: str = self.ask("POST", "/api/tasks", {"title": title, **fields})["id"]
        return task_id

    def new_reminder(self, title: str) -> str:
        """Make a task that will remind in a moment. Returns its id."""
        return self.new_task(title, reminder_at=(datetime.now(UTC) + REMIND_AFTER).isoformat())

    def history(self, task_id: str) -> list[dict[str, Any]]:
        """A task's events as the API tells them, the oldest first."""
        found: list[dict[str, Any]] = self.ask("GET", f"/api/tasks/{task_id}/history")["items"]
        return found[::-1]
