"""What the commands that run one role until they are told to stop have in common."""

from __future__ import annotations

import signal
import threading

from django.core.management.base import BaseCommand, CommandError

from events import broker
from todo_project.roles import Role

IN_MEMORY = (
    "The queue is in the memory of one process, so this role cannot run apart from the others: "
    "run `manage.py serve`, or set REDIS_URL."
)


class RoleCommand(BaseCommand):
    """Runs one role in the foreground; SIGINT and SIGTERM end it after what is under way."""

    needs_shared_queue = True

    def run_role(self, name: str, *roles: Role) -> None:
        self.require_shared_queue()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        threads = [threading.Thread(target=role, args=(stop,), name=name) for role in roles]
        for thread in threads:
            thread.start()
        self.stdout.write(f"The {name} runs (Ctrl-C stops it)")
        self.stdout.flush()
        for thread in threads:
            thread.join()
        self.stdout.write("Stopped.")

    def require_shared_queue(self) -> None:
        """Refuse where this process's queue would be read by nobody."""
        if self.needs_shared_queue and broker.in_memory():
            raise CommandError(IN_MEMORY)
