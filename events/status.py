"""How far the events are: what the command and the pages for operators show.

What waits is counted among the ``LOOK`` oldest that may: a look stays quick however far behind things are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from events import consumers, reconcile
from events.models import ConsumedEvent, DeadLetter, OutboxEvent
from events.models.dead_letter import DELIVERY, State
from events.outbox import reader
from events.standing import LOOK, lag_of


@dataclass(frozen=True)
class ConsumerStatus:
    """``lag``: published events without its receipt or a letter. ``oldest_seconds``: the age of the oldest of these."""

    name: str
    position: int
    lag: int
    oldest_seconds: float
    last_handled_at: datetime | None
    retrying: int
    requeued: int
    dead: int

    def state(self, patience: timedelta) -> str:
        """ "failing" with dead letters, "behind" when something waits longer, "retrying", else "healthy"."""
        if self.dead:
            return "failing"
        if self.oldest_seconds > patience.total_seconds():
            return "behind"
        return "retrying" if self.retrying else "healthy"


@dataclass(frozen=True)
class Status:
    """How far the outbox was published (``position``), and each consumer. Ages are in seconds.

    ``recorded_last_minute``: events of the last minute, published or not.
    """

    pending: int
    oldest_pending_seconds: float
    position: int
    published_at: datetime | None
    recorded_last_minute: int
    unreadable: int
    consumers: tuple[ConsumerStatus, ...]

    @property
    def dead(self) -> int:
        """All dead letters: those of the consumers, and deliveries that nobody could read."""
        return self.unreadable + sum(consumer.dead for consumer in self.consumers)

    def problems(self, patience: timedelta) -> list[str]:
        """What somebody should look at, one sentence each; empty when all is well."""
        return list(self._problems(patience.total_seconds()))

    def _problems(self, limit: float) -> Iterator[str]:
        if self.oldest_pending_seconds > limit:
            yield f"{self.pending} events are not published, the oldest for {self.oldest_pending_seconds:.0f} s."
        for consumer in self.consumers:
            if consumer.oldest_seconds > limit:
                yield f"{consumer.name} is {consumer.oldest_seconds:.0f} s behind, by {consumer.lag} events."
            if consumer.dead:
                yield f"{consumer.name} has {consumer.dead} dead letters."
        if self.unreadable:
            yield f"{self.unreadable} deliveries could not be read and are dead letters."


def status() -> Status:
    """How it is now."""
    now = timezone.now()
    progress = reader().progress()
    pending, oldest = reader().backlog(LOOK)
    letters = _letters()
    return Status(
        pending=pending,
        oldest_pending_seconds=_age(oldest, now),
        position=progress.position,
        published_at=progress.moved_at,
        recorded_last_minute=_recorded_since(now - timedelta(minutes=1)),
        unreadable=letters.get((DELIVERY, State.DEAD), 0),
        consumers=tuple(_consumer(name, progress.position, letters, now) for name in consumers.registry()),
    )


def _consumer(
    name: str, published: int, letters: dict[tuple[str, str], int], now: datetime
) -> ConsumerStatus:
    lag, oldest = lag_of(name, published)
    return ConsumerStatus(
        name=name,
        position=reconcile.settled_position(name),
        lag=lag,
        oldest_seconds=_age(oldest, now),
        last_handled_at=_last_handled(name),
        retrying=letters.get((name, State.RETRYING), 0),
        requeued=letters.get((name, State.REQUEUED), 0),
        dead=letters.get((name, State.DEAD), 0),
    )


def _recorded_since(instant: datetime) -> int:
    """By the time in the ids (UUIDv7), which have an index."""
    first = UUID(int=int(instant.timestamp() * 1000) << 80)
    return OutboxEvent.objects.filter(event_id__gte=first).count()


def _letters() -> dict[tuple[str, str], int]:
    """How many letters there are by consumer and state."""
    counted = DeadLetter.objects.open().order_by().values_list("consumer", "state").annotate(n=Count("pk"))
    return {(consumer, state): number for consumer, state, number in counted}


def _last_handled(consumer: str) -> datetime | None:
    """Receipts are only added, so the newest has the highest id; found from the end, without reading all."""
    receipts = ConsumedEvent.objects.filter(consumer=consumer)
    newest = receipts.order_by("-pk").first() if receipts.exists() else None
    return None if newest is None else newest.handled_at


def _age(instant: datetime | None, now: datetime) -> float:
    return 0.0 if instant is None else max((now - instant).total_seconds(), 0.0)
