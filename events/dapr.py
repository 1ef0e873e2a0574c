"""The Dapr transport: publishes in bulk through this process's daprd. No other module of this app reaches Dapr.

Source: https://docs.dapr.io/reference/api/pubsub_api/#publish-multiple-messages-to-a-given-topic
"""

from __future__ import annotations

import http.client
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from django.conf import settings

from events.outbox import OutboxRow
from events.topics import PUBSUB, topic_of

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 30.0  # for one bulk; what was accepted all the same comes twice, to no effect
BULK_ROWS = 125  # while daprd reads one bulk, Kafka writes another
BULKS_AT_ONCE = 4
# An envelope is a CloudEvent already. daprd would read each one and write it anew, a tenth of the whole path's work.
AS_IT_IS = "metadata.rawPayload=true"
_local = threading.local()  # one connection per thread
_publishers = ThreadPoolExecutor(BULKS_AT_ONCE, thread_name_prefix="publish")


class Away(Exception):
    """daprd or the broker takes nothing. The text says why."""


class FailedEntry(msgspec.Struct):
    entryId: str
    error: str = ""


class Answer(msgspec.Struct):
    """What daprd says when not all of a bulk was published."""

    failedEntries: list[FailedEntry] = []
    message: str = ""


def publish(rows: Sequence[OutboxRow]) -> set[int]:
    """Publish a batch. Returns the ids of the rows that must be sent again.

    A bulk promises no order, so no two events of one key are in flight at once: the first of each key go
    together, then the second of each, and so on. After a refusal the later ones of that key are held back.
    """
    refused: set[int] = set()
    held_back = set()
    for wave in _waves(rows):
        ready = [row for row in wave if row.key not in held_back]
        refused |= {row.id for row in wave if row.key in held_back}
        failed = _publish_wave(ready)
        refused |= failed
        held_back |= {row.key for row in ready if row.id in failed}
    return refused


def _waves(rows: Sequence[OutboxRow]) -> Iterator[list[OutboxRow]]:
    """The rows in as few groups as it takes for each to have every key once, in order."""
    waves: list[list[OutboxRow]] = []
    seen: dict[object, int] = defaultdict(int)
    for row in rows:
        if seen[row.key] == len(waves):
            waves.append([])
        waves[seen[row.key]].append(row)
        seen[row.key] += 1
    yield from waves


def _publish_wave(rows: Sequence[OutboxRow]) -> set[int]:
    """Publish rows of different keys, large waves as several bulks at once: between keys there is no order to keep."""
    bulks = list(_bulks(rows))
    if len(bulks) == 1:
        return _publish_all_or_none(*bulks[0])
    return set().union(*_publishers.map(lambda bulk: _publish_all_or_none(*bulk), bulks))


def _bulks(rows: Sequence[OutboxRow]) -> Iterator[tuple[str, list[OutboxRow]]]:
    topics: dict[str, list[OutboxRow]] = defaultdict(list)
    for row in rows:
        topics[topic_of(row.type)].append(row)
    for topic, part in topics.items():
        for start in range(0, len(part), BULK_ROWS):
            yield topic, part[start : start + BULK_ROWS]


def _publish_all_or_none(topic: str, rows: Sequence[OutboxRow]) -> set[int]:
    """As ``_publish_bulk``; when daprd or the broker is away, all were refused."""
    try:
        return _publish_bulk(topic, rows)
    except Away as error:
        log.warning("%s took none of %d events: %s", topic, len(rows), error)
        return {row.id for row in rows}


def _publish_bulk(topic: str, rows: Sequence[OutboxRow]) -> set[int]:
    """The ids of the rows that were not published. Raises Away when nothing is known to have been."""
    status, body = _post(f"/v1.0/publish/bulk/{PUBSUB}/{topic}?{AS_IT_IS}", _bulk(rows))
    if status == http.HTTPStatus.NO_CONTENT:
        return set()
    try:
        answer = msgspec.json.decode(body, type=Answer)
    except msgspec.DecodeError as error:
        raise Away(f"daprd answered {status}: {body[:200]!r}") from error
    if not answer.failedEntries:
        raise Away(f"daprd answered {status}: {answer.message}")
    log.warning(
        "%s refused %d of %d events: %s",
        topic,
        len(answer.failedEntries),
        len(rows),
        answer.failedEntries[0].error,
    )
    return {int(entry.entryId) for entry in answer.failedEntries}


def _bulk(rows: Sequence[OutboxRow]) -> bytes:
    """The body: envelopes are JSON already, so they are put in as they are. A UUID needs no escaping."""
    entries = ",".join(
        f'{{"entryId":"{row.id}","event":{row.envelope},"contentType":"application/cloudevents+json",'
        f'"metadata":{{"partitionKey":"{row.key}"}}}}'
        for row in rows
    )
    return f"[{entries}]".encode()


def _post(path: str, body: bytes) -> tuple[int, bytes]:
    """Send a request over this thread's connection. Raises Away when there is no answer."""
    headers = {"Content-Type": "application/json", "dapr-api-token": settings.DAPR_API_TOKEN}
    connection = _connection()
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()  # it opens again with the next request
        raise Away(f"daprd on port {settings.DAPR_HTTP_PORT} does not answer: {error!r}") from error


def _connection() -> http.client.HTTPConnection:
    if not hasattr(_local, "connection"):
        _local.connection = http.client.HTTPConnection(
            "127.0.0.1", settings.DAPR_HTTP_PORT, timeout=TIMEOUT_SECONDS
        )
    connection: http.client.HTTPConnection = _local.connection
    return connection
