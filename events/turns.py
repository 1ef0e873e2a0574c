"""How workers keep out of each other's way on PostgreSQL. SQLite has one writer, who waits for nobody."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from events import arrays

# Both in one trip to the database. Without waiting for the disk: a crash would lose effect and receipt together,
# and both come again.
STATEMENT = """
    SELECT set_config('synchronous_commit', 'off', true), count(pg_advisory_xact_lock(key))
    FROM unnest(%b::bigint[]) AS key"""


def take_turns(consumer: str, subjects: Iterable[str]) -> None:
    """Until the end of the transaction, let no other worker do a consumer's work for the same subjects.

    Of two workers with overlapping batches the second waits for the first, and neither waits for the other in turn:
    all take their locks in one order. ``subjects`` are UUIDs.
    """
    if connection.vendor != "postgresql":
        return
    salt = zlib.crc32(consumer.encode())
    keys = sorted({_signed((UUID(subject).int ^ salt) % 2**64) for subject in subjects})
    arrays.execute(STATEMENT, keys)


def _signed(number: int) -> int:
    """As PostgreSQL has its 64-bit integers."""
    return number - 2**64 if number >= 2**63 else number
