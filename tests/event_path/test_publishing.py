"""``events.dapr.publish`` through a real daprd into a real Kafka.

On topics of the layout that the stack does not have, so nobody takes what is published here for events of tasks.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import LazySettings

from deploy.local.kafka import PARTITIONS
from deploy.local.stack import Stack
from events import dapr
from tests.event_path.kafka_tail import Tail, first_seen, tail_of
from tests.event_path.outbox_rows import id_of, ids_by_key, row, rows
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]

TYPE, TOPIC = "task.updated", "task-updated"
OTHER_TYPE, OTHER_TOPIC = "task.completed", "task-completed"
MISSING_TYPE, MISSING_TOPIC = "task.reopened", "task-reopened"
TOO_LONG = 1_100_000  # bytes; Kafka takes 1,048,588 and daprd sends 1,000,000


@pytest.fixture(scope="module")
def topics(stack: Stack) -> Iterator[None]:
    stack.broker.create({TOPIC: PARTITIONS, OTHER_TOPIC: PARTITIONS})
    yield
    stack.broker.delete([TOPIC, OTHER_TOPIC])


@pytest.fixture
def tail(stack: Stack, topics: None) -> Iterator[Tail]:
    with tail_of(stack.broker, TOPIC, OTHER_TOPIC) as tail:
        yield tail


@pytest.fixture(autouse=True)
def _as_the_relay(stack: Stack, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process publishes through the sidecar of the stack's relay."""
    settings.DAPR_HTTP_PORT = stack.ports.roles["relay"].dapr_http
    settings.DAPR_API_TOKEN = stack.keys["dapr"]
    settings.EVENT_TOPIC_LAYOUT = "by-type"
    monkeypatch.setattr(dapr, "_local", threading.local())


def test_an_event_arrives_as_it_was_recorded_under_its_key(tail: Tail):
    one = row(TYPE, uuid4())
    assert dapr.publish([one]) == set()
    (record,) = tail.wait_for([id_of(one)])
    assert (record.topic, record.key) == (TOPIC, str(one.key))
    assert record.event == json.loads(one.envelope)


def test_events_of_one_task_arrive_in_order(tail: Tail):
    many = rows(TYPE, keys=1, each=60)
    assert dapr.publish(many) == set()
    records = tail.wait_for(map(id_of, many))
    assert [record.id for record in records] == [id_of(one) for one in many]
    assert len({record.partition for record in records}) == 1


def test_events_of_many_tasks_arrive_once_each_in_its_order(tail: Tail):
    many = rows(TYPE, keys=100, each=3)
    assert dapr.publish(many) == set()
    records = tail.wait_for(map(id_of, many))
    assert len(records) == len(many)
    assert first_seen(records) == ids_by_key(many)
    assert len({record.partition for record in records}) == PARTITIONS, (
        "the keys are not spread over the partitions"
    )


def test_types_go_to_their_own_topics(tail: Tail):
    key = uuid4()
    pair = [row(TYPE, key, 1), row(OTHER_TYPE, key, 2)]
    assert dapr.publish(pair) == set()
    records = tail.wait_for(map(id_of, pair))
    assert {record.topic: record.id for record in records} == {
        TOPIC: id_of(pair[0]),
        OTHER_TOPIC: id_of(pair[1]),
    }


def test_what_is_too_long_for_kafka_is_refused_alone_and_holds_back_its_key(
    tail: Tail, caplog: pytest.LogCaptureFixture
):
    key, others = uuid4(), rows(TYPE, keys=20, each=2)
    before, long, after = row(TYPE, key, 1), row(TYPE, key, 2, padding=TOO_LONG), row(TYPE, key, 3)
    batch = [before, *others[:20], long, *others[20:], after]
    assert dapr.publish(batch) == {long.id, after.id}
    published = [before, *others]
    records = tail.wait_for(map(id_of, published))
    assert Counter(record.id for record in records) == Counter(map(id_of, published))
    assert f"{TOPIC} refused 1 of 21 events" in caplog.text


def test_a_missing_topic_refuses_everything_and_says_so(
    stack: Stack, tail: Tail, caplog: pytest.LogCaptureFixture
):
    lost, other = rows(MISSING_TYPE, keys=3, each=2), row(TYPE, uuid4())
    assert dapr.publish([*lost, other]) == {one.id for one in lost}
    assert tail.wait_for([id_of(other)])[0].id == id_of(other)
    assert MISSING_TOPIC in caplog.text
    assert "does not exist" in caplog.text
    assert MISSING_TOPIC not in stack.broker.partitions()
    wait_until(lambda: dapr.publish([row(TYPE, uuid4())]) == set(), "others are published again", 60)


def test_without_a_sidecar_everything_is_refused_and_the_next_attempt_succeeds(
    stack: Stack, tail: Tail, caplog: pytest.LogCaptureFixture
):
    many = rows(TYPE, keys=4, each=3)
    assert dapr.publish(many[:1]) == set()
    stack.kill("daprd-relay")
    try:
        assert dapr.publish(many) == {one.id for one in many}
        assert f"daprd on port {stack.ports.roles['relay'].dapr_http} does not answer" in caplog.text
    finally:
        stack.start("daprd-relay")
        stack.wait_ready("daprd-relay")
    assert dapr.publish(many) == set()
    assert first_seen(tail.wait_for(map(id_of, many))) == ids_by_key(many)


def test_a_wrong_token_refuses_everything(
    settings: LazySettings, tail: Tail, caplog: pytest.LogCaptureFixture
):
    settings.DAPR_API_TOKEN = "wrong"
    one = row(TYPE, uuid4())
    assert dapr.publish([one]) == {one.id}
    assert "401" in caplog.text
    assert tail.rest() == []
