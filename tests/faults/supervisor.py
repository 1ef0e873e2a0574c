"""Starts again what has ended, as an orchestrator does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import suppress

from deploy.local.failure import StackError
from deploy.local.stack import Stack

RESTART_SECONDS = 1.0  # between an end and the new start
LOOK_SECONDS = 0.1


class Supervisor(threading.Thread):
    """``names`` are the services of the stack that it looks after; ``restarts`` counts by service."""

    def __init__(self, stack: Stack, names: tuple[str, ...]) -> None:
        super().__init__(name="supervisor", daemon=True)
        self._stack, self._names = stack, names
        self._ended = threading.Event()
        self._down_since: dict[str, float] = {}
        self.restarts: Counter[str] = Counter()

    def run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            for name in self._names:
                self._look_after(name)

    def _look_after(self, name: str) -> None:
        if self._stack.pid(name) is not None:
            self._down_since.pop(name, None)
        elif time.monotonic() - self._down_since.setdefault(name, time.monotonic()) > RESTART_SECONDS:
            with suppress(StackError):  # its port is not free yet: at the next look
                self._stack.start(name)
                self.restarts[name] += 1

    def end(self) -> None:
        self._ended.set()
        self.join(30)
