"""``manage.py relay``: the relay role in a process of its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from events import reconcile, relay
from todo_project.role_command import RoleCommand


class Command(RoleCommand):
    help = (
        "Publish recorded events in order, and hand over again what a consumer has not recorded. "
        "Needs a queue that other processes can read (REDIS_URL)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="publish what is pending now, then exit")

    def handle(self, *, once: bool, **_: Any) -> None:
        if not once:
            self.run_role("relay", relay.run, reconcile.run)
            return
        self.require_shared_queue()
        self.stdout.write(f"Published {relay.publish_all()} events.")
