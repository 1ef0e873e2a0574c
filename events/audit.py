"""The audit consumer: writes every event into the event log, each task's in the order of its versions."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from events import arrays, log_signal
from events.entries import write_entries
from events.envelope import Event, Unreadable, decode
from events.models import ConsumedEvent, OutboxEvent, ProjectEventLog, TaskEventLog, UserEventLog
from events.types import ProjectEvent, TaskEvent, UserEvent

log = logging.getLogger(__name__)
AUDIT = "audit"
HEADS = "SELECT task_id, max(version) FROM events_taskeventlog WHERE task_id = ANY(%b) GROUP BY task_id"


def write_event_log(events: Sequence[Event]) -> None:
    """Log a batch of events. An event that comes before its predecessors brings them along from the outbox."""
    _log_tasks([event for event in events if isinstance(event.data, TaskEvent)])
    write_entries(ProjectEventLog, [event for event in events if isinstance(event.data, ProjectEvent)])
    write_entries(UserEventLog, [event for event in events if isinstance(event.data, UserEvent)])
    transaction.on_commit(log_signal.announce)


def _log_tasks(events: Sequence[Event]) -> None:
    if not events:
        return
    heads = _heads({_data(event).task_id for event in events})
    rows: dict[tuple[UUID, int], Event] = {}
    # By task and version, so that two workers that log the same tasks wait for each other in one order.
    for event in sorted(events, key=lambda e: (_data(e).task_id, _data(e).version)):
        task_id, version = _data(event).task_id, _data(event).version
        for predecessor in _between(task_id, heads.get(task_id, 0), version):
            rows[task_id, _data(predecessor).version] = predecessor
        rows[task_id, version] = event
        heads[task_id] = max(version, heads.get(task_id, 0))
    write_entries(TaskEventLog, list(rows.values()))


def _heads(task_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The last logged version of each task."""
    if connection.vendor == "postgresql":
        return dict(arrays.execute(HEADS, list(task_ids)))
    logged = TaskEventLog.objects.filter(task_id__in=task_ids).values_list("task_id")
    return dict(logged.annotate(head=Max("version")).order_by())


def _between(task_id: UUID, head: int, version: int) -> list[Event]:
    """The events after the last logged version and before this one, with their receipts recorded."""
    if version <= head + 1:
        return []
    rows = OutboxEvent.objects.filter(key=task_id, sequence__gt=head, sequence__lt=version).order_by(
        "sequence"
    )
    events = [event for row in rows if (event := _readable(row.envelope))]
    if len(events) < version - head - 1:
        log.error("Task %s: the outbox lacks versions between %d and %d", task_id, head, version)
    ConsumedEvent.objects.record(AUDIT, [event.id for event in events])
    return events


def _readable(envelope: str) -> Event | None:
    """One that cannot be read has a dead letter of its own; it must not take its successors along."""
    try:
        return decode(envelope)
    except Unreadable:
        return None


def _data(event: Event) -> TaskEvent:
    return cast("TaskEvent", event.data)
