"""Who goes first within a worker: what changes only the database, before what reaches outside.

A mail costs thirty times the work of its notification, and nobody waits for it in front of a screen. A thousand of
them at once would hold up everything that comes after them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = (
    2.0  # how long one message gives way in all: where there is never a pause, mails go out all the same
)


class Precedence:
    def __init__(self) -> None:
        self._going_first = 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Go before whoever gives way."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, step: int) -> None:
        with self._changed:
            self._going_first += step
            self._changed.notify_all()

    def give_way(self, seconds: float) -> float:
        """Wait until nobody goes first, at most so long. Returns the seconds that it took."""
        with self._changed:
            if not self._going_first or seconds <= 0:
                return 0.0
            began = time.perf_counter()
            self._changed.wait_for(lambda: not self._going_first, seconds)
            return time.perf_counter() - began


IN_THIS_PROCESS = Precedence()
