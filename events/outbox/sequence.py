"""Reading the outbox by its ids, for a database with one writer at a time: ids become visible in their order."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Subquery, Value
from django.utils import timezone

from events.models import OutboxEvent, RelayCursor
from events.outbox import OutboxRow, Overview, Progress, Shard

COLUMNS = ("id", "type", "key", "envelope")
NAME = Shard().name  # one writer has no use for several relays


def cursor() -> RelayCursor:
    return RelayCursor.objects.get_or_create(name=NAME)[0]


class SequenceSource:
    """Rows after the cursor's id."""

    def __init__(self) -> None:
        self._position = cursor().position
        self._read: Sequence[OutboxRow] = ()

    def read(self, limit: int) -> Sequence[OutboxRow]:
        rows = OutboxEvent.objects.filter(id__gt=self._position).order_by("id").values_list(*COLUMNS)
        self._read = [OutboxRow(pk, type_, str(key), envelope) for pk, type_, key, envelope in rows[:limit]]
        return self._read

    def acknowledge(self) -> None:
        if self._read:
            self._position = self._read[-1].id
            RelayCursor.objects.filter(name=NAME).update(position=self._position, moved_at=timezone.now())


@contextmanager
def leading(shard: Shard, stop: threading.Event) -> Iterator[SequenceSource]:
    """No lock of its own: the process that has the event roles of this machine leads (``todo_project.roles``)."""
    yield SequenceSource()


def progress() -> Progress:
    return _progress(cursor())


def backlog(limit: int) -> tuple[int, datetime | None]:
    pending = OutboxEvent.objects.filter(id__gt=cursor().position).order_by("id")[:limit]
    found = pending.aggregate(n=Count("pk"), oldest=Min("created_at"))
    return found["n"], found["oldest"]


def overview(limit: int) -> Overview:
    """On the whole the ids have no gaps, so those of ``limit`` rows are that many numbers."""
    after = OutboxEvent.objects.filter(
        id__gt=OuterRef("position"), id__lte=OuterRef("position") + limit
    ).order_by()
    number = after.values(every=Value(1)).values(n=Count("pk"))
    oldest = after.values(every=Value(1)).values(at=Min("created_at"))
    known = RelayCursor.objects.filter(name=NAME).annotate(pending=Subquery(number), oldest=Subquery(oldest))
    now = known.first()
    if now is None:
        return Overview(progress(), *backlog(limit))
    return Overview(_progress(now), now.pending, now.oldest)


def _progress(now: RelayCursor) -> Progress:
    return Progress(now.position, now.moved_at if now.position else None)


def keep_up(wait_seconds: float = 0.0) -> None:
    """The cursor says it all."""


def horizon(age: timedelta) -> int:
    published = OutboxEvent.objects.filter(id__lte=cursor().position, created_at__lte=timezone.now() - age)
    return published.order_by("-id").values_list("id", flat=True).first() or 0
