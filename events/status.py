"""How far the events are: what the command and the pages for operators show.

What waits is counted among the ``LOOK`` oldest that may: a look stays quick however far behind things are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import ngettext

from events import reconcile
from events.models import DeadLetter, OutboxEvent, Projection
from events.models.dead_letter import DELIVERY, State
from events.models.statistics import percent_built
from events.outbox import reader
from events.standing import LOOK, lag_parts
from events.tally import Found, part, tally


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

    def behind_words(self) -> str:
        """How far it is behind, as a sentence."""
        words = ngettext(
            "%(name)s is %(seconds)d s behind, by %(n)d event.",
            "%(name)s is %(seconds)d s behind, by %(n)d events.",
            self.lag,
        )
        return words % {"name": self.name, "seconds": round(self.oldest_seconds), "n": self.lag}


@dataclass(frozen=True)
class Status:
    """How far the outbox was published (``position``), and each consumer. Ages are in seconds.

    ``recorded_last_minute``: events of the last minute, published or not. ``rebuilt_percent``: how far statistics are
    that are being built, None where none are.
    """

    pending: int
    oldest_pending_seconds: float
    position: int
    published_at: datetime | None
    recorded_last_minute: int
    unreadable: int
    consumers: tuple[ConsumerStatus, ...]
    rebuilt_percent: int | None = None

    @property
    def dead(self) -> int:
        """All dead letters: those of the consumers, and deliveries that nobody could read."""
        return self.unreadable + sum(consumer.dead for consumer in self.consumers)

    def problems(self, patience: timedelta) -> list[str]:
        """What somebody should look at, one sentence each; empty when all is well."""
        return list(self._problems(patience.total_seconds()))

    def _problems(self, limit: float) -> Iterator[str]:
        if self.oldest_pending_seconds > limit:
            words = ngettext(
                "%(n)d event is not published, for %(seconds)d s.",
                "%(n)d events are not published, the oldest for %(seconds)d s.",
                self.pending,
            )
            yield words % {"n": self.pending, "seconds": round(self.oldest_pending_seconds)}
        for consumer in self.consumers:
            if consumer.oldest_seconds > limit:
                yield consumer.behind_words()
            if consumer.dead:
                words = ngettext(
                    "%(name)s has %(n)d dead letter.", "%(name)s has %(n)d dead letters.", consumer.dead
                )
                yield words % {"name": consumer.name, "n": consumer.dead}
        if self.unreadable:
            words = ngettext(
                "%(n)d delivery could not be read and is a dead letter.",
                "%(n)d deliveries could not be read and are dead letters.",
                self.unreadable,
            )
            yield words % {"n": self.unreadable}


def status() -> Status:
    """How it is now."""
    return look()[0]


def look(*more: QuerySet[Any]) -> tuple[Status, Found]:
    """How it is now, and what more there is to be counted with the same statement (``events.tally.part``)."""
    now = timezone.now()
    outbox = reader().overview(LOOK)
    settled = reconcile.settled_positions()
    found = tally(*lag_parts(settled, outbox.progress.position), *_parts(now), *more)
    figures = Status(
        pending=outbox.pending,
        oldest_pending_seconds=_age(outbox.oldest, now),
        position=outbox.progress.position,
        published_at=outbox.progress.moved_at,
        recorded_last_minute=found.number("recorded"),
        unreadable=found.number("letters", DELIVERY, State.DEAD),
        consumers=tuple(_consumer(name, position, found, now) for name, position in settled.items()),
        rebuilt_percent=_rebuilt(found),
    )
    return figures, found


def _parts(now: datetime) -> list[QuerySet[Any]]:
    building = Projection.objects.building()
    return [
        part(DeadLetter.objects.open(), "letters", F("consumer"), F("state")),
        part(_recorded_since(now - timedelta(minutes=1)), "recorded"),
        part(building, "read", number=Sum("read")),
        part(building, "total", number=Sum("total")),
    ]


def _recorded_since(instant: datetime) -> QuerySet[OutboxEvent]:
    """By the time in the ids (UUIDv7), which have an index."""
    first = UUID(int=int(instant.timestamp() * 1000) << 80)
    return OutboxEvent.objects.filter(event_id__gte=first)


def _consumer(name: str, position: int, found: Found, now: datetime) -> ConsumerStatus:
    lag = found["lag", name]
    return ConsumerStatus(
        name=name,
        position=position,
        lag=lag.number or 0,
        oldest_seconds=_age(lag.oldest, now),
        last_handled_at=lag.handled_at,
        retrying=found.number("letters", name, State.RETRYING),
        requeued=found.number("letters", name, State.REQUEUED),
        dead=found.number("letters", name, State.DEAD),
    )


def _rebuilt(found: Found) -> int | None:
    total = found["total", ""].number
    return None if total is None else percent_built(found.number("read"), total)


def _age(instant: datetime | None, now: datetime) -> float:
    return 0.0 if instant is None else max((now - instant).total_seconds(), 0.0)
