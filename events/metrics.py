"""What the event path counts, where it happens. ``docs/monitoring.md`` says what each figure means.

A counter goes up once for a batch, so that counting costs next to nothing beside what is counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from django.utils import timezone
from prometheus_client import Counter, Gauge, Histogram

from events.topics import topic_of

# Seconds. The finer ones are around what is promised: 0.1 s from the commit to the audit log.
LATENCY_BUCKETS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300)


class BatchHistogram(Histogram):
    """A histogram that takes a batch for little more than it costs to take one."""

    def observe_all(self, amounts: Sequence[float]) -> None:
        """The same as ``observe`` with each of them."""
        for number, count in Tally(bisect_left(self._upper_bounds, amount) for amount in amounts).items():
            self._buckets[number].inc(count)
        self._sum.inc(sum(amounts))


RECORDED = Counter("todo_events_recorded_total", "Events committed to the outbox.", ["type"])
PUBLISHED = Counter("todo_events_published_total", "Events that the transport accepted.", ["topic"])
DELIVERED = Counter("todo_events_delivered_total", "Events delivered, by our answer.", ["status"])
CONSUMED = Counter(
    "todo_events_consumed_total", "Events handed to consumers, by outcome.", ["consumer", "outcome"]
)
LATENCY = BatchHistogram(
    "todo_event_latency_seconds",
    "From an event's time to its consumer's receipt.",
    ["consumer"],
    buckets=LATENCY_BUCKETS,
)
LEADER = Gauge(
    "todo_relay_leader", "Whether this process leads a shard.", ["shard"], multiprocess_mode="livemax"
)
_of_type = cache(RECORDED.labels)  # looking it up costs more than counting


def recorded(types: Iterable[str]) -> None:
    """To be called after the commit: what was rolled back never happened."""
    for type_, number in Tally(types).items():
        _of_type(type_).inc(number)


def published(types: Iterable[str]) -> None:
    for type_, number in Tally(types).items():
        PUBLISHED.labels(topic_of(type_)).inc(number)


def delivered(statuses: Sequence[str]) -> None:
    for status, number in Tally(statuses).items():
        DELIVERED.labels(status).inc(number)


def applied(consumer: str, number: int, fresh: Sequence[datetime]) -> None:
    """Of so many events these, by their times, had no receipt yet. To be called after the commit."""
    now = timezone.now()
    LATENCY.labels(consumer).observe_all([(now - instant).total_seconds() for instant in fresh])
    consumed(consumer, "handled", len(fresh))
    consumed(consumer, "repeated", number - len(fresh))


def consumed(consumer: str, outcome: str, number: int = 1) -> None:
    """``outcome``: handled, repeated (it had a receipt), failed (comes again), dead or unreadable."""
    if number:
        CONSUMED.labels(consumer, outcome).inc(number)


@contextmanager
def leads(shard: str) -> Iterator[None]:
    """Marks this process as the leader of a shard."""
    LEADER.labels(shard).set(1)
    try:
        yield
    finally:
        LEADER.labels(shard).set(0)
