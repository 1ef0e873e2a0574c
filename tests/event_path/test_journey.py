"""One task from the API to its effects, on the real stack, in both layouts of the topics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from deploy.local import kafka
from deploy.local.stack import Stack
from tests.event_path.database import envelopes, rows
from tests.event_path.kafka_tail import PATIENCE_SECONDS, Record, tail_of
from tests.event_path.person import Person
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]

TYPES = ["task.created", "task.updated", "task.reminder.due", "task.completed"]
ATTRIBUTES = {
    "specversion": "1.0",
    "source": "/todo/tasks",
    "datacontenttype": "application/json",
}
LOG = "SELECT event_id::text, version FROM events_taskeventlog WHERE task_id = %s ORDER BY id"
TOLD = "SELECT id::text, source_event_id::text FROM notifications_notification WHERE task_id = %s"
CARRIERS = ("relay", "events", "daprd-events")  # those that know the topics


def restart(stack: Stack, *names: str) -> None:
    for name in names:
        stack.stop(name)
    for name in names:
        stack.start(name)
    for name in names:
        stack.wait_ready(name)


@contextmanager
def layout(stack: Stack, name: str) -> Iterator[None]:
    """The stack with the topics of a layout, and afterwards with those that it had."""
    before, others = stack.layout, set(kafka.topics(name)) - set(stack.broker.partitions())
    stack.broker.create(kafka.topics(name))
    stack.settings["EVENT_TOPIC_LAYOUT"] = name
    restart(stack, *CARRIERS)
    try:
        yield
    finally:
        stack.settings["EVENT_TOPIC_LAYOUT"] = before
        restart(stack, *CARRIERS)
        if others:
            stack.broker.delete(sorted(others))


def travelled(stack: Stack, person: Person, topics: Iterable[str]) -> dict[str, str]:
    """A task's events come once each into Kafka's ``topics``, into its history, and to its owner.

    Returns the topic by the event's type.
    """
    with tail_of(stack.broker, *sorted(set(topics))) as tail:
        task_id = person.new_reminder("Call Anna")
        person.ask("PATCH", f"/api/tasks/{task_id}", {"title": "Call Anna back"})
        wait_until(lambda: len(told(stack, task_id)) == 1, "the owner is told", PATIENCE_SECONDS)
        person.ask("POST", f"/api/tasks/{task_id}/complete")
        wait_until(lambda: len(person.history(task_id)) == len(TYPES), "the history", PATIENCE_SECONDS)
        recorded = [json.loads(envelope) for envelope in envelopes(stack, task_id)]
        (notification,) = told(stack, task_id)
        sent = [json.loads(envelope) for envelope in envelopes(stack, notification[0])]
        records = tail.wait_for(event["id"] for event in [*recorded, *sent])
    assert [event["type"] for event in recorded] == TYPES
    in_kafka = {record.id: record for record in records if record.key in {task_id, notification[0]}}
    assert len(in_kafka) == len([record for record in records if record.id in in_kafka]), "one came twice"
    for event in [*recorded, *sent]:
        arrived(in_kafka[event["id"]], event)
    assert len(in_kafka) == len([*recorded, *sent])
    assert rows(stack, LOG, task_id) == [(event["id"], int(event["sequence"])) for event in recorded]
    assert [told_by_api(entry) for entry in person.history(task_id)] == [
        (event["id"], event["type"], event["data"]["version"], event["data"]["changes"]) for event in recorded
    ]
    assert notification[1] == recorded[2]["id"]
    return {event["type"]: in_kafka[event["id"]].topic for event in [*recorded, *sent]}


def arrived(record: Record, event: dict[str, Any]) -> None:
    assert record.key == event["subject"]
    assert ATTRIBUTES.items() - {("source", "/todo/tasks")} <= record.event.items()
    assert record.event == event


def told(stack: Stack, task_id: str) -> list[tuple[Any, ...]]:
    return rows(stack, TOLD, task_id)


def told_by_api(entry: dict[str, Any]) -> tuple[Any, ...]:
    return entry["id"], entry["type"], entry["version"], entry["changes"]


def test_a_task_travels_over_one_topic_per_aggregate(stack: Stack, person: Person):
    notifications = dict.fromkeys(("notification.in_app", "notification.email"), "notification-events")
    topics = dict.fromkeys(TYPES, "task-events") | notifications
    assert travelled(stack, person, topics.values()) == topics


def test_a_task_travels_over_one_topic_per_type_after_a_change_of_the_layout(stack: Stack, person: Person):
    topics = {
        "task.created": "task-created",
        "task.updated": "task-updated",
        "task.reminder.due": "task-reminder-due",
        "task.completed": "task-completed",
        "notification.in_app": "notification-in-app",
        "notification.email": "notification-email",
    }
    with layout(stack, "by-type"):
        assert travelled(stack, person, topics.values()) == topics
        made = stack.broker.partitions()
        assert {f"{topic}-dlq" for topic in topics.values()} <= set(made)
