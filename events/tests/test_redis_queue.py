"""The queue on a real Redis: idle consumers are woken, lost calls are made up for, dead workers' messages go on."""

from __future__ import annotations

import threading
import time

import dramatiq
import pytest
import redis
from dramatiq import Worker

from events import broker, redis_queue
from tests.waiting import wait_until
from todo_project.tests.daprd import Redis, running


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Redis(folder=tmp_path_factory.mktemp("redis"))
    with running(server):
        yield server


@pytest.fixture
def make(server, settings):
    """``make()``: a broker of its own, as another process would have."""
    settings.REDIS_URL = f"redis://{server.address}/0"
    made = []

    def make():
        made.append(broker.redis_broker([]))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def queue(make):
    fresh = make()
    fresh.client.flushall()
    return fresh


@pytest.fixture
def process(make):
    """``process(queue)``: start a worker of a broker's."""
    workers = []

    def start(queue):
        worker = Worker(queue, worker_threads=2)
        worker.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.stop(timeout=2000)


def actor_of(queue, handled):
    def note(text):
        handled.append(text)

    return dramatiq.actor(note, broker=queue, queue_name="notes")


def test_a_message_wakes_an_idle_consumer_at_once(queue, process, monkeypatch):
    monkeypatch.setattr(redis_queue, "LOOK_SECONDS", 3.0)
    handled = []
    actor = actor_of(queue, handled)
    process(queue)
    for number in range(5):
        time.sleep(0.2)  # the consumer has gone to sleep by now
        actor.send(str(number))
        wait_until(lambda expected=number + 1: len(handled) == expected)


def test_a_call_that_nobody_heard_is_made_up_for(queue, process, monkeypatch):
    monkeypatch.setattr(queue.client, "publish", lambda *_: 0)
    handled = []
    actor = actor_of(queue, handled)
    process(queue)
    time.sleep(0.5)
    actor.send("unheard")
    wait_until(lambda: handled == ["unheard"])


def test_more_than_is_fetched_at_once_flows_without_pauses(queue, process, monkeypatch):
    monkeypatch.setattr(redis_queue, "LOOK_SECONDS", 3.0)
    handled = []
    actor = actor_of(queue, handled)
    for number in range(300):
        actor.send(str(number))
    process(queue)
    wait_until(lambda: len(handled) == 300)


def test_messages_of_a_worker_that_died_go_to_another(queue, make, process, monkeypatch):
    monkeypatch.setattr(broker, "HEARTBEAT_MS", 300)
    handled = []
    dead = make()
    actor_of(dead, [])
    dead.get_actor("note").send("orphan")
    consumer = iter(dead.consume("notes", prefetch=1))
    wait_until(lambda: next(consumer) is not None)  # fetched, never acknowledged, never heard of again
    fresh = make()
    actor_of(fresh, handled)
    process(fresh)
    wait_until(lambda: handled == ["orphan"])


def test_a_redis_that_lost_everything_serves_new_messages(queue, process):
    handled = []
    actor = actor_of(queue, handled)
    process(queue)
    actor.send("before")
    wait_until(lambda: handled == ["before"])
    queue.client.flushall()
    queue.client.script_flush()
    actor.send("after")
    wait_until(lambda: handled == ["before", "after"])


def test_how_long_the_next_message_has_waited_and_how_many_there_are(queue, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(dramatiq, "get_broker", lambda: queue)
        actor = actor_of(queue, [])
        assert (broker.waits_since("notes"), broker.backlog("notes")) == (None, 0)
        first = actor.send("one")
        actor.send("two")
        assert broker.waits_since("notes").timestamp() == pytest.approx(first.message_timestamp / 1000)
        assert broker.backlog("notes") == 2
        next(iter(queue.consume("notes", prefetch=1)))
        assert broker.backlog("notes") == 2, "what is being handled counts, too"


def test_the_listener_comes_back_after_its_connection_was_lost(queue, monkeypatch):
    monkeypatch.setattr(redis_queue, "RECONNECT_SECONDS", 0.1)
    called = queue.calls_for("notes")
    actor_of(queue, [])
    wait_until(lambda: queue.client.pubsub_numsub(queue.channel)[0][1] == 1)
    queue.client.client_kill_filter(_type="pubsub")
    wait_until(lambda: queue.client.pubsub_numsub(queue.channel)[0][1] == 1)
    called.clear()
    queue.get_actor("note").send("again")
    assert called.wait(5)


def test_a_redis_that_does_not_answer_is_an_error_in_time(server, make, monkeypatch):
    monkeypatch.setattr(broker, "REDIS_SECONDS", 0.3)
    hasty = make()
    actor = actor_of(hasty, [])
    actor.send("fine")
    server.pause()
    try:
        outcome = []
        sender = threading.Thread(target=lambda: outcome.append(refusal(actor)))
        sender.start()
        sender.join(10)
        assert isinstance(outcome[0], (redis.ConnectionError, redis.TimeoutError))
    finally:
        server.resume()


def refusal(actor):
    try:
        actor.send("lost")
    except redis.RedisError as error:
        return error
    return None
