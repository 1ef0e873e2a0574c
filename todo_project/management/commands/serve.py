"""``manage.py serve``: the whole application in one process."""

from __future__ import annotations

import errno
import signal
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from waitress.server import create_server

from todo_project import metrics
from todo_project.live.hub import HUB
from todo_project.request_sizes import most_bytes
from todo_project.roles import EventRoles
from todo_project.wsgi import application

HIGHEST_PORT = 65535


class Command(BaseCommand):
    help = (
        "Serve the pages, the API and the admin, and carry every event to its effects: all roles in this "
        "one process. Ctrl-C ends it after what is under way. Several may run on one VAR_DIR with ports of "
        "their own; one of them carries the events, and another takes over when that one ends."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument(
            "--port", type=_port, default=8000, help="port to listen on (default: %(default)s)"
        )

    def handle(self, *, host: str, port: int, **_: Any) -> None:
        self._check_prepared()
        server = self._bind(host, port)
        roles = EventRoles()
        roles.start()
        # A supervisor's SIGTERM ends it as cleanly as Ctrl-C, and Ctrl-C works even where the shell
        # that started it in the background had it ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _end)
        self.stdout.write(f"Todo is at http://{_shown(host)}:{port} (Ctrl-C stops it)")
        self.stdout.flush()
        try:
            with metrics.served("all"):
                server.run()
        finally:
            self.stdout.write("Stopping …")
            server.close()
            roles.stop()
            self.stdout.write("Stopped.")

    def _check_prepared(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date: run `manage.py migrate` first.")
        if not (settings.STATIC_ROOT / "staticfiles.json").exists():
            raise CommandError("The static files are not collected: run `manage.py collectstatic` first.")

    def _bind(self, host: str, port: int) -> Any:
        try:
            return create_server(
                application,
                host=host,
                port=port,
                threads=settings.WEB_THREADS + settings.LIVE_STREAMS,
                ident="todo",
                # It writes down what comes before anybody looks at it. What is a little too large still gets our page.
                max_request_body_size=2 * most_bytes(),
                clear_untrusted_proxy_headers=False,
            )
        except ValueError as error:
            raise CommandError(f"{host} is no address of this machine.") from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
            raise CommandError(
                f"Port {port} is in use: another server, perhaps another `make run`, listens there. "
                f"Stop that one, or choose another port: make run PORT={port + 1}"
            ) from error


def _end(*_: object) -> None:
    """Let the open pages go first: the server waits for its threads, and theirs would never end."""
    HUB.stop()
    raise KeyboardInterrupt


def _port(text: str) -> int:
    """A TCP port. The resolver would take 99999 and listen on another one."""
    if not text.isdecimal() or not 1 <= int(text) <= HIGHEST_PORT:
        raise ArgumentTypeError(f"{text} is no port: give a number from 1 to {HIGHEST_PORT}")
    return int(text)


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else host  # noqa: S104
