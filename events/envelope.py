"""CloudEvents 1.0 in JSON: how an event is written, sent and read again.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from events import tracing
from events.types import EVENT_TYPES, EventData, Instant

SOURCES = {
    "task": "/todo/tasks",
    "project": "/todo/projects",
    "user": "/todo/accounts",
    "notification": "/todo/notifications",
}


class Unreadable(ValueError):
    """What arrived is not an event that this version understands. The text says why."""


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The envelope. Attributes that carriers add on the way are let pass, ``data`` is read strictly."""

    id: UUID
    source: str
    type: str
    subject: str
    time: Instant
    dataschema: str
    data: msgspec.Raw
    sequence: str | None = None
    partitionkey: str = ""
    traceparent: str = ""
    traceid: str = ""
    specversion: Literal["1.0"]
    datacontenttype: str = ""


class Event(msgspec.Struct, frozen=True):
    """A received event: its envelope and what it says."""

    envelope: CloudEvent
    data: EventData

    @property
    def id(self) -> UUID:
        return self.envelope.id


_decode_envelope = msgspec.json.Decoder(CloudEvent).decode
_decode_data = {name: msgspec.json.Decoder(event).decode for name, event in EVENT_TYPES.items()}


def schema_name(event: type[EventData]) -> str:
    """The name of an event's schema, for ``dataschema``: ``urn:todo:schema:task.created:1``."""
    return f"urn:todo:schema:{event.TYPE}:{event.VERSION}"


def envelop(data: EventData, subject: UUID, sequence: int | None = None) -> CloudEvent:
    """Put what happened into an envelope of its own. ``sequence`` is the version of the aggregate."""
    traceparent = tracing.current()
    return CloudEvent(
        id=uuid7(),
        source=SOURCES[data.AGGREGATE],
        type=data.TYPE,
        subject=str(subject),
        time=data.occurred_at,
        dataschema=schema_name(type(data)),
        data=msgspec.Raw(msgspec.json.encode(data)),
        sequence=None if sequence is None else str(sequence),
        partitionkey=str(subject),
        traceparent=traceparent,
        traceid=traceparent.split("-")[1],
        specversion="1.0",
        datacontenttype="application/json",
    )


def encode(envelope: CloudEvent) -> str:
    return msgspec.json.encode(envelope).decode()


def decode(text: str | bytes) -> Event:
    """Read an event. Raises Unreadable for what is broken, unknown, or newer than this version."""
    try:
        envelope = _decode_envelope(text)
    except msgspec.DecodeError as error:
        raise Unreadable(f"Not a CloudEvent: {error}") from error
    event = EVENT_TYPES.get(envelope.type)
    if event is None:
        raise Unreadable(f"Unknown event type {envelope.type!r}")
    if envelope.dataschema != schema_name(event):
        raise Unreadable(f"Schema {envelope.dataschema} is not the one known here, {schema_name(event)}")
    try:
        return Event(envelope, _decode_data[envelope.type](envelope.data))
    except msgspec.DecodeError as error:
        raise Unreadable(f"{envelope.type} does not fit its schema: {error}") from error
