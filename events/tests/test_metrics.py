"""What the event path counts, and the gauges that tell how far the events are."""

from __future__ import annotations

import random
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from dramatiq.errors import Retry
from prometheus_client import CollectorRegistry, Histogram

from events import broker, consumers, deliveries, metrics, relay, standing
from events.models import DeadLetter, OutboxEvent
from events.models.dead_letter import State
from events.outbox import Shard, marks, snapshot
from events.standing import Standing

CONSUMED = "todo_events_consumed_total"


@pytest.fixture
def shown():
    """``shown(gauges)``: the values of gauges, by name and label."""

    def values(gauges):
        return {
            (sample.name, *sample.labels.values()): sample.value
            for gauge in gauges
            for sample in gauge.samples
        }

    return values


# --- Counters ------------------------------------------------------------------------------------------


def test_what_is_committed_counts_as_recorded(recorded, counted, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        recorded(3)
    assert counted("todo_events_recorded_total", type="task.created") == 1
    assert counted("todo_events_recorded_total", type="task.updated") == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_does_not_count(recorded, counted):
    with transaction.atomic():
        recorded()
        transaction.set_rollback(True)
    assert counted("todo_events_recorded_total", type="task.created") == 0


def test_what_is_published_delivered_and_handled_counts(recorded, table, counted, drain):
    rows = recorded(3)
    published = drain()
    assert published
    assert counted("todo_events_published_total", topic="task-events") == len(rows)
    assert counted(CONSUMED, consumer="inside", outcome="handled") == len(rows)
    assert counted(CONSUMED, consumer="outside", outcome="handled") == 1
    assert counted("todo_event_latency_seconds_count", consumer="inside") == len(rows)
    assert counted("todo_events_delivered_total", status="SUCCESS") >= len(rows)


def test_what_the_transport_refuses_is_not_published(recorded, table, counted, monkeypatch):
    recorded()

    def refuse(*_):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(consumers, "hand_over", refuse)
    relay.publish_all()
    assert counted("todo_events_published_total", topic="task-events") == 0
    assert counted("todo_events_delivered_total", status="RETRY") >= 1


def test_what_cannot_be_read_counts(db, table, counted):
    deliveries.accept(["{}"])
    consumers.consume("inside", ["{}"])
    assert counted("todo_events_delivered_total", status="DROP") == 1
    assert counted(CONSUMED, consumer="inside", outcome="unreadable") == 1


@pytest.mark.parametrize("consumer", ["inside", "outside"])
def test_what_comes_again_counts_as_repeated(recorded, table, counted, consumer):
    envelopes = [recorded()[0].envelope]
    consumers.consume(consumer, envelopes)
    consumers.consume(consumer, envelopes)
    assert counted(CONSUMED, consumer=consumer, outcome="handled") == 1
    assert counted(CONSUMED, consumer=consumer, outcome="repeated") == 1
    assert counted("todo_event_latency_seconds_count", consumer=consumer) == 1


def test_attempts_that_fail_count_and_the_last_one_as_dead(recorded, table, counted, settings):
    settings.CONSUMER_MAX_RETRIES = 2
    row = recorded()[0]
    table.poison[row.event_id] = ValueError("poison")
    for _ in range(2):
        with pytest.raises(Retry):
            consumers.consume("inside", [row.envelope])
    consumers.consume("inside", [row.envelope])
    assert counted(CONSUMED, consumer="inside", outcome="failed") == 2
    assert counted(CONSUMED, consumer="inside", outcome="dead") == 1
    assert counted(CONSUMED, consumer="inside", outcome="handled") == 0


def test_the_latency_is_from_the_event_to_its_receipt(counted):
    now = timezone.now()
    metrics.applied("latency", 2, [now - timedelta(seconds=0.4), now - timedelta(seconds=40)])
    assert counted("todo_event_latency_seconds_bucket", consumer="latency", le="0.5") == 1
    assert counted("todo_event_latency_seconds_bucket", consumer="latency", le="60.0") == 2
    assert counted("todo_event_latency_seconds_sum", consumer="latency") == pytest.approx(40.4, abs=1)


def test_a_batch_of_observations_is_the_same_as_one_after_the_other():
    amounts = [random.expovariate(1) for _ in range(200)] + list(metrics.LATENCY_BUCKETS) + [1e9]
    registry = CollectorRegistry()
    one_by_one = Histogram("a_seconds", "", buckets=metrics.LATENCY_BUCKETS, registry=registry)
    together = metrics.BatchHistogram("b_seconds", "", buckets=metrics.LATENCY_BUCKETS, registry=registry)
    for amount in amounts:
        one_by_one.observe(amount)
    together.observe_all(amounts)
    for le in [*(str(float(bucket)) for bucket in metrics.LATENCY_BUCKETS), "+Inf"]:
        values = {registry.get_sample_value(f"{name}_seconds_bucket", {"le": le}) for name in "ab"}
        assert len(values) == 1
    sums = [registry.get_sample_value(f"{name}_seconds_sum") for name in "ab"]
    assert sums[0] == pytest.approx(sums[1])


@pytest.mark.django_db(transaction=True)
def test_the_leader_of_a_shard_shows_while_it_leads(counted, settings, monkeypatch, tmp_path):
    settings.VAR_DIR = tmp_path
    leads = []

    def look(*_):
        leads.append(counted("todo_relay_leader", shard="relay"))
        stop.set()

    stop = threading.Event()
    monkeypatch.setattr(relay, "publish", look)
    relay.lead(Shard(), stop)
    assert leads == [1]
    assert counted("todo_relay_leader", shard="relay") == 0


# --- Gauges --------------------------------------------------------------------------------------------


def test_what_waits_shows(recorded, table, lose_queues, grow_old, shown):
    rows = recorded(3)
    grow_old(60)
    waiting = shown(standing.of_database())
    assert waiting["todo_outbox_unpublished_events",] >= len(rows)
    assert waiting["todo_outbox_oldest_unpublished_seconds",] == pytest.approx(60, abs=5)
    assert waiting["todo_consumer_lag_events", "inside"] == 0
    relay.publish_all()
    lose_queues()
    waiting = shown(standing.of_database())
    assert waiting["todo_outbox_unpublished_events",] == 0
    assert waiting["todo_outbox_oldest_unpublished_seconds",] == 0
    assert waiting["todo_consumer_lag_events", "inside"] == len(rows)
    assert waiting["todo_consumer_lag_seconds", "inside"] == pytest.approx(60, abs=5)
    consumers.consume("inside", [row.envelope for row in rows])
    waiting = shown(standing.of_database())
    assert (
        waiting["todo_consumer_lag_events", "inside"] == waiting["todo_consumer_lag_seconds", "inside"] == 0
    )


def test_a_look_is_bounded_and_still_knows_the_oldest(recorded, table, grow_old, shown, monkeypatch):
    monkeypatch.setattr(standing, "LOOK", 2)
    recorded(5)
    grow_old(60)
    waiting = shown(standing.of_database())
    assert waiting["todo_outbox_unpublished_events",] == 2
    assert waiting["todo_outbox_oldest_unpublished_seconds",] == pytest.approx(60, abs=5)


def test_dead_letters_show_by_consumer(db, table, shown):
    DeadLetter.objects.create(consumer="inside", envelope="{}", state=State.DEAD)
    DeadLetter.objects.create(consumer="inside", envelope="{}", state=State.DISCARDED)
    DeadLetter.objects.create(consumer="delivery", envelope="{}", state=State.DEAD)
    found = shown(standing.of_database())
    letters = {key[1]: value for key, value in found.items() if key[0] == "todo_dead_letters"}
    assert letters == {"audit": 0, "inside": 1, "outside": 0, "delivery": 1}


def test_the_depth_of_each_queue_shows(recorded, table, shown):
    recorded(2)
    relay.publish_all()
    depth = shown(standing.of_queue())
    assert depth["todo_queue_depth_messages", "outside"] == broker.backlog("outside") == 1
    assert set(depth) == {("todo_queue_depth_messages", name) for name in ("audit", "inside", "outside")}


@pytest.mark.django_db(transaction=True)
def test_a_source_that_is_away_costs_its_own_gauges_only(table, shown, monkeypatch):
    def away(*_):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(broker, "backlog", away)
    found = shown(Standing().collect())
    assert (found["todo_status_up", "database"], found["todo_status_up", "queue"]) == (1, 0)
    assert ("todo_outbox_unpublished_events",) in found
    assert not [key for key in found if key[0] == "todo_queue_depth_messages"]


@pytest.mark.django_db(transaction=True)
def test_a_source_that_hangs_holds_up_nobody(table, shown, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(standing, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(broker, "backlog", lambda _: released.wait(30))
    gauges = Standing()
    try:
        assert shown(gauges.collect())["todo_status_up", "queue"] == 0
    finally:
        released.set()
    monkeypatch.setattr(standing, "PATIENCE_SECONDS", 20.0)
    assert shown(gauges.collect())["todo_status_up", "queue"] == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_cost_one_look(table, monkeypatch):
    looks = []
    look = standing.of_queue
    monkeypatch.setattr(standing, "of_queue", lambda: looks.append(1) or look())
    gauges = Standing()
    askers = [threading.Thread(target=lambda: list(gauges.collect())) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(looks) == 1


# --- On PostgreSQL -------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_by_snapshots_the_same_is_found(recorded, grow_old, settings):
    settings.OUTBOX_READER = "snapshot"
    recorded(4)
    grow_old(60)
    total = OutboxEvent.objects.count()
    number, oldest = marks.backlog(1000)
    assert (number, (timezone.now() - oldest).total_seconds()) == (total, pytest.approx(60, abs=5))
    with snapshot.leading(Shard(), threading.Event()) as source:
        rows = source.read(3)
        source.acknowledge()
        assert len(rows) == 3
        assert marks.backlog(1000)[0] == total - 3  # in the middle of a batch
        assert marks.backlog(1)[0] == 1
        while source.read(3):
            source.acknowledge()
    assert marks.backlog(1000) == (0, None)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_look_at_the_outbox_leaves_the_planner_as_it_was(settings):
    settings.OUTBOX_READER = "snapshot"
    marks.backlog(10)
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_sort")
        assert cursor.fetchone() == ("on",)
