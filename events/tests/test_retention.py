"""The outbox and its receipts are kept until all is settled, then for some days, then they make room."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from uuid_utils.compat import uuid7

from events import consumers
from events.leadership import own_session
from events.models import ConsumedEvent, ConsumerPosition, OutboxEvent, RelayCursor
from events.outbox import partitions
from events.outbox.retention import RECEIPTS_LONGER, keep_house

KEPT = timedelta(days=30)


@pytest.fixture(autouse=True)
def _thirty_days(settings):
    settings.OUTBOX_RETENTION_DAYS = KEPT.days


def event_of(day, number=1):
    """An outbox row of a day, with a receipt of one consumer."""
    low = int(partitions.bounds(day)[0])
    event_id = UUID(int=low + number)
    at = datetime.combine(day, datetime.min.time(), UTC)
    row = OutboxEvent.objects.create(
        event_id=event_id, type="t", key=event_id, sequence=1, envelope="{}", created_at=at
    )
    ConsumedEvent.objects.create(consumer="audit", event_id=event_id, handled_at=at)
    return row


def settle(up_to):
    for name in consumers.registry():
        ConsumerPosition.objects.update_or_create(consumer=name, defaults={"position": up_to})


def outbox():
    return set(OutboxEvent.objects.values_list("pk", flat=True))


@pytest.mark.django_db
class TestEverywhere:
    today = timezone.now().date()

    def test_what_is_settled_and_old_goes(self):
        keep_house(self.today - KEPT - timedelta(days=40))  # PostgreSQL: the days were prepared then
        old, young = event_of(self.today - KEPT - timedelta(days=40)), event_of(self.today)
        settle(young.pk)
        assert keep_house(self.today) >= 1
        assert outbox() == {young.pk}
        assert old.pk not in outbox()

    def test_what_one_consumer_has_yet_to_settle_stays_however_old(self):
        keep_house(self.today - timedelta(days=90))
        old = event_of(self.today - timedelta(days=90))
        settle(old.pk)
        ConsumerPosition.objects.filter(consumer="email").update(position=old.pk - 1)
        keep_house(self.today)
        assert outbox() == {old.pk}

    def test_receipts_stay_longer_than_their_events(self):
        keep_house(self.today - timedelta(days=90))
        event_of(self.today - timedelta(days=90))
        settle(10**9)
        between = self.today - timedelta(days=90) + KEPT + RECEIPTS_LONGER
        assert keep_house(between - timedelta(days=1))
        assert ConsumedEvent.objects.count() == 1
        keep_house(between + timedelta(days=1))
        assert ConsumedEvent.objects.count() == 0


def test_a_day_begins_and_ends_with_its_ids():
    first, after = partitions.bounds(datetime(2026, 11, 21, tzinfo=UTC).date())
    assert (first.int >> 80, after.int >> 80) == (1795219200000, 1795219200000 + 86_400_000)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
class TestDays:
    today = timezone.now().date()

    @pytest.fixture(autouse=True)
    def _only_the_default(self):
        self.drop_all()
        yield
        self.drop_all()
        partitions.prepare(self.today)

    def drop_all(self):
        for table in (partitions.OUTBOX, partitions.RECEIPTS):
            for day in partitions.days(table):
                partitions.drop(table, day)

    def test_who_writes_while_a_partition_comes_late_is_not_refused(self):
        stop, failures, written = threading.Event(), [], []

        def write():
            with closing(own_session()) as session:
                while not stop.is_set():
                    try:
                        session.execute(
                            "INSERT INTO events_outboxevent (event_id, type, key, envelope, created_at) "
                            "VALUES (%s, 't', %s, '{}', now())",
                            (uuid7(), uuid7()),
                        )
                        written.append(1)
                    except psycopg.Error as error:
                        failures.append(error)

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        while len(written) < 50:
            time.sleep(0.01)
        made = partitions.prepare(self.today)
        before = len(written)
        while len(written) < before + 50:
            time.sleep(0.01)
        stop.set()
        for writer in writers:
            writer.join()
        assert failures == []
        assert partitions.name_of(partitions.OUTBOX, self.today) in made
        assert OutboxEvent.objects.count() == len(written)

    def test_there_is_a_partition_for_each_day_ahead_and_none_twice(self):
        made = partitions.prepare(self.today)
        assert len(made) == 2 * (partitions.AHEAD + 2)
        assert partitions.prepare(self.today) == []
        assert partitions.days(partitions.OUTBOX)[-1] == self.today + timedelta(days=partitions.AHEAD)

    def test_what_came_before_its_partition_moves_there_with_its_transaction(self):
        row = event_of(self.today)
        before = transaction_of(row)
        partitions.prepare(self.today)
        assert partitions.last_id(self.today) == row.pk
        assert transaction_of(row) == before
        assert ConsumedEvent.objects.count() == 1

    def test_each_day_refuses_a_second_event_of_a_version(self):
        partitions.prepare(self.today)
        row = event_of(self.today)
        fresh = OutboxEvent(
            event_id=UUID(int=row.event_id.int + 7), type="t", key=row.key, sequence=1, envelope="{}"
        )
        assert OutboxEvent.objects.bulk_create([fresh], ignore_conflicts=True)
        assert OutboxEvent.objects.count() == 1

    def test_cursors_of_another_number_of_shards_go_once_they_are_not_needed(self, settings):
        settings.RELAY_SHARDS = 2
        for name in ("relay", "relay-0-of-2"):
            RelayCursor.objects.create(name=name)
        keep_house(self.today)
        assert RelayCursor.objects.count() == 2
        RelayCursor.objects.create(name="relay-1-of-2")
        keep_house(self.today)
        assert set(RelayCursor.objects.values_list("name", flat=True)) == {"relay-0-of-2", "relay-1-of-2"}


def transaction_of(row):
    with connection.cursor() as cursor:
        cursor.execute("SELECT xid::text FROM events_outboxevent WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]
