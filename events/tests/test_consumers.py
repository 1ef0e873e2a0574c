"""Each consumer handles an event once; what fails holds up nobody and ends with people."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from uuid import uuid4

import dramatiq
import pytest
from django.db import connection
from django.utils import timezone
from dramatiq.errors import Retry
from dramatiq.middleware import TimeLimitExceeded

from events import consumers, deliveries, relay
from events.envelope import Unreadable
from events.models import ConsumedEvent, DeadLetter, TaskEventLog
from events.models.dead_letter import State
from events.precedence import IN_THIS_PROCESS
from tests.waiting import wait_until
from tests.workers import running_worker

TURNS = 1 if connection.vendor == "postgresql" else 0  # the statement by which workers wait for each other


@pytest.fixture(autouse=True)
def _test_consumers(table):
    """All tests here use the consumers that fail on demand."""


def receipts(consumer):
    return set(ConsumedEvent.objects.filter(consumer=consumer).values_list("event_id", flat=True))


def ids(rows):
    return [row.event_id for row in rows]


def texts(rows):
    return [row.envelope for row in rows]


def fail(consumer, row):
    """One failing attempt. Returns the pause before the next in seconds, None when there is none."""
    try:
        consumers.consume(consumer, [row.envelope])
    except Retry as retry:
        return retry.delay / 1000
    return None


# --- Once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consumer", ["inside", "outside"])
def test_an_event_that_comes_twice_has_one_effect(consumer, recorded, table):
    (row,) = recorded(1)
    consumers.consume(consumer, [row.envelope, row.envelope])
    consumers.consume(consumer, [row.envelope])
    assert getattr(table, consumer) == [row.event_id]
    assert receipts(consumer) == {row.event_id}


def test_consumers_do_not_share_receipts(recorded, table):
    (row,) = recorded(1)
    consumers.consume("inside", [row.envelope])
    consumers.consume("audit", [row.envelope])
    assert receipts("inside") == receipts("audit") == {row.event_id}
    assert receipts("outside") == set()


def test_effect_and_receipt_come_together_or_not_at_all(recorded, table):
    rows = recorded(3)
    table.poison[rows[1].event_id] = ValueError("bad")
    consumers.consume("inside", texts(rows))
    assert receipts("inside") == set()
    assert table.inside == []


def test_a_batch_costs_the_same_whatever_its_size(recorded, django_assert_num_queries):
    rows = recorded(20)
    with django_assert_num_queries(4 + TURNS):  # savepoint, receipts, letters, release
        consumers.consume("inside", texts(rows))


# --- Failing -------------------------------------------------------------------------------------------


def test_a_poison_event_holds_up_nobody(recorded, table, drain):
    rows = recorded(5)
    table.poison[rows[2].event_id] = ValueError("cannot digest this")
    drain()
    healthy = {row.event_id for row in rows} - {rows[2].event_id}
    assert set(table.inside) == receipts("inside") == healthy
    assert len(receipts("audit")) >= 5
    letter = DeadLetter.objects.get()
    assert (letter.consumer, letter.event_id, letter.type) == ("inside", rows[2].event_id, "task.updated")
    assert (letter.attempts, letter.state) == (1, State.RETRYING)
    assert letter.error == "ValueError: cannot digest this"
    assert letter.envelope == rows[2].envelope


def test_pauses_double_up_to_a_limit_and_then_the_event_is_dead(recorded, table, settings):
    settings.CONSUMER_MIN_BACKOFF_MS, settings.CONSUMER_MAX_BACKOFF_MS = 500, 3000
    settings.CONSUMER_MAX_RETRIES = 5
    (row,) = recorded(1)
    table.poison[row.event_id] = ValueError("no")
    assert [fail("inside", row) for _ in range(6)] == [0.5, 1, 2, 3, 3, None]
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.attempts, letter.retry_at) == (State.DEAD, 6, None)
    assert list(DeadLetter.objects.dead()) == [letter]


def test_attempts_are_counted_though_the_queue_was_lost(recorded, table, lose_queues):
    (row,) = recorded(1)
    table.poison[row.event_id] = ValueError("no")
    pauses = []
    for _ in range(3):
        pauses.append(fail("inside", row))
        lose_queues()
    assert pauses == sorted(set(pauses))
    assert DeadLetter.objects.get().attempts == 3


def test_an_event_that_succeeds_in_the_end_closes_its_letter(recorded, table):
    (row,) = recorded(1)
    table.poison[row.event_id] = ValueError("not yet")
    fail("inside", row)
    table.poison.clear()
    consumers.consume("inside", [row.envelope])
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.retry_at) == (State.RESOLVED, None)
    assert table.inside == [row.event_id]


def test_a_handler_that_hangs_counts_as_failed(recorded, table):
    (row,) = recorded(1)
    table.poison[row.event_id] = TimeLimitExceeded()
    assert fail("inside", row) is not None
    assert DeadLetter.objects.get().error.startswith("TimeLimitExceeded")


def test_an_event_that_this_version_cannot_read_holds_up_nobody(recorded, table):
    rows = recorded(3)
    newer = json.loads(rows[1].envelope) | {"dataschema": "urn:todo:schema:task.updated:99"}
    consumers.consume("inside", [rows[0].envelope, json.dumps(newer), rows[2].envelope])
    assert table.inside == [rows[0].event_id, rows[2].event_id]
    letter = DeadLetter.objects.get()
    assert (letter.consumer, letter.event_id, letter.state) == ("inside", rows[1].event_id, State.DEAD)


def test_outside_failures_keep_what_went_out_before(recorded, table, drain):
    rows = [recorded(1)[0] for _ in range(3)]
    table.poison[rows[1].event_id] = ConnectionError("no mail server")
    drain()
    assert table.outside == [rows[0].event_id, rows[2].event_id]
    assert receipts("outside") == {rows[0].event_id, rows[2].event_id}


def test_what_goes_outside_lets_pass_what_changes_only_the_database(recorded, table):
    (row,) = recorded(1)
    others_are_at_work = threading.Event()

    def pass_first():
        with IN_THIS_PROCESS.taken():
            others_are_at_work.set()
            time.sleep(0.05)
            table.outside.append("passed")

    thread = threading.Thread(target=pass_first)
    thread.start()
    others_are_at_work.wait(10)
    consumers.consume("outside", [row.envelope])
    thread.join()
    assert table.outside == ["passed", row.event_id]


def test_consuming_here_needs_no_queue_and_counts_failures(recorded, table):
    rows = recorded(5)
    table.poison[rows[1].event_id] = ValueError("no")
    assert consumers.consume_here("inside", [*texts(rows), "nonsense"]) == 2
    assert table.inside == [row.event_id for row in rows if row is not rows[1]]
    assert sorted(DeadLetter.objects.values_list("state", flat=True)) == [State.DEAD, State.RETRYING]
    assert dramatiq.get_broker().queues["inside"].empty()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_retries_with_pauses_until_it_works(recorded, table, settings):
    settings.CONSUMER_MIN_BACKOFF_MS = 20
    rows = recorded(4)
    table.poison[rows[2].event_id] = ValueError("not yet")
    with running_worker(threads=4):
        relay.publish_all()
        wait_until(lambda: DeadLetter.objects.filter(attempts__gte=2).exists())
        table.poison.clear()
        wait_until(lambda: receipts("inside") == set(ids(rows)))
        wait_until(lambda: TaskEventLog.objects.count() == 4)  # another consumer's, so in its own time
    assert sorted(table.inside) == sorted(ids(rows))
    assert DeadLetter.objects.get().state == State.RESOLVED


# --- What people decide --------------------------------------------------------------------------------


@pytest.fixture
def dead(recorded, table, settings, lose_queues):
    """A dead letter of the consumer ``inside``, and its outbox row."""
    settings.CONSUMER_MAX_RETRIES = 0
    (row,) = recorded(1)
    relay.publish_all()
    lose_queues()
    table.poison[row.event_id] = ValueError("no")
    consumers.consume("inside", [row.envelope])
    return DeadLetter.objects.get(), row


def test_a_requeued_letter_has_its_effect(dead, table, owner, drain):
    letter, row = dead
    table.poison.clear()
    deliveries.requeue(letter, owner)
    assert (letter.state, letter.resolved_by, letter.attempts) == (State.REQUEUED, owner, 0)
    drain()
    letter.refresh_from_db()
    assert letter.state == State.RESOLVED
    assert table.inside.count(row.event_id) == 1


def test_a_requeued_letter_that_fails_again_is_tried_and_dies_again(dead, table, owner, drain, settings):
    settings.CONSUMER_MAX_RETRIES = 1
    letter, row = dead
    deliveries.requeue(letter, owner)
    drain()
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (State.RETRYING, 1)
    assert fail("inside", row) is None
    letter.refresh_from_db()
    assert letter.state == State.DEAD


def test_a_letter_that_was_handled_is_not_requeued(dead, table, owner):
    letter, _row = dead
    table.poison.clear()
    consumers.consume("inside", [letter.envelope])
    letter.refresh_from_db()
    with pytest.raises(ValueError, match="handled already"):
        deliveries.requeue(letter, owner)


@pytest.mark.parametrize("consumer", ["inside", "outside"])
def test_a_requeued_letter_of_what_was_handled_in_the_meantime_is_closed(
    recorded, table, owner, drain, consumer
):
    (row,) = recorded(1)
    consumers.consume(consumer, [row.envelope])
    letter = DeadLetter.objects.create(
        consumer=consumer, event_id=row.event_id, type=row.type, envelope=row.envelope, state=State.DEAD
    )
    deliveries.requeue(letter, owner)
    drain()
    letter.refresh_from_db()
    assert letter.state == State.RESOLVED
    assert getattr(table, consumer) == [row.event_id]


def test_discarding_needs_a_reason(dead, owner):
    letter, _row = dead
    with pytest.raises(ValueError, match="Say why"):
        letter.discard(owner, "  ")
    letter.discard(owner, " Known fault of June. ")
    letter.refresh_from_db()
    assert (letter.state, letter.reason, letter.resolved_by) == (
        State.DISCARDED,
        "Known fault of June.",
        owner,
    )
    assert timezone.now() - letter.resolved_at < timedelta(minutes=1)


def test_what_was_discarded_stays_discarded_though_a_queue_still_holds_it(dead, owner):
    letter, row = dead
    letter.discard(owner, "Known fault.")
    assert fail("inside", row) is None
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == (State.DISCARDED, 1)


def test_an_unreadable_delivery_is_requeued_for_every_consumer_once_it_can_be_read(
    recorded, table, owner, drain, lose_queues
):
    (row,) = recorded(1)
    broken = json.loads(row.envelope) | {"id": str(uuid4()), "dataschema": "urn:todo:schema:task.created:99"}
    assert deliveries.accept([json.dumps(broken)]) == [deliveries.Status.DROP]
    letter = DeadLetter.objects.get()
    with pytest.raises(Unreadable):
        deliveries.requeue(letter, owner)
    letter.refresh_from_db()
    assert letter.state == State.DEAD
    DeadLetter.objects.update(envelope=json.dumps(broken | {"dataschema": "urn:todo:schema:task.created:1"}))
    letter.refresh_from_db()
    deliveries.requeue(letter, owner)
    assert set(DeadLetter.objects.values_list("consumer", "state")) == {
        ("delivery", State.RESOLVED),
        ("audit", State.REQUEUED),
        ("inside", State.REQUEUED),
        ("outside", State.REQUEUED),
    }
    drain()
    assert letter.event_id in table.inside
    assert letter.event_id in table.outside
    assert not DeadLetter.objects.open().exists()
