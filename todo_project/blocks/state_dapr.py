"""The state store behind daprd (``deploy/dapr/state.yaml``)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dapr.clients.exceptions import DaprGrpcError
from dapr.clients.grpc._state import Concurrency, Consistency, StateOptions
from grpc import StatusCode

from todo_project.blocks.sidecar import SIDECAR, Unavailable
from todo_project.blocks.state import Changed, Stored

FIRST_WRITE: Final = StateOptions(concurrency=Concurrency.first_write, consistency=Consistency.strong)


class DaprState:
    """``StateStore`` on a Dapr component."""

    def __init__(self, component: str) -> None:
        self._component = component

    def get(self, key: str) -> Stored | None:
        with self._errors():
            found = SIDECAR.client().get_state(self._component, key)
        return Stored(found.data, found.etag) if found.etag else None

    def save(self, key: str, value: bytes, ttl: int, etag: str = "") -> None:
        try:
            with self._errors():
                SIDECAR.client().save_state(
                    self._component,
                    key,
                    value,
                    etag=etag or None,
                    options=FIRST_WRITE,
                    state_metadata={"ttlInSeconds": str(ttl)},
                )
        except Unavailable:
            # A store answers a first write of a key that is taken with an error like any other.
            if not etag and self.get(key) is not None:
                raise Changed(key) from None
            raise

    def delete(self, key: str, etag: str) -> None:
        with self._errors():
            SIDECAR.client().delete_state(self._component, key, etag=etag, options=FIRST_WRITE)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DaprGrpcError as error:
            if error.code() is StatusCode.ABORTED:
                raise Changed(error.details()) from error
            if error.code() in {StatusCode.UNAVAILABLE, StatusCode.CANCELLED}:
                SIDECAR.forget()
            raise Unavailable(f"{self._component}: {error.details()}") from error
