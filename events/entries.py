"""Writing the event log: a batch is one statement, and what is logged already stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Manager

from events import arrays
from events.envelope import Event, encode
from events.models import ProjectEventLog, TaskEventLog, UserEventLog

Log = type[TaskEventLog] | type[ProjectEventLog] | type[UserEventLog]
# PostgreSQL takes the columns out of the envelopes itself: an envelope is a tenth of the work of its columns.
COLUMNS = {
    "event_id": "(event->>'id')::uuid",
    "type": "event->>'type'",
    "actor_id": "(data->'actor'->>'id')::uuid",
    "actor_name": "data->'actor'->>'name'",
    "via": "data->'actor'->>'via'",
    "occurred_at": "(data->>'occurred_at')::timestamptz",
    "data": "data",
    "envelope": "envelope",
    "logged_at": "clock_timestamp()",
}
USER = {"user_id": "(data->>'user_id')::uuid"}
OWN_COLUMNS: dict[Log, dict[str, str]] = {
    TaskEventLog: {
        **USER,
        "task_id": "(data->>'task_id')::uuid",
        "version": "(data->>'version')::int",
        "changes": "data->'changes'",
    },
    ProjectEventLog: {"project_id": "(data->>'project_id')::uuid"},
    UserEventLog: USER,
}


def write_entries(log: Log, events: Sequence[Event]) -> None:
    """Log events in the order given."""
    if not events:
        return
    if connection.vendor == "postgresql":
        arrays.execute(_statement(log), [encode(event.envelope) for event in events])
    else:
        manager: Manager[Any] = log._default_manager
        manager.bulk_create([log(**columns_of(log, event)) for event in events], ignore_conflicts=True)


def _statement(log: Log) -> str:
    columns = {**COLUMNS, **OWN_COLUMNS[log]}
    return (
        f"INSERT INTO {log._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "  # noqa: S608
        "FROM unnest(%b::text[]) WITH ORDINALITY AS given (envelope, number), "
        "LATERAL (SELECT envelope::jsonb AS event OFFSET 0) AS read, "
        "LATERAL (SELECT event->'data' AS data OFFSET 0) AS inner_part "
        "ORDER BY number ON CONFLICT DO NOTHING"
    )


def columns_of(log: Log, event: Event) -> dict[str, Any]:
    """What an entry has, for a database that gets its columns one by one."""
    data = event.data
    said = msgspec.json.decode(event.envelope.data)
    return {
        "event_id": event.id,
        "type": event.envelope.type,
        "actor_id": data.actor.id,
        "actor_name": data.actor.name,
        "via": data.actor.via,
        "occurred_at": data.occurred_at,
        "data": said,
        "envelope": encode(event.envelope),
        **{name: said[name] for name in OWN_COLUMNS[log]},
    }
