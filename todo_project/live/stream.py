"""One open page's connection, as server-sent events.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Final
from uuid import UUID

import msgspec

from todo_project.live.changes import News

HEARTBEAT_SECONDS: Final = 15.0  # proxies close what is silent for a minute
# After that it ends and the page connects again, so that who has signed out is not told for ever.
LIFE_SECONDS: Final = 600.0
HEARTBEAT: Final = b": still here\n\n"
HELLO: Final = b"retry: 3000\n\n"


def message(news: News) -> bytes:
    """``id`` is where the page goes on after an interruption."""
    return b"id: %d\ndata: %s\n\n" % (news.position, msgspec.json.encode(news))


class Stream:
    """What waits to be sent to one person's page. A thread iterates over it, or it gets a socket of its own."""

    def __init__(self, user_id: UUID) -> None:
        self.user_id = user_id
        self.is_open = True
        self.unread = 0  # what its page was told last
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._socket: socket.socket | None = None
        self._ends_at = time.monotonic() + LIFE_SECONDS
        self._beats_at = time.monotonic() + HEARTBEAT_SECONDS

    def send(self, data: bytes) -> None:
        self._waiting.put(data)

    def close(self) -> None:
        """Let it end. What waits is not sent any more where it has a socket."""
        self.is_open = False
        self._waiting.put(None)
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    # --- In a thread of the server ---------------------------------------------------------------------

    def __iter__(self) -> Iterator[bytes]:
        yield HELLO
        while self.is_open:
            left = self._ends_at - time.monotonic()
            try:
                data = self._waiting.get(timeout=max(0.0, min(HEARTBEAT_SECONDS, left)))
            except Empty:
                if time.monotonic() >= self._ends_at:
                    return
                data = HEARTBEAT
            if data is None:
                return
            yield data

    # --- With a socket of its own ----------------------------------------------------------------------

    def attach(self, connection: socket.socket) -> None:
        """From now on the hub writes to this socket, on which the answer's beginning was sent."""
        connection.setblocking(False)
        self._socket = connection

    def flush(self) -> None:
        """Send what waits, or a heartbeat when it is time. Whoever does not take it in is let go and comes again."""
        if self._socket is None:
            return
        now, data = time.monotonic(), b""
        while not self._waiting.empty():
            data += self._waiting.get() or b""
        if not data and now >= self._beats_at:
            data = HEARTBEAT
        try:
            if data and self._socket.send(data) < len(data):
                raise BlockingIOError
        except OSError:
            self.close()
            return
        if data:
            self._beats_at = now + HEARTBEAT_SECONDS
        if now >= self._ends_at:
            self.close()
