"""What fails, hangs or is away on the way to the effects holds up nothing else, and nothing is lost by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from tests.event_path.database import envelopes, letters, logged, rows
from tests.event_path.deliverer import Deliverer
from tests.event_path.kafka_tail import PATIENCE_SECONDS
from tests.event_path.person import Person
from tests.event_path.tar_pit import tar_pit
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]

TOLD = "SELECT count(*) FROM notifications_notification WHERE task_id = %s"
MAILS = """
    SELECT delivery.state FROM notifications_delivery AS delivery
    JOIN notifications_notification AS notification ON notification.id = delivery.notification_id
    WHERE delivery.channel = 'email' AND notification.task_id = ANY(%s::uuid[])"""
HANGING = 2  # mails at once: as many as there are threads for what is slow


@contextmanager
def worker_with(stack: Stack, **settings: str) -> Iterator[None]:
    """The stack's worker with other settings for a while."""
    before = dict(stack.settings)
    stack.settings.update(settings)
    _replace_worker(stack)
    try:
        yield
    finally:
        stack.settings.clear()
        stack.settings.update(before)
        _replace_worker(stack)


def _replace_worker(stack: Stack) -> None:
    stack.kill("worker")
    stack.start("worker")
    stack.wait_ready("worker")


def poison(envelope: str) -> str:
    """An event that can be read, and of which the database takes nothing: no text in it may hold a NUL."""
    event = json.loads(envelope)
    event["id"], event["subject"] = str(uuid4()), str(uuid4())
    event["data"]["task_id"], event["data"]["task"]["title"] = event["subject"], "\0"
    return json.dumps(event)


def ids_of(found: list[str]) -> list[str]:
    return [json.loads(envelope)["id"] for envelope in found]


def test_an_event_that_always_fails_ends_as_a_dead_letter_and_holds_up_nobody(stack: Stack, person: Person):
    with worker_with(stack, CONSUMER_MAX_RETRIES="2", CONSUMER_MIN_BACKOFF_MS="200"):
        stack.pause("relay")
        try:
            good = envelopes(stack, *(person.new_task(f"Good {number}") for number in range(4)))
            bad = poison(good[0])
            assert Deliverer(stack).bulk([*good[:2], bad, *good[2:]]) == ["SUCCESS"] * 5
            wait_until(lambda: logged(stack, ids_of(good)) == 4, "the others are logged", PATIENCE_SECONDS)
        finally:
            stack.resume("relay")
        reminded = person.new_reminder("Meanwhile")
        wait_until(lambda: rows(stack, TOLD, reminded) == [(1,)], "another queue goes on", PATIENCE_SECONDS)
        (bad_id,) = ids_of([bad])
        wait_until(lambda: dead(stack, bad_id), "the poison is given up", PATIENCE_SECONDS)
    ((consumer, name, _, error),) = letters(stack, bad_id)
    assert (consumer, name) == ("audit", "task.created")
    assert "\\u0000 cannot be converted to text" in error
    assert logged(stack, [bad_id]) == 0


def dead(stack: Stack, event_id: str) -> bool:
    return [letter[2] for letter in letters(stack, event_id)] == ["dead"]


def test_a_mail_server_that_hangs_holds_up_no_other_consumer(stack: Stack, person: Person):
    with tar_pit() as pit, worker_with(stack, EMAIL_URL=pit.url):
        reminded = [person.new_reminder(f"Remind {number}") for number in range(6)]
        wait_until(lambda: pit.open == HANGING, "mails hang", PATIENCE_SECONDS)
        left = pit.left
        task = person.new_reminder("Not held up")
        wait_until(lambda: rows(stack, TOLD, task) == [(1,)], "its owner is told", PATIENCE_SECONDS)
        wait_until(
            lambda: logged(stack, ids_of(envelopes(stack, task))) == 2, "it is logged", PATIENCE_SECONDS
        )
        assert (pit.open, pit.left) == (HANGING, left), "it had to wait until a mail was given up"
        assert ("sent",) not in rows(stack, MAILS, reminded)
    wait_until(lambda: ("sent",) in rows(stack, MAILS, reminded), "a mail is sent", PATIENCE_SECONDS)


def test_while_redis_is_away_events_wait_and_come_afterwards(stack: Stack, person: Person):
    log = stack.services["events"].log
    begins_at = len(log.read_text())
    stack.kill("redis")
    try:
        tasks = [person.new_task(f"Later {number}") for number in range(5)]
        refused = "The queue did not take a batch"
        wait_until(lambda: refused in log.read_text()[begins_at:], "a batch is refused", PATIENCE_SECONDS)
    finally:
        stack.start("redis")
        stack.wait_ready("redis")
    found = ids_of(envelopes(stack, *tasks))
    wait_until(lambda: logged(stack, found) == len(tasks), "all are logged", PATIENCE_SECONDS)
    assert letters(stack, tasks[0]) == []
