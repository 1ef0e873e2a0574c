"""Records real events at a given rate, as cheaply as it can be done, so that the path is what is measured."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

TICK_SECONDS = 0.01  # one transaction each
TASKS = 20_000  # each gets an event in turn, so none has two under way at once for long


class Load:
    """``session`` is a connection of its own. Versions go on from call to call."""

    def __init__(self, session: psycopg.Connection) -> None:
        self._session = session
        self._session.autocommit = True
        self._tasks = [uuid7() for _ in range(TASKS)]
        self._versions = [0] * TASKS
        self._next = 0

    def run(self, rate: int, seconds: float) -> tuple[int, int]:
        """Record ``rate`` events a second. Returns the first and the last outbox id."""
        begun, recorded, total = time.monotonic(), 0, int(rate * seconds)
        first = last = 0
        while recorded < total:
            due = min(total, int((time.monotonic() - begun) * rate) + 1)
            if due > recorded:
                ids = self._record(due - recorded)
                first, last, recorded = first or min(ids), max(ids), due
            time.sleep(max(0.0, begun + (recorded / rate) - time.monotonic(), TICK_SECONDS / 4))
        return first, last

    def _record(self, number: int) -> list[int]:
        rows = [self._event() for _ in range(number)]
        found = self._session.execute(
            "INSERT INTO events_outboxevent (event_id, type, key, sequence, envelope, created_at) "
            "SELECT i, 'task.updated', k, s, e, now() "
            "FROM unnest(%b::uuid[], %b::uuid[], %b::int[], %b::text[]) AS given (i, k, s, e) RETURNING id",
            [[row[column] for row in rows] for column in range(4)],
        )
        return [row[0] for row in found.fetchall()]

    def _event(self) -> tuple[UUID, UUID, int, str]:
        from events.envelope import encode, envelop

        index = self._next = (self._next + 1) % TASKS
        self._versions[index] += 1
        key, version = self._tasks[index], self._versions[index]
        envelope = envelop(an_update(key, version), key, version)
        return envelope.id, key, version, encode(envelope)


def an_update(task_id: UUID, version: int):
    """A usual change of a usual task: about 1.3 kB as an envelope."""
    from events import types

    now = datetime.now(UTC)
    task = types.TaskState(
        id=task_id, title="Call the landlord about the heating in the kitchen", description="Since Monday. " * 10,
        status="pending", priority="medium", tags=["home", "calls"], due_date=now, due_all_day=False,
        reminders=[{"id": "a", "minutes_before": 30}], project=OWNER, project_name="Home", assignee=None,
        parent=None, position="a0", recurring_task=None, occurrence_at=None, completed_at=None, deleted_at=None,
        created_at=now, updated_at=now, version=version,
    )  # fmt: skip
    return types.TaskUpdated(
        actor=types.ActorRef(id=OWNER, name="Olga", via="api"), occurred_at=now, task_id=task_id, user_id=OWNER,
        version=version, changes={"title": types.Change(before="Call", after=task.title)}, task=task,
    )  # fmt: skip


OWNER = uuid7()
