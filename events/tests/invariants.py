"""What must hold after anything that was done to a task."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker

from events import json_schema
from events.envelope import decode
from events.models import OutboxEvent
from events.recording import task_state
from events.types import EVENT_TYPES
from tasks.models import Task

FORMATS = FormatChecker(["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


SCHEMAS = {
    name: Draft202012Validator(json.loads(json_schema.path_of(event).read_text()), format_checker=FORMATS)
    for name, event in EVENT_TYPES.items()
}


def rows_of(key: UUID) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(key=key).order_by("id"))


def types_of(task: Task) -> list[str]:
    return [row.type for row in rows_of(task.pk)]


def data_of(row: OutboxEvent) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(row.envelope)["data"]
    return data


def assert_events_fit_their_schemas() -> int:
    """Returns how many events there were."""
    rows = list(OutboxEvent.objects.all())
    for row in rows:
        envelope = json.loads(row.envelope)
        SCHEMAS[row.type].validate(envelope["data"])
        assert envelope["type"] == row.type
        assert envelope["dataschema"] == SCHEMAS[row.type].schema["$id"]
        assert envelope["id"] == str(row.event_id)
        assert envelope["subject"] == envelope["partitionkey"] == str(row.key)
        assert envelope.get("sequence") == (None if row.sequence is None else str(row.sequence))
    return len(rows)


def assert_told(tasks: Iterable[Task] | None = None) -> None:
    """Every step of every task is an event, in order, and the last one tells what the row says."""
    for task in Task.objects.all() if tasks is None else tasks:
        row = Task.objects.get(pk=task.pk)
        events = rows_of(row.pk)
        assert [event.sequence for event in events] == list(range(1, row.version + 1))
        assert [data_of(event)["version"] for event in events] == list(range(1, row.version + 1))
        last = decode(events[-1].envelope)
        assert last.data.task == task_state(row)
    assert_events_fit_their_schemas()
