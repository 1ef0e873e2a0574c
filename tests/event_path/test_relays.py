"""``manage.py relay`` as processes: one leads, another takes over, and what was away is found again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from deploy.local.service import Service
from deploy.local.stack import Stack
from events.outbox import OutboxRow
from tests.event_path.kafka_tail import PATIENCE_SECONDS, Tail, first_seen, tail_of
from tests.event_path.outbox_rows import id_of, ids_by_key, rows
from tests.event_path.relays import Relays, relays_of
from tests.waiting import wait_until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(300)]

TYPE, TOPIC = "task.updated", "task-updated"
MISSING_TYPE, MISSING_TOPIC = "task.overdue", "task-overdue"
AWAY_SECONDS = 21.0  # longer than a publish may take, and than the relay's longest pause
LED_SECONDS = 1.0  # of work with a leader that is about to die


@pytest.fixture(scope="module")
def topics(stack: Stack) -> Iterator[None]:
    stack.broker.create({TOPIC: 6})
    yield
    stack.broker.delete([TOPIC])


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Relays]:
    with relays_of(stack) as made:
        yield made


@pytest.fixture
def relays(database: Relays) -> Iterator[Relays]:
    yield database
    database.end()


@pytest.fixture
def tail(stack: Stack, topics: None) -> Iterator[Tail]:
    with tail_of(stack.broker, TOPIC) as tail:
        yield tail


def all_in_order(tail: Tail, recorded: Sequence[OutboxRow]) -> None:
    """Every event came at least once, and those of each key came first in their order."""
    records = tail.wait_for(map(id_of, recorded))
    assert first_seen(records) == ids_by_key(recorded)


def wait_for_log(relay: Service, text: str) -> None:
    wait_until(lambda: text in relay.log.read_text(), f"the relay says: {text}", PATIENCE_SECONDS)


def test_of_two_relays_one_publishes_each_event_once(relays: Relays, tail: Tail):
    both = [relays.start("relay-a"), relays.start("relay-b")]
    with relays.writing(TYPE) as recorded:
        wait_until(lambda: any(map(relays.leads, both)), "one leads", PATIENCE_SECONDS)
        time.sleep(LED_SECONDS)
        assert sorted(map(len, map(relays.leads, both))) == [0, 1]
    all_in_order(tail, recorded)
    assert set(Counter(record.id for record in tail.records).values()) == {1}


def test_when_the_leader_is_killed_another_goes_on(
    relays: Relays, tail: Tail, capsys: pytest.CaptureFixture[str]
):
    leader = relays.start("relay-a")
    wait_until(lambda: relays.leads(leader) == {"relay"}, "the first leads", PATIENCE_SECONDS)
    other = relays.start("relay-b")
    assert relays.leads(other) == set()
    with relays.writing(TYPE) as recorded:
        time.sleep(LED_SECONDS)
        leader.kill()
        killed_at = time.monotonic()
        wait_until(lambda: relays.leads(other) == {"relay"}, "the other leads", PATIENCE_SECONDS)
        taken_over = time.monotonic() - killed_at
        time.sleep(LED_SECONDS)
    all_in_order(tail, recorded)
    with capsys.disabled():
        print(f"\nThe other relay led {taken_over:.2f} s after the leader was killed.")


def test_two_shards_are_led_by_two_relays_and_go_on_where_one_shard_was(relays: Relays, tail: Tail):
    before = rows(TYPE, keys=20, each=2)
    relays.add(before)
    both = [relays.start("relay-a", RELAY_SHARDS="2"), relays.start("relay-b", RELAY_SHARDS="2")]
    with relays.writing(TYPE) as recorded:
        led = {"relay-0-of-2", "relay-1-of-2"}
        wait_until(
            lambda: set().union(*map(relays.leads, both)) == led, "both shards are led", PATIENCE_SECONDS
        )
        time.sleep(LED_SECONDS)
        assert sum(len(relays.leads(one)) for one in both) == 2, "a shard is led twice"
    all_in_order(tail, [*before, *recorded])
    assert set(Counter(record.id for record in tail.records).values()) == {1}


def test_a_topic_that_is_made_later_gets_what_waited_for_it(stack: Stack, relays: Relays):
    waiting = rows(MISSING_TYPE, keys=4, each=3)
    relays.add(waiting)
    relay = relays.start("relay-a")
    wait_for_log(relay, f"{MISSING_TOPIC} refused 4 of 4 events")
    wait_for_log(relay, "The transport accepted nothing; the relay tries again in")
    stack.broker.create({MISSING_TOPIC: 6})
    try:
        with tail_of(stack.broker, MISSING_TOPIC, from_start=True) as tail:
            all_in_order(tail, waiting)
    finally:
        stack.broker.delete([MISSING_TOPIC])


def test_a_sidecar_that_was_killed_is_found_again(stack: Stack, relays: Relays, tail: Tail):
    relay = relays.start("relay-a")
    with relays.writing(TYPE) as recorded:
        time.sleep(LED_SECONDS)
        stack.kill("daprd-relay")
        wait_for_log(relay, "The transport accepted nothing")
        stack.start("daprd-relay")
        stack.wait_ready("daprd-relay")
        back_at = len(recorded)
        wait_until(lambda: len(recorded) > back_at + 50, "more is recorded", PATIENCE_SECONDS)
    all_in_order(tail, recorded)


def test_a_broker_that_is_away_for_long_gets_everything_afterwards(stack: Stack, relays: Relays, tail: Tail):
    relay = relays.start("relay-a")
    with relays.writing(TYPE, writers=2) as recorded:
        time.sleep(LED_SECONDS)
        stack.kill("kafka")
        time.sleep(AWAY_SECONDS)
        stack.start("kafka")
        stack.wait_ready("kafka")
    assert "The transport accepted nothing; the relay tries again in 2.0 s" in relay.log.read_text()
    all_in_order(tail, recorded)
