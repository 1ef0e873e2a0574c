"""The relay: reads what was recorded, publishes it in order, and moves on when it was acknowledged."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from events import relay_signal
from events.models import OutboxEvent, RelayCursor
from events.transport import transport

log = logging.getLogger(__name__)
MAX_PAUSE_SECONDS = 10.0  # between attempts while the transport is away


def pending() -> Sequence[OutboxEvent]:
    """The next rows to publish, in order.

    SQLite has one writer, so ids become visible in their order and ``id > position`` sees every row.
    """
    position = cursor().position
    return list(OutboxEvent.objects.filter(id__gt=position).order_by("id")[: settings.RELAY_BATCH])


def cursor() -> RelayCursor:
    return RelayCursor.objects.get_or_create(name="relay")[0]


def publish_batch() -> int:
    """Publish the next batch. Returns how many rows were acknowledged, 0 when there are none.

    The cursor stops before the first row that was not accepted: order is worth more than speed, and what comes
    twice has one effect.
    """
    rows = pending()
    if not rows:
        return 0
    failed = transport()(rows)
    done = len(rows) if not failed else next(i for i, row in enumerate(rows) if row.pk in failed)
    if done:
        RelayCursor.objects.filter(name="relay").update(position=rows[done - 1].pk, moved_at=timezone.now())
    if failed:
        log.warning("%d of %d events were not accepted, they are sent again", len(failed), len(rows))
    return done


def publish_all() -> int:
    """Publish until nothing is pending or the transport refuses. Returns the number of rows."""
    total = 0
    while done := publish_batch():
        total += done
    return total


def run(stop: threading.Event) -> None:
    """Publish for as long as this process lives; waits longer and longer while the transport is away."""
    pause = settings.RELAY_POLL_SECONDS
    while not stop.is_set():
        close_old_connections()
        try:
            publish_all()
            pause = settings.RELAY_POLL_SECONDS
        except Exception:
            log.exception("The relay could not publish; it tries again in %.1f s", pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)
        relay_signal.wait(pause)
