"""What comes into topics of Kafka from now on, by Kafka's own client."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from deploy.local.kafka import TIMEOUT_SECONDS, Broker

PATIENCE_SECONDS = 90.0  # on a machine that does much else
QUIET_SECONDS = 1.5  # in which nothing more comes when nothing is to come
# Errors that end when Kafka is there again.
PASSING = {KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError.LEADER_NOT_AVAILABLE}

NOT_YET = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
}


@dataclass(frozen=True)
class Record:
    """One record. ``key`` and ``event`` (its value, None where that is no JSON) are as they arrived."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes

    @property
    def event(self) -> Any:
        try:
            return json.loads(self.value)
        except ValueError:
            return None

    @property
    def id(self) -> str:
        return str(self.event["id"])


class Tail:
    """Reads every partition of some topics from where it ended when this was made, or all that they hold."""

    def __init__(self, broker: Broker, topics: Collection[str], *, from_start: bool = False) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": broker.address,
                "group.id": "path",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 20,
                "reconnect.backoff.max.ms": 1000,
                "log_level": 0,
            }
        )
        counts = _partitions(broker, set(topics))
        places = [
            self._place(topic, number, from_start) for topic in topics for number in range(counts[topic])
        ]
        self._consumer.assign(places)
        self.records: list[Record] = []

    def _place(self, topic: str, partition: int, from_start: bool) -> TopicPartition:
        """Where to begin. A topic that was just made has no leader for a moment."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            place = TopicPartition(topic, partition)
            try:
                low, high = self._consumer.get_watermark_offsets(place, timeout=TIMEOUT_SECONDS)
            except KafkaException as error:
                if error.args[0].code() not in NOT_YET or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                place.offset = low if from_start else high
                return place

    def close(self) -> None:
        self._consumer.close()

    def read_until(self, enough: Callable[[list[Record]], bool], what: str) -> list[Record]:
        """Read on until it is enough. Returns everything so far, each partition in its order."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not enough(self.records):
            assert time.monotonic() < deadline, f"not in time: {what}; {len(self.records)} records came"
            self._read(0.1)
        return self.records

    def wait_for(self, ids: Iterable[str]) -> list[Record]:
        """Read on until all these events came, and then nothing more. Returns everything so far."""
        wanted = set(ids)
        self.read_until(
            lambda records: wanted <= {record.id for record in records}, f"{len(wanted)} events in Kafka"
        )
        return self.rest()

    def rest(self, quiet_seconds: float = QUIET_SECONDS) -> list[Record]:
        """Read on until nothing more comes. Returns everything so far."""
        last = time.monotonic()
        while time.monotonic() - last < quiet_seconds:
            if self._read(0.1):
                last = time.monotonic()
        return self.records

    def _read(self, seconds: float) -> int:
        found = 0
        for message in self._consumer.consume(500, timeout=seconds):
            error = message.error()
            if error is not None:
                if error.code() not in PASSING:
                    raise KafkaException(error)
                continue
            topic, partition, offset = message.topic(), message.partition(), message.offset()
            assert topic is not None
            assert partition is not None
            assert offset is not None
            key, value = message.key() or b"", message.value() or b""
            key = key.encode() if isinstance(key, str) else key
            value = value.encode() if isinstance(value, str) else value
            self.records.append(Record(topic, partition, offset, key.decode(), value))
            found += 1
        return found


def _partitions(broker: Broker, topics: set[str]) -> dict[str, int]:
    """How many each topic has. One that was just made is not known everywhere at once."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not topics <= set(counts := broker.partitions()):
        assert time.monotonic() < deadline, f"there is no {topics - set(counts)}"
        time.sleep(0.1)
    return counts


@contextmanager
def tail_of(broker: Broker, *topics: str, from_start: bool = False) -> Iterator[Tail]:
    tail = Tail(broker, topics, from_start=from_start)
    try:
        yield tail
    finally:
        tail.close()


def first_seen(records: Iterable[Record]) -> dict[str, list[str]]:
    """The ids of each key's events, in the order in which each was seen first."""
    found: dict[str, dict[str, None]] = {}
    for record in records:
        found.setdefault(record.key, {})[record.id] = None
    return {key: list(ids) for key, ids in found.items()}
