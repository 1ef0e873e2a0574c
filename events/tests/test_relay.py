"""The relay publishes what was recorded, in order, and moves on only past what was acknowledged."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.actor import SYSTEM
from events import recording, relay, relay_signal, types
from events.models import OutboxEvent, RelayCursor
from events.outbox.sequence import SequenceSource
from tests.waiting import wait_until


class Carrier:
    """A transport that refuses the rows it is told to, or is away altogether."""

    def __init__(self):
        self.carried, self.refused, self.away, self.attempts = [], set(), False, 0

    def __call__(self, rows):
        self.attempts += 1
        if self.away:
            raise ConnectionError("the broker is away")
        self.carried += [row.id for row in rows if row.id not in self.refused]
        return {row.id for row in rows} & self.refused


@pytest.fixture
def carrier(monkeypatch):
    carrier = Carrier()
    monkeypatch.setattr(relay, "transport", lambda: carrier)
    return carrier


@pytest.fixture
def rows(recorded):
    """Outbox ids: those of the accounts and seven of a task."""
    recorded(7)
    return list(OutboxEvent.objects.order_by("id").values_list("pk", flat=True))


def position():
    return RelayCursor.objects.get(name="relay").position


def test_everything_is_published_once_in_order(rows, carrier, settings):
    settings.RELAY_BATCH = 3
    assert relay.publish_all() == len(rows)
    assert carrier.carried == rows
    assert position() == rows[-1]
    assert relay.publish_all() == 0
    assert carrier.carried == rows


def test_a_batch_is_as_long_as_the_setting_says(rows, carrier, settings):
    settings.RELAY_BATCH = 3
    assert relay.Relay(SequenceSource()).step() == 3
    assert carrier.carried == rows[:3]


def test_what_was_refused_is_tried_again_alone_before_anything_new(rows, carrier, settings):
    settings.RELAY_BATCH = 6
    carrier.refused = {rows[2], rows[5]}
    one = relay.Relay(SequenceSource())
    assert one.step() == 4
    assert one.is_held_up
    assert position() == 0, "the cursor has passed something that was not accepted"
    assert one.step() == 0
    carrier.refused = {rows[5]}
    assert one.step() == 1
    carrier.refused = set()
    assert one.step() == 1
    assert position() == rows[5]
    assert carrier.carried == [*rows[:2], *rows[3:5], rows[2], rows[5]]
    assert relay.publish_all() == len(rows) - 6


def test_what_a_dead_relay_had_read_and_not_published_comes_again(rows, carrier):
    carrier.refused = {rows[2]}
    relay.Relay(SequenceSource()).step()
    carrier.refused = set()
    assert relay.publish_all() == len(rows)
    assert set(carrier.carried) == set(rows)


def test_nothing_moves_while_the_transport_is_away(rows, carrier):
    carrier.away = True
    with pytest.raises(ConnectionError):
        relay.publish_all()
    assert position() == 0
    carrier.away = False
    assert relay.publish_all() == len(rows)
    assert carrier.carried == rows


def test_a_publication_whose_acknowledgement_was_lost_comes_twice(rows, carrier):
    relay.publish_all()
    RelayCursor.objects.update(position=rows[3])
    relay.publish_all()
    assert carrier.carried == rows + rows[4:]


def test_a_batch_costs_the_same_whatever_its_size(rows, carrier, django_assert_num_queries):
    one = relay.Relay(SequenceSource())
    with django_assert_num_queries(2):  # rows, new position
        one.step()


def test_an_event_is_only_recorded_with_its_change(owner):
    login = types.UserLogin(user_id=owner.pk, actor=recording.actor_ref(SYSTEM), occurred_at=timezone.now())
    before = OutboxEvent.objects.count()
    with transaction.atomic():
        recording.record([(login, owner.pk, None)])
        transaction.set_rollback(True)
    assert OutboxEvent.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_an_event_without_a_transaction_is_refused(owner):
    login = types.UserLogin(user_id=owner.pk, actor=recording.actor_ref(SYSTEM), occurred_at=timezone.now())
    with pytest.raises(transaction.TransactionManagementError):
        recording.record([(login, owner.pk, None)])


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_the_running_relay(recorded, carrier, settings):
    settings.RELAY_POLL_SECONDS = 60
    with running_relay():
        recorded(3)
        wait_until(lambda: len(carrier.carried) == OutboxEvent.objects.count())


@pytest.mark.django_db(transaction=True)
def test_the_running_relay_survives_an_absent_transport(recorded, carrier, settings):
    settings.RELAY_POLL_SECONDS = 0.01
    carrier.away = True
    with running_relay():
        recorded(3)
        wait_until(lambda: carrier.attempts >= 3)
        carrier.away = False
        wait_until(lambda: len(carrier.carried) == OutboxEvent.objects.count())


@contextmanager
def running_relay():
    stop = threading.Event()

    def run():
        relay.run(stop)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        relay_signal.wake()
        thread.join(10)


def test_looks_are_fewer_where_nothing_happens_for_a_while(settings):
    settings.RELAY_POLL_SECONDS = 0.01
    assert [relay.poll_seconds(looks) for looks in (1, 99, 100, 10_000)] == [0.01, 0.01, 0.05, 0.05]
    settings.RELAY_POLL_SECONDS = 1.0
    assert relay.poll_seconds(10_000) == 1.0
