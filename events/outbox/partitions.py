"""The days that the outbox and the receipts are kept in on PostgreSQL: one partition each, dropped as a whole.

Deleting row by row leaves dead rows behind, and a busy outbox slows down tenfold within seconds of it. The day is
the one in the event's id: a UUIDv7 begins with milliseconds since 1970 (RFC 9562, 5.7), so the id alone finds the
partition. What has no partition yet lands in the default one; nothing is refused because a partition is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import OperationalError, connection, transaction

log = logging.getLogger(__name__)
OUTBOX = "events_outboxevent"
RECEIPTS = "events_consumedevent"
AHEAD = 7  # days for which there are partitions before they are needed
DAY = timedelta(days=1)
PATIENCE = "2s"  # writers wait at most so long for a partition to be made; else it is made later
# No unique constraint of the whole table can leave out the partition's column, so each day has its own.
ONE_PER_VERSION = "CREATE UNIQUE INDEX ON {} (key, sequence)"


def name_of(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def bounds(day: date) -> tuple[UUID, UUID]:
    """The first event id of a day and that of the next, UTC."""
    return _first_id(day), _first_id(day + DAY)


def _first_id(day: date) -> UUID:
    milliseconds = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
    return UUID(int=milliseconds << 80)


def days(table: str) -> list[date]:
    """The days that have a partition, the earliest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table]
        )
        names = [name.rsplit("_", 1)[1] for (name,) in cursor.fetchall()]
    return sorted(datetime.strptime(name, "%Y%m%d").date() for name in names if name.isdigit())  # noqa: DTZ007


def prepare(today: date) -> list[str]:
    """Make the partitions of yesterday, today and the days ahead that are missing. Returns their names."""
    return [name for table in (OUTBOX, RECEIPTS) for name in _prepare(table, today)]


def _prepare(table: str, today: date) -> Iterator[str]:
    there = set(days(table))
    for day in (today + number * DAY for number in range(-1, AHEAD + 1)):
        if day in there:
            continue
        try:
            _make(table, day, is_in_use=day <= today)
            yield name_of(table, day)
        except OperationalError as error:  # the lock was not to be had in time, or somebody else was faster
            log.warning("%s is made later: %s", name_of(table, day), error)


def _make(table: str, day: date, is_in_use: bool) -> None:
    """Make a partition and move there what the default one holds of that day.

    A day that is in use comes late: its rows go to the default one at this moment. Who writes then has to wait at the
    door of the table itself; past it, PostgreSQL would refuse the row when the default one no longer takes that day.
    """
    name, (first, after) = name_of(table, day), bounds(day)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        if is_in_use:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {table}_default WHERE event_id >= %s AND event_id < %s RETURNING *) "  # noqa: S608
            f"INSERT INTO {name} SELECT * FROM moved",
            [first, after],
        )
        cursor.execute(
            f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{after}')"
        )
        if table == OUTBOX:
            cursor.execute(ONE_PER_VERSION.format(name))


def drop(table: str, day: date) -> bool:
    """Drop a day with all its rows. Returns False when somebody held it for too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute(f"DROP TABLE {name_of(table, day)}")
    except OperationalError as error:
        log.warning("%s is dropped later: %s", name_of(table, day), error)
        return False
    return True


def last_id(day: date) -> int:
    """The highest outbox id of a day, 0 when it has none."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {name_of(OUTBOX, day)}")  # noqa: S608
        found: int = cursor.fetchone()[0]
    return found
