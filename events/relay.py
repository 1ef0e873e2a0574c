"""The relay: reads what was recorded, publishes it in order, and moves on when it was acknowledged."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence

from django.conf import settings
from django.db import close_old_connections, connections

from events import metrics, relay_signal
from events.outbox import OutboxRow, Shard, Source, reader, shards
from events.transport import transport

log = logging.getLogger(__name__)
LOOKS_UNTIL_QUIET = 100
QUIET_POLL_SECONDS = 0.05
MAX_PAUSE_SECONDS = 2.0  # between attempts while the transport or the database is away


class Relay:
    """Publishes one shard. What was read and not yet accepted is tried again before anything new is read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._unaccepted: Sequence[OutboxRow] = ()

    def step(self) -> int:
        """Publish the next rows, or what is left of the last ones. Returns how many were accepted.

        The cursor moves when all of them were: what comes twice has one effect, what is skipped has none.
        """
        rows = self._unaccepted or self._source.read(settings.RELAY_BATCH)
        if not rows:
            return 0
        self._unaccepted = rows
        refused = transport()(rows)
        self._unaccepted = [row for row in rows if row.id in refused] if refused else ()
        metrics.published(row.type for row in rows if row.id not in refused)
        if not self._unaccepted:
            self._source.acknowledge()
        return len(rows) - len(self._unaccepted)

    @property
    def is_held_up(self) -> bool:
        """Whether something that was read is still to be accepted."""
        return bool(self._unaccepted)


def publish_all(stop: threading.Event | None = None) -> int:
    """Publish, in this thread, until nothing is pending or the transport refuses. Returns the number of rows.

    Waits for the end of another relay that leads, at most until ``stop``.
    """
    total = 0
    for shard in shards():
        with reader().leading(shard, stop or threading.Event()) as source:
            if source is not None:
                relay = Relay(source)
                while done := relay.step():
                    total += done
    return total


def run(stop: threading.Event) -> None:
    """Publish every shard that no other relay leads, each in a thread, for as long as this process lives."""
    threads = [
        threading.Thread(target=lead, args=(shard, stop), name=shard.name, daemon=True) for shard in shards()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def lead(shard: Shard, stop: threading.Event) -> None:
    """Wait for the leadership of a shard, publish it, and begin again when the leadership is lost."""
    pauses = Pauses(stop)
    try:
        while not stop.is_set():
            close_old_connections()
            try:
                with reader().leading(shard, stop) as source:
                    if source is not None:
                        log.info("Leads %s", shard.name)
                        with metrics.leads(shard.name):
                            publish(Relay(source), stop, pauses)
            except Exception:
                log.exception("%s could not go on; it begins again in %.1f s", shard.name, pauses.next)
                pauses.wait()
    finally:
        connections.close_all()


def publish(relay: Relay, stop: threading.Event, pauses: Pauses) -> None:
    """Publish as a leader. While the transport accepts nothing the pauses grow; the first success ends them."""
    empty_looks = 0
    while not stop.is_set():
        begun = time.monotonic()
        accepted = relay.step()
        if relay.is_held_up and not accepted:
            log.warning("The transport accepted nothing; the relay tries again in %.1f s", pauses.next)
            pauses.wait()
            continue
        pauses.end()
        empty_looks = 0 if accepted else empty_looks + 1
        # What comes within a moment of each other goes together: of half as many batches each costs everybody half.
        if accepted < settings.RELAY_BATCH:
            relay_signal.wait(max(begun + poll_seconds(empty_looks) - time.monotonic(), 0.0))


def poll_seconds(empty_looks: int) -> float:
    """From one look for new rows to the next. Where nobody has changed anything for a while, looks are fewer."""
    busy: float = settings.RELAY_POLL_SECONDS
    return busy if empty_looks < LOOKS_UNTIL_QUIET else max(busy, QUIET_POLL_SECONDS)


class Pauses:
    """Waiting longer and longer, up to a limit, until something went well."""

    FIRST_SECONDS = 0.05

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self.next = self.FIRST_SECONDS

    def wait(self) -> None:
        self._stop.wait(self.next)
        self.next = min(self.next * 2, MAX_PAUSE_SECONDS)

    def end(self) -> None:
        self.next = self.FIRST_SECONDS
