"""One leader among all processes of an installation.

PostgreSQL: an advisory lock of a database session. The session is the leader's own and the one by which it moves
its cursor, so who has lost the lock cannot write as a leader any more. SQLite: a lock on a file in ``VAR_DIR``.
Either way the lock ends with the process, however that ends.

Source: https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import fcntl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

RETRY_SECONDS = 0.5
LOCKS = 0x70D0  # the first half of our advisory locks' keys; the second is the name's checksum
# Whose machine has gone is no leader for long: the server asks after 5 s of silence, three times.
KEEPALIVE = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"

HELD: set[str] = set()  # the names of what this process leads


@dataclass(frozen=True)
class Leader:
    """Who leads; ``session`` is the database session that holds the lock, None on SQLite."""

    session: psycopg.Connection[Any] | None = None

    def check(self) -> None:
        """Raises psycopg.OperationalError when the session, and with it the leadership, is lost."""
        if self.session is not None:
            self.session.execute("SELECT 1")


@contextmanager
def leadership(name: str, stop: threading.Event) -> Iterator[Leader | None]:
    """Wait until this process leads, at most until ``stop``. Gives the leader, None where it did not come to that.

    Raises psycopg.OperationalError while the database is away.
    """
    lead = _by_file if connection.vendor == "sqlite" else _by_session
    with lead(name, stop) as leader:
        if leader is not None:
            HELD.add(name)
        try:
            yield leader
        finally:
            HELD.discard(name)


def _wait_for(attempt: Callable[[], bool], stop: threading.Event) -> bool:
    leads = attempt()
    while not leads and not stop.wait(RETRY_SECONDS):
        leads = attempt()
    return leads


@contextmanager
def _by_file(name: str, stop: threading.Event) -> Iterator[Leader | None]:
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / f"{name}.lock").open("w") as lock:
        yield Leader() if _wait_for(lambda: _lock_file(lock.fileno()), stop) else None


def _lock_file(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _by_session(name: str, stop: threading.Event) -> Iterator[Leader | None]:
    with closing(own_session()) as session:
        yield Leader(session) if _wait_for(lambda: _lock_name(session, name), stop) else None


def own_session() -> psycopg.Connection[Any]:
    """A session apart from Django's: it is never shared, pooled, or closed between two pieces of work."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters["options"] = f"{parameters.get('options', '')} {KEEPALIVE}".strip()
    return psycopg.connect(**{**parameters, "autocommit": True, "prepare_threshold": 5})


def _lock_name(session: psycopg.Connection[Any], name: str) -> bool:
    number = zlib.crc32(name.encode()) - 2**31  # as a signed 32-bit integer
    row = session.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, number)).fetchone()
    return bool(row and row[0])
