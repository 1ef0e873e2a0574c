"""For how long the outbox and the receipts are kept: until all is settled, and then for some days more.

Receipts stay longer than their events: as long as a broker may deliver an event again, its receipt must be there.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from events import consumers
from events.models import ConsumedEvent, ConsumerPosition, OutboxEvent, RelayCursor
from events.outbox import partitions, shards

log = logging.getLogger(__name__)
RECEIPTS_LONGER = timedelta(days=14)  # twice what Kafka keeps by default
CHUNK = 5000  # rows removed in one transaction on SQLite


def keep_house(today: date | None = None) -> int:
    """Make room: remove what is settled and old, prepare the days ahead. Returns how many rows or days went."""
    day = today or timezone.now().date()
    by_vendor = _by_days if connection.vendor == "postgresql" else _by_rows
    gone = by_vendor(day, day - timedelta(days=settings.OUTBOX_RETENTION_DAYS))
    if gone:
        log.info("The outbox was cleared of what is older than %d days", settings.OUTBOX_RETENTION_DAYS)
    return gone


def kept_since() -> datetime:
    """From when on the outbox still has everything."""
    first = timezone.now().date() - timedelta(days=settings.OUTBOX_RETENTION_DAYS)
    return datetime.combine(first, time(), UTC)


def settled() -> int:
    """The outbox id up to which no consumer has anything left to do."""
    positions = dict(ConsumerPosition.objects.values_list("consumer", "position"))
    return min((positions.get(name, 0) for name in consumers.registry()), default=0)


def _by_days(today: date, limit: date) -> int:
    partitions.prepare(today)
    _forget_other_layouts()
    position = settled()
    old = [day for day in partitions.days(partitions.OUTBOX) if day < limit]
    gone = [
        partitions.drop(partitions.OUTBOX, day) for day in old if partitions.last_id(day) <= position
    ].count(True)
    kept = set(partitions.days(partitions.OUTBOX))
    for day in partitions.days(partitions.RECEIPTS):
        if day < limit - RECEIPTS_LONGER and day not in kept:
            partitions.drop(partitions.RECEIPTS, day)
    return gone


def _forget_other_layouts() -> None:
    """Cursors of another number of shards have served once each of the present ones has its own."""
    names = [shard.name for shard in shards()]
    if RelayCursor.objects.filter(name__in=names).count() == len(names):
        RelayCursor.objects.exclude(name__in=names).delete()


def _by_rows(today: date, limit: date) -> int:
    """SQLite takes up the room again that deleted rows leave."""
    old = OutboxEvent.objects.filter(created_at__date__lt=limit, id__lte=settled()).order_by("id")
    keys = list(old.values_list("pk", flat=True)[:CHUNK])
    OutboxEvent.objects.filter(pk__in=keys).delete()
    recorded = OutboxEvent.objects.filter(event_id=OuterRef("event_id"))
    receipts = ConsumedEvent.objects.filter(~Exists(recorded), handled_at__date__lt=limit - RECEIPTS_LONGER)
    ConsumedEvent.objects.filter(pk__in=list(receipts.values_list("pk", flat=True)[:CHUNK])).delete()
    return len(keys)
