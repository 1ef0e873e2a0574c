"""Notes when something is first seen in the database and in Kafka."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Hashable, Mapping
from typing import Any

import psycopg
from confluent_kafka import Consumer, TopicPartition

from deploy.local.kafka import TIMEOUT_SECONDS, Broker

POLL_SECONDS = 0.002


class Sightings:
    """When each thing was seen first, in seconds on this process's monotonic clock."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, float] = {}
        self._changed = threading.Condition()

    def note(self, what: Hashable) -> None:
        with self._changed:
            self._seen.setdefault(what, time.monotonic())
            self._changed.notify_all()

    def wait_for(self, what: Hashable, until: float) -> float | None:
        """When it was seen; None when it is not seen until that moment."""
        with self._changed:
            self._changed.wait_for(lambda: what in self._seen, until - time.monotonic())
            return self._seen.get(what)


class DatabaseWatch(threading.Thread):
    """Asks each query, with the text it looks for, until it finds a row."""

    def __init__(
        self,
        url: str,
        text: str,
        queries: Mapping[Any, str],
        sightings: Sightings,
        stop: threading.Event,
    ) -> None:
        super().__init__(name="database-watch", daemon=True)
        self._connection = psycopg.connect(url, autocommit=True)
        self._pattern = [f"%{text}%"]
        self._queries = dict(queries)
        self._sightings = sightings
        self._stopped = stop

    def run(self) -> None:
        with self._connection:
            while self._queries and not self._stopped.wait(POLL_SECONDS):
                for what, query in list(self._queries.items()):
                    if self._connection.execute(query, self._pattern).fetchone() is not None:
                        self._sightings.note(what)
                        del self._queries[what]


class KafkaWatch(threading.Thread):
    """Reads every topic from its end and looks for CloudEvents of some types that contain a text."""

    def __init__(
        self,
        broker: Broker,
        text: str,
        types: Mapping[str, Hashable],
        sightings: Sightings,
        stop: threading.Event,
    ) -> None:
        super().__init__(name="kafka-watch", daemon=True)
        self._text = text.encode()
        self._types = types
        self._sightings = sightings
        self._stopped = stop
        self._consumer = _reader(broker)

    def run(self) -> None:
        while not self._stopped.is_set():
            message = self._consumer.poll(0.05)
            value = None if message is None or message.error() else message.value()
            if isinstance(value, bytes) and self._text in value:
                self._note(value)
        self._consumer.close()

    def _note(self, value: bytes) -> None:
        what = self._types.get(json.loads(value)["type"])
        if what is not None:
            self._sightings.note(what)


def _reader(broker: Broker) -> Consumer:
    """A consumer of no group that stands at the end of every topic, dead letters excepted."""
    consumer = Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": "watch",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": 10,
        }
    )
    places = [
        TopicPartition(topic, partition)
        for topic, partitions in broker.partitions().items()
        if not topic.endswith("-dlq")
        for partition in range(partitions)
    ]
    for place in places:
        _, place.offset = consumer.get_watermark_offsets(place, timeout=TIMEOUT_SECONDS)
    consumer.assign(places)
    return consumer
