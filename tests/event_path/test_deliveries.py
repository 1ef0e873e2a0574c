"""Deliveries to the real role ``events``: what is answered, and what is in Redis by then. No worker takes it out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from deploy.local.stack import Stack
from tests.event_path.database import envelopes, letters, logged
from tests.event_path.deliverer import Deliverer
from tests.event_path.kafka_tail import PATIENCE_SECONDS
from tests.event_path.person import Person
from tests.event_path.queues import FAST, waiting
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module", autouse=True)
def _by_hand(stack: Stack, person: Person) -> Iterator[None]:
    """Nobody but the test delivers, and nothing is handled."""
    stack.pause("relay")
    try:
        wait_until(
            lambda: not any(waiting(stack)[name] for name in FAST), "the queues are empty", PATIENCE_SECONDS
        )
        stack.stop("worker")
        yield
        stack.start("worker")
        stack.wait_ready("worker")
    finally:
        stack.resume("relay")


@pytest.fixture
def deliverer(stack: Stack) -> Deliverer:
    return Deliverer(stack)


@pytest.fixture
def created(stack: Stack, person: Person) -> list[str]:
    """The events of three new tasks."""
    return envelopes(stack, *(person.new_task(f"Task {number}") for number in range(3)))


def queued(stack: Stack, before: dict[str, int]) -> dict[str, int]:
    """By how many messages each queue grew."""
    return {name: count - before[name] for name, count in waiting(stack).items() if count != before[name]}


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_the_apps_token_nothing_is_queued(stack: Stack, created: list[str], token: str):
    before = waiting(stack)
    status, said = Deliverer(stack, token=token).post(created[0])
    assert (status, said) == (403, {"error": "A delivery needs the app's token."})
    assert queued(stack, before) == {}


def test_a_single_event_is_in_its_queue_when_it_is_acknowledged(
    stack: Stack, deliverer: Deliverer, created: list[str]
):
    before = waiting(stack)
    assert deliverer.one(created[0]) == "SUCCESS"
    assert queued(stack, before) == {"audit": 1, "statistics": 1}


def test_a_batch_costs_one_message_for_each_consumer_that_wants_any_of_it(
    stack: Stack, person: Person, deliverer: Deliverer
):
    tasks = [person.new_task(f"Task {number}") for number in range(8)]
    for task in tasks:
        person.ask("POST", f"/api/tasks/{task}/complete")
    before = waiting(stack)
    assert deliverer.bulk(envelopes(stack, *tasks)) == ["SUCCESS"] * 16
    assert queued(stack, before) == {"audit": 1, "recurrence": 1, "statistics": 1}


def test_broken_entries_are_dropped_alone_and_kept_with_the_reason(
    stack: Stack, person: Person, deliverer: Deliverer, created: list[str]
):
    mark = person.new_task()
    before = waiting(stack)
    broken = json.dumps({"specversion": "1.0", "id": mark, "type": "task.created"})
    entries = [created[0], broken, created[1], f'"{mark} is no event"', created[2]]
    assert deliverer.bulk(entries) == ["SUCCESS", "DROP", "SUCCESS", "DROP", "SUCCESS"]
    assert queued(stack, before) == {"audit": 1, "statistics": 1}
    first, second = letters(stack, mark)
    assert first[:3] == ("delivery", "task.created", "dead")
    assert second[:3] == ("delivery", "", "dead")
    assert first[3].startswith("Not a CloudEvent: Object missing required field")
    assert second[3].startswith("Not a CloudEvent: Expected `object`, got `str`")


def test_while_redis_is_away_events_are_to_come_again_and_broken_ones_are_not(
    stack: Stack, person: Person, deliverer: Deliverer, created: list[str]
):
    broken = json.dumps({"specversion": "1.0", "id": person.new_task()})
    stack.kill("redis")
    try:
        assert deliverer.bulk([created[0], broken, created[1]]) == ["RETRY", "DROP", "RETRY"]
        assert deliverer.one(created[0]) == "RETRY"
    finally:
        stack.start("redis")
        stack.wait_ready("redis")
    before = waiting(stack)
    assert deliverer.bulk([created[0], broken, created[1]]) == ["SUCCESS", "DROP", "SUCCESS"]
    assert queued(stack, before) == {"audit": 1, "statistics": 1}


def test_a_worker_that_comes_back_handles_what_was_queued(
    stack: Stack, deliverer: Deliverer, created: list[str]
):
    assert deliverer.bulk([*created, *created]) == ["SUCCESS"] * 6
    ids = [json.loads(envelope)["id"] for envelope in created]
    assert logged(stack, ids) == 0
    stack.start("worker")
    wait_until(lambda: logged(stack, ids) == len(ids), "the events are logged", PATIENCE_SECONDS)
