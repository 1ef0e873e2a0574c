"""What the database of a stack holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from deploy.local.stack import Stack

LOGGED = "SELECT count(*) FROM events_taskeventlog WHERE event_id = ANY(%s::uuid[])"
LETTERS = "SELECT consumer, type, state, error FROM events_deadletter WHERE envelope LIKE %s ORDER BY id"


def rows(stack: Stack, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.databases.url()) as connection:
        return connection.execute(query, values).fetchall()  # type: ignore[arg-type]


def logged(stack: Stack, event_ids: Iterable[str]) -> int:
    """How many of these events of tasks are in the log."""
    count: int = rows(stack, LOGGED, list(event_ids))[0][0]
    return count


def letters(stack: Stack, text: str) -> list[tuple[str, str, str, str]]:
    """The dead letters whose envelope has a text in it: consumer, type, state and error."""
    return [(str(a), str(b), str(c), str(d)) for a, b, c, d in rows(stack, LETTERS, f"%{text}%")]


def envelopes(stack: Stack, *task_ids: str) -> list[str]:
    """The recorded events of tasks, in order."""
    query = "SELECT envelope FROM events_outboxevent WHERE key = ANY(%s::uuid[]) ORDER BY id"
    return [envelope for (envelope,) in rows(stack, query, list(task_ids))]
