"""The queue emptied, the topic deleted, everything sent again in any order: the outbox still has it all."""

from __future__ import annotations

import json
import random
import time
from http.client import HTTPConnection

import msgspec
import pytest
import redis
from confluent_kafka import Producer

from deploy.local import kafka, redis_server
from deploy.local.ports import LOOPBACK
from tests.faults.arena import TIMES, Arena
from tests.faults.books import TASK_TOPIC
from tests.waiting import wait_until

ENVELOPES = "SELECT envelope FROM events_outboxevent WHERE type LIKE 'task.%%' ORDER BY random() LIMIT %s"
BULK = 50

pytestmark = [
    pytest.mark.faults,
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(900),
]


def test_duplicates_in_any_order(arena: Arena) -> None:
    began = time.time()
    envelopes = [row[0] for row in arena.books.rows(ENVELOPES, 1000)]
    deliver_again(arena, envelopes)
    random.shuffle(envelopes)
    publish_again(arena, envelopes)
    recovery = arena.recovered(began)
    assert arena.close_the_books(f"{2 * len(envelopes)} events again, shuffled", [recovery]) == {}


def test_the_queue_emptied(arena: Arena) -> None:
    with redis.Redis.from_url(redis_server.url(arena.stack.ports.redis)) as client:
        recoveries = []
        for _ in range(TIMES):
            client.flushall()
            recoveries.append(arena.recovered(time.time()))
    assert arena.close_the_books("Redis FLUSHALL", recoveries) == {}


def test_the_topic_deleted_and_made_again(arena: Arena) -> None:
    broker = arena.stack.broker
    broker.delete([TASK_TOPIC])
    wait_until(lambda: TASK_TOPIC not in broker.partitions(), "the topic is gone")
    time.sleep(1)
    broker.create(kafka.topics(arena.stack.layout))
    assert TASK_TOPIC in broker.partitions()
    made_again = time.time()
    time.sleep(3)
    arena.stack.kill(
        "daprd-events"
    )  # it would not read from the new topic, and reconciliation would do all the work
    recovery = arena.recovered(made_again)
    assert arena.close_the_books("Kafka's topic deleted and made again", [recovery]) == {}


def deliver_again(arena: Arena, envelopes: list[str]) -> None:
    """As daprd does, with its token."""
    connection = HTTPConnection(LOOPBACK, arena.stack.ports.roles["events"].app, timeout=60)
    headers = {"Content-Type": "application/json", "dapr-api-token": arena.stack.keys["app"]}
    for start in range(0, len(envelopes), BULK):
        entries = [
            {
                "entryId": str(number),
                "event": json.loads(envelope),
                "contentType": "application/cloudevents+json",
            }
            for number, envelope in enumerate(envelopes[start : start + BULK])
        ]
        connection.request(
            "POST", "/events/task-events", json.dumps({"id": "again", "entries": entries}), headers
        )
        answer = connection.getresponse()
        assert answer.status == 200
        statuses = json.loads(answer.read())["statuses"]
        assert {entry["status"] for entry in statuses} == {"SUCCESS"}
    connection.close()


def publish_again(arena: Arena, envelopes: list[str]) -> None:
    """Past daprd, into the partitions that it would choose or others."""
    producer = Producer({"bootstrap.servers": arena.stack.broker.address})
    for envelope in envelopes:
        producer.produce(TASK_TOPIC, envelope.encode(), key=msgspec.json.decode(envelope)["subject"])
    assert producer.flush(60) == 0
