"""The event log has every version of every task once, in order, however the events arrive."""

from __future__ import annotations

import json
import random

import pytest
from django.db import connection

from events import consumers
from events.audit import AUDIT
from events.models import ConsumedEvent, OutboxEvent, TaskEventLog, UserEventLog

TURNS = 1 if connection.vendor == "postgresql" else 0  # the statement by which workers wait for each other


def logged(key):
    """Versions in the order in which they were logged."""
    return list(TaskEventLog.objects.filter(task_id=key).order_by("id").values_list("version", flat=True))


def log(*rows):
    consumers.consume(AUDIT, [row.envelope for row in rows])


def test_an_event_before_its_predecessors_brings_them_along(recorded):
    rows = recorded(5)
    log(rows[3])
    assert logged(rows[0].key) == [1, 2, 3, 4]
    assert ConsumedEvent.objects.filter(consumer=AUDIT).count() == 4
    log(rows[0], rows[1])
    log(rows[4])
    assert logged(rows[0].key) == [1, 2, 3, 4, 5]


def test_only_the_predecessors_that_are_missing_come_along(recorded):
    rows = recorded(6)
    log(rows[0], rows[1])
    log(rows[5])
    assert logged(rows[0].key) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("seed", range(12))
def test_shuffled_duplicated_batches_are_logged_in_order(recorded, seed):
    chance = random.Random(seed)
    rows = [row for _ in range(4) for row in recorded(8)]
    arrivals = rows + chance.choices(rows, k=15)
    chance.shuffle(arrivals)
    while arrivals:
        size = chance.randint(1, 6)
        log(*arrivals[:size])
        arrivals = arrivals[size:]
    for key in {row.key for row in rows}:
        assert logged(key) == list(range(1, 9))
    assert ConsumedEvent.objects.filter(consumer=AUDIT).count() == len(rows)


def test_a_gap_is_filled_when_its_event_comes(recorded):
    rows = recorded(4)
    log(*rows)
    TaskEventLog.objects.filter(version=2).delete()
    ConsumedEvent.objects.filter(event_id=rows[1].event_id).delete()
    log(rows[1])
    assert sorted(logged(rows[0].key)) == [1, 2, 3, 4]


def test_a_predecessor_that_the_outbox_lost_is_reported_and_holds_up_nothing(recorded, caplog):
    rows = recorded(4)
    OutboxEvent.objects.filter(pk=rows[1].pk).delete()
    log(rows[3])
    assert logged(rows[0].key) == [1, 3, 4]
    assert "the outbox lacks versions between 0 and 4" in caplog.text


def test_an_entry_says_who_did_what_through_which_door_and_when(recorded, owner):
    rows = recorded(2)
    log(*rows)
    entry = TaskEventLog.objects.history_of(rows[0].key).first()
    envelope = json.loads(rows[1].envelope)
    assert (entry.event_id, entry.type, entry.version) == (rows[1].event_id, "task.updated", 2)
    assert (entry.actor_id, entry.actor_name, entry.via, entry.user_id) == (owner.pk, "Olga", "web", owner.pk)
    assert entry.changes == {"title": {"from": "Title 1", "to": "Title 2"}}
    assert entry.data == envelope["data"]
    assert json.loads(entry.envelope) == envelope
    assert entry.occurred_at.isoformat() == envelope["time"].replace("Z", "+00:00")


def test_a_batch_costs_the_same_whatever_its_size(recorded, django_assert_num_queries):
    rows = [row for _ in range(5) for row in recorded(6)]
    with django_assert_num_queries(6 + TURNS):  # savepoint, receipts, heads, entries, letters, release
        log(*rows)


def test_what_happens_to_accounts_is_logged(owner):
    (row,) = OutboxEvent.objects.filter(key=owner.pk)
    log(row, row)
    entry = UserEventLog.objects.get()
    assert (entry.user_id, entry.type, entry.data["email"]) == (owner.pk, "user.registered", owner.email)
