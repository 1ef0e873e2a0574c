"""Building the statistics from the events, beside those that are shown, while new events go into both.

Nothing is lost: an event that the consumer handled before there was the new build was recorded before, so it is in
the outbox or in the log, which are read afterwards. Nothing counts twice: one event makes one row of a build.
A build goes on where it stopped, whoever takes the next step.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from events.envelope import Unreadable, decode
from events.models import Deed, OutboxEvent, Projection, TaskEventLog
from events.models.statistics import Source
from events.outbox import reader
from events.statistics.counting import KINDS, note

log = logging.getLogger(__name__)
BATCH = 1000  # events read in one step
CHUNK = 5000  # rows removed in one transaction
TABLES = {Source.OUTBOX: OutboxEvent, Source.LOG: TaskEventLog}


def start() -> int:
    """Begin the first build. Returns the outbox id from which on the consumer is handed what it misses.

    What is up to that id the build reads by itself.
    """
    if not Projection.objects.exists():
        begin()
    return reader().horizon(timedelta(0))


def begin() -> Projection:
    """Begin a build, or give the one that is under way."""
    under_way = Projection.objects.building().first()
    return under_way or Projection.objects.create(total=sum(_rows(source, 0).count() for source in TABLES))


def advance(seconds: float) -> None:
    """Go on with the build that is under way, if one is, for about so many seconds."""
    deadline = time.monotonic() + seconds
    while step() and time.monotonic() < deadline:
        pass


def step() -> bool:
    """Read the next events into the build that is under way. Returns whether it is still under way."""
    with transaction.atomic():
        projection = Projection.objects.building().select_for_update().first()
        if projection is None:
            return False
        rows = list(_rows(projection.source, projection.position)[:BATCH])
        _take([envelope for _, envelope in rows], projection)
        projection.read += len(rows)
        if len(rows) == BATCH:
            projection.position = rows[-1][0]
        elif projection.source == Source.OUTBOX:  # what comes from now on, the consumer takes
            projection.source, projection.position = Source.LOG, 0
        else:
            _show(projection)
        projection.save()
    if projection.finished_at:
        _forget_others()
    return projection.finished_at is None


def _rows(source: str, position: int) -> QuerySet[Any, tuple[int, str]]:
    rows: QuerySet[Any] = TABLES[Source(source)]._default_manager.filter(id__gt=position, type__in=KINDS)
    return rows.order_by("id").values_list("id", "envelope")


def _take(envelopes: Sequence[str], projection: Projection) -> None:
    events = []
    for envelope in envelopes:
        try:
            events.append(decode(envelope))
        except Unreadable as error:  # it has a dead letter, and is no deed that anybody could name
            log.warning("The statistics leave an event out: %s", error)
    note([projection.pk], events)


def _show(projection: Projection) -> None:
    projection.finished_at = timezone.now()
    Projection.objects.exclude(pk=projection.pk).delete()
    log.info("The statistics were built from %d events", projection.read)


def _forget_others() -> None:
    """Remove the rows of builds that are no more, also what a worker wrote into one a moment too late."""
    known = Projection.objects.values("pk")
    while keys := list(Deed.objects.exclude(projection__in=known).values_list("pk", flat=True)[:CHUNK]):
        Deed.objects.filter(pk__in=keys).delete()
