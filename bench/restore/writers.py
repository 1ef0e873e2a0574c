"""People at work: programs that make tasks through the API and note what was acknowledged, and when."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import suppress

from deploy.local.ports import LOOPBACK

PAUSE_SECONDS = 0.02
SECONDS = 5.0  # for an answer


class Writer(threading.Thread):
    """Makes one task after the other until it is ended. What has no answer is not noted."""

    def __init__(self, port: int, token: str, name: str) -> None:
        super().__init__(daemon=True)
        self._port, self._who = port, name
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._ended = threading.Event()
        self.acknowledged: dict[
            str, float
        ] = {}  # a task's id, and when it was answered by the clock of the wall
        self.slowest = 0.0

    def run(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            with suppress(OSError, http.client.HTTPException):
                self._work()

    def _work(self) -> None:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=SECONDS)
        try:
            while not self._ended.wait(PAUSE_SECONDS):
                self._create(connection)
        finally:
            connection.close()

    def _create(self, connection: http.client.HTTPConnection) -> None:
        began = time.perf_counter()
        connection.request("POST", "/api/tasks", json.dumps({"title": f"By {self._who}"}), self._headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status == http.client.CREATED:
            self.slowest = max(self.slowest, time.perf_counter() - began)
            self.acknowledged[json.loads(content)["id"]] = time.time()

    def end(self) -> None:
        self._ended.set()
        self.join(SECONDS * 2)
