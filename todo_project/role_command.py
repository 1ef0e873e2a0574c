"""What the commands that run one role until they are told to stop have in common."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from events import broker
from todo_project import metrics
from todo_project.role_server import RoleServer
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
        with self._server(), metrics.served(name):
            for thread in threads:
                thread.start()
            self.stdout.write(f"The {name} runs (Ctrl-C stops it)")
            self.stdout.flush()
            for thread in threads:
                thread.join()
        self.stdout.write("Stopped.")

    @contextmanager
    def _server(self) -> Iterator[None]:
        """Health and state on ``ROLE_PORT``, where there is one."""
        if not settings.ROLE_PORT:
            yield
            return
        try:
            server = RoleServer(settings.ROLE_PORT)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on ROLE_PORT {settings.ROLE_PORT}: {error.strerror}."
            ) from error
        server.start()
        try:
            yield
        finally:
            server.stop()

    def require_shared_queue(self) -> None:
        """Refuse where this process's queue would be read by nobody."""
        if self.needs_shared_queue and broker.in_memory():
            raise CommandError(IN_MEMORY)
