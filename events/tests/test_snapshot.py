"""On PostgreSQL the relay reads by snapshots: what commits late is not passed over, whoever leads."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from events import leadership, relay
from events.models import OutboxEvent, OutboxMark, RelayCursor
from events.outbox import Overview, Shard, marks, reader, snapshot
from tests.waiting import wait_until

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
SNAPSHOT = "SELECT pg_current_snapshot()::text"
INSERT = "INSERT INTO events_outboxevent (event_id, type, key, envelope, created_at) VALUES (%s, 't', %s, '{}', now())"


@pytest.fixture(autouse=True)
def _by_snapshot(settings):
    settings.OUTBOX_READER = "snapshot"


@pytest.fixture
def sessions():
    """``sessions()``: another session with a transaction begun, as another process's would be."""
    with ExitStack() as stack:

        def begin():
            session = stack.enter_context(closing(leadership.own_session()))
            session.autocommit = False
            return session

        yield begin


def write(session, key=None):
    """Record an event in a session's transaction. Returns its key."""
    key = str(key or uuid7())
    session.execute(INSERT, (uuid7(), key))
    return key


@contextmanager
def leading(shard=None):
    with reader().leading(shard or Shard(), threading.Event()) as source:
        yield source


def taken(source, limit=100):
    """The keys of what a source reads next, acknowledged."""
    keys = [row.key for row in source.read(limit)]
    source.acknowledge()
    return keys


def test_what_commits_late_with_an_earlier_id_is_read_too(sessions):
    slow, quick = sessions(), sessions()
    late, early = write(slow), write(quick)
    quick.commit()
    with leading() as source:
        assert taken(source) == [early]
        assert taken(source) == []
        slow.commit()
        assert taken(source) == [late]
        assert taken(source) == []


def test_what_is_rolled_back_is_never_read(sessions):
    one, other = sessions(), sessions()
    write(one)
    kept = write(other)
    one.rollback()
    other.commit()
    with leading() as source:
        assert taken(source) == [kept]
        assert taken(source) == []


def test_more_than_a_batch_is_read_in_order_across_leaders_and_late_commits(sessions):
    slow, bulk = sessions(), sessions()
    late = write(slow)
    keys = [write(bulk) for _ in range(25)]
    bulk.commit()
    with leading() as source:
        read = taken(source, 10)
    slow.commit()
    with leading() as source:  # another leader goes on where the first one noted that it was
        read += taken(source, 10)
        read += taken(source, 10)
        read += taken(source, 10)
    assert read == [*keys, late]


def test_ids_that_are_missing_in_between_end_nothing_early(sessions):
    one, failed = sessions(), sessions()
    keys = [write(one) for _ in range(10)]
    for _ in range(500):
        write(failed)
    keys += [write(one) for _ in range(10)]
    failed.rollback()
    one.commit()
    with leading() as source:
        assert taken(source, 5) + taken(source, 10) + taken(source, 10) == keys
        assert taken(source, 10) == []


def test_what_was_read_and_not_acknowledged_comes_again(sessions):
    one = sessions()
    key = write(one)
    one.commit()
    with leading() as source:
        assert [row.key for row in source.read(10)] == [key]
        assert [row.key for row in source.read(10)] == [key]
    with leading() as source:
        assert taken(source) == [key]


def test_shards_share_the_keys_out_and_miss_none(sessions, settings):
    settings.RELAY_SHARDS = 3
    one = sessions()
    keys = [write(one) for _ in range(60)]
    one.commit()
    parts = []
    for index in range(3):
        with leading(Shard(index, 3)) as source:
            parts.append(taken(source))
    assert sorted(key for part in parts for key in part) == sorted(keys)
    assert all(parts)


def test_another_number_of_shards_goes_on_where_the_slowest_was(sessions, settings):
    one = sessions()
    first = [write(one) for _ in range(20)]
    one.commit()
    with leading(Shard(0, 2)) as source:
        behind = set(first) - set(taken(source))
    second = [write(one) for _ in range(20)]
    one.commit()
    with leading(Shard(1, 2)) as source:
        assert behind <= set(taken(source))
    with leading(Shard()) as source:
        assert set(second) <= set(taken(source))


def test_a_restored_database_is_published_from_the_beginning(sessions):
    one = sessions()
    keys = [write(one) for _ in range(3)]
    one.commit()
    with leading() as source:
        taken(source)
    # What a dump that is restored into a new cluster looks like: numbers from far ahead, a cursor from elsewhere.
    one.execute("UPDATE events_outboxevent SET xid = '900000000'")
    one.commit()
    RelayCursor.objects.update(cluster="another", snapshot="900000001:900000001:")
    with leading() as source:
        assert taken(source) == keys
        keys = [write(one)]
        one.commit()
        assert taken(source) == keys


def test_one_relay_leads_and_another_takes_over_when_its_session_ends():
    stop, took_over = threading.Event(), threading.Event()

    def wait_for_it():
        with reader().leading(Shard(), stop) as source:
            if source is not None:
                took_over.set()

    with leadership.leadership("relay", stop) as first:
        waiting = threading.Thread(target=wait_for_it)
        waiting.start()
        assert not took_over.wait(1.0)
        first.session.close()  # as when its process is killed
        assert took_over.wait(10)
    waiting.join()


def test_a_leader_that_lost_its_session_cannot_move_the_cursor(sessions):
    one = sessions()
    write(one)
    one.commit()
    with leading() as source:
        rows = source.read(10)
        pid = source._session.info.backend_pid
        one.execute("SELECT pg_terminate_backend(%s)", (pid,))
        one.commit()
        with pytest.raises(psycopg.OperationalError):
            source.acknowledge()
        with leading() as successor:
            assert [row.id for row in successor.read(10)] == [row.id for row in rows]


# Of this database: the server has others, in which other tests lead.
END_THE_LEADERS = """
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database()"""


def test_the_role_takes_up_again_by_itself_after_its_session_was_lost(sessions, monkeypatch):
    published, stop = [], threading.Event()

    def transport(rows):
        published.extend(row.key for row in rows)
        return set()

    monkeypatch.setattr(relay, "transport", lambda: transport)
    role = threading.Thread(target=relay.run, args=(stop,))
    role.start()
    one = sessions()
    try:
        first = write(one)
        one.commit()
        wait_until(lambda: first in published)
        one.execute(END_THE_LEADERS)
        one.commit()
        second = write(one)
        one.commit()
        wait_until(lambda: second in published)
    finally:
        stop.set()
        role.join(10)


class TestMarks:
    """The horizon: below it nothing can appear any more, and all is published."""

    def test_a_transaction_that_is_open_holds_the_horizon_back(self, sessions):
        slow, quick = sessions(), sessions()
        write(slow)
        write(quick)
        quick.commit()
        assert horizon() == 0
        slow.commit()
        assert horizon() == newest()

    def test_it_is_as_old_as_it_is_asked_to_be(self, sessions):
        one = sessions()
        write(one)
        one.commit()
        assert horizon() == newest()
        assert marks.horizon(timedelta(seconds=30)) == 0
        OutboxMark.objects.update(published_at=timezone.now() - timedelta(seconds=31))
        assert marks.horizon(timedelta(seconds=30)) == newest()

    def test_it_waits_for_every_shard(self, sessions, settings):
        settings.RELAY_SHARDS = 2
        one = sessions()
        for _ in range(10):
            write(one)
        one.commit()
        marks.keep_up()
        with leading(Shard(0, 2)) as source:
            taken(source)
        marks.keep_up()
        assert marks.horizon(timedelta(0)) == 0
        assert horizon() == newest()

    def test_the_backlog_is_what_no_relay_has_published(self, sessions):
        one = sessions()
        for _ in range(7):
            write(one)
        one.commit()
        before = reader().progress()
        assert (before.position, before.moved_at) == (0, None)
        number, oldest = reader().backlog(100)
        assert number == 7
        assert oldest is not None
        with leading() as source:
            taken(source, 3)
        assert reader().backlog(100)[0] == 4
        assert reader().overview(100) == Overview(reader().progress(), *reader().backlog(100))
        publish()
        assert reader().backlog(100) == (0, None)
        assert reader().progress().position == newest()


def publish():
    """Publish everything, with a cursor that says so even where nothing was new."""
    for shard in relay.shards():
        with leading(shard) as source:
            source._noted_at = 0
            while taken(source):
                pass


def horizon():
    """How far everything is published, after the relay has had its turn once more."""
    marks.keep_up()
    publish()
    marks.keep_up()
    return marks.horizon(timedelta(0))


def newest():
    return OutboxEvent.objects.order_by("-id").first().pk


def test_the_statement_for_what_is_new_goes_by_the_index_of_transactions(sessions):
    one = sessions()
    one.execute(
        "INSERT INTO events_outboxevent (event_id, type, key, envelope, created_at) "
        "SELECT gen_random_uuid(), 't', gen_random_uuid(), '{}', now() FROM generate_series(1, 20000)"
    )
    one.commit()
    one.autocommit = True
    one.execute("ANALYZE events_outboxevent")
    seen, _, target = (
        one.execute(look).fetchone() for look in (SNAPSHOT, "SELECT pg_current_xact_id()", SNAPSHOT)
    )
    values = {"seen": seen[0], "target": target[0], "position": 0, "index": 0, "count": 1, "limit": 100}
    plan = "\n".join(row[0] for row in one.execute("EXPLAIN " + snapshot.FIRST, values))
    assert "events_outboxevent_default_xid_idx" in plan
    assert "Seq Scan on events_outboxevent_default" not in plan  # the days' partitions are empty
