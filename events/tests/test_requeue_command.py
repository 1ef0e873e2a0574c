"""``requeue_dead_letters``: what it takes up, what it leaves alone, what it says."""

from __future__ import annotations

import json
from io import StringIO
from uuid import uuid4

import dramatiq
import pytest
from django.core.management import CommandError, call_command

from events import consumers, deliveries
from events.management.commands import requeue_dead_letters
from events.models import DeadLetter
from events.models.dead_letter import State


@pytest.fixture
def dead(recorded, table, settings):
    """Three dead letters of ``inside`` and one of ``outside``, whose cause was mended since."""
    settings.CONSUMER_MAX_RETRIES = 0
    rows = recorded(3)
    for row in rows:
        table.poison[row.event_id] = ValueError("no")
        consumers.consume("inside", [row.envelope])
    consumers.consume("outside", [rows[0].envelope])
    table.poison.clear()
    return rows


def run(**options):
    out = StringIO()
    call_command("requeue_dead_letters", stdout=out, **options)
    return out.getvalue().splitlines()


def states():
    return list(DeadLetter.objects.order_by("id").values_list("consumer", "state"))


def test_all_of_them_are_handled_at_once_where_the_queue_is_in_memory(dead, table):
    assert run(everything=True) == ["4 handled"]
    assert {state for _consumer, state in states()} == {State.RESOLVED}
    assert table.inside == [row.event_id for row in dead]
    assert table.outside == [dead[0].event_id]


def test_they_go_into_the_queue_where_others_read_it(dead, monkeypatch):
    monkeypatch.setattr(requeue_dead_letters.broker, "in_memory", lambda: False)
    assert run(consumer="inside") == ["3 in the queue again"]
    assert dramatiq.get_broker().queues["inside"].qsize() == 3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"consumer": "inside"}, 3),
        ({"event_type": "task.created"}, 2),
        ({"consumer": "inside", "event_type": "task.updated"}, 2),
        ({"consumer": "audit"}, 0),
    ],
)
def test_conditions_choose(dead, options, expected):
    lines = run(**options)
    assert lines == ([f"{expected} handled"] if expected else ["There is no such dead letter."])
    assert DeadLetter.objects.filter(state=State.RESOLVED).count() == expected


def test_ids_choose(dead):
    keys = list(DeadLetter.objects.order_by("id").values_list("pk", flat=True))
    assert run(ids=[keys[0], keys[2]]) == ["2 handled"]
    assert [state for _consumer, state in states()] == [
        State.RESOLVED,
        State.DEAD,
        State.RESOLVED,
        State.DEAD,
    ]


def test_an_id_that_is_no_dead_letter_stops_everything(dead):
    first = DeadLetter.objects.order_by("id").first()
    with pytest.raises(CommandError, match=r"Not among the dead letters: 999999\. Nothing was done\."):
        run(ids=[first.pk, 999_999])
    first.refresh_from_db()
    assert first.state == State.DEAD


@pytest.mark.parametrize("options", [{}, {"everything": True, "consumer": "inside"}])
def test_what_is_meant_must_be_said(dead, options):
    with pytest.raises(CommandError, match="--all") as refusal:
        run(**options)
    assert refusal.value.returncode == 2


def test_one_that_fails_again_is_said(dead, table, settings):
    settings.CONSUMER_MAX_RETRIES = 3
    table.poison[dead[1].event_id] = ValueError("still no")
    assert run(consumer="inside") == ["2 handled", "1 failed again, tried again later"]
    assert DeadLetter.objects.get(event_id=dead[1].event_id).attempts == 1


def test_what_still_cannot_be_read_stays_dead_and_is_named(dead):
    deliveries.accept([json.dumps({"id": str(uuid4()), "type": "task.exploded"})])
    letter = DeadLetter.objects.get(consumer="delivery")
    with pytest.raises(
        CommandError, match=rf"1 stay dead:\n{letter.pk} \(task.exploded for delivery\): Not a CloudEvent"
    ):
        run(everything=True)
    assert DeadLetter.objects.dead().get() == letter


def test_letters_of_a_consumer_that_is_no_more_stay_and_are_named(dead):
    DeadLetter.objects.filter(consumer="outside").update(consumer="former")
    with pytest.raises(CommandError, match="There is no consumer former any more"):
        run(everything=True)
    assert DeadLetter.objects.dead().get().consumer == "former"


def test_discarding_keeps_the_reason(dead):
    assert run(consumer="inside", discard=True, reason="Fault of June, see INC-7") == ["3 discarded"]
    reasons = DeadLetter.objects.filter(state=State.DISCARDED).values_list("reason", flat=True)
    assert list(reasons) == ["Fault of June, see INC-7"] * 3
    assert DeadLetter.objects.dead().count() == 1


def test_discarding_without_a_reason_is_refused(dead):
    with pytest.raises(CommandError, match="say why") as refusal:
        run(everything=True, discard=True, reason=" ")
    assert refusal.value.returncode == 2
    assert DeadLetter.objects.dead().count() == 4
