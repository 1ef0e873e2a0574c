"""What cannot be read is kept: with its reason in the database, a copy in Kafka, and another chance later."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer

from deploy.local.ports import Ports
from deploy.local.service import Service, http_status
from deploy.local.stack import Stack
from tests.event_path.database import envelopes, letters, logged
from tests.event_path.deliverer import Deliverer
from tests.event_path.kafka_tail import PATIENCE_SECONDS, tail_of
from tests.event_path.person import Person
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]

GARBAGE = b"\xff garbage"


@contextmanager
def relay_paused(stack: Stack) -> Iterator[None]:
    """Nothing is published but by the test."""
    stack.pause("relay")
    try:
        yield
    finally:
        stack.resume("relay")


@contextmanager
def older_version(stack: Stack) -> Iterator[Service]:
    """One more role ``events``, of a version that lacks two types of today."""
    ports = Ports.free().roles["events"]
    own = {"ROLE_PORT": str(ports.app), "METRICS_PORT": "0"}
    older = Service(
        name="older-events",
        folder=stack.folder,
        port=ports.app,
        command=[
            *(sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"),
            "tests.event_path.older:application",
        ],
        environment=lambda: {**stack.environment("events"), **own},
        answers=lambda: http_status(ports.app, "/health/ready", seconds=5.0) == 200,
    )
    older.start()
    try:
        older.wait_ready()
        yield older
    finally:
        older.kill()


def produce(stack: Stack, topic: str, key: str, values: list[bytes]) -> None:
    """Put records into Kafka past everything of ours, one behind the other."""
    producer = Producer({"bootstrap.servers": stack.broker.address, "log_level": 0})
    for value in values:
        producer.produce(topic, value, key=key)
    assert producer.flush(30) == 0


def test_a_broken_record_among_good_ones_goes_to_the_dead_letters_and_holds_up_nothing(
    stack: Stack, person: Person
):
    with tail_of(stack.broker, "task-events-dlq") as copies, relay_paused(stack):
        first, second = envelopes(stack, person.new_task("One"), person.new_task("Two"))
        mark = json.loads(first)["subject"]
        broken = json.loads(first) | {"id": mark, "data": {"surprise": mark}}
        produce(
            stack,
            "task-events",
            mark,
            [first.encode(), json.dumps(broken).encode(), GARBAGE, second.encode()],
        )
        ids = [json.loads(envelope)["id"] for envelope in (first, second)]
        wait_until(lambda: logged(stack, ids) == 2, "the good ones are logged", PATIENCE_SECONDS)
        copies.read_until(lambda records: len(records) >= 2, "copies in the dead-letter topic")
        copied = [record.value for record in copies.rest()]
    # What is no JSON at all daprd sorts out itself.
    assert (json.loads(copied[0]), copied[1:]) == (broken, [GARBAGE])
    (letter,) = letters(stack, f'"surprise":"{mark}"')
    assert letter[:3] == ("delivery", "task.created", "dead")
    assert "task.created does not fit its schema" in letter[3]


def test_what_a_newer_version_has_recorded_is_kept_and_handled_after_the_update(stack: Stack, person: Person):
    task = person.new_task()
    with relay_paused(stack):
        person.ask("DELETE", f"/api/tasks/{task}")
        person.ask("POST", f"/api/tasks/{task}/restore")
        created, deleted, restored = envelopes(stack, task)
        with older_version(stack) as older:
            deliverer = Deliverer(stack, port=older.port)
            assert deliverer.bulk([created, deleted, restored]) == ["SUCCESS", "DROP", "DROP"]
        assert [letter[1:3] for letter in letters(stack, task)] == [
            ("task.deleted", "dead"),
            ("task.restored", "dead"),
        ]
        newer, unknown = [letter[3] for letter in letters(stack, task)]
        assert (
            newer
            == "Schema urn:todo:schema:task.deleted:1 is not the one known here, urn:todo:schema:task.deleted:0"
        )
        assert unknown == "Unknown event type 'task.restored'"
        for name in ("task.deleted", "task.restored"):
            said = stack.manage("requeue_dead_letters", "--type", name).stdout
            assert "1 in the queue again" in said or "1 handled" in said
        ids = [json.loads(envelope)["id"] for envelope in (deleted, restored)]
        wait_until(lambda: logged(stack, ids) == 2, "both are logged", PATIENCE_SECONDS)
        assert {letter[2] for letter in letters(stack, task)} == {"resolved"}
