"""Reconciliation: finds what a consumer has not recorded and hands it over again.

The outbox is the truth. A queue may lose its content and a process may die; what has no receipt 30 s
after it was published comes again from here.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from events import broker, consumers
from events.leadership import Leader, leadership
from events.models import ConsumedEvent, ConsumerPosition, DeadLetter, OutboxEvent
from events.models.dead_letter import DELIVERY
from events.outbox import reader
from events.outbox.retention import keep_house
from events.statistics import rebuild

log = logging.getLogger(__name__)
BATCH = 200  # events handed over in one message
BUILD_SECONDS = 1.0  # a build of the statistics goes on for so long in each round
HOUSE_SECONDS = 3600.0  # between two clearings of the outbox
AT_ONCE = 10_000  # events of one consumer handed over in one round


def reconcile(older_than: timedelta | None = None) -> int:
    """Hand over what every consumer is missing. Returns how many events that were.

    ``older_than``: the age from which an event counts as missing, by default ``RECONCILE_AFTER_SECONDS``.
    """
    age = timedelta(seconds=settings.RECONCILE_AFTER_SECONDS) if older_than is None else older_than
    return sum(Reconciliation(name).round(age) for name in consumers.registry())


class Reconciliation:
    """Looks after one consumer, round by round. What was handed over has the same time again before it comes anew."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._position = 0  # up to which this pass has handed over what is missing
        self._rests_until = timezone.now()

    def round(self, age: timedelta) -> int:
        """Hand over what is missing, at most ``AT_ONCE``. Returns how many events that were."""
        _begin(self._consumer)
        if self._is_busy(age):
            return 0
        envelopes = self._next_missing(age) + _lost_letters(self._consumer, timezone.now() - age)
        for start in range(0, len(envelopes), BATCH):
            consumers.hand_over(self._consumer, envelopes[start : start + BATCH])
        if envelopes:
            log.warning("%s: handing over %d events that have no receipt", self._consumer, len(envelopes))
        return len(envelopes)

    def _is_busy(self, age: timedelta) -> bool:
        """Whether the queue is behind: what it has yet to come to is not missing."""
        since = broker.waits_since(consumers.queue_of(self._consumer))
        return since is not None and since <= timezone.now() - age

    def _next_missing(self, age: timedelta) -> list[str]:
        if timezone.now() < self._rests_until:
            return []
        newest = reader().horizon(age)
        rows = missing_for(self._consumer, up_to=newest).filter(id__gt=self._position)[:AT_ONCE]
        missing = list(rows.values_list("id", "envelope"))
        if missing:
            self._position = missing[-1][0]
        elif self._position:
            self._position, self._rests_until = 0, timezone.now() + age
        else:
            _move(self._consumer, newest)
        return [envelope for _, envelope in missing]


def _begin(consumer: str) -> None:
    """Let a consumer that was just added begin where it wants to."""
    if not ConsumerPosition.objects.filter(consumer=consumer).exists():
        began = consumers.registry()[consumer].begin()
        ConsumerPosition.objects.get_or_create(
            consumer=consumer, defaults={"position": began, "began": began}
        )


def settled_positions() -> dict[str, int]:
    """The outbox id up to which each consumer has nothing left to do."""
    known = dict(ConsumerPosition.objects.values_list("consumer", "position"))
    return {name: known.get(name, 0) for name in consumers.registry()}


def missing_for(consumer: str, up_to: int | None = None, after: int | None = None) -> QuerySet[OutboxEvent]:
    """The events a consumer wants that have neither its receipt nor a letter that speaks for them, in order.

    ``after``: its settled position, for who knows it.
    """
    wanted = consumers.registry()[consumer].types
    settled = settled_positions()[consumer] if after is None else after
    rows = OutboxEvent.objects.filter(id__gt=settled, type__in=wanted)
    if up_to is not None:
        rows = rows.filter(id__lte=up_to)
    mine = {"event_id": OuterRef("event_id")}
    letters = DeadLetter.objects.open().filter(**mine, consumer__in=(consumer, DELIVERY))
    receipts = ConsumedEvent.objects.filter(**mine, consumer=consumer)
    return rows.exclude(Exists(receipts)).exclude(Exists(letters)).order_by("id")


def _lost_letters(consumer: str, before: datetime) -> list[str]:
    """What was to be tried again and is in no queue any more. It counts as lost again only after a while."""
    lost = list(DeadLetter.objects.lost(consumer, before)[:AT_ONCE])
    DeadLetter.objects.filter(pk__in=[letter.pk for letter in lost]).update(retry_at=timezone.now())
    return [letter.envelope for letter in lost]


def _move(consumer: str, newest: int) -> None:
    """Everything up to an outbox id has its receipt, or a letter that is looked after as a letter."""
    ConsumerPosition.objects.filter(consumer=consumer, position__lt=newest).update(
        position=newest, moved_at=timezone.now()
    )


def run(stop: threading.Event) -> None:
    """Reconcile, and keep house now and then, for as long as this process lives. One process does so at a time."""
    while not stop.is_set():
        close_old_connections()
        try:
            with leadership("reconcile", stop) as leader:
                _reconcile_until(stop, leader)
        except Exception:
            log.exception("Reconciliation failed; it begins again in %.0f s", pause())
            stop.wait(pause())


def pause() -> float:
    """Seconds between two rounds."""
    return float(min(5.0, settings.RECONCILE_AFTER_SECONDS / 2))


def _reconcile_until(stop: threading.Event, leader: Leader | None) -> None:
    clear_at = 0.0
    every = [Reconciliation(name) for name in consumers.registry()]
    while leader is not None and not stop.wait(pause()):
        leader.check()
        reader().keep_up()
        for one in every:
            one.round(timedelta(seconds=settings.RECONCILE_AFTER_SECONDS))
        rebuild.advance(BUILD_SECONDS)
        if time.monotonic() >= clear_at:
            keep_house()
            clear_at = time.monotonic() + HOUSE_SECONDS
