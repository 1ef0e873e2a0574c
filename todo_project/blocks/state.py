"""The state store: small values under a key that several processes share for a while.

Every write is first-write-wins: it names the etag that it read, or that there was nothing, and is refused where
somebody else wrote in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True)
class Stored:
    """A value, and the etag that the next write of it names."""

    value: bytes
    etag: str


class Changed(Exception):
    """Somebody else wrote the key first; what was to be written was not."""


class StateStore(Protocol):
    """All methods raise ``sidecar.Unavailable``, or DatabaseError, while the store is away."""

    def get(self, key: str) -> Stored | None:
        """What is stored under a key and has not expired."""

    def save(self, key: str, value: bytes, ttl: int, etag: str = "") -> None:
        """Store a value for ``ttl`` seconds under a key that is free, or still as at ``etag``. Raises Changed."""

    def delete(self, key: str, etag: str) -> None:
        """Forget what is under a key, if anything is, where it is still as at ``etag``. Raises Changed."""


@cache
def _of(transport: str) -> StateStore:
    if transport == "dapr":
        from todo_project.blocks.state_dapr import DaprState

        return DaprState("todo-state")
    from todo_project.blocks.state_database import DatabaseState

    return DatabaseState()


def state_store() -> StateStore:
    """Redis through daprd, or on the embedded default the database."""
    return _of(settings.EVENT_TRANSPORT)
