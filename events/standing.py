"""How far the events are, as gauges: read from the database and the queue when the monitoring asks.

One role shows them (``todo_project/metrics.py``), since each process would only say the same. However far behind
things are, a look costs fractions of a second: counts end at ``LOOK``, while ages are exact.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import Case, Count, DateTimeField, Exists, Min, QuerySet, Subquery, When
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from events import broker, consumers, reconcile
from events.models import ConsumedEvent, DeadLetter
from events.models.dead_letter import DELIVERY
from events.outbox import reader
from events.tally import Same, part, tally

log = logging.getLogger(__name__)
LOOK = 100_000  # rows of the outbox that are looked at, from the oldest that may be unsettled
FRESH_SECONDS = 10.0  # how long one look serves
PATIENCE_SECONDS = 5.0  # half of what Prometheus waits for a whole answer

Gauges = Sequence[GaugeMetricFamily]


def of_database() -> Gauges:
    """What is unpublished, unhandled and given up. Raises DatabaseError while the database is away."""
    return [*_outbox(), *_lags(), _dead_letters()]


def of_queue() -> Gauges:
    """How many messages wait. Raises RedisError while Redis is away."""
    depth = GaugeMetricFamily(
        "todo_queue_depth_messages", "Messages that wait or are being handled.", labels=["queue"]
    )
    for name in consumers.registry():
        queue = consumers.queue_of(name)
        depth.add_metric([queue], broker.backlog(queue))
    return [depth]


def _outbox() -> Gauges:
    number, oldest = reader().backlog(LOOK)
    return [
        GaugeMetricFamily("todo_outbox_unpublished_events", "Recorded, not yet published.", number),
        GaugeMetricFamily(
            "todo_outbox_oldest_unpublished_seconds", "Age of the oldest of these.", _age(oldest)
        ),
    ]


def _lags() -> Gauges:
    events = GaugeMetricFamily(
        "todo_consumer_lag_events", "Published, without a receipt or a letter.", labels=["consumer"]
    )
    seconds = GaugeMetricFamily(
        "todo_consumer_lag_seconds", "Age of the oldest of these.", labels=["consumer"]
    )
    settled = reconcile.settled_positions()
    found = tally(*lag_parts(settled, reader().horizon(timedelta(0))))
    for name in settled:
        lag = found["lag", name]
        events.add_metric([name], lag.number or 0)
        seconds.add_metric([name], _age(lag.oldest))
    return [events, seconds]


def lag_parts(settled: dict[str, int], published: int) -> list[QuerySet[Any]]:
    """Parts of a tally: how many published events have neither a receipt nor a letter of each consumer, since when
    the oldest, and when the consumer last handled one."""
    return [_lag_part(name, position, published) for name, position in settled.items()]


def _lag_part(consumer: str, settled: int, published: int) -> QuerySet[Any]:
    missing = reconcile.missing_for(consumer, up_to=min(published, settled + LOOK), after=settled)
    return part(missing, "lag", consumer, oldest=Min("created_at"), handled_at=_last_handled(consumer))


def _last_handled(consumer: str) -> Same:
    """Receipts are only added, so the newest has the highest id. It is found from the end, without reading all, and
    not looked for where there is none."""
    receipts = ConsumedEvent.objects.filter(consumer=consumer)
    newest = receipts.order_by("-pk").values("handled_at")[:1]
    return Same(Case(When(Exists(receipts), then=Subquery(newest))), DateTimeField())


def _dead_letters() -> GaugeMetricFamily:
    dead = GaugeMetricFamily("todo_dead_letters", "Dead letters that wait for a person.", labels=["consumer"])
    counted = DeadLetter.objects.dead().order_by().values_list("consumer").annotate(n=Count("pk"))
    found: dict[str, int] = dict(counted)
    for name in (*consumers.registry(), DELIVERY):
        dead.add_metric([name], found.get(name, 0))
    return dead


def _age(instant: datetime | None) -> float:
    return 0.0 if instant is None else max((timezone.now() - instant).total_seconds(), 0.0)


class Source:
    """Where gauges come from. It is looked at in a thread of its own, which nobody waits for longer than they want."""

    def __init__(self, name: str, look: Callable[[], Gauges]) -> None:
        self.name = name
        self._look = look
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found: Gauges = ()
        self._fresh_until = 0.0

    def begin(self) -> None:
        """Look, unless what was found is fresh or somebody is looking."""
        with self._lock:
            is_looking = self._thread is not None and self._thread.is_alive()
            if is_looking or self._is_fresh:
                return
            self._thread = threading.Thread(target=self._run, name=f"metrics-{self.name}", daemon=True)
            self._thread.start()

    def wait(self, deadline: float) -> Gauges | None:
        """What was found; None when nothing is to be had by then (on the monotonic clock)."""
        if self._thread is not None:
            self._thread.join(max(deadline - time.monotonic(), 0.0))
        return self._found if self._is_fresh else None

    @property
    def _is_fresh(self) -> bool:
        return time.monotonic() < self._fresh_until

    def _run(self) -> None:
        try:
            self._found = self._look()
            self._fresh_until = time.monotonic() + FRESH_SECONDS
        except Exception as error:
            log.warning("The %s gives no figures to the monitoring: %r", self.name, error)
        finally:
            connections.close_all()


class Standing(Collector):
    """All gauges, and which of their sources answered."""

    def __init__(self) -> None:
        self._sources = (Source("database", of_database), Source("queue", of_queue))

    def describe(self) -> Gauges:
        """Nothing: a registry would else look already when it learns of this."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("todo_status_up", "Whether the source of gauges answered.", labels=["source"])
        deadline = time.monotonic() + PATIENCE_SECONDS
        for source in self._sources:
            source.begin()
        for source in self._sources:
            found = source.wait(deadline)
            up.add_metric([source.name], found is not None)
            yield from found or ()
        yield up
