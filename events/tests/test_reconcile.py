"""What a consumer has not recorded in time is handed over again: no queue can lose an event."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import dramatiq
import pytest
from django.utils import timezone

from events import consumers, deliveries, reconcile, relay
from events.models import ConsumedEvent, ConsumerPosition, DeadLetter, OutboxEvent
from events.models.dead_letter import State


@pytest.fixture(autouse=True)
def _test_consumers(table):
    """All tests here use the consumers that fail on demand."""


def queued(consumer):
    """The ids of the events that wait in a consumer's queue."""
    queue = dramatiq.get_broker().queues[consumer].queue
    messages = [dramatiq.Message.decode(message) for message in list(queue)]
    return [json.loads(text)["id"] for message in messages for text in message.args[0]]


def ids(rows):
    return [str(row.event_id) for row in rows]


def position(consumer="inside"):
    return reconcile.settled_positions()[consumer]


@pytest.fixture
def lost(recorded, lose_queues, grow_old):
    """Five events that were published and that no queue holds any more, a minute old."""
    rows = recorded(5)
    relay.publish_all()
    lose_queues()
    grow_old(60)
    return rows


def test_what_a_lost_queue_held_comes_again_and_has_its_effect_once(lost, table, drain):
    assert reconcile.reconcile() > 0
    assert queued("inside") == ids(lost)
    drain()
    assert [str(event) for event in table.inside] == ids(lost)
    assert reconcile.reconcile() == 0
    drain()
    assert len(table.inside) == 5


def test_only_what_has_no_receipt_comes_again(lost, table):
    consumers.consume("inside", [lost[1].envelope, lost[3].envelope])
    reconcile.reconcile()
    assert queued("inside") == ids([lost[0], lost[2], lost[4]])
    assert queued("outside") == ids(lost[:1])


def test_what_is_younger_than_the_limit_is_left_to_its_queue(recorded, lose_queues, grow_old, settings):
    settings.RECONCILE_AFTER_SECONDS = 30
    recorded(2)
    relay.publish_all()
    lose_queues()
    grow_old(25)
    assert reconcile.reconcile() == 0
    grow_old(6)
    assert reconcile.reconcile() > 0


def test_what_was_not_published_is_left_to_the_relay(recorded, grow_old):
    recorded(3)
    grow_old(3600)
    assert reconcile.reconcile() == 0


def test_a_queue_that_is_behind_is_left_alone(lost):
    consumers.hand_over("inside", [lost[0].envelope])
    time.sleep(0.01)
    reconcile.reconcile(older_than=timedelta(milliseconds=5))
    assert queued("inside") == ids(lost[:1])


def test_a_queue_that_is_up_to_date_hides_nothing_that_is_missing(lost):
    consumers.hand_over("inside", [lost[0].envelope])
    reconcile.reconcile()
    assert queued("inside") == [*ids(lost[:1]), *ids(lost)]


def test_what_was_handed_over_has_its_time_before_it_comes_again(lost, lose_queues, monkeypatch):
    monkeypatch.setattr(reconcile, "AT_ONCE", 3)
    one, age = reconcile.Reconciliation("inside"), timedelta(seconds=30)
    assert [one.round(age) for _ in range(4)] == [3, 2, 0, 0]
    assert queued("inside") == ids(lost)
    lose_queues()
    one._rests_until = timezone.now()  # its time is over
    assert one.round(age) == 3


def test_the_position_moves_up_to_what_is_settled_and_no_further(lost, drain, recorded):
    reconcile.reconcile()
    assert position() == 0
    drain()
    reconcile.reconcile()
    assert position() == OutboxEvent.objects.order_by("-id").first().pk == lost[-1].pk
    recorded(1)
    relay.publish_all()
    drain()
    reconcile.reconcile()
    assert position() == lost[-1].pk


def test_the_search_begins_behind_what_is_settled(lost, drain):
    reconcile.reconcile()
    drain()
    reconcile.reconcile()
    ConsumedEvent.objects.filter(consumer="inside").delete()
    assert list(reconcile.missing_for("inside")) == []
    ConsumerPosition.objects.filter(consumer="inside").update(position=lost[2].pk)
    assert list(reconcile.missing_for("inside")) == lost[3:]


def test_a_round_takes_a_part_and_the_next_the_rest(lost, drain, monkeypatch):
    monkeypatch.setattr(reconcile, "AT_ONCE", 2)
    monkeypatch.setattr(reconcile, "BATCH", 1)
    for expected in (lost[0:2], lost[2:4], lost[4:5]):
        reconcile.reconcile()
        assert queued("inside") == ids(expected)
        drain()


# --- Letters -------------------------------------------------------------------------------------------


def failed(row, table, consumer="inside"):
    table.poison[row.event_id] = ValueError("no")
    with pytest.raises(dramatiq.errors.Retry):
        consumers.consume(consumer, [row.envelope])
    return DeadLetter.objects.get(consumer=consumer)


def set_retry(letter, seconds_ago):
    DeadLetter.objects.filter(pk=letter.pk).update(retry_at=timezone.now() - timedelta(seconds=seconds_ago))


@pytest.mark.parametrize("state", [State.DEAD, State.DISCARDED, State.RETRYING, State.REQUEUED])
def test_a_letter_speaks_for_its_event(lost, table, state):
    letter = failed(lost[2], table)
    DeadLetter.objects.filter(pk=letter.pk).update(state=state)
    reconcile.reconcile()
    assert queued("inside") == ids([lost[0], lost[1], lost[3], lost[4]])


def test_an_unreadable_event_is_not_handed_over_for_ever(lost, table, drain):
    row = lost[0]
    newer = json.dumps(json.loads(row.envelope) | {"dataschema": "urn:todo:schema:task.created:99"})
    OutboxEvent.objects.filter(pk=row.pk).update(envelope=newer)
    deliveries.accept([newer])
    reconcile.reconcile()
    drain()
    assert reconcile.reconcile() == 0
    assert DeadLetter.objects.count() == 1
    assert [str(event) for event in table.inside] == ids(lost[1:])


def test_a_retry_that_is_still_to_come_is_left_to_its_queue(lost, table, drain):
    letter = failed(lost[0], table)
    drain()
    for seconds in (-300, 0, 25):
        set_retry(letter, seconds)
        reconcile.reconcile()
        assert ids(lost[:1]) != queued("inside")
        drain()


def test_a_retry_that_its_queue_lost_comes_again(lost, table, drain):
    letter = failed(lost[0], table)
    set_retry(letter, 60)
    table.poison.clear()
    reconcile.reconcile()
    assert queued("inside").count(ids(lost)[0]) == 1
    drain()
    letter.refresh_from_db()
    assert letter.state == State.RESOLVED


def test_a_requeued_letter_that_its_queue_lost_comes_again_though_all_else_is_settled(
    lost, table, drain, lose_queues, settings
):
    settings.CONSUMER_MAX_RETRIES = 0
    table.poison[lost[0].event_id] = ValueError("no")
    consumers.consume("inside", [lost[0].envelope])
    reconcile.reconcile()
    drain()
    reconcile.reconcile()
    assert position() == lost[-1].pk  # the dead letter is behind it
    letter = DeadLetter.objects.get(consumer="inside")
    settings.CONSUMER_MAX_RETRIES = 5
    deliveries.requeue(letter, None)
    drain()  # fails once more
    lose_queues()
    letter.refresh_from_db()
    assert letter.state == State.RETRYING
    set_retry(letter, 60)
    table.poison.clear()
    assert reconcile.reconcile() == 1
    drain()
    assert str(table.inside[-1]) == ids(lost)[0]


def test_a_lost_letter_is_handed_over_once_in_a_while(lost, table, drain, lose_queues):
    letter = failed(lost[0], table)
    reconcile.reconcile()
    drain()
    set_retry(letter, 60)
    assert reconcile.reconcile() == 1
    lose_queues()
    assert reconcile.reconcile() == 0
    set_retry(letter, 60)
    assert reconcile.reconcile() == 1


def test_at_the_start_of_a_process_everything_open_is_taken_up_at_once(recorded, lose_queues, drain):
    rows = recorded(3)
    relay.publish_all()
    lose_queues()
    assert reconcile.reconcile(older_than=timedelta(0)) > 0
    drain()
    assert ConsumedEvent.objects.filter(consumer="inside").count() == len(rows)
