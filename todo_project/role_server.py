"""The small HTTP server of the roles that are no web servers: health, state, and what their daprd calls."""

from __future__ import annotations

import logging
import threading
from typing import Any

from django.conf import settings
from waitress import wasyncore
from waitress.server import create_server

from todo_project.wsgi import application

log = logging.getLogger(__name__)
THREADS = 4  # a tick, a probe and somebody who asks for the state never wait for each other
STOP_SECONDS = 5.0


class RoleServer:
    """Serves what ``ROLE`` answers on a port, in threads beside the role's work.

    Raises OSError when the port is taken. Waitress sets TCP_NODELAY, without which daprd waits 40 ms for an answer.
    """

    def __init__(self, port: int) -> None:
        self._connections: dict[int, Any] = {}
        self._server = create_server(
            application,
            map=self._connections,
            host=settings.ROLE_HOST,
            port=port,
            threads=THREADS,
            ident="todo",
        )
        self._thread = threading.Thread(target=self._server.run, name="role-server", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on, where 0 was asked for."""
        return int(self._server.effective_port)

    def start(self) -> None:
        self._thread.start()
        log.info("Health and state are at %s:%d", settings.ROLE_HOST, self.port)

    def stop(self) -> None:
        """Answer what is under way, then close every connection: daprd would keep its own open."""
        self._server.task_dispatcher.shutdown(timeout=STOP_SECONDS)
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._connections))
        self._thread.join(STOP_SECONDS)
