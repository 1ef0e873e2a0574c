"""``manage.py worker``: the worker role in a process of its own."""

from __future__ import annotations

from typing import Any

from todo_project.role_command import RoleCommand
from todo_project.roles import work


class Command(RoleCommand):
    help = (
        "Run the consumers: audit, recurrence, notifications and mail. Any number may run. "
        "Needs a queue that other processes can read (REDIS_URL)."
    )

    def handle(self, **_: Any) -> None:
        self.run_role("worker", work)
