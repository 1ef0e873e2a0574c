"""How the outbox is read: in the order of its ids where the database has one writer, else by snapshots.

``OUTBOX_READER`` names the module in this package that does it. Both have the same functions:

- ``leading(shard, stop)``: waits until this process leads a shard and gives what it reads from, see ``Source``
- ``progress()``: how far the outbox is published, see ``Progress``
- ``backlog(limit)``: how many rows are unpublished and since when the oldest is, looking at so many at most
- ``overview(limit)``: both of these with as few statements as can be
- ``keep_up(wait_seconds)``: notes how far it is, to be called every few seconds; waits until what there is now is
  published, at most so long
- ``horizon(age)``: the newest id up to which everything was published at least so long ago, 0 when there is none
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from django.conf import settings


class OutboxRow(NamedTuple):
    """What a relay needs of a recorded event: order holds per ``key``, ``envelope`` is the CloudEvent in JSON.

    The key is a UUID as text: an object of each would be a good part of what reading costs.
    """

    id: int
    type: str
    key: str
    envelope: str


@dataclass(frozen=True)
class Shard:
    """One of ``count`` parts of the outbox. A key is always in the same one."""

    index: int = 0
    count: int = 1

    @property
    def name(self) -> str:
        """What its cursor and its lock are called."""
        return "relay" if self.count == 1 else f"relay-{self.index}-of-{self.count}"


class Source(Protocol):
    """The unpublished rows of a shard, for its leader. It holds its place in memory and in a cursor."""

    def read(self, limit: int) -> Sequence[OutboxRow]:
        """The next rows, in order; the same ones again until they are acknowledged."""

    def acknowledge(self) -> None:
        """All that was read was accepted: move the cursor past it."""


@dataclass(frozen=True)
class Progress:
    """It came to the id ``position`` at ``moved_at``."""

    position: int
    moved_at: datetime | None


@dataclass(frozen=True)
class Overview:
    """How far the outbox is published, how many rows wait, and since when the oldest."""

    progress: Progress
    pending: int
    oldest: datetime | None


class Reader(Protocol):
    """What a module in this package offers."""

    def leading(self, shard: Shard, stop: threading.Event) -> AbstractContextManager[Source | None]: ...

    def progress(self) -> Progress: ...

    def backlog(self, limit: int) -> tuple[int, datetime | None]: ...

    def overview(self, limit: int) -> Overview: ...

    def keep_up(self, wait_seconds: float = 0.0) -> None: ...

    def horizon(self, age: timedelta) -> int: ...


def reader() -> Reader:
    """The configured reader."""
    return cast(Reader, import_module(f"events.outbox.{settings.OUTBOX_READER}"))


def shards() -> list[Shard]:
    """All shards of this installation."""
    return [Shard(index, settings.RELAY_SHARDS) for index in range(settings.RELAY_SHARDS)]
