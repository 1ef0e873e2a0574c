"""``manage.py scheduler``: the scheduler role in a process of its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from tasks import scheduler
from todo_project import ticks
from todo_project.role_command import RoleCommand


class Command(RoleCommand):
    help = (
        "Fire due reminders, tell what is due soon or overdue, make the occurrences of recurring tasks and "
        "empty the trash. Any number may run: each thing fires once."
    )
    needs_shared_queue = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="fire what is due now, then exit")

    def handle(self, *, once: bool, **_: Any) -> None:
        if not once:
            self.run_role("scheduler", ticks.run)
            return
        tick = scheduler.tick()
        self.stdout.write(
            f"Fired {tick.reminders} reminders, {tick.due_soon} due soon, {tick.overdue} overdue; "
            f"made {tick.occurrences} occurrences; removed {tick.purged} from the trash."
        )
