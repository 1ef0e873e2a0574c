"""A mail server that greets a letter at a time: whoever talks to it hangs, and no timeout of theirs helps."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deploy.local.ports import LOOPBACK

LETTER_SECONDS = 1.0


class TarPit:
    """``open`` counts who hangs in it now, ``left`` who has gone."""

    def __init__(self) -> None:
        self._socket = socket.create_server((LOOPBACK, 0))
        self._closed = threading.Event()
        self.open = self.left = 0

    @property
    def url(self) -> str:
        """What EMAIL_URL is for it."""
        return f"smtp://{LOOPBACK}:{self._socket.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        self.open += 1
        with connection, suppress(OSError):
            connection.settimeout(LETTER_SECONDS)
            while not self._closed.is_set() and not self._gone(connection):
                connection.sendall(b"2")
        self.open -= 1
        self.left += 1

    def _gone(self, connection: socket.socket) -> bool:
        """Whether the other side has hung up; looks for as long as it takes until the next letter."""
        try:
            return connection.recv(1) == b""
        except TimeoutError:
            return False

    def close(self) -> None:
        self._closed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def tar_pit() -> Iterator[TarPit]:
    pit = TarPit()
    threading.Thread(target=pit.serve, daemon=True).start()
    try:
        yield pit
    finally:
        pit.close()
