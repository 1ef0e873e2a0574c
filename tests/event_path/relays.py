"""Relays on a database of their own, which publish through the sidecar of the stack's relay."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID, uuid4

import psycopg

from deploy.local.ports import Ports
from deploy.local.service import ROOT, Service, http_get, http_status
from deploy.local.stack import Stack
from events.outbox import OutboxRow
from tests.event_path.outbox_rows import id_of, row

NAME = "relays"
KEYS, PAUSE_SECONDS = 30, 0.02  # of one writer
ADD = """
    INSERT INTO events_outboxevent (event_id, type, key, sequence, envelope, created_at)
    VALUES (%s, %s, %s, %s, %s, now())"""


class Relays:
    """Its relays go by the layout that the stack does not have: nobody consumes what they publish."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._url = stack.databases.create(NAME)
        roles = Ports.free().roles
        self._ports = {"relay-a": roles["relay"].app, "relay-b": roles["web"].app}
        self._started: list[Service] = []
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env={**stack.environment_of_commands("relay"), "DATABASE_URL": self._url},
            check=True,
        )

    def start(self, name: str, **settings: str) -> Service:
        """Start ``manage.py relay`` as ``relay-a`` or ``relay-b``, and wait until it is ready."""
        port = self._ports[name]
        own = {"ROLE_PORT": str(port), "METRICS_PORT": "0", "DATABASE_URL": self._url}
        layout = {"EVENT_TOPIC_LAYOUT": "by-type"}
        relay = Service(
            name=name,
            folder=self._stack.folder,
            port=port,
            command=[sys.executable, "manage.py", "relay"],
            environment=lambda: {**self._stack.environment("relay"), **layout, **own, **settings},
            answers=lambda: http_status(port, "/health/ready", seconds=5.0) == 200,
        )
        relay.log.unlink(missing_ok=True)
        self._started.append(relay)
        relay.start()
        relay.wait_ready()
        return relay

    def end(self) -> None:
        """Kill those that still run. What they have published stays published."""
        while self._started:
            self._started.pop().kill()

    def remove(self) -> None:
        self.end()
        self._stack.databases.drop(NAME)

    def leads(self, relay: Service) -> set[str]:
        """The shards that a relay leads, by what it says of itself."""
        status, body = http_get(relay.port, "/state", {"dapr-api-token": self._stack.keys["app"]}, seconds=10)
        assert status == 200, body
        return {name for name in json.loads(body)["leads"] if name != "reconcile"}

    def add(self, events: Sequence[OutboxRow]) -> None:
        """Record events, each in a transaction of its own."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            for one in events:
                _add(connection, one)

    @contextmanager
    def writing(self, type_: str, writers: int = 3) -> Iterator[list[OutboxRow]]:
        """Writers that record some fifty events a second each, of keys of their own. The list is what they recorded."""
        recorded: list[OutboxRow] = []
        stop = threading.Event()
        threads = [threading.Thread(target=self._write, args=(type_, recorded, stop)) for _ in range(writers)]
        for thread in threads:
            thread.start()
        try:
            yield recorded
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _write(self, type_: str, recorded: list[OutboxRow], stop: threading.Event) -> None:
        keys: list[UUID] = [uuid4() for _ in range(KEYS)]
        with psycopg.connect(self._url) as connection:
            for number in itertools.count():
                if stop.wait(PAUSE_SECONDS):
                    return
                one = row(type_, keys[number % len(keys)], number // len(keys) + 1)
                _add(connection, one)
                connection.commit()
                recorded.append(one)


def _add(connection: psycopg.Connection, one: OutboxRow) -> None:
    sequence = int(json.loads(one.envelope)["sequence"])
    connection.execute(ADD, [id_of(one), one.type, one.key, sequence, one.envelope])


@contextmanager
def relays_of(stack: Stack) -> Iterator[Relays]:
    relays = Relays(stack)
    try:
        yield relays
    finally:
        with suppress(psycopg.Error):
            relays.remove()
