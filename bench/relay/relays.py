"""The relays that are compared. Each takes a sink, ``publish(rows) -> ids of those that were refused``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any

import psycopg
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events import relay
from events.outbox import OutboxRow, Shard, snapshot
from events.topics import PUBSUB, topic_of
from todo_project.blocks.sidecar import SIDECAR

Sink = Callable[[Sequence[OutboxRow]], set[int]]
BATCH = 500  # rows that every relay reads, publishes and settles at once


def ours(sink: Sink, total: int) -> None:
    """``events.relay`` as it is, with another sink."""
    relay.transport = lambda: sink
    with snapshot.leading(Shard(), threading.Event()) as source:
        one = relay.Relay(source)
        done = 0
        while done < total:
            done += one.step()


def orm_skip_locked(sink: Sink, total: int) -> None:
    """The usual one: lock unpublished rows with SKIP LOCKED, publish, mark as published, commit.

    Written as well as the ORM allows: a partial index, one UPDATE a batch, no instance saved by itself.
    """
    from bench.relay.models import UsualOutbox

    done = 0
    while done < total:
        with transaction.atomic():
            waiting = UsualOutbox.objects.select_for_update(skip_locked=True).filter(published_at=None)
            rows = list(waiting.order_by("id")[:BATCH])
            refused = sink([OutboxRow(row.id, row.type, row.key, row.envelope) for row in rows])
            accepted = [row.id for row in rows if row.id not in refused]
            UsualOutbox.objects.filter(pk__in=accepted).update(published_at=timezone.now())
        done += len(accepted)


def one_bulk(rows: Sequence[OutboxRow]) -> set[int]:
    """The sink of a good usual relay: the batch as one bulk by topic, with the key of each event, through HTTP."""
    topics: dict[str, list[OutboxRow]] = {}
    for row in rows:
        topics.setdefault(topic_of(row.type), []).append(row)
    for topic, part in topics.items():
        entries = ",".join(
            f'{{"entryId":"{row.id}","event":{row.envelope},"contentType":"application/cloudevents+json",'
            f'"metadata":{{"partitionKey":"{row.key}"}}}}'
            for row in part
        )
        _post(f"/v1.0/publish/bulk/{PUBSUB}/{topic}", f"[{entries}]".encode())
    return set()


def _post(path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "dapr-api-token": settings.DAPR_API_TOKEN}
    _connection().request("POST", path, body, headers)
    answer = _connection().getresponse()
    if answer.read() or answer.status != HTTPStatus.NO_CONTENT:
        raise RuntimeError(f"daprd answered {answer.status}")


@cache
def _connection() -> HTTPConnection:
    return HTTPConnection("127.0.0.1", settings.DAPR_HTTP_PORT)


def one_by_one(rows: Sequence[OutboxRow]) -> set[int]:
    """The sink that most relays have: one publish for each event, through Dapr's SDK, as its guide shows it."""
    daprd = SIDECAR.client()
    for row in rows:
        daprd.publish_event(
            PUBSUB,
            topic_of(row.type),
            row.envelope,
            data_content_type="application/cloudevents+json",
            publish_metadata={"partitionKey": str(row.key)},
        )
    return set()


class Naive:
    """``id > last``: what most people write first. It looks right until two transactions overlap."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session, self._last = session, 0

    def read(self) -> list[tuple[int, Any, int]]:
        rows = self._session.execute(
            "SELECT id, key, sequence FROM events_outboxevent WHERE id > %s ORDER BY id LIMIT 500",
            [self._last],
        ).fetchall()
        if rows:
            self._last = rows[-1][0]
        return rows


class Ours:
    """The same by ``events.outbox.snapshot``."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self._session = session
        self._source = snapshot.SnapshotSource(session, Shard())

    def read(self) -> list[tuple[int, Any, int]]:
        rows = self._source.read(BATCH)
        self._source.acknowledge()
        if not rows:
            return []
        versions = dict(
            self._session.execute(
                "SELECT id, sequence FROM events_outboxevent WHERE id = ANY(%s)", [[row.id for row in rows]]
            ).fetchall()
        )
        return [(row.id, row.key, versions[row.id]) for row in rows]
