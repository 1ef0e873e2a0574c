"""Reading the outbox by snapshots, for a database with many writers: what commits late is never passed over.

Ids are given out before their transactions commit, so a reader that goes by ids passes over what commits later.
A snapshot says exactly which transactions had committed. What is new is what the snapshot of now sees and the
cursor's did not. Per key the order of ids is the order of commits, because a change locks its task's row before
it writes its outbox row.

Source: https://www.postgresql.org/docs/15/functions-info.html#FUNCTIONS-PG-SNAPSHOT
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, NamedTuple, cast

from psycopg import Connection

from events.leadership import leadership
from events.outbox import OutboxRow, Shard
from events.outbox.marks import backlog, horizon, keep_up, overview, progress

__all__ = ["backlog", "horizon", "keep_up", "leading", "overview", "progress"]
TABLE = "events_outboxevent"
NOTHING = "1:1:"  # a snapshot that sees no transaction at all
IDLE_SECONDS = 1.0  # between two notes of the cursor while nothing is published

_MINE = "(%(count)s = 1 OR get_byte(uuid_send(key), 15) %% %(count)s = %(index)s)"
# What the cursor's snapshot did not see: the transactions that ran then, and those that began since. Each part is a
# look into the index by transaction, however long the oldest of them runs; OFFSET 0 keeps PostgreSQL from reading the
# whole table by id instead, which spares it the sorting. Where there is more than a batch, the rest comes by ids, a
# window at a time: sorting all that waits again for each batch would never end.
_FIRST_PART = f"""
    SELECT id, type, key::text, envelope FROM {TABLE}
    WHERE {{by}} AND pg_visible_in_snapshot(xid, %(target)s) AND {_MINE} OFFSET 0"""  # noqa: S608
_RAN = _FIRST_PART.format(by="xid = ANY(ARRAY(SELECT pg_snapshot_xip(%(seen)s)))")
_BEGAN = _FIRST_PART.format(by="xid >= pg_snapshot_xmax(%(seen)s) AND xid < pg_snapshot_xmax(%(target)s)")
FIRST = f"SELECT * FROM (({_RAN}) UNION ALL ({_BEGAN})) unseen ORDER BY id LIMIT %(limit)s"  # noqa: S608
_UNSEEN = "NOT pg_visible_in_snapshot(xid, %(seen)s) AND pg_visible_in_snapshot(xid, %(target)s)"
REST = f"""
    SELECT id, type, key::text, envelope FROM {TABLE}
    WHERE id > %(position)s AND id <= %(upto)s AND {_UNSEEN} AND {_MINE} ORDER BY id LIMIT %(limit)s"""  # noqa: S608
LAST_ID = f"SELECT id FROM {TABLE} ORDER BY id DESC LIMIT 1"  # noqa: S608
NOTE = """
    INSERT INTO events_relaycursor (name, snapshot, target, position, cluster, moved_at)
    VALUES (%(name)s, %(seen)s, %(target)s, %(position)s, %(cluster)s, now())
    ON CONFLICT (name) DO UPDATE SET snapshot = excluded.snapshot, target = excluded.target,
    position = excluded.position, cluster = excluded.cluster, moved_at = excluded.moved_at"""
# What a layout (a number of shards) has published as a whole is what the earliest of its cursors sees. It counts
# only when each of its shards has a cursor. A later snapshot has no smaller limits and sees all that an earlier does.
OLDEST = """
    WITH layouts AS (
        SELECT coalesce(nullif(split_part(name, '-of-', 2), ''), '1')::int AS shards, snapshot::pg_snapshot AS seen
        FROM events_relaycursor WHERE cluster = %(cluster)s),
    complete AS (SELECT shards FROM layouts WHERE shards <> %(count)s GROUP BY shards HAVING count(*) = shards)
    SELECT seen::text FROM layouts JOIN complete USING (shards)
    ORDER BY pg_snapshot_xmin(seen), pg_snapshot_xmax(seen), length(seen::text) DESC LIMIT 1"""
CLUSTER = "SELECT system_identifier::text FROM pg_control_system()"


class Place(NamedTuple):
    """Where a relay is: past all that ``seen`` sees, and of what ``target`` sees besides, past the id ``position``.

    ``target`` is empty when there is no more than ``seen``.
    """

    seen: str
    target: str = ""
    position: int = 0


class SnapshotSource:
    """What a shard's cursor has not seen. Raises psycopg.OperationalError when the leader's session is lost."""

    def __init__(self, session: Connection[Any], shard: Shard) -> None:
        self._session, self._shard = session, shard
        # A lost note makes events come twice, to no effect: it is not worth waiting for the disk.
        session.execute("SET synchronous_commit TO off")
        # A plan that was made while the table was small is kept; reading it all would soon be wrong.
        session.execute("SET enable_seqscan TO off")
        self._cluster = _value(session, CLUSTER)
        self._place = self._next = self._take_up()
        self._noted_at = time.monotonic()

    def _take_up(self) -> Place:
        """Where the last leader was; from the beginning where there was none or the database is another one now."""
        row = self._session.execute(
            "SELECT snapshot, target, position, cluster FROM events_relaycursor WHERE name = %s",
            (self._shard.name,),
        ).fetchone()
        if row is None:
            return Place(self._oldest_of_others())
        *place, cluster = row
        if cluster == self._cluster:
            return Place(*place)
        self._number_anew()
        return Place(NOTHING)

    def _oldest_of_others(self) -> str:
        """Where the relays were when there was another number of shards."""
        found = _value(self._session, OLDEST, cluster=self._cluster, count=self._shard.count)
        return cast(str, found or NOTHING)

    def _number_anew(self) -> None:
        """After a restore into another cluster the rows carry transaction numbers that mean nothing there."""
        self._session.execute(f"UPDATE {TABLE} SET xid = pg_current_xact_id()")  # noqa: S608

    def read(self, limit: int) -> Sequence[OutboxRow]:
        place = self._place
        if not place.target:
            now = cast(str, _value(self._session, "SELECT pg_current_snapshot()::text"))
            if now == place.seen:
                return ()
            place = Place(place.seen, now)
        rows = self._rest(place, limit) if place.position else self._rows(FIRST, place, limit)
        complete = len(rows) < limit
        self._next = Place(place.target) if complete else place._replace(position=rows[-1].id)
        if not rows:
            self._idle()
        return rows

    def _rest(self, place: Place, limit: int) -> list[OutboxRow]:
        """Rows after the place's id. The windows are as wide as a batch is where no id is missing."""
        rows: list[OutboxRow] = []
        last = _value(self._session, LAST_ID) or 0  # what the target sees has no higher one
        after, width = place.position, limit * self._shard.count
        while len(rows) < limit and after < last:
            window = place._replace(position=after)
            rows += self._rows(REST, window, limit - len(rows), upto=after + width)
            after += width
        return rows

    def _rows(self, query: str, place: Place, limit: int, **more: int) -> list[OutboxRow]:
        values = {**place._asdict(), **asdict(self._shard), "limit": limit, **more}
        return [OutboxRow._make(row) for row in self._session.execute(cast(Any, query), values).fetchall()]

    def acknowledge(self) -> None:
        self._place = self._next
        self._note()

    def _idle(self) -> None:
        """Move on past what concerns others. That is noted now and then: a note is itself a new transaction."""
        self._place = self._next
        if time.monotonic() - self._noted_at > IDLE_SECONDS:
            self._note()

    def _note(self) -> None:
        place = self._place._asdict()
        self._session.execute(NOTE, {**place, "name": self._shard.name, "cluster": self._cluster})
        self._noted_at = time.monotonic()


@contextmanager
def leading(shard: Shard, stop: threading.Event) -> Iterator[SnapshotSource | None]:
    with leadership(shard.name, stop) as leader:
        session = leader.session if leader is not None else None
        yield None if session is None else SnapshotSource(session, shard)


def _value(session: Connection[Any], query: str, **values: Any) -> Any:
    """The first column of the first row, None where there is none."""
    row = session.execute(cast(Any, query), values).fetchone()
    return row[0] if row else None
