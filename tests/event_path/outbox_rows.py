"""Rows of an outbox as a relay reads them, of keys that are nobody's tasks."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from events.outbox import OutboxRow

_numbers = itertools.count(1)


def row(type_: str, key: UUID, sequence: int = 1, *, padding: int = 0) -> OutboxRow:
    """``padding``: by how many bytes the event is longer than it need be."""
    envelope = {
        "specversion": "1.0",
        "id": str(uuid7()),
        "source": "/todo/tasks",
        "type": type_,
        "subject": str(key),
        "time": "2030-01-01T00:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": f"urn:todo:schema:{type_}:1",
        "sequence": str(sequence),
        "partitionkey": str(key),
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "traceid": "0af7651916cd43dd8448eb211c80319c",
        "data": {"number": "9007199254740993", "padding": "x" * padding},
    }
    return OutboxRow(next(_numbers), type_, str(key), json.dumps(envelope))


def rows(type_: str, keys: int, each: int) -> list[OutboxRow]:
    """Events 1, 2, … of each of so many keys, the keys taking turns."""
    names = [uuid4() for _ in range(keys)]
    return [row(type_, name, sequence) for sequence in range(1, each + 1) for name in names]


def id_of(one: OutboxRow) -> str:
    """The event's id."""
    found: str = json.loads(one.envelope)["id"]
    return found


def ids_by_key(published: Sequence[OutboxRow]) -> dict[str, list[str]]:
    """The ids of each key's events, in order."""
    found: dict[str, list[str]] = {}
    for one in published:
        found.setdefault(str(one.key), []).append(id_of(one))
    return found
