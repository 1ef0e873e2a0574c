"""How far the events are, in figures that commands and pages share."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import consumers, reconcile, relay
from events.models import DeadLetter, OutboxEvent, RelayCursor
from events.models.dead_letter import State
from events.status import status

PATIENCE = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def _test_consumers(table):
    """All tests here use the consumers that fail on demand."""


def of(name):
    return next(consumer for consumer in status().consumers if consumer.name == name)


def letter(state, consumer="inside", row=None):
    return DeadLetter.objects.create(
        consumer=consumer, event_id=row and row.event_id, envelope=row.envelope if row else "{}", state=state
    )


def test_before_anything_happened_all_is_well(db):
    now = status()
    nothing = (now.pending, now.position, now.oldest_pending_seconds, now.published_at)
    assert nothing == (0, 0, 0, None)
    assert [consumer.name for consumer in now.consumers] == ["audit", "inside", "outside"]
    assert {(consumer.lag, consumer.last_handled_at) for consumer in now.consumers} == {(0, None)}
    assert now.problems(PATIENCE) == []


def test_what_was_recorded_is_pending_until_it_is_published(recorded, grow_old):
    recorded(3)
    grow_old(90)
    now = status()
    assert now.pending == OutboxEvent.objects.count()
    assert now.oldest_pending_seconds == pytest.approx(90, abs=5)
    assert of("inside").lag == 0  # nobody can lag behind what was not published
    assert now.problems(PATIENCE) == [f"{now.pending} events are not published, the oldest for 90 s."]
    relay.publish_all()
    now = status()
    assert (now.pending, now.position) == (0, OutboxEvent.objects.order_by("-id").first().pk)
    assert timezone.now() - now.published_at < timedelta(seconds=10)


def test_lag_is_what_is_published_and_has_no_receipt(recorded, lose_queues, grow_old):
    rows = recorded(5)
    relay.publish_all()
    lose_queues()
    grow_old(75)
    consumers.consume("inside", [rows[0].envelope, rows[1].envelope])
    inside = of("inside")
    assert (inside.lag, inside.position) == (3, 0)
    assert inside.oldest_seconds == pytest.approx(75, abs=5)
    assert timezone.now() - inside.last_handled_at < timedelta(seconds=10)
    assert of("outside").lag == 1
    found = status().problems(PATIENCE)
    assert any(re.match(r"inside is 7\d s behind, by 3 events", problem) for problem in found)
    assert status().problems(timedelta(seconds=100)) == []


def test_the_settled_position_is_shown(recorded, drain, grow_old):
    recorded(3)
    drain()
    grow_old(60)
    reconcile.reconcile()
    assert of("inside").position == OutboxEvent.objects.order_by("-id").first().pk


def test_letters_are_counted_by_state_and_not_as_lag(recorded, drain):
    rows = recorded(5)
    drain()
    states = (State.DEAD, State.DEAD, State.RETRYING, State.REQUEUED, State.DISCARDED)
    for row, state in zip(rows, states, strict=True):
        letter(state, row=row)
    inside = of("inside")
    assert (inside.dead, inside.retrying, inside.requeued, inside.lag) == (2, 1, 1, 0)
    assert status().problems(PATIENCE) == ["inside has 2 dead letters."]


def test_deliveries_that_could_not_be_read_are_a_problem(db):
    letter(State.DEAD, "delivery")
    assert status().unreadable == 1
    assert status().problems(PATIENCE) == ["1 delivery could not be read and is a dead letter."]


def test_what_waits_is_counted_to_a_limit(recorded, grow_old, monkeypatch):
    recorded(5)
    grow_old(90)
    monkeypatch.setattr("events.status.LOOK", 3)
    now = status()
    assert (now.pending, now.oldest_pending_seconds) == (3, pytest.approx(90, abs=5))


def test_a_consumer_that_never_handled_anything_costs_no_search(recorded, drain):
    recorded(20)
    drain()
    with CaptureQueriesContext(connection) as few:
        status()
    recorded(60)
    drain()
    with CaptureQueriesContext(connection) as many:
        status()
    assert len(many) == len(few)


# --- The command ---------------------------------------------------------------------------------------


def run(**options):
    out = StringIO()
    try:
        call_command("events_status", stdout=out, **options)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def test_the_command_when_all_is_well(recorded, drain):
    recorded(3)
    drain()
    code, text, problems = run()
    assert (code, problems) == (0, "")
    assert f"Published  up to {OutboxEvent.objects.order_by('-id').first().pk}" in text
    assert "inside" in text
    assert "Healthy." in text


def test_the_command_exits_with_1_when_something_waits_too_long(recorded, grow_old):
    recorded(1)
    grow_old(30)
    assert run(max_age=60)[0] == 0
    assert run(max_age=10)[0] == 1
    grow_old(60)
    code, text, problems = run()
    assert code == 1
    assert "not published" in problems
    assert "Healthy" not in text


def test_the_command_exits_with_1_on_a_dead_letter(recorded, drain):
    (row,) = recorded(1)
    drain()
    letter(State.DEAD, row=row)
    assert run()[0] == 1


def test_the_command_in_json(recorded, drain):
    recorded(2)
    drain()
    code, text, _ = run(json=True)
    answer = json.loads(text)
    assert code == 0
    assert answer["healthy"] is True
    assert (answer["pending"], answer["position"]) == (0, OutboxEvent.objects.order_by("-id").first().pk)
    assert [consumer["name"] for consumer in answer["consumers"]] == ["audit", "inside", "outside"]
    RelayCursor.objects.update(position=0)
    OutboxEvent.objects.update(created_at=timezone.now() - timedelta(hours=1))
    code, text, _ = run(json=True)
    assert code == 1
    assert json.loads(text)["problems"] == [
        f"{OutboxEvent.objects.count()} events are not published, the oldest for 3600 s."
    ]
