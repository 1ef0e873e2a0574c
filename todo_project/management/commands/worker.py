"""``manage.py worker``: the worker role in a process of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from events import consumers
from todo_project.role_command import RoleCommand
from todo_project.roles import work


class Command(RoleCommand):
    help = (
        "Run the consumers (audit, recurrence, notification, statistics, email) and the jobs that change very many "
        "tasks. Any number may run. Needs a queue that other processes can read (REDIS_URL)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--consumer",
            dest="only",
            action="append",
            choices=list(consumers.registry()),
            help="only this consumer, and no jobs; may be given several times (default: all, and jobs)",
        )

    def handle(self, *, only: list[str] | None, **_: Any) -> None:
        self.run_role("worker", partial(work, only=only or ()))
