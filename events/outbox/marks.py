"""How far the outbox is published where ids do not appear in their order.

A mark notes the last id that was given out and the first transaction number that was not. Once a relay's snapshot
is past that number, every transaction that could hold an id up to the mark's has ended and what it wrote is
published: below the mark nothing can appear any more.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from events.models import OutboxMark, RelayCursor
from events.outbox import Overview, Progress, Shard, shards

KEPT = timedelta(hours=1)
LOOK_SECONDS = 0.1
# In this order: an id that is seen here belongs to a transaction whose number was given out before.
LAST_ID = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_outboxevent_id_seq"
BELOW = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
PUBLISHED_BELOW = """
    SELECT count(*), min(pg_snapshot_xmin(snapshot::pg_snapshot)::text::bigint)
    FROM events_relaycursor WHERE name = ANY(%s)"""
# What waits is found by an index that leaves out what was published before. PostgreSQL takes these conditions for
# rare ones and would rather read and sort the whole table.
BY_INDEX = "SELECT set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true)"
OLDEST_PENDING = """
    SELECT count(*), min(created_at) FROM (
        SELECT created_at FROM events_outboxevent
        WHERE {from_here} AND NOT pg_visible_in_snapshot(xid, %s)
        AND get_byte(uuid_send(key), 15) %% %s = %s ORDER BY {order} LIMIT %s) oldest"""
BY_TRANSACTION = OLDEST_PENDING.format(from_here="xid >= pg_snapshot_xmin(%s)", order="xid")
BY_ID = OLDEST_PENDING.format(from_here="id > %s", order="id")
POSITION = """
    SELECT coalesce(min(last), 0) FROM events_relaycursor c, LATERAL (
        SELECT id AS last FROM events_outboxevent WHERE pg_visible_in_snapshot(xid, c.snapshot::pg_snapshot)
        ORDER BY id DESC LIMIT 1) newest
    WHERE c.name = ANY(%s)"""


def keep_up(wait_seconds: float = 0.0) -> None:
    """Take a mark, and note which ones are published by now; wait at most so long until this one is."""
    deadline = time.monotonic() + wait_seconds
    now = timezone.now()
    mark = OutboxMark.objects.create(last_id=_value(LAST_ID), below=_value(BELOW), taken_at=now)
    while _published_below() < mark.below and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    marks = OutboxMark.objects.filter(below__lte=_published_below(), published_at=None)
    marks.update(published_at=timezone.now())
    OutboxMark.objects.filter(taken_at__lt=now - KEPT).delete()


def horizon(age: timedelta) -> int:
    published = OutboxMark.objects.filter(published_at__lte=timezone.now() - age)
    return published.order_by("-last_id").values_list("last_id", flat=True).first() or 0


def _published_below() -> int:
    """The transaction number below which every shard has published everything; 0 while one has no cursor."""
    names = [shard.name for shard in shards()]
    found, below = _row(PUBLISHED_BELOW, names)
    return below if found == len(names) else 0


def progress() -> Progress:
    return _progress(_cursors())


def backlog(limit: int) -> tuple[int, datetime | None]:
    return _backlog(_cursors(), limit)


def overview(limit: int) -> Overview:
    cursors = _cursors()
    return Overview(_progress(cursors), *_backlog(cursors, limit))


def _cursors() -> dict[str, RelayCursor]:
    """Those of all shards that have one, by their names."""
    return RelayCursor.objects.in_bulk([shard.name for shard in shards()])


def _progress(cursors: dict[str, RelayCursor]) -> Progress:
    names = [shard.name for shard in shards()]
    return Progress(
        position=_value(POSITION, names) if len(cursors) == len(names) else 0,
        moved_at=max((cursor.moved_at for cursor in cursors.values()), default=None),
    )


def _backlog(cursors: dict[str, RelayCursor], limit: int) -> tuple[int, datetime | None]:
    found = [_oldest_pending(shard, cursors.get(shard.name, RelayCursor()), limit) for shard in shards()]
    return sum(number for number, _ in found), min((oldest for _, oldest in found if oldest), default=None)


def _oldest_pending(shard: Shard, cursor: RelayCursor, limit: int) -> tuple[int, datetime | None]:
    seen = cursor.snapshot or "1:1:"
    query, begin = (BY_ID, cursor.position) if cursor.target else (BY_TRANSACTION, seen)
    with transaction.atomic():
        _row(BY_INDEX)
        number, oldest = _row(query, begin, seen, shard.count, shard.index, limit)
    return number, oldest


def _row(query: str, *values: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def _value(query: str, *values: Any) -> Any:
    return _row(query, *values)[0]
