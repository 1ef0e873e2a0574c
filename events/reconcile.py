"""Reconciliation: finds what a consumer has not recorded and hands it over again.

The outbox is the truth. A queue may lose its content and a process may die; what has no receipt 30 s
after it was published comes again from here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Exists, OuterRef
from django.utils import timezone

from events import broker, consumers, relay
from events.models import ConsumedEvent, ConsumerPosition, DeadLetter, OutboxEvent
from events.models.dead_letter import State

log = logging.getLogger(__name__)
BATCH = 200  # events handed over in one message
AT_ONCE = 2000  # events of one consumer handed over in one round


def reconcile(older_than: timedelta | None = None) -> int:
    """Hand over what every consumer is missing. Returns how many events that were.

    ``older_than``: the age from which an event counts as missing, by default ``RECONCILE_AFTER_SECONDS``.
    """
    age = timedelta(seconds=settings.RECONCILE_AFTER_SECONDS) if older_than is None else older_than
    return sum(_reconcile_consumer(name, age) for name in consumers.registry())


def _reconcile_consumer(name: str, age: timedelta) -> int:
    if broker.backlog(consumers.queue_of(name)):
        return 0  # the queue still works through what it has; nothing is missing yet
    horizon = _horizon(age)
    missing = [row.envelope for row in missing_for(name, up_to=horizon)[:AT_ONCE]]
    if not missing:
        _move(name, horizon)
    missing += _requeued(name, age)
    for start in range(0, len(missing), BATCH):
        consumers.hand_over(name, missing[start : start + BATCH])
    if missing:
        log.warning("%s: handing over %d events again that have no receipt", name, len(missing))
    return len(missing)


def _horizon(age: timedelta) -> int:
    """The newest published outbox id that is old enough; 0 when there is none."""
    published = OutboxEvent.objects.filter(
        id__lte=relay.cursor().position, created_at__lte=timezone.now() - age
    )
    return published.order_by("-id").values_list("id", flat=True).first() or 0


def missing_for(consumer: str, up_to: int | None = None) -> Sequence[OutboxEvent]:
    """The events a consumer wants that have neither its receipt nor a letter that speaks for them, in order."""
    position = ConsumerPosition.objects.get_or_create(consumer=consumer)[0].position
    rows = OutboxEvent.objects.filter(id__gt=position, type__in=consumers.registry()[consumer].types)
    if up_to is not None:
        rows = rows.filter(id__lte=up_to)
    mine = {"consumer": consumer, "event_id": OuterRef("event_id")}
    settled = DeadLetter.objects.filter(**mine, state__in=(State.DEAD, State.DISCARDED))
    retried = DeadLetter.objects.being_retried(timezone.now()).filter(**mine)
    return (  # type: ignore[return-value]
        rows.exclude(Exists(ConsumedEvent.objects.filter(**mine)))
        .exclude(Exists(settled))
        .exclude(Exists(retried))
    ).order_by("id")


def _requeued(consumer: str, age: timedelta) -> list[str]:
    """Letters that a person requeued and that the queue lost since."""
    letters = DeadLetter.objects.filter(
        consumer=consumer, state=State.REQUEUED, resolved_at__lte=timezone.now() - age
    )
    return list(letters.values_list("envelope", flat=True)[:AT_ONCE])


def _move(consumer: str, horizon: int) -> None:
    """Everything up to the horizon is settled, unless a letter is still being tried again."""
    waiting = DeadLetter.objects.filter(consumer=consumer, state__in=(State.RETRYING, State.REQUEUED))
    first = (
        OutboxEvent.objects.filter(event_id__in=waiting.values("event_id"))
        .order_by("id")
        .values_list("id", flat=True)
        .first()
    )
    settled = horizon if first is None else min(horizon, first - 1)
    ConsumerPosition.objects.filter(consumer=consumer, position__lt=settled).update(
        position=settled, moved_at=timezone.now()
    )


def run(stop: threading.Event) -> None:
    """Reconcile for as long as this process lives."""
    pause = min(5.0, settings.RECONCILE_AFTER_SECONDS / 2)
    while not stop.wait(pause):
        close_old_connections()
        try:
            reconcile()
        except Exception:
            log.exception("Reconciliation failed; it runs again in %.0f s", pause)
